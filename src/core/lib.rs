//! The pure core of Tailcone: what an event is, how a stack is read, what is sent and when. No I/O, no clock, no
//! randomness: the edges hand those in and carry out the [`transport::Action`]s that come back.
//!
//! Application authors use the `tailcone` crate or the npm package; this crate is what both are built on.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
// The core runs inside somebody else's page: nothing in it may panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod breadcrumb;
pub mod client;
pub mod dsn;
pub mod envelope;
pub mod event;
pub mod exception;
pub mod flood;
pub mod id;
pub mod image;
pub mod json;
pub mod level;
pub mod limits;
mod list;
pub mod options;
pub mod process;
pub mod reports;
pub mod scope;
pub mod scrub;
pub mod signal;
pub mod stack;
mod text;
pub mod time;
pub mod transport;
pub mod user;

pub use breadcrumb::Breadcrumb;
pub use client::{Client, Outcome};
pub use dsn::Dsn;
pub use event::Event;
pub use exception::{Exception, Frame, Mechanism};
pub use id::EventId;
pub use json::{Object, Value};
pub use level::Level;
pub use options::{InferIp, Options};
pub use scope::Scope;
pub use time::Timestamp;
pub use transport::{Action, Outgoing, Reply};
pub use user::User;

//! Tailcone is a flight recorder for the web: it catches panics and errors in Rust-wasm apps and reports them to any
//! Sentry-protocol backend (Sentry, GlitchTip, Bugsink, Relay).
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let _guard = tailcone::init(tailcone::Options::new("https://key@host/1")?);
//! tailcone::configure_scope(|scope| { scope.set_tag("plan", "pro"); });
//! tailcone::capture_message("low on disk", tailcone::Level::Warning);
//! # Ok(())
//! # }
//! ```
//!
//! The crate is complete by itself: it installs the panic hook and the listeners for uncaught errors and unhandled
//! rejections, keeps scope and breadcrumbs in its own memory, and sends by `fetch` (a beacon where that cannot be had).
//! The npm package of the same name is this crate behind a JavaScript face.
//!
//! # Features
//!
//! By default:
//!
//! | feature | without it |
//! |---|---|
//! | `panic` | panics are not captured |
//! | `global-handlers` | uncaught errors and unhandled rejections are not captured |
//! | `backtrace` | events have no stacks, and nothing for [`wasm-prep`](#names-and-lines) to be found by |
//! | `scrub` | secrets in addresses, panics and uncaught errors are sent as they are |
//! | `bounds` | what is too long is not cut, and an event that is larger than 1 MiB is lost, and counted |
//! | `flood` | the same is sent every time, and floods are not held back |
//! | `serde` | there is no `typed`: conversion between Rust values, `JsValue` and event data |
//!
//! What is left without all of them, `app`, is the API, scopes, breadcrumbs and delivery with retries, rate limits and
//! reports of what was lost.
//!
//! To be asked for: `log` and `tracing` (what is logged), `anyhow` (`capture_anyhow`), `console`, `dom`, `fetch` and
//! `history` (automatic breadcrumbs), `stack` (the application goes on after panics and endless recursion), `worker`
//! (Cloudflare Workers), `gloo` (requests are built and read by gloo-net, for applications that have it anyway), `test`
//! (what would be sent, for tests), `build` (for build scripts).
//!
//! # Names and lines
//!
//! A release build ships without names. `npx tailcone wasm-prep app_bg.wasm --wasm-opt=-Oz`, run last, makes a debug
//! companion for the server, with which the frames of a panic become function, file and line.
//!
//! Outside wasm everything compiles and does nothing, unless the options have a transport or ask for lines (`debug`).
#![deny(missing_docs)]
// The npm module goes without the standard library: its panic machinery alone would be a tenth of it.
#![cfg_attr(all(feature = "npm", not(feature = "app"), target_family = "wasm"), no_std)]

extern crate alloc;

#[cfg(feature = "build")]
pub mod build;
#[cfg(feature = "app")]
mod build_id;
#[cfg(feature = "app")]
mod capture;
#[cfg(feature = "app")]
mod future;
#[cfg(feature = "app")]
mod host;
#[cfg(feature = "app")]
mod hub;
#[cfg(feature = "app")]
mod integration;
#[cfg(feature = "app")]
mod js_error;
#[cfg(feature = "app")]
mod listeners;
#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "app")]
mod macros;
#[cfg(feature = "app")]
mod options;
#[cfg(feature = "panic")]
pub mod panic;
#[cfg(feature = "panic")]
mod reserve;
#[cfg(feature = "test")]
pub mod test;
#[cfg(feature = "tracing")]
pub mod tracing;
#[cfg(feature = "serde")]
pub mod typed;
#[cfg(feature = "npm")]
pub mod wasm;
#[cfg(feature = "worker")]
pub mod worker;

#[cfg(feature = "anyhow")]
pub use capture::capture_anyhow;
#[cfg(feature = "app")]
pub use capture::{
    Flush, Guard, add_breadcrumb, capture_error, capture_event, capture_feedback, capture_js, capture_message,
    configure_scope, flush, init, last_event_id, with_scope,
};
#[cfg(feature = "app")]
pub use future::{BindScope, FutureExt};
#[cfg(feature = "app")]
pub use host::{Done, Request, Transport};
#[cfg(feature = "app")]
pub use integration::Integration;
#[cfg(feature = "app")]
pub use options::Options;
pub use tailcone_core::dsn::Error;
pub use tailcone_core::{
    Breadcrumb, Dsn, Event, EventId, Exception, Frame, InferIp, Level, Mechanism, Object, Reply, Scope, Timestamp,
    User, Value,
};

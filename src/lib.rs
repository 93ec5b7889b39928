//! A flight recorder for the web.
#![deny(missing_docs)]
#[cfg(target_family = "wasm")]
mod host;
#[cfg(feature = "panic")]
mod panic;
#[cfg(all(feature = "npm", target_family = "wasm"))]
pub mod wasm;

//! The `event` item: an error or a message.

use super::Kind;

/// Errors and messages; both count as errors.
pub static EVENT: Kind = Kind { name: "event", category: Some("error") };

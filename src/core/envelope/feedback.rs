//! The `feedback` item: what a user says, as an event with a `feedback` context (SDK specification, telemetry,
//! feedbacks). `before_send` and sampling do not touch it.

use super::Kind;

/// A user's words.
pub static FEEDBACK: Kind = Kind { name: "feedback", category: Some("feedback") };

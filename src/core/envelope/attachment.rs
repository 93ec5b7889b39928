//! The `attachment` item: a file that travels with its event or feedback (SDK specification, foundations, envelopes).
//! The core knows only how many bytes they are; whoever sends has them.

use super::Kind;

/// A file. Losses are counted in bytes.
pub static ATTACHMENT: Kind = Kind { name: "attachment", category: Some("attachment") };

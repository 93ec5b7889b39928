//! The `client_report` item: how much was lost, and why (SDK specification, telemetry, client reports).

use super::Kind;

/// Counts of losses; servers take them whatever else they refuse.
pub static CLIENT_REPORT: Kind = Kind { name: "client_report", category: None };

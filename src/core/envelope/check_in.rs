//! The `check_in` item: that a scheduled job has begun, or how it ended (SDK specification, telemetry, check-ins).

use super::Kind;

/// One report of a monitored job.
pub static CHECK_IN: Kind = Kind { name: "check_in", category: Some("monitor") };

//! Time and randomness.

use tailcone_core::Timestamp;

/// Now, by the host's clock.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and takes NaN for 0.
pub(crate) fn timestamp(now: f64) -> Timestamp {
    Timestamp(now as u64)
}

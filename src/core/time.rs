//! Points in time, in milliseconds since the epoch; the host's clock makes them.

use alloc::string::String;

use crate::json::{Value, push_u64};
use crate::text::{digits, split};

/// Milliseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Timestamp;
///
/// let begun = Timestamp(1_700_000_000_000);
/// let ended = begun.plus(1500);
/// assert_eq!(ended.since(begun), 1500);
/// assert_eq!(begun.since(ended), 0);
/// assert_eq!(ended.to_rfc3339(), "2023-11-14T22:13:21.500Z");
/// assert_eq!(ended.to_value().to_json(), "1700000001.500");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This many milliseconds later.
    pub const fn plus(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to here; 0 if that is not earlier.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads seconds since the epoch, with or without a fraction, as events carry them; what is less than a millisecond is
    /// cut off. `None` for what is no number, is negative, or is written with an exponent.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Timestamp, Value};
    ///
    /// assert_eq!(Timestamp::from_seconds(&Value::from(1.5)), Some(Timestamp(1500)));
    /// assert_eq!(Timestamp::from_seconds(&Value::from("soon")), None);
    /// ```
    pub fn from_seconds(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        let (whole, fraction) = split(number.as_str(), ".").unwrap_or((number.as_str(), ""));
        let mut milliseconds = digits(whole)?.checked_mul(1000)?;
        let mut unit = 100;
        for digit in fraction.chars() {
            milliseconds = milliseconds.saturating_add(u64::from(digit.to_digit(10)?).saturating_mul(unit));
            unit /= 10;
        }
        Some(Self(milliseconds))
    }

    /// Seconds since the epoch with three decimals, as JSON.
    pub fn to_value(self) -> Value {
        let mut text = String::new();
        push_u64(&mut text, self.0 / 1000, 1);
        text.push('.');
        push_u64(&mut text, self.0 % 1000, 3);
        Value::Raw(text)
    }

    /// RFC 3339 in UTC with milliseconds, for the header of an envelope.
    pub fn to_rfc3339(self) -> String {
        let (days, time) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = civil(days);
        let mut out = String::new();
        let mut part = |value, width, after| {
            push_u64(&mut out, value, width);
            out.push(after);
        };
        part(year, 4, '-');
        part(month, 2, '-');
        part(day, 2, 'T');
        part(time / 3_600_000, 2, ':');
        part(time / 60_000 % 60, 2, ':');
        part(time / 1000 % 60, 2, '.');
        part(time % 1000, 3, 'Z');
        out
    }
}

/// Year, month and day of a day counted from the epoch: whole 400-year cycles from 0000-03-01, so that the leap day
/// is a cycle's last.
#[allow(clippy::arithmetic_side_effects)] // `days` is at most u64::MAX / 86,400,000, far from any overflow.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn dates_are_written_as_the_calendar_has_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800_001, "2024-02-29T00:00:00.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_767_225_599_000, "2025-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(Timestamp(ms).to_rfc3339(), text);
        }
    }

    #[test]
    fn seconds_are_read_to_the_millisecond() {
        for (text, ms) in [("1700000000", 1_700_000_000_000), ("1700000000.5", 1_700_000_000_500), ("1.0019", 1001)] {
            assert_eq!(parse(text).ok().and_then(|v| Timestamp::from_seconds(&v)), Some(Timestamp(ms)));
        }
        for text in ["-1", "1e9", "\"2024\"", "99999999999999999999"] {
            assert_eq!(parse(text).ok().and_then(|v| Timestamp::from_seconds(&v)), None);
        }
    }
}

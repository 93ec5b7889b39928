//! Rate limits: what the server asks us not to send, and until when (SDK specification, foundations, transport,
//! rate limiting).

use crate::Timestamp;
use crate::envelope::KINDS;
use crate::text::{digits, pieces, split, strip};

/// Where a server says nothing of the duration, in milliseconds.
const DEFAULT: u64 = 60_000;
/// No server can silence us for longer, in milliseconds: a day.
const CAP: u64 = 86_400_000;
/// Until when everything and each kind of item is limited.
#[derive(Clone, Debug, Default)]
pub struct RateLimits {
    all: Timestamp,
    kinds: [Timestamp; KINDS.len()],
}

impl RateLimits {
    /// Until when a category is limited, if it is at `now`.
    pub fn until(&self, category: &str, now: Timestamp) -> Option<Timestamp> {
        let mut last = self.all;
        for (kind, until) in KINDS.iter().zip(&self.kinds) {
            if kind.category == Some(category) {
                last = last.max(*until);
            }
        }
        (last > now).then_some(last)
    }

    /// Takes over what somebody else has learned: until when errors, feedback and attachments are limited.
    pub fn set(&mut self, until: [Timestamp; 3]) {
        for (limit, until) in self.kinds.iter_mut().zip(until) {
            *limit = until;
        }
    }

    /// Learns from a response: `X-Sentry-Rate-Limits` on any status; without it a 429 limits everything for as long as
    /// `Retry-After` says.
    pub fn update(&mut self, status: u16, limits: &str, retry_after: &str, now: Timestamp) {
        if !limits.trim_ascii().is_empty() {
            for limit in pieces(limits, ",") {
                let mut parts = pieces(limit, ":");
                let until = now.plus(duration(parts.next().unwrap_or_default()));
                self.extend(parts.next().unwrap_or_default().trim_ascii(), until);
            }
        } else if status == 429 {
            self.extend("", now.plus(duration(retry_after)));
        }
    }

    /// Of two limits on one category the one that ends later stands. No category means all; what is not sent from
    /// here does not matter.
    fn extend(&mut self, categories: &str, until: Timestamp) {
        if categories.is_empty() {
            self.all = until.max(self.all);
        }
        for name in pieces(categories, ";").map(str::trim_ascii) {
            for (kind, limit) in KINDS.iter().zip(&mut self.kinds) {
                if kind.category == Some(name) {
                    *limit = until.max(*limit);
                }
            }
        }
    }
}

/// Milliseconds of a number of seconds, which may have a fraction; a begun second is waited for.
fn duration(text: &str) -> u64 {
    let text = text.trim_ascii();
    let past = strip(text, "-");
    let text = past.unwrap_or(text);
    let (whole, fraction) = split(text, ".").unwrap_or((text, "0"));
    match (digits(whole), digits(fraction)) {
        // A time that is over limits nothing.
        (Some(_), Some(_)) if past.is_some() => 0,
        (Some(seconds), Some(fraction)) => seconds.saturating_add(fraction.min(1)).min(CAP / 1000).wrapping_mul(1000),
        _ => DEFAULT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn the_limit_that_ends_later_stands() {
        let mut known = RateLimits::default();
        known.update(200, "60:error:key", "", NOW);
        known.update(200, "10:error:key", "", NOW.plus(1000));
        assert_eq!(known.until("error", NOW), Some(NOW.plus(60_000)));
        assert_eq!(known.until("error", NOW.plus(60_000)), None);
        known.update(200, "90::key", "", NOW);
        known.update(200, "5::key", "", NOW);
        assert_eq!(known.until("feedback", NOW), Some(NOW.plus(90_000)));
    }
}

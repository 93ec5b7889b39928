//! Dedupe and flood control: decides, before anything is written, whether an event goes out at all.
//!
//! Three rules act together, and an event has to pass all of them. All events of a client share a bucket of 100 tokens
//! that gets 10 a second; those of one place share a bucket of 10 that gets 1 a second; and what is exactly like an event
//! that was let through less than 30 s ago is a duplicate. The buckets are looked at first, and only what is let through
//! takes a token and starts the 30 s: an error in a loop goes out once in 30 s and costs other errors nothing. What is
//! held back is to be counted as lost at once (`backpressure`), so that no count is lost when a key is forgotten.
//!
//! The npm package's shim has a twin of this (`src/js/flood.ts`), for it decides before a signal is written; the
//! fixtures pin both.

use alloc::vec::Vec;
use core::mem::take;

use crate::json::{Object, Value};
use crate::text::has;
use crate::{Event, Timestamp};

/// Keys that are remembered in each of two generations.
const KEYS: usize = 500;
/// Milliseconds for which what is exactly like an event that was let through is a duplicate.
const SAME: u64 = 30_000;
/// A bucket is kept as the time at which it will be full again: a token taken moves it on by the time in which one comes
/// back, and while it is further ahead than all tokens but one, there is none to take.
const PLACE_TOKEN: u64 = 1000;
const PLACE_EMPTY: u64 = 9 * PLACE_TOKEN;
const ALL_TOKEN: u64 = 100;
const ALL_EMPTY: u64 = 99 * ALL_TOKEN;

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is let through.
    Pass = 0,
    /// The same was let through a short while ago.
    Duplicate = 1,
    /// There were too many of its place, or too many in all.
    Flood = 2,
}

/// What events are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Of all that tells two events apart for a reader: level, fingerprint, message, types, values and stacks.
    pub exact: u64,
    /// Of what a server groups by: the fingerprint; or the type and the innermost frame; or the message.
    pub coarse: u64,
}

/// What is remembered of a key.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// The last bit says whether it is a coarse one.
    key: u64,
    /// When the bucket will be full; of an exact key, when the same is no duplicate any more.
    until: u64,
    /// How many were held back.
    held: u64,
}

/// What was seen lately.
#[derive(Clone, Debug, Default)]
pub struct Flood {
    /// What is asked for is among the young; when they are too many, they become the old, and the old are forgotten.
    young: Vec<Mark>,
    old: Vec<Mark>,
    /// A clock that never goes back, whatever the host's does.
    clock: u64,
    last: Timestamp,
    /// The bucket of all events.
    all: u64,
}

impl Flood {
    /// What becomes of an event at this moment.
    pub fn check(&mut self, keys: Keys, now: Timestamp) -> Verdict {
        self.clock = self.clock.saturating_add(now.since(self.last));
        self.last = now;
        let clock = self.clock;
        let mut place = self.touch(keys.coarse << 1 | 1);
        let verdict = if place.until > clock.saturating_add(PLACE_EMPTY) || self.all > clock.saturating_add(ALL_EMPTY) {
            Verdict::Flood
        } else {
            let mut same = self.touch(keys.exact << 1);
            if clock < same.until {
                Verdict::Duplicate
            } else {
                same.until = clock.saturating_add(SAME);
                self.put(same);
                place.until = place.until.max(clock).saturating_add(PLACE_TOKEN);
                self.all = self.all.max(clock).saturating_add(ALL_TOKEN);
                Verdict::Pass
            }
        };
        place.held = place.held.saturating_add(u64::from(verdict != Verdict::Pass));
        self.put(place);
        verdict
    }

    /// How many of this coarse key were held back since one was let through; forgets them.
    pub fn suppressed(&mut self, coarse: u64) -> u64 {
        let mut place = self.touch(coarse << 1 | 1);
        let held = take(&mut place.held);
        self.put(place);
        held
    }

    /// The mark of a key, which is among the young afterwards.
    fn touch(&mut self, key: u64) -> Mark {
        if let Some(mark) = search(&mut self.young, key) {
            return *mark;
        }
        let mark = search(&mut self.old, key).copied().unwrap_or(Mark { key, until: 0, held: 0 });
        if self.young.len() >= KEYS {
            self.old = take(&mut self.young);
        }
        self.young.push(mark);
        mark
    }

    /// Writes a mark back, wherever it is by now.
    fn put(&mut self, mark: Mark) {
        for marks in [&mut self.young, &mut self.old] {
            if let Some(place) = search(marks, mark.key) {
                *place = mark;
                return;
            }
        }
    }
}

fn search(marks: &mut [Mark], key: u64) -> Option<&mut Mark> {
    marks.iter_mut().find(|mark| mark.key == key)
}

impl Keys {
    /// The keys of an event under which its scopes have been laid.
    pub fn of(event: &Event) -> Self {
        let (mut exact, mut coarse) = (Hash::new(), Hash::new());
        exact.add(&event.0, &["level", "fingerprint", "logentry", "message"]);
        for exception in event.exceptions() {
            exact.add(exception, &["type", "value", "stacktrace"]);
        }
        coarse.add(&event.0, &["fingerprint"]);
        let fingerprint = event.get("fingerprint").map_or(&[][..], Value::as_array);
        // `{{ default }}` is the server's own grouping.
        if fingerprint.is_empty() || fingerprint.iter().filter_map(Value::as_str).any(|part| has(part, "{{")) {
            coarse.add_place(event);
        }
        Self { exact: exact.0, coarse: coarse.0 }
    }
}

/// FNV-1a: short, and good enough where nobody gains by a collision.
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, object: &Object, fields: &[&str]) {
        for field in fields {
            let text = object.get(field).map(Value::to_json).unwrap_or_default();
            // 0xFF is in no text: where one field ends and the next begins makes a difference.
            for byte in text.bytes().chain([0xFF]) {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }

    fn add_place(&mut self, event: &Event) {
        let Some(thrown) = event.exceptions().next_back() else {
            return self.add(&event.0, &["logentry", "message"]);
        };
        self.add(thrown, &["type"]);
        let frames = thrown.get("stacktrace").and_then(|stack| stack.as_object()?.get("frames"));
        match frames.and_then(|frames| frames.as_array().last()?.as_object()) {
            Some(frame) => self.add(frame, &["function", "filename", "lineno", "colno", "instruction_addr"]),
            None => self.add(thrown, &["value"]),
        }
    }
}

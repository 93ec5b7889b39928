//! Flood control does what the fixtures say, which the shim's twin is tested with, too.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use native_tests::fixture;
use proptest::prelude::*;
use serde_json::{Value, json};
use tailcone_core::flood::{Flood, Keys, Verdict};
use tailcone_core::{Event, Exception, Frame, Level, Timestamp};

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn keys(exact: &str, coarse: &str) -> Keys {
    Keys { exact: hash(exact), coarse: hash(coarse) }
}

/// The calls of a step: when, and with which keys; `#` is the number of the call, and keys of a list take turns.
fn calls(step: &Value) -> impl Iterator<Item = (u64, String, String)> {
    let times = step["times"].as_u64().unwrap_or(1);
    (0..times).map(|at| {
        let key = |name: &str| {
            let text = match &step[name] {
                Value::Array(list) => list[usize::try_from(at).unwrap() % list.len()].as_str(),
                key => key.as_str(),
            };
            text.unwrap_or("a").replace('#', &at.to_string())
        };
        let now = step["at"].as_u64().unwrap() + at * step["every"].as_u64().unwrap_or(0);
        (now, key("exact"), key("coarse"))
    })
}

fn runs(values: impl Iterator<Item = u64>) -> Value {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((of, times)) if *of == value => *times += 1,
            _ => runs.push((value, 1)),
        }
    }
    runs.into_iter().map(|(value, times)| json!([value, times])).collect()
}

#[test]
fn every_schedule_of_the_fixtures_has_the_verdicts_and_counts_that_they_say() {
    for row in fixture("floods.json").as_array().expect("an array") {
        let mut flood = Flood::default();
        let (mut verdicts, mut counts) = (Vec::new(), Vec::new());
        for (now, exact, coarse) in row["calls"].as_array().expect("steps").iter().flat_map(calls) {
            let keys = keys(&exact, &coarse);
            let verdict = flood.check(keys, Timestamp(now));
            verdicts.push(verdict as u64);
            if verdict == Verdict::Pass {
                counts.push(flood.suppressed(keys.coarse));
            }
        }
        let name = &row["name"];
        if let Some(tally) = row["tally"].as_array() {
            let of = |verdict| verdicts.iter().filter(|one| **one == verdict).count();
            assert_eq!(json!([of(0), of(1), of(2)]), json!(tally), "{name}");
            assert_eq!(json!(counts.iter().sum::<u64>()), row["counted"], "{name}");
        } else {
            assert_eq!(runs(verdicts.into_iter()), row["verdicts"], "{name}");
            assert_eq!(runs(counts.into_iter()), row["counts"], "{name}");
        }
    }
}

#[test]
fn a_hundred_thousand_fingerprints_are_dealt_with_at_once() {
    let mut flood = Flood::default();
    let start = Instant::now();
    for at in 0..100_000 {
        flood.check(Keys { exact: at, coarse: at * 7919 }, Timestamp(1_700_000_000_000));
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}

fn error(value: &str, line: u64) -> Event {
    let frame = |function: &str, lineno| Frame {
        function: Some(function.into()),
        filename: Some("a.rs".into()),
        lineno: Some(lineno),
        ..Frame::default()
    };
    Event::of_exceptions(vec![Exception::new("Error", value).frames(vec![frame("main", 1), frame("inner", line)])])
}

fn message(text: &str) -> Event {
    let mut event = Event::new();
    event.set_message(text);
    event
}

#[test]
fn the_keys_of_an_event_are_what_a_reader_and_a_server_tell_events_apart_by() {
    let of = |event: &Event| Keys::of(event);
    let base = of(&error("a", 7));
    assert_eq!(of(&error("a", 7)), base);
    let other_text = of(&error("b", 7));
    assert_eq!(other_text.coarse, base.coarse, "the same place");
    assert_ne!(other_text.exact, base.exact);
    let other_line = of(&error("a", 8));
    assert_ne!(other_line.coarse, base.coarse);
    assert_ne!(other_line.exact, base.exact);
    let mut warning = error("a", 7);
    warning.set_level(Level::Warning);
    assert_eq!(of(&warning).coarse, base.coarse);
    assert_ne!(of(&warning).exact, base.exact);

    assert_ne!(of(&message("a")).coarse, of(&message("b")).coarse, "a message is its own place");
    let text_only = |value: &str| Event::of_exceptions(vec![Exception::default().field("value", value)]);
    assert_ne!(of(&text_only("a")).coarse, of(&text_only("b")).coarse, "without a stack the text is the place");
}

#[test]
fn a_fingerprint_is_a_place_unless_it_leaves_that_to_the_server() {
    let with = |mut event: Event, fingerprint: &[&str]| {
        event.set("fingerprint", fingerprint.to_vec());
        Keys::of(&event)
    };
    let (here, there) = (error("a", 7), error("b", 8));
    assert_eq!(with(here.clone(), &["x"]).coarse, with(there.clone(), &["x"]).coarse);
    assert_ne!(with(here.clone(), &["x"]).coarse, with(here.clone(), &["y"]).coarse);
    assert_ne!(with(here.clone(), &["x"]).exact, with(there.clone(), &["x"]).exact);
    let default = ["{{ default }}", "x"];
    assert_ne!(with(here.clone(), &default).coarse, with(there, &default).coarse);
    assert_eq!(with(here.clone(), &default).coarse, with(error("c", 7), &default).coarse);
    assert_eq!(with(here.clone(), &[]).coarse, with(error("c", 7), &[]).coarse);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is captured and whatever the clock does: no more is let through than the buckets hold and get, and what
    /// was let through is not let through again within 30 s.
    #[test]
    fn no_more_is_let_through_than_the_buckets_hold_and_get(
        steps in prop::collection::vec((prop_oneof![4 => Just(0_i64), 4 => 0..40_i64, 1 => -5000..2000_i64], 0..300_u64, 0..15_u64), 1..1500)
    ) {
        let mut flood = Flood::default();
        let (mut now, mut own) = (1_700_000_000_000_i64, 0_i64);
        let mut passed: Vec<(i64, u64)> = Vec::new();
        let mut last: HashMap<u64, i64> = HashMap::new();
        let mut held: HashMap<u64, u64> = HashMap::new();
        for (step, exact, coarse) in steps {
            now += step;
            own += step.max(0);
            let verdict = flood.check(Keys { exact, coarse }, Timestamp(now.unsigned_abs()));
            if verdict == Verdict::Pass {
                prop_assert!(last.insert(exact, own).is_none_or(|before| own - before >= 30_000));
                passed.push((own, coarse));
                prop_assert_eq!(flood.suppressed(coarse), held.remove(&coarse).unwrap_or(0));
            } else {
                *held.entry(coarse).or_default() += 1;
            }
        }
        let bounded = |passed: &[i64], burst: i64, every: i64| {
            passed.iter().enumerate().all(|(first, from)| {
                passed[first..].iter().zip(1..).all(|(to, count)| count <= burst + (to - from) / every)
            })
        };
        let all: Vec<i64> = passed.iter().map(|(at, _)| *at).collect();
        prop_assert!(bounded(&all, 100, 100), "all: {all:?}");
        for place in 0..15 {
            let here: Vec<i64> = passed.iter().filter(|(_, coarse)| *coarse == place).map(|(at, _)| *at).collect();
            prop_assert!(bounded(&here, 10, 1000), "one place: {here:?}");
        }
    }

    #[test]
    fn what_comes_when_nothing_came_for_a_while_is_let_through(before in prop::collection::vec((any::<u64>(), 0..5_u64, 0..5_u64), 0..200), at in 0..u64::MAX / 2) {
        let mut flood = Flood::default();
        for (now, exact, coarse) in before {
            flood.check(Keys { exact, coarse }, Timestamp(now / 4));
        }
        flood.check(Keys { exact: 9, coarse: 9 }, Timestamp(at));
        for key in 0..5 {
            prop_assert_eq!(flood.check(Keys { exact: key, coarse: key }, Timestamp(at + 30_000)), Verdict::Pass);
        }
    }
}

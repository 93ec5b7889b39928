//! The bounded reader takes what the grammar takes, up to its limits, and what it has read is written as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::json::{Error, Limits, parse, parse_with};
use tailcone_core::{EventId, Timestamp, Value};
use tailcone_fuzz::{is_json, json};

fuzz_target!(|text: &str| {
    let read = parse(text);
    // The same reader within narrow limits: it stops earlier or says the same.
    let narrow = parse_with(text, Limits { depth: 3, values: 10 });
    assert!(narrow == read || narrow == Err(Error::Limit), "{narrow:?} {read:?}");
    match read {
        Ok(value) => same_again(text, &value),
        Err(Error::Limit) => assert!(too_much(text), "within the limits: {text}"),
        Err(Error::Syntax(at)) => {
            assert!(at <= text.len());
            assert!(!is_json(text), "refused at {at}: {text}");
        }
    }
});

fn same_again(text: &str, value: &Value) {
    assert!(is_json(text), "read: {text}");
    assert!(!too_much(text), "beyond the limits: {text}");
    let written = value.to_json();
    let theirs = json(&written);
    assert_eq!(parse(&written).as_ref(), Ok(value), "{text} becomes {written}");
    // A half of a surrogate pair is U+FFFD here and an error there.
    if let Ok(meant) = serde_json::from_str::<serde_json::Value>(text) {
        assert_eq!(theirs, Some(meant), "{text} becomes {written}");
    }
    if let Some(time) = Timestamp::from_seconds(value) {
        let seconds = time.to_value().to_json();
        assert_eq!(parse(&seconds).ok().as_ref().and_then(Timestamp::from_seconds), Some(time), "{seconds}");
        assert!(time.to_rfc3339().len() >= 24);
    }
    if let Some(id) = value.as_str().and_then(EventId::parse) {
        assert_eq!(EventId::parse(&id.to_hex()), Some(id));
    }
}

/// Whether a text goes beyond the reader's limits, counted without reading it: arrays and objects within each other,
/// and as many values as there could be at most.
fn too_much(text: &str) -> bool {
    let (mut depth, mut deepest, mut values) = (0_i32, 0, 1);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth -= 1,
            b',' => values += 1,
            _ => {}
        }
    }
    deepest > 64 || values > 100_000
}

//! Any text as a stack: frames, no more than it has lines, of what stands there.
//!
//! The first character is a digit: the number of lines that the error's type and message take above the frames.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::stack::{parse, trim_panic};
use tailcone_core::{Frame, Value};
use tailcone_fuzz::json;

fuzz_target!(|input: &str| {
    let mut start = input.chars();
    let lines = start.next().and_then(|digit| digit.to_digit(10)).unwrap_or_default();
    let text = start.as_str();
    let end: usize = text.split_inclusive('\n').take(lines as usize).map(str::len).sum();
    let header = text[..end].trim_end_matches('\n');
    let message = header.split_once(": ").map_or("", |(_, message)| message);

    let frames = parse(text, message);
    assert!(frames.len() <= text.lines().count().min(1000), "{} frames", frames.len());
    for frame in &frames {
        check(frame, text);
    }
    let mut trimmed = frames.clone();
    trim_panic(&mut trimmed);
    assert!(frames.starts_with(&trimmed) && trimmed.is_empty() == frames.is_empty());

    let count = frames.len();
    let written = json(&Value::from(frames).to_json()).expect("no number is beyond f64");
    assert_eq!(written.as_array().map(Vec::len), Some(count));
});

/// What a frame says stands in the text.
fn check(frame: &Frame, text: &str) {
    assert!(frame.in_app.is_some(), "{frame:?}");
    for number in [frame.lineno, frame.colno].into_iter().flatten() {
        assert!(number > 0, "{frame:?}");
        assert!(number > u64::MAX / 10 || text.contains(&number.to_string()), "{frame:?}");
    }
    let stands = |part: &Option<String>| part.as_ref().is_none_or(|part| text.contains(part));
    assert!(stands(&frame.filename), "{frame:?}");
    assert!(stands(&frame.instruction_addr), "{frame:?}");
    let function = frame.function.as_deref().unwrap_or_default();
    assert!(!function.contains('\n'), "{frame:?}");
    if frame.platform.is_some() {
        // Names in wasm lose their module and their hashes; one without a name gets `wasm-function[…]`.
        assert!(function.len() <= text.len() + 16, "{frame:?}");
        assert_eq!((frame.lineno, frame.colno), (None, None), "{frame:?}");
    } else {
        assert!(stands(&frame.function), "{frame:?}");
        assert_eq!(frame.instruction_addr, None, "{frame:?}");
    }
}

//! SpiderMonkey (Firefox) and JavaScriptCore (Safari, WebKitGTK, Bun): `function@location`, `location`.

use super::{Place, position, script, trailing_number, wasm};
use crate::Frame;
use crate::text::{digits, has, parts, split, strip};

/// Reads one trimmed line.
pub(super) fn frame(line: &str) -> Option<Frame> {
    let (function, location) = call_and_place(line)?;
    let function = without_async_marker(function);
    if let Some(frame) = wasm::frame(function, location).or_else(|| wasm::frame_without_location(function, location)) {
        return Some(frame);
    }
    Some(script(function, eval_origin(location).unwrap_or_else(|| position(location))))
}

/// Splits at the first `@` that a location follows: names may hold one, and paths of packages often do. A line without
/// a name has no `@`, or one that belongs to the URL.
fn call_and_place(line: &str) -> Option<(&str, &str)> {
    let location_at = |at: &usize| line.get(*at..).and_then(|rest| strip(rest, "@")).is_some_and(begins_location);
    if let Some(at) = (0..line.len()).find(location_at) {
        return parts(line, at, "@");
    }
    if has(line, "://") && trailing_number(line).is_some() { Some(("", line)) } else { split(line, "@") }
}

/// Whether a text begins as a URL with its scheme does, or as `[native code]`, `<?>`.
fn begins_location(text: &str) -> bool {
    let end = text.bytes().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'-' | b'.'));
    matches!(
        (end, end.and_then(|end| text.as_bytes().get(end))),
        (Some(0), Some(b'[' | b'<')) | (Some(1..), Some(b':'))
    )
}

/// Firefox writes `setTimeout handler*f` for the first call of a task.
fn without_async_marker(function: &str) -> &str {
    match split(function, "*") {
        Some((marker, rest)) if marker.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'.')) => rest,
        _ => function,
    }
}

/// Firefox writes code made by `eval` as `file line 5 > eval:1:1`: the file and its line are real.
fn eval_origin(location: &str) -> Option<Place<'_>> {
    let (file, rest) = split(location, " line ")?;
    let (line, _) = split(rest, " > ")?;
    Some((file, Some(digits(line)?), None))
}

//! V8 (Chrome, Edge, Node, Deno, workerd): `    at async function (location)`, `    at location`.

use super::{script, wasm};
use crate::Frame;

/// Whether a line, not yet trimmed, has the form of a frame.
pub(super) fn is_frame(line: &str) -> bool {
    line.starts_with(char::is_whitespace) && line.trim_start().starts_with("at ")
}

/// Reads one trimmed line.
pub(super) fn frame(line: &str) -> Option<Frame> {
    let call = line.strip_prefix("at ")?;
    let call = call.strip_prefix("async ").unwrap_or(call);
    let (function, location) = split(call);
    let location = eval_origin(location);
    Some(wasm::frame(function, location).unwrap_or_else(|| script(function, location)))
}

/// Splits `function (location)`. Both may hold parentheses of their own, so the last group is taken as a whole.
fn split(call: &str) -> (&str, &str) {
    let Some(inner) = call.strip_suffix(')') else { return ("", call) };
    let mut depth = 1_u32;
    for (at, byte) in inner.bytes().enumerate().rev() {
        match byte {
            b')' => depth = depth.saturating_add(1),
            b'(' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            let (function, location) = inner.split_at_checked(at).unwrap_or(("", inner));
            return (function.trim_end(), location.strip_prefix('(').unwrap_or(location));
        }
    }
    // A URL with a parenthesis that has no other half.
    inner.rsplit_once(" (").unwrap_or(("", call))
}

/// Code made by `eval` stands at `eval at f (location), <anonymous>:1:1`: the innermost location is a real one.
fn eval_origin(location: &str) -> &str {
    if !location.starts_with("eval at ") {
        return location;
    }
    let inner = location.rsplit_once('(').map_or(location, |(_, inner)| inner);
    inner.split_once(')').map_or(location, |(origin, _)| origin)
}

//! V8 (Chrome, Edge, Node, Deno, workerd): `    at async function (location)`, `    at location`.

use super::{position, script, wasm};
use crate::Frame;
use crate::text::{rsplit, split, strip};

/// Whether a line, not yet trimmed, has the form of a frame.
pub(super) fn is_frame(line: &str) -> bool {
    let trimmed = line.trim_ascii_start();
    trimmed.len() < line.len() && trimmed.starts_with("at ")
}

/// Reads one trimmed line.
pub(super) fn frame(line: &str) -> Option<Frame> {
    let (function, location) = call_and_place(strip(line, "at ")?);
    let location = eval_origin(strip(location, "async ").unwrap_or(location));
    Some(wasm::frame(function, location).unwrap_or_else(|| script(function, position(location))))
}

/// Splits `function (location)`. Both may hold parentheses of their own, so the last group is taken as a whole.
fn call_and_place(call: &str) -> (&str, &str) {
    let Some(inner) = call.strip_suffix(')') else { return ("", call) };
    let mut depth = 1_u32;
    for (at, byte) in inner.bytes().enumerate().rev() {
        match byte {
            b')' => depth = depth.wrapping_add(1),
            b'(' => depth = depth.wrapping_sub(1),
            _ => continue,
        }
        if depth == 0 {
            let (function, location) = inner.split_at_checked(at).unwrap_or(("", inner));
            return (function.trim_ascii_end(), strip(location, "(").unwrap_or(location));
        }
    }
    // A URL with a parenthesis that has no other half.
    rsplit(inner, " (").unwrap_or(("", call))
}

/// Code made by `eval` stands at `eval at g (eval at f (location)), <anonymous>:1:1`: the innermost location is a real
/// one.
fn eval_origin(location: &str) -> &str {
    if !location.starts_with("eval at ") {
        return location;
    }
    let inner = rsplit(location, " (").map_or(location, |(_, inner)| inner);
    let mut origin = split(inner, "), ").map_or(inner, |(origin, _)| origin);
    while let Some(shorter) = origin.strip_suffix(')') {
        origin = shorter;
    }
    origin
}

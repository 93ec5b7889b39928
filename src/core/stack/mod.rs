//! Reads the text of `Error.prototype.stack`, which every engine writes in its own way, in time linear in its length.
//!
//! Two grammars cover the engines: V8 writes `    at function (location)` under a header line, SpiderMonkey and
//! JavaScriptCore write `function@location`. Each line is read from the right, where the grammar is fixed; names come
//! from programs and may hold anything.

mod gecko;
mod v8;
mod wasm;

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::Frame;
use crate::list::reverse;
use crate::text::{digits, has, pieces, rsplit, split, start, strip};

/// No more of a stack than this is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// No more lines than this are read.
const MAX_LINES: usize = 1000;

/// Reads a stack into frames, the outermost first. V8 writes the error's message above the frames, and a message may look
/// like anything.
pub fn parse(stack: &str, message: &str) -> Vec<Frame> {
    let stack = without_header(start(stack, MAX_BYTES), message);
    let lines = || pieces(stack, "\n").take(MAX_LINES);
    let v8 = lines().any(v8::is_frame);
    let mut frames = Vec::new();
    for line in lines() {
        let line = line.trim_ascii();
        if let Some(mut frame) = if v8 { v8::frame(line) } else { gecko::frame(line) } {
            frame.in_app = Some(is_in_app(&frame));
            frames.push(frame);
        }
    }
    reverse(&mut frames);
    frames
}

/// Drops the frames of the panic machinery, innermost, so that the stack ends where the program called it.
pub fn trim_panic(frames: &mut Vec<Frame>) {
    let machinery = frames.iter().position(|frame| {
        let name = frame.function.as_deref().unwrap_or_default();
        ["::panicking::", "rust_begin_unwind", "__rust_start_panic"].iter().any(|part| has(name, part))
    });
    // A stack that is nothing but machinery is better than none.
    if let Some(at) = machinery.filter(|at| *at > 0) {
        frames.truncate(at);
    }
}

/// What stands behind `TYPE: VALUE`. The type is the one that the error had when it was made, often another than now.
fn without_header<'a>(stack: &'a str, value: &str) -> &'a str {
    let behind = split(stack, ": ").and_then(|(_, text)| strip(text, value));
    behind.filter(|_| !value.is_empty()).unwrap_or(stack)
}

/// Code of the browser, of extensions, and of the crates every Rust-wasm program is made on is not the application's.
fn is_in_app(frame: &Frame) -> bool {
    let file = frame.filename.as_deref().unwrap_or_default();
    // Of the engine's own functions there is no line.
    let foreign = frame.lineno.is_none() || file.starts_with('<') || has(file, "-extension://");
    (frame.platform.is_some() || !foreign) && in_app_function(frame)
}

/// How the names of functions begin that are not the application's.
static FOREIGN: [&str; 12] = [
    "std::",
    "core::",
    "alloc::",
    "__rust",
    "__wbg",
    "__wbindgen",
    "wasm_bindgen",
    "js_sys::",
    "web_sys::",
    "tailcone::",
    "console_error_panic_hook::",
    "wasm-stub",
];

fn in_app_function(frame: &Frame) -> bool {
    let name = frame.function.as_deref().unwrap_or_default();
    let name = strip(name, "<").unwrap_or(name);
    !FOREIGN.iter().any(|start| name.starts_with(start))
}

/// A file, a line and a column.
type Place<'a> = (&'a str, Option<u64>, Option<u64>);

/// Splits `file:line:column`; either number may be missing.
fn position(location: &str) -> Place<'_> {
    let Some((rest, last)) = trailing_number(location) else { return (location, None, None) };
    match trailing_number(rest) {
        Some((file, line)) => (file, Some(line), Some(last)),
        None => (rest, Some(last), None),
    }
}

fn trailing_number(text: &str) -> Option<(&str, u64)> {
    let (rest, number) = rsplit(text, ":")?;
    Some((rest, digits(number)?))
}

/// A frame of JavaScript at a location. V8 and Safari write `async` before the frame of a function that waited.
fn script(function: &str, (file, lineno, colno): Place<'_>) -> Frame {
    let function = strip(function, "async ").unwrap_or(function);
    Frame {
        function: (!function.is_empty()).then(|| function.to_owned()),
        filename: (!file.is_empty()).then(|| file.to_owned()),
        // 0 is what engines write when they do not know.
        lineno: lineno.filter(|line| *line > 0),
        colno: colno.filter(|column| *column > 0),
        ..Frame::default()
    }
}

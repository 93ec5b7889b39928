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
use crate::text::{digits, has, rsplit, strip};

/// No more of a stack than this is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// No more lines than this are read.
const MAX_LINES: usize = 1000;

/// Reads a stack into frames, the outermost first. `header` is the error's type and message, which V8 repeats above
/// the frames and which may look like anything.
pub fn parse(stack: &str, header: (&str, &str)) -> Vec<Frame> {
    let stack = stack.get(..floor(stack, MAX_BYTES)).unwrap_or(stack);
    let stack = without_header(stack, header);
    let lines = || stack.split('\n').take(MAX_LINES);
    let v8 = lines().any(v8::is_frame);
    let read = if v8 { v8::frame } else { gecko::frame };
    let mut frames: Vec<Frame> = lines().filter_map(|line| read(line.trim_ascii())).collect();
    frames.reverse();
    for frame in &mut frames {
        frame.in_app = Some(is_in_app(frame));
    }
    frames
}

/// Drops the frames of the panic machinery, innermost, so that the stack ends where the program called it.
pub fn trim_panic(frames: &mut Vec<Frame>) {
    let machinery = frames.iter().position(|frame| {
        let name = frame.function.as_deref().unwrap_or_default();
        ["core::panicking::", "std::panicking::", "rust_begin_unwind", "__rust_start_panic"]
            .iter()
            .any(|part| has(name, part))
    });
    // A stack that is nothing but machinery is better than none.
    if let Some(at) = machinery.filter(|at| *at > 0) {
        frames.truncate(at);
    }
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn without_header<'a>(stack: &'a str, (ty, value): (&str, &str)) -> &'a str {
    let after_type = strip(stack, ty).unwrap_or(stack);
    let after = strip(after_type, ": ").unwrap_or(after_type);
    strip(after, value).unwrap_or(stack)
}

/// Code of the browser, of extensions, and of the crates every Rust-wasm program is made on is not the application's.
fn is_in_app(frame: &Frame) -> bool {
    let file = frame.filename.as_deref().unwrap_or("[native code]");
    if matches!(file.as_bytes().first(), Some(b'<' | b'[')) && frame.instruction_addr.is_none()
        || file == "native"
        || has(file, "-extension://")
    {
        return frame.platform.is_some() && in_app_function(frame);
    }
    in_app_function(frame)
}

fn in_app_function(frame: &Frame) -> bool {
    let name = frame.function.as_deref().unwrap_or_default();
    let foreign = [
        "std::",
        "core::",
        "alloc::",
        "__rust",
        "rust_",
        "__wbg",
        "__wbindgen",
        "wasm_bindgen",
        "js_sys::",
        "web_sys::",
        "tailcone::",
        "console_error_panic_hook::",
        "wasm-stub",
    ];
    let name = strip(name, "<").unwrap_or(name);
    !foreign.iter().any(|start| name.starts_with(start))
}

/// Splits `file:line:column`; either number may be missing.
fn position(location: &str) -> (&str, Option<u64>, Option<u64>) {
    let Some((rest, last)) = trailing_number(location) else { return (location, None, None) };
    match trailing_number(rest) {
        Some((file, line)) => (file, Some(line), Some(last)),
        None => (rest, Some(last), None),
    }
}

fn trailing_number(text: &str) -> Option<(&str, u64)> {
    let (rest, number) = rsplit(text, ":")?;
    (!rest.is_empty()).then_some((rest, digits(number)?))
}

/// A frame of JavaScript at a location.
fn script(function: &str, location: &str) -> Frame {
    let (file, lineno, colno) = position(location);
    Frame {
        function: Some(if function.is_empty() { "?" } else { function }.to_owned()),
        filename: (!file.is_empty()).then(|| file.to_owned()),
        // 0 is what engines write when they do not know.
        lineno: lineno.filter(|line| *line > 0),
        colno: colno.filter(|column| *column > 0),
        ..Frame::default()
    }
}

//! Frames inside wasm modules: `…:wasm-function[INDEX]:0xOFFSET`, in Safari without the offset.

use alloc::string::String;

use crate::Frame;

/// Reads a location `URL:wasm-function[INDEX]:0xOFFSET` or `URL:wasm-function[INDEX]`. The offset counts from the
/// beginning of the file and is passed on as it is.
pub(super) fn frame(function: &str, location: &str) -> Option<Frame> {
    let (url, rest) = location.rsplit_once(":wasm-function[")?;
    let (index, address) = rest.split_once(']')?;
    let address = address.strip_prefix(':').filter(|address| address.starts_with("0x"));
    let url = Some(url).filter(|url| *url != "<?>");
    Some(Frame::wasm(Some(&name(function, index)), url, address))
}

/// Reads Safari's older form, in which all that is known stands in the name: `MODULE.wasm-function[NAME]@[wasm code]`.
pub(super) fn frame_without_location(function: &str, location: &str) -> Option<Frame> {
    if location != "[wasm code]" {
        return None;
    }
    let inner = function.split_once("wasm-function[").and_then(|(_, rest)| rest.strip_suffix(']'));
    let function = match inner {
        Some(index) if index.bytes().all(|byte| byte.is_ascii_digit()) => name("", index),
        Some(inner) => name(inner, ""),
        None => name(function, ""),
    };
    Some(Frame::wasm(Some(&function), None, None))
}

/// The function's name without the module's that V8 and Firefox put before it (`app.wasm.`), and without the hashes
/// that rustc puts into names: they differ from build to build. A function without a name gets its index.
fn name(function: &str, index: &str) -> String {
    let function = function.split_once(".wasm.").map_or(function, |(_, name)| name);
    let mut name = String::with_capacity(function.len());
    if function.is_empty() {
        name.extend(["wasm-function[", index, "]"]);
        return name;
    }
    let mut rest = function;
    while let Some((before, after)) = rest.split_once('[') {
        name.push_str(before);
        rest = match after.split_once(']') {
            Some((hash, after)) if hash.len() == 16 && is_hex(hash) => after,
            _ => {
                name.push('[');
                after
            }
        };
    }
    match rest.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && is_hex(hash) => name.push_str(path),
        _ => name.push_str(rest),
    }
    name
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

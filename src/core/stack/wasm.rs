//! Frames inside wasm modules: `URL:wasm-function[INDEX]:0xOFFSET`, in Safari without the offset, in Chrome before 80
//! without the URL.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::Frame;
use crate::text::{digits, join, rsplit, split, strip};

/// Reads a location. The offset counts from the beginning of the file and is passed on as it is.
pub(super) fn frame(function: &str, location: &str) -> Option<Frame> {
    let (url, rest) = rsplit(location, "wasm-function[")?;
    let (index, address) = split(rest, "]")?;
    let address = strip(address, ":").filter(|address| address.starts_with("0x"));
    let url = url.strip_suffix(':').filter(|url| *url != "<?>");
    Some(of(name(function, index), url, address))
}

/// Reads Safari's older form, in which all that is known stands in the name: `MODULE.wasm-function[NAME]@[wasm code]`.
pub(super) fn frame_without_location(function: &str, location: &str) -> Option<Frame> {
    if location != "[wasm code]" {
        return None;
    }
    let inner = split(function, "wasm-function[").and_then(|(_, rest)| rest.strip_suffix(']')).unwrap_or(function);
    // An index stands there for a function without a name.
    let index = digits(inner).map_or("", |_| inner);
    Some(of(name(inner, index), None, None))
}

fn of(function: String, url: Option<&str>, address: Option<&str>) -> Frame {
    Frame {
        function: Some(function),
        filename: url.map(ToOwned::to_owned),
        instruction_addr: address.map(ToOwned::to_owned),
        platform: Some("native"),
        ..Frame::default()
    }
}

/// The function's name without the module's that V8 and Firefox put before it (`app.wasm.`), and without the hashes
/// that rustc puts into names: they differ from build to build. A function without a name, which Safari calls by its
/// index, gets one of it.
fn name(function: &str, index: &str) -> String {
    if function.is_empty() || function == index {
        return join(&["wasm-function[", index, "]"]);
    }
    let function = split(function, ".wasm.").map_or(function, |(_, name)| name);
    without_hashes(&without_hashes(function, "[", "]"), "::h", "")
}

/// Leaves out every hash of 16 digits that stands between `open` and `close`, and these with it.
fn without_hashes(text: &str, open: &str, close: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = split(rest, open) {
        out.push_str(before);
        let hash = after.split_at_checked(16).filter(|(hash, _)| is_hex(hash));
        rest = hash.and_then(|(_, behind)| strip(behind, close)).unwrap_or_else(|| {
            out.push_str(open);
            after
        });
    }
    out.push_str(rest);
    out
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

//! Finding and splitting text. The standard library's searcher for strings brings 5 KiB of machinery into the module
//! and is made for longer needles than the few bytes looked for here; this one is linear for them, too.

use alloc::string::String;

/// Where `needle` first is.
pub(crate) fn find(text: &str, needle: &str) -> Option<usize> {
    (0..text.len()).find(|at| stands_at(text, *at, needle))
}

fn stands_at(text: &str, at: usize, needle: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(at) == needle.as_bytes().first()
        && bytes.get(at..).is_some_and(|rest| rest.starts_with(needle.as_bytes()))
}

/// Whether `needle` is anywhere.
pub(crate) fn has(text: &str, needle: &str) -> bool {
    find(text, needle).is_some()
}

/// What stands before and behind the first `separator`.
pub(crate) fn split<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    parts(text, find(text, separator)?, separator)
}

/// What stands before and behind the last `separator`.
pub(crate) fn rsplit<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    parts(text, (0..text.len()).rfind(|at| stands_at(text, *at, separator))?, separator)
}

pub(crate) fn parts<'a>(text: &'a str, at: usize, separator: &str) -> Option<(&'a str, &'a str)> {
    Some((text.get(..at)?, text.get(at.wrapping_add(separator.len())..)?))
}

/// What stands between the separators.
pub(crate) fn pieces<'a>(text: &'a str, separator: &'static str) -> impl Iterator<Item = &'a str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let (piece, behind) = match split(rest?, separator) {
            Some((piece, behind)) => (piece, Some(behind)),
            None => (rest?, None),
        };
        rest = behind;
        Some(piece)
    })
}

/// As many whole characters as fit into so many bytes.
pub(crate) fn start(text: &str, bytes: usize) -> &str {
    // A character has four bytes at most.
    (0..4).find_map(|back| text.get(..bytes.saturating_sub(back))).unwrap_or(text)
}

/// The parts, one behind the other.
pub(crate) fn join(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part);
    }
    out
}

/// The text without `prefix`, if it begins so.
pub(crate) fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    (start == prefix).then_some(rest)
}

/// The number that a text of nothing but digits is; more than fits is the largest that does.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        let digit = byte.is_ascii_digit().then_some(byte & 15)?;
        // A checked multiplication of 64 bits is one of 128 bits in wasm.
        number = if number < u64::MAX / 10 { number.wrapping_mul(10).wrapping_add(u64::from(digit)) } else { u64::MAX };
    }
    (!text.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_are_found() {
        assert_eq!(split("a::b::c", "::"), Some(("a", "b::c")));
        assert_eq!(rsplit("a::b::c", "::"), Some(("a::b", "c")));
        assert_eq!(split("abc", "::"), None);
        assert_eq!(split("", "::"), None);
        assert_eq!(rsplit("é::ü", "::"), Some(("é", "ü")));
        assert_eq!(strip("at x", "at "), Some("x"));
        assert_eq!(strip("é", "a"), None);
    }

    #[test]
    fn digits_are_a_number_and_nothing_else_is() {
        assert_eq!(digits("0120"), Some(120));
        assert_eq!(digits("99999999999999999999999"), Some(u64::MAX));
        for bad in ["", "+1", "-1", "1a", "1.0", " 1"] {
            assert_eq!(digits(bad), None, "{bad}");
        }
    }
}

//! Reads JSON (RFC 8259) into a [`Value`], within limits of depth and number of values.

use alloc::string::String;
use alloc::vec::Vec;

use super::value::{Number, Object, Value};
use crate::text::strip;

/// How much a text may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Arrays and objects within each other. Default 64.
    pub depth: u32,
    /// Values in all. Default 100,000.
    pub values: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, values: 100_000 }
    }
}

/// Why a text was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not JSON; the byte where that showed.
    Syntax(usize),
    /// Deeper or larger than the limits.
    Limit,
}

/// Reads a whole text within the default limits.
///
/// # Errors
/// When the text is not one JSON value or exceeds the limits.
pub fn parse(text: &str) -> Result<Value, Error> {
    parse_with(text, Limits::default())
}

/// Reads a whole text within limits of the caller's.
///
/// # Errors
/// When the text is not one JSON value or exceeds the limits.
pub fn parse_with(text: &str, limits: Limits) -> Result<Value, Error> {
    let mut reader = Reader { text, at: 0, left: limits, exceeded: false };
    match reader.document() {
        Some(value) => Ok(value),
        None if reader.exceeded => Err(Error::Limit),
        None => Err(Error::Syntax(reader.at)),
    }
}

/// Every step answers `None` when it cannot go on. Where and why that was stands here: one answer for all steps keeps
/// the code small.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    left: Limits,
    exceeded: bool,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Value> {
        let value = self.value()?;
        self.space();
        (self.at >= self.text.len()).then_some(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        if taken {
            self.skip(1);
        }
        taken
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.skip(1);
        }
    }

    /// Uses up one of what `left` counts.
    fn spend(&mut self, left: fn(&mut Limits) -> &mut u32) -> Option<()> {
        let left = left(&mut self.left);
        self.exceeded = *left == 0;
        *left = left.checked_sub(1)?;
        Some(())
    }

    fn value(&mut self) -> Option<Value> {
        self.spend(|left| &mut left.values)?;
        self.space();
        match self.peek()? {
            b'{' => self.object().map(Value::Object),
            b'[' => self.array().map(Value::Array),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        strip(self.rest(), word)?;
        self.skip(word.len());
        Some(value)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn object(&mut self) -> Option<Object> {
        let mut object = Object::new();
        let mut more = self.open(b'}')?;
        while more {
            self.space();
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            object.push(key.into(), self.value()?);
            more = self.more(b'}')?;
        }
        Some(object)
    }

    fn array(&mut self) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        let mut more = self.open(b']')?;
        while more {
            items.push(self.value()?);
            more = self.more(b']')?;
        }
        Some(items)
    }

    /// Goes into an array or an object; whether anything is in it.
    fn open(&mut self, end: u8) -> Option<bool> {
        self.spend(|left| &mut left.depth)?;
        self.skip(1);
        self.space();
        Some(!self.close(end))
    }

    /// Behind a value in an array or an object: whether another one follows.
    fn more(&mut self, end: u8) -> Option<bool> {
        self.space();
        let closed = self.close(end);
        if !closed {
            self.expect(b',')?;
        }
        Some(!closed)
    }

    fn close(&mut self, end: u8) -> bool {
        let closed = self.take(end);
        self.left.depth = self.left.depth.wrapping_add(u32::from(closed));
        closed
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(Value::Number(Number::from_text(self.text.get(start..self.at)?)))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.skip(1);
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.at;
            self.skip(self.rest().bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20))?);
            out.push_str(self.text.get(start..self.at)?);
            if self.take(b'"') {
                return Some(out);
            }
            self.expect(b'\\')?;
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let plain = match self.peek()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.skip(1);
                return self.unicode();
            }
            _ => return None,
        };
        self.skip(1);
        Some(plain)
    }

    /// The four digits after `\u`, and the second half of a surrogate pair. A half without its other half becomes
    /// U+FFFD: JavaScript can write one, UTF-8 cannot carry it.
    fn unicode(&mut self) -> Option<char> {
        let mut code = self.hex4()?;
        if (0xD800..0xDC00).contains(&code) && strip(self.rest(), "\\u").is_some() {
            let back = self.at;
            self.skip(2);
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                code = 0x1_0000_u32.wrapping_add((code & 0x3FF) << 10 | second & 0x3FF);
            } else {
                self.at = back;
            }
        }
        Some(char::from_u32(code).unwrap_or('\u{FFFD}'))
    }

    fn hex4(&mut self) -> Option<u32> {
        let mut code = 0_u32;
        for _ in 0..4 {
            code = code << 4 | char::from(self.peek()?).to_digit(16)?;
            self.skip(1);
        }
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use std::format;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1.5",
            "-12e3",
            "1E-9",
            "\"\"",
            "[]",
            "{}",
            "[1,[2,{}],\"x\"]",
            r#"{"a":{"b":[null,true]},"c":"\"\\\n"}"#,
        ] {
            assert_eq!(parse(text).map(|value| value.to_json()), Ok(text.to_string()));
        }
        assert_eq!(parse(" { \"a\" :\t[ 1 , 2 ]\r\n} ").map(|v| v.to_json()), Ok(r#"{"a":[1,2]}"#.to_string()));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "nul",
            "tru",
            "+1",
            "01",
            "1.",
            ".5",
            "1e",
            "-",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\n\"",
            "[1,]",
            "[1",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "1 2",
            "[]]",
            "\u{feff}1",
        ] {
            assert!(matches!(parse(text), Err(Error::Syntax(_))), "{text:?} was read");
        }
    }

    #[test]
    fn escapes_and_surrogates_are_decoded() {
        let read = |text: &str| parse(text).ok().and_then(Value::into_string).unwrap_or_default();
        assert_eq!(read(r#""\u0041\/\b\f\n\r\t""#), "A/\u{8}\u{c}\n\r\t");
        assert_eq!(read(r#""\ud83d\ude00""#), "😀");
        assert_eq!(read(r#""\ud83d""#), "\u{fffd}");
        assert_eq!(read(r#""\ude00x""#), "\u{fffd}x");
        assert_eq!(read(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(read(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let deep = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&deep(64)).is_ok());
        assert_eq!(parse(&deep(65)), Err(Error::Limit));
        assert_eq!(parse(&deep(1_000_000)), Err(Error::Limit));
        let limits = Limits { depth: 4, values: 3 };
        assert!(parse_with("[1,2]", limits).is_ok());
        assert_eq!(parse_with("[1,2,3]", limits), Err(Error::Limit));
    }

    #[test]
    fn of_two_members_with_one_name_the_later_counts() {
        let value = parse(r#"{"a":1,"a":2}"#).ok().and_then(Value::into_object).unwrap_or_default();
        assert_eq!(value.get("a"), Some(&Value::from(2)));
    }
}

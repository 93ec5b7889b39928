//! Reads JSON (RFC 8259) into a [`Value`], within limits: depth, number of values, and nothing else than UTF-8.

use alloc::string::String;
use alloc::vec::Vec;

use super::value::{Number, Object, Value};

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
    /// Not UTF-8.
    Utf8,
    /// Not JSON; the byte where that showed.
    Syntax(usize),
    /// Deeper or larger than the limits.
    Limit,
}

/// Reads a whole text within the default limits.
///
/// # Errors
/// When the text is not one JSON value or exceeds the limits.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    parse_with(text, Limits::default())
}

/// Reads a whole text within limits of the caller's.
///
/// # Errors
/// When the text is not one JSON value or exceeds the limits.
pub fn parse_with(text: &[u8], limits: Limits) -> Result<Value, Error> {
    let text = core::str::from_utf8(text).map_err(|_| Error::Utf8)?;
    let mut reader = Reader { text, at: 0, depth: limits.depth, values: limits.values };
    let value = reader.value()?;
    reader.space();
    if reader.at < text.len() { Err(reader.syntax()) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    values: u32,
}

impl Reader<'_> {
    fn syntax(&self) -> Error {
        Error::Syntax(self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        if taken {
            self.skip();
        }
        taken
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.syntax()) }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.skip();
        }
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.values = self.values.checked_sub(1).ok_or(Error::Limit)?;
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        self.skip();
        self.depth = self.depth.checked_sub(1).ok_or(Error::Limit)?;
        let value = read(self)?;
        self.depth = self.depth.saturating_add(1);
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Error> {
        if !self.rest().starts_with(word) {
            return Err(self.syntax());
        }
        self.at = self.at.saturating_add(word.len());
        Ok(value)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut object = Object::new();
        self.space();
        if self.take(b'}') {
            return Ok(Value::Object(object));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            let value = self.value()?;
            object.push(key.into(), value);
            self.space();
            if self.take(b'}') {
                return Ok(Value::Object(object));
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn number(&mut self) -> Result<Value, Error> {
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
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Value::Number(Number::from_text(text)))
    }

    fn digits(&mut self) -> Result<(), Error> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.syntax());
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.skip();
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, Error> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20);
            let end = plain.ok_or(Error::Syntax(self.text.len()))?;
            out.push_str(rest.get(..end).unwrap_or_default());
            self.at = self.at.saturating_add(end);
            if self.take(b'"') {
                return Ok(out);
            }
            self.expect(b'\\')?;
            let special = self.escape()?;
            out.push(special);
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let byte = self.peek().ok_or(Error::Syntax(self.at))?;
        let plain = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.skip();
                return self.unicode();
            }
            _ => return Err(self.syntax()),
        };
        self.skip();
        Ok(plain)
    }

    /// The four digits after `\u`, and the second half of a surrogate pair. A half without its other half becomes
    /// U+FFFD: JavaScript can write one, UTF-8 cannot carry it.
    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.hex4()?;
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at = self.at.saturating_add(2);
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                let high = (first & 0x3FF) << 10;
                return Ok(char::from_u32(0x1_0000_u32.saturating_add(high | (second & 0x3FF))).unwrap_or('\u{FFFD}'));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or('\u{FFFD}'))
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let mut code = 0_u32;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Error::Syntax(self.at))?;
            code = code << 4 | digit;
            self.skip();
        }
        Ok(code)
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
            assert_eq!(parse(text.as_bytes()).map(|value| value.to_json()), Ok(text.to_string()));
        }
        assert_eq!(parse(b" { \"a\" :\t[ 1 , 2 ]\r\n} ").map(|v| v.to_json()), Ok(r#"{"a":[1,2]}"#.to_string()));
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
            assert!(matches!(parse(text.as_bytes()), Err(Error::Syntax(_))), "{text:?} was read");
        }
        assert_eq!(parse(b"\"\xff\""), Err(Error::Utf8));
    }

    #[test]
    fn escapes_and_surrogates_are_decoded() {
        let read = |text: &str| parse(text.as_bytes()).ok().and_then(Value::into_string).unwrap_or_default();
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
        assert!(parse(deep(64).as_bytes()).is_ok());
        assert_eq!(parse(deep(65).as_bytes()), Err(Error::Limit));
        assert_eq!(parse(deep(1_000_000).as_bytes()), Err(Error::Limit));
        let limits = Limits { depth: 4, values: 3 };
        assert!(parse_with(b"[1,2]", limits).is_ok());
        assert_eq!(parse_with(b"[1,2,3]", limits), Err(Error::Limit));
    }

    #[test]
    fn of_two_members_with_one_name_the_later_counts() {
        let value = parse(br#"{"a":1,"a":2}"#).ok().and_then(Value::into_object).unwrap_or_default();
        assert_eq!(value.get("a"), Some(&Value::from(2)));
    }
}

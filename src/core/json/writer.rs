//! Writes compact JSON into one string.

use alloc::string::String;

use super::{Object, Value};

/// Appends JSON text; commas come by themselves. The caller sees to it that what it opens it closes.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// An empty text.
    pub const fn new() -> Self {
        Self { out: String::new() }
    }

    /// The text so far, taken out.
    pub fn into_string(self) -> String {
        self.out
    }

    /// A comma, unless a value opens the text, a line, an array, an object, or follows its key. Every value ends in
    /// another character than these, so looking at the last byte is enough.
    fn separate(&mut self) {
        if !matches!(self.out.as_bytes().last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.out.push(',');
        }
    }

    /// Opens an object.
    pub fn open_object(&mut self) -> &mut Self {
        self.raw("{")
    }

    /// Closes an object.
    pub fn close_object(&mut self) -> &mut Self {
        self.end("}")
    }

    /// Opens an array.
    pub fn open_array(&mut self) -> &mut Self {
        self.raw("[")
    }

    /// Closes an array.
    pub fn close_array(&mut self) -> &mut Self {
        self.end("]")
    }

    /// Ends a line, after a whole value.
    pub fn end_line(&mut self) -> &mut Self {
        self.end("\n")
    }

    /// The name of the member that comes next.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.string(key).end(":")
    }

    /// What needs no comma before it.
    fn end(&mut self, text: &str) -> &mut Self {
        self.out.push_str(text);
        self
    }

    /// Text that already is one JSON value.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.separate();
        self.out.push_str(json);
        self
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.raw(if value { "true" } else { "false" })
    }

    /// A whole number. Without `core::fmt`: this is on every path of the module.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.separate();
        push_u64(&mut self.out, value, 1);
        self
    }

    /// A string.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.raw("\"");
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte < 0x20 || byte == b'"' || byte == b'\\' {
                self.end(text.get(plain..at).unwrap_or_default()).escaped(byte);
                plain = at.wrapping_add(1);
            }
        }
        self.end(text.get(plain..).unwrap_or_default()).end("\"")
    }

    fn escaped(&mut self, special: u8) {
        let mut escapes = "\"\\\n\r\t".bytes().zip("\"\\nrt".chars());
        if let Some((_, letter)) = escapes.find(|(byte, _)| *byte == special) {
            self.out.push('\\');
            self.out.push(letter);
        } else {
            self.out.push_str("\\u00");
            push_hex(&mut self.out, special);
        }
    }

    /// A value of the tree.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        match value {
            Value::Null => self.raw("null"),
            Value::Bool(value) => self.bool(*value),
            Value::Number(number) => self.raw(number.as_str()),
            Value::String(text) => self.string(text),
            Value::Raw(json) => self.raw(json),
            Value::Array(items) => {
                self.open_array();
                for item in items {
                    self.value(item);
                }
                self.close_array()
            }
            Value::Object(object) => self.object(object),
        }
    }

    /// An object of the tree.
    pub fn object(&mut self, object: &Object) -> &mut Self {
        self.open_object().members(object).close_object()
    }

    /// The members of an object of the tree, into the object that is open.
    pub fn members(&mut self, object: &Object) -> &mut Self {
        for (key, value) in object.iter() {
            self.key(key).value(value);
        }
        self
    }
}

/// Appends two lowercase hexadecimal digits.
pub(crate) fn push_hex(out: &mut String, byte: u8) {
    for nibble in [byte >> 4, byte & 15] {
        out.push(char::from_digit(u32::from(nibble), 16).unwrap_or_default());
    }
}

/// Appends a decimal number with at least `width` digits.
pub(crate) fn push_u64(out: &mut String, value: u64, width: usize) {
    if value > 9 || width > 1 {
        push_u64(out, value / 10, width.saturating_sub(1));
    }
    out.push(char::from_digit(u32::try_from(value % 10).unwrap_or_default(), 10).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_written_with_all_their_digits() {
        for value in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX, u64::MAX - 1, 10_000_000_000_000_000_000] {
            let mut out = String::new();
            push_u64(&mut out, value, 1);
            assert_eq!(out, value.to_string());
        }
        let mut out = String::new();
        push_u64(&mut out, 7, 3);
        assert_eq!(out, "007");
    }

    #[test]
    fn strings_are_escaped_as_the_grammar_asks() {
        let mut writer = Writer::new();
        writer.string("a\"b\\c\n\r\t\u{1}\u{1f}é😀");
        assert_eq!(writer.into_string(), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001fé😀\"");
    }

    #[test]
    fn commas_stand_between_values_only() {
        let mut writer = Writer::new();
        writer.open_object().key("a").open_array().u64(1).string("{").bool(true).close_array();
        writer.key("b").open_object().close_object().key("c").u64(2).close_object();
        assert_eq!(writer.into_string(), r#"{"a":[1,"{",true],"b":{},"c":2}"#);
    }
}

//! Event ids: 128 bits, written as 32 lowercase hexadecimal digits.

use alloc::string::String;
use core::fmt;

/// The id of an event, an attachment to it, or a feedback. All zero means "no event".
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::EventId;
///
/// let id = EventId::parse("fc6d8c0c-43fc-4630-ad85-0ee518f1b9d0").unwrap();
/// assert_eq!(id.to_string(), "fc6d8c0c43fc4630ad850ee518f1b9d0");
/// assert_eq!(id.to_hex(), id.to_string());
/// assert!(!id.is_nil());
/// assert!(EventId::default().is_nil());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct EventId([u8; 16]);

impl EventId {
    /// Made of 16 random bytes; the version and variant bits of a UUID v4 are set.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let id = tailcone::EventId::from_random(*b"sixteen at times");
    /// assert_eq!(&id.to_hex()[12..13], "4");
    /// ```
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        Self(bytes)
    }

    /// Reads 32 hexadecimal digits, in the dashed form of a UUID too; `None` for anything else.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// assert_eq!(tailcone::EventId::parse("order 7"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let mut digits = text.bytes().filter(|byte| *byte != b'-');
        for byte in &mut bytes {
            for _ in 0..2 {
                let digit = char::from(digits.next()?).to_digit(16)?;
                *byte = *byte << 4 | u8::try_from(digit).ok()?;
            }
        }
        digits.next().is_none().then_some(Self(bytes))
    }

    /// Whether this is the id of nothing.
    pub fn is_nil(self) -> bool {
        self.0 == [0; 16]
    }

    /// 32 lowercase hexadecimal digits.
    pub fn to_hex(self) -> String {
        let mut out = String::new();
        for byte in self.0 {
            crate::json::push_hex(&mut out, byte);
        }
        out
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_both_forms_and_written_in_one() {
        let text = "fc6d8c0c43fc4630ad850ee518f1b9d0";
        assert_eq!(EventId::parse(text).map(EventId::to_hex).as_deref(), Some(text));
        assert_eq!(EventId::parse("FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0").map(EventId::to_hex).as_deref(), Some(text));
        for bad in ["", "fc6d", "zc6d8c0c43fc4630ad850ee518f1b9d0", "fc6d8c0c43fc4630ad850ee518f1b9d01"] {
            assert_eq!(EventId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn random_ids_are_version_4() {
        let id = EventId::from_random([0xFF; 16]).to_hex();
        assert_eq!(id, "ffffffffffff4fffbfffffffffffffff");
    }
}

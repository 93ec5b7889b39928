//! The tree that the reader makes and the writer writes.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::writer::{Writer, push_u64};

/// A JSON number, kept as its text: digits that nobody computes with are neither parsed nor rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// For text that is already a JSON number.
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The number as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, if it is a whole number that fits.
    pub fn as_u64(&self) -> Option<u64> {
        crate::text::digits(&self.0)
    }
}

/// A JSON value.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Object, Value};
///
/// let fields = Object::from_iter([
///     ("order", Value::from(7)),
///     ("paid", Value::from(true)),
///     ("seats", Value::from(vec!["12A", "12B"])),
/// ]);
/// let value = Value::from(fields);
/// assert_eq!(value.to_json(), r#"{"order":7,"paid":true,"seats":["12A","12B"]}"#);
///
/// let fields = value.as_object().unwrap();
/// assert_eq!(fields.get("order").and_then(Value::as_u64), Some(7));
/// assert_eq!(fields.get("paid").and_then(Value::as_bool), Some(true));
/// assert_eq!(fields.get("seats").map_or(&[][..], Value::as_array)[0].as_str(), Some("12A"));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// `null`; in a scope it marks a key as removed.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
    /// Text that its maker vouches is one JSON value; written as it is, and left out as a whole where it is too large.
    Raw(String),
}

impl Value {
    /// The text of a string; `None` when it is something else.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean; `None` when it is something else.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a whole, non-negative number; `None` when it is something else.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The elements of an array; none when it is something else.
    pub fn as_array(&self) -> &[Value] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// The elements of an array, to change; none when it is something else.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Value;
    ///
    /// let mut steps = Value::from(vec![1, 2]);
    /// for step in steps.as_array_mut() {
    ///     *step = Value::Null;
    /// }
    /// assert_eq!(steps.to_json(), "[null,null]");
    /// ```
    pub fn as_array_mut(&mut self) -> &mut [Value] {
        match self {
            Self::Array(items) => items,
            _ => &mut [],
        }
    }

    /// The members of an object, to change; `None` when it is something else.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Object, Value};
    ///
    /// let mut cart = Value::from(Object::new());
    /// if let Some(cart) = cart.as_object_mut() {
    ///     cart.insert("items", 3);
    /// }
    /// assert_eq!(cart.to_json(), r#"{"items":3}"#);
    /// ```
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members of an object; `None` when it is something else.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text of a string, taken out.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Value;
    ///
    /// assert_eq!(Value::from("12A").into_string().as_deref(), Some("12A"));
    /// ```
    pub fn into_string(self) -> Option<String> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object, taken out.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Value;
    ///
    /// assert_eq!(Value::Null.into_object(), None);
    /// ```
    pub fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements of an array, taken out.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Value;
    ///
    /// assert_eq!(Value::from(vec![1, 2]).into_array().map(|items| items.len()), Some(2));
    /// ```
    pub fn into_array(self) -> Option<Vec<Value>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value as compact JSON.
    pub fn to_json(&self) -> String {
        let mut writer = Writer::new();
        writer.value(self);
        writer.into_string()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        // A loop: `collect` would turn the list's own memory into the new one's, with more code than this file.
        let mut values = Vec::new();
        for item in items {
            values.push(item.into());
        }
        Self::Array(values)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        // Without `core::fmt`, which would come into the npm module with it.
        let mut digits = String::new();
        push_u64(&mut digits, value, 1);
        Self::Number(Number(digits))
    }
}

macro_rules! from_integer {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self {
                Self::Number(Number(value.to_string()))
            }
        }
    )*};
}
from_integer!(u8 i8 u16 i16 u32 i32 i64 usize isize);

impl From<f64> for Value {
    /// A number that JSON cannot express becomes a string.
    fn from(value: f64) -> Self {
        let text = value.to_string();
        if value.is_finite() { Self::Number(Number(text)) } else { Self::String(text) }
    }
}

/// The name of an object's member; most are the protocol's words, which need no memory of their own.
pub type Key = Cow<'static, str>;

/// The members of a JSON object, in order. Of two members with one name the later counts.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Object, Value};
///
/// let mut cart = Object::new();
/// cart.insert("items", 3);
/// cart.insert_some("coupon", None::<&str>);
/// cart.insert_missing("items", 0);
/// cart.insert_in("total", "EUR", 41.5);
/// assert!(!cart.is_empty());
/// assert_eq!(cart.len(), 2);
/// assert!(cart.get("coupon").is_none());
/// assert_eq!(Value::from(cart).to_json(), r#"{"items":3,"total":{"EUR":41.5}}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Object(Vec<(Key, Value)>);

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The member of that name, to change.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Object, Value};
    ///
    /// let mut cart = Object::from_iter([("items", 3)]);
    /// if let Some(items) = cart.get_mut("items") {
    ///     *items = Value::from(4);
    /// }
    /// assert_eq!(cart.get("items"), Some(&Value::from(4)));
    /// ```
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets a member; an earlier one of that name is replaced in its place.
    pub fn insert(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.set(key.into(), value.into());
    }

    fn set(&mut self, key: Key, value: Value) {
        match self.get_mut(&key) {
            Some(place) => *place = value,
            None => self.0.push((key, value)),
        }
    }

    /// An object with one member.
    pub(crate) fn of(key: &'static str, value: Value) -> Self {
        let mut object = Self::new();
        object.push(key.into(), value);
        object
    }

    /// Sets a member if there is something to set it to.
    pub fn insert_some<T: Into<Value>>(&mut self, key: &'static str, value: Option<T>) {
        self.set_some(key, value.map(Into::into));
    }

    fn set_some(&mut self, key: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.set(key.into(), value);
        }
    }

    /// Sets a member of the object that is a member here; makes that object when there is none.
    pub fn insert_in(&mut self, group: &'static str, key: impl Into<Key>, value: impl Into<Value>) {
        self.insert_missing(group, Object::new());
        if let Some(Value::Object(group)) = self.get_mut(group) {
            group.insert(key, value);
        }
    }

    /// Sets a member that is missing.
    pub fn insert_missing(&mut self, key: &'static str, value: impl Into<Value>) {
        if self.get(key).is_none() {
            self.push(key.into(), value.into());
        }
    }

    /// Appends a member without looking for an earlier one.
    pub(super) fn push(&mut self, key: Key, value: Value) {
        self.0.push((key, value));
    }

    /// Takes a value out and leaves `null` in its place; `null`, too, when there is none.
    pub(crate) fn take(&mut self, key: &str) -> Value {
        self.get_mut(key).map(core::mem::take).unwrap_or_default()
    }

    /// Takes a member out.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut cart = tailcone::Object::from_iter([("items", 3)]);
    /// assert!(cart.remove("items").is_some());
    /// assert!(cart.is_empty());
    /// ```
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// The members in order.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let cart = tailcone::Object::from_iter([("soup", 2), ("bread", 1)]);
    /// let ordered: Vec<_> = cart.iter().map(|(name, _)| name).collect();
    /// assert_eq!(ordered, ["soup", "bread"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The members in order, values to change.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut form = tailcone::Object::from_iter([("name", "Jane"), ("password", "secret")]);
    /// for (_, value) in form.iter_mut().filter(|(key, _)| *key == "password") {
    ///     *value = "[Filtered]".into();
    /// }
    /// assert_eq!(form.get("password").and_then(|value| value.as_str()), Some("[Filtered]"));
    /// ```
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// Keeps the members that `keep` says yes to.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut data = tailcone::Object::from_iter([("status", 200), ("_internal", 1)]);
    /// data.retain(|key, _| !key.starts_with('_'));
    /// assert_eq!(data.len(), 1);
    /// ```
    pub fn retain(&mut self, keep: fn(&str, &Value) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Lays this object over `below`: takes over the members that are missing here, and where both have an object
    /// under one name and `depth` is not used up, does the same with these.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Object, Value};
    ///
    /// let mut own = Object::from_iter([("theme", "dark")]);
    /// own.lay_over(Object::from_iter([("theme", "light"), ("font", "serif")]), 0);
    /// assert_eq!(Value::from(own).to_json(), r#"{"theme":"dark","font":"serif"}"#);
    /// ```
    pub fn lay_over(&mut self, below: Self, depth: u32) {
        for (key, value) in below {
            match (self.get_mut(&key), value) {
                (None, value) => self.push(key, value),
                (Some(Value::Object(above)), Value::Object(below)) if depth > 0 => {
                    above.lay_over(below, depth.wrapping_sub(1));
                }
                _ => {}
            }
        }
    }
}

impl Extend<(Key, Value)> for Object {
    fn extend<I: IntoIterator<Item = (Key, Value)>>(&mut self, members: I) {
        for (key, value) in members {
            self.set(key, value);
        }
    }
}

impl IntoIterator for Object {
    type Item = (Key, Value);
    type IntoIter = alloc::vec::IntoIter<(Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Into<Key>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut object = Self::new();
        object.extend(members.into_iter().map(|(key, value)| (key.into(), value.into())));
        object
    }
}

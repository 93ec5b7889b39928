//! Whom an event happened to.

use alloc::string::String;

use crate::json::{Key, Object, Value};

/// A user: any of the known fields and fields of one's own.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct User(pub(crate) Object);

impl User {
    /// A user of whom nothing is known yet.
    pub const fn new() -> Self {
        Self(Object::new())
    }

    /// The application's id of the user.
    pub fn id(self, id: impl Into<String>) -> Self {
        self.field("id", id.into())
    }

    /// An e-mail address.
    pub fn email(self, email: impl Into<String>) -> Self {
        self.field("email", email.into())
    }

    /// A login name.
    pub fn username(self, username: impl Into<String>) -> Self {
        self.field("username", username.into())
    }

    /// A name to show.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.field("name", name.into())
    }

    /// An IP address.
    pub fn ip_address(self, address: impl Into<String>) -> Self {
        self.field("ip_address", address.into())
    }

    /// Any field.
    pub fn field(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.0.insert(key, value);
        self
    }

    /// The field of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Object> for User {
    fn from(fields: Object) -> Self {
        Self(fields)
    }
}

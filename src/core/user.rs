//! Whom an event happened to.

use alloc::string::String;

use crate::json::{Key, Object, Value};

/// A user: any of the known fields and fields of one's own.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::User;
///
/// let user = User::new()
///     .id("7")
///     .username("jane")
///     .name("Jane Doe")
///     .email("jane@example.com")
///     .ip_address("203.0.113.9")
///     .field("plan", "pro");
/// assert_eq!(user.get("plan").and_then(|plan| plan.as_str()), Some("pro"));
/// assert!(User::new().is_empty());
/// ```
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

    /// An IP address. It is sent only when it is set here; [`InferIp`](crate::InferIp) says whether servers may derive one.
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

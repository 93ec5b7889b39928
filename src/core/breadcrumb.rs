//! What happened before an event.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Key, Object, Value};
use crate::list::pop_first;
use crate::{Level, Timestamp};

/// One step of the trail.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Breadcrumb, Level};
///
/// let step = Breadcrumb::new("GET /seats").ty("http").category("fetch").level(Level::Info).data("status_code", 200);
/// let step = step.field("origin", "app");
/// assert_eq!(step.get("category").and_then(|category| category.as_str()), Some("fetch"));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Breadcrumb(Object);

impl Breadcrumb {
    /// A step with a message for people.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Object::of("message", Value::String(message.into())))
    }

    /// Sets the category, which is dotted, e.g. `ui.click`.
    pub fn category(self, category: impl Into<String>) -> Self {
        self.field("category", category.into())
    }

    /// Sets the type: `default`, `http`, `navigation`, `user`, … Servers take none for `default`.
    pub fn ty(self, ty: impl Into<String>) -> Self {
        self.field("type", ty.into())
    }

    /// Sets the severity. Servers take none for `info`.
    pub fn level(self, level: Level) -> Self {
        self.field("level", level.as_str())
    }

    /// Sets when it happened. Where there is none, `tailcone::add_breadcrumb` fills in the time of adding.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Breadcrumb, Timestamp};
    ///
    /// let step = Breadcrumb::new("took off").timestamp(Timestamp(1_700_000_000_500));
    /// assert_eq!(step.get("timestamp").map(|time| time.to_json()).as_deref(), Some("1700000000.500"));
    /// ```
    pub fn timestamp(self, timestamp: Timestamp) -> Self {
        self.field("timestamp", timestamp.to_value())
    }

    /// Adds a piece of data for machines.
    pub fn data(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.0.insert_in("data", key, value);
        self
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

    /// Fills in what every step has, where it is missing: the time.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut step = tailcone::Breadcrumb::new("took off");
    /// step.complete(tailcone::Timestamp(1_700_000_000_500));
    /// assert!(step.get("timestamp").is_some());
    /// ```
    pub fn complete(&mut self, now: Timestamp) {
        self.0.insert_missing("timestamp", now.to_value());
    }
}

impl From<Object> for Breadcrumb {
    fn from(fields: Object) -> Self {
        Self(fields)
    }
}

impl From<Breadcrumb> for Value {
    fn from(breadcrumb: Breadcrumb) -> Self {
        Self::Object(breadcrumb.0)
    }
}

/// The newest breadcrumbs in the shape of the wire, oldest first, at most as many as its owner says.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Trail(Vec<Value>);

impl Trail {
    /// Adds a breadcrumb; the oldest make room.
    pub fn push(&mut self, breadcrumb: Breadcrumb, max: usize) {
        self.0.push(breadcrumb.into());
        while self.0.len() > max {
            pop_first(&mut self.0);
        }
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.0.iter()
    }
}

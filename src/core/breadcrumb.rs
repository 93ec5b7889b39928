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
/// assert_eq!(step.category.as_deref(), Some("fetch"));
/// assert_eq!(step.data.get("status_code").and_then(|status| status.as_u64()), Some(200));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Breadcrumb {
    /// When. Where there is none, `tailcone::add_breadcrumb` fills in the time of adding.
    pub timestamp: Option<Timestamp>,
    /// `default`, `http`, `navigation`, `user`, … Servers take none for `default`.
    pub ty: Option<String>,
    /// Dotted, e.g. `ui.click`.
    pub category: Option<String>,
    /// Severity. Servers take none for `info`.
    pub level: Option<Level>,
    /// For people.
    pub message: Option<String>,
    /// For machines.
    pub data: Object,
}

impl Breadcrumb {
    /// A step with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }

    /// Sets the category.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Sets the type.
    pub fn ty(mut self, ty: impl Into<String>) -> Self {
        self.ty = Some(ty.into());
        self
    }

    /// Sets the level.
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Adds a piece of data.
    pub fn data(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.data.insert(key, value);
        self
    }
}

impl From<Breadcrumb> for Value {
    fn from(breadcrumb: Breadcrumb) -> Self {
        let mut object = Object::new();
        object.insert_some("timestamp", breadcrumb.timestamp.map(Timestamp::to_value));
        object.insert_some("type", breadcrumb.ty);
        object.insert_some("category", breadcrumb.category);
        object.insert_some("level", breadcrumb.level.map(Level::as_str));
        object.insert_some("message", breadcrumb.message);
        object.insert_some("data", Some(breadcrumb.data).filter(|data| !data.is_empty()));
        Self::Object(object)
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

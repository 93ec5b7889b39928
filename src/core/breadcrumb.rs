//! What happened before an event.

use alloc::collections::VecDeque;
use alloc::string::String;

use crate::json::{Object, Value, Writer};
use crate::{Level, Timestamp};

/// One step of the trail.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Breadcrumb {
    /// When; none is filled with the time of adding.
    pub timestamp: Option<Timestamp>,
    /// `default`, `http`, `navigation`, `user`, …
    pub ty: Option<String>,
    /// Dotted, e.g. `ui.click`.
    pub category: Option<String>,
    /// Severity.
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
    pub fn data(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(key, value);
        self
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.open_object();
        if let Some(timestamp) = self.timestamp {
            timestamp.write_seconds(writer.key("timestamp"));
        }
        writer
            .string_field("type", self.ty.as_deref())
            .string_field("category", self.category.as_deref())
            .string_field("level", self.level.map(Level::as_str))
            .string_field("message", self.message.as_deref())
            .object_field("data", &self.data)
            .close_object();
    }
}

/// The newest breadcrumbs, oldest first, at most as many as its owner says.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Trail(VecDeque<Breadcrumb>);

impl Trail {
    /// Adds a breadcrumb; the oldest make room.
    pub fn push(&mut self, breadcrumb: Breadcrumb, max: usize) {
        self.0.push_back(breadcrumb);
        self.trim(max);
    }

    /// Puts older breadcrumbs in front.
    pub fn prepend(&mut self, older: &Trail) {
        for breadcrumb in older.0.iter().rev() {
            self.0.push_front(breadcrumb.clone());
        }
    }

    /// Drops the oldest until there are at most `max`.
    pub fn trim(&mut self, max: usize) {
        while self.0.len() > max {
            self.0.pop_front();
        }
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl Iterator<Item = &Breadcrumb> {
        self.0.iter()
    }
}

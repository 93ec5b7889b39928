//! Events: what is sent when something went wrong.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Key, Object, Value};
use crate::list::reverse;
use crate::{EventId, Exception, Level, Timestamp, User};

/// An event in the shape of the wire (SDK specification, data model, event payloads): an object, with typed access to
/// what is most asked for. Whatever a caller or a hook puts into it stays in it.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Event, Level, Object, User};
///
/// let mut event = Event::new();
/// event
///     .set_message("the cart is empty at checkout")
///     .set_level(Level::Warning)
///     .set_tag("shop", "berlin")
///     .set_extra("items_before", 3)
///     .set_context("cart", Object::from_iter([("currency", "EUR")]))
///     .set_user(User::new().id("7"));
///
/// assert_eq!(event.message(), Some("the cart is empty at checkout"));
/// assert_eq!(event.level(), Some(Level::Warning));
/// assert_eq!(event.tag("shop"), Some("berlin"));
/// assert_eq!(event.user(), Some(User::new().id("7")));
/// assert!(event.get("release").is_none(), "that is filled in when it is captured");
/// assert_eq!(event.exceptions().count(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Event(pub(crate) Object);

impl Event {
    /// An event of which nothing is known yet. Id, time, scope and options are filled in when it is captured.
    pub const fn new() -> Self {
        Self(Object::new())
    }

    /// An event of errors: the outermost cause first, the error that was thrown last.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, Exception};
    ///
    /// let (cause, thrown) = (Exception::new("ParseError", "no number"), Exception::new("ConfigError", "line 3"));
    /// let event = Event::of_exceptions(vec![cause, thrown]);
    /// let thrown = event.exceptions().last().and_then(|error| error.get("type")?.as_str());
    /// assert_eq!(thrown, Some("ConfigError"));
    /// ```
    pub fn of_exceptions(exceptions: Vec<Exception>) -> Self {
        let mut event = Self::new();
        event.0.insert("exception", list(exceptions.into()));
        event
    }

    /// An event of an error and its causes, each caused by the one after it, and told apart by
    /// [`Mechanism::cause`](crate::Mechanism::cause).
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, Exception, Mechanism};
    ///
    /// let error = |text: &str, mechanism| Exception::new("Error", text).mechanism(mechanism);
    /// let event = Event::of_chain(vec![
    ///     error("no settings", Mechanism::new("generic", true)),
    ///     error("the file is gone", Mechanism::cause(1, "source")),
    /// ]);
    /// let texts: Vec<_> = event.exceptions().filter_map(|error| error.get("value")?.as_str()).collect();
    /// assert_eq!(texts, ["the file is gone", "no settings"]);
    /// ```
    pub fn of_chain(mut chain: Vec<Exception>) -> Self {
        if chain.len() > 1
            && let Some(Value::Object(mechanism)) = chain.first_mut().and_then(|thrown| thrown.0.get_mut("mechanism"))
        {
            mechanism.insert("exception_id", 0_u64);
        }
        let mut event = Self::of_exceptions(chain);
        reverse(values_mut(event.0.get_mut("exception")));
        event
    }

    /// Any field of the wire.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Sets any field of the wire.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut event = tailcone::Event::new();
    /// event.set("transaction", "/checkout").set("fingerprint", vec!["checkout", "{{ default }}"]);
    /// assert_eq!(event.get("transaction").and_then(|route| route.as_str()), Some("/checkout"));
    /// ```
    pub fn set(&mut self, field: impl Into<Key>, value: impl Into<Value>) -> &mut Self {
        self.0.insert(field, value);
        self
    }

    /// Removes a field.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut event = tailcone::Event::new();
    /// event.set("server_name", "till-4");
    /// assert!(event.remove("server_name").is_some());
    /// assert!(event.get("server_name").is_none());
    /// ```
    pub fn remove(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field)
    }

    /// The event's id; nil when it has none yet.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, EventId};
    ///
    /// let mut event = Event::new();
    /// assert!(event.event_id().is_nil());
    /// event.set("event_id", "fc6d8c0c43fc4630ad850ee518f1b9d0");
    /// assert_eq!(EventId::parse("fc6d8c0c43fc4630ad850ee518f1b9d0"), Some(event.event_id()));
    /// ```
    pub fn event_id(&self) -> EventId {
        self.text("event_id").and_then(EventId::parse).unwrap_or_default()
    }

    /// Severity. Servers take an event without one for an `error`.
    pub fn level(&self) -> Option<Level> {
        self.text("level")?.parse().ok()
    }

    /// Sets the severity.
    pub fn set_level(&mut self, level: Level) -> &mut Self {
        self.set("level", level.as_str())
    }

    /// The message of an event that is a message.
    pub fn message(&self) -> Option<&str> {
        let entry = self.get("logentry").and_then(Value::as_object);
        entry.and_then(|entry| entry.get("formatted")?.as_str()).or_else(|| self.text("message"))
    }

    /// Sets the message, of which 8192 characters are sent.
    pub fn set_message(&mut self, message: impl Into<String>) -> &mut Self {
        self.set("logentry", Object::from_iter([("formatted", message.into())]))
    }

    /// Sets `javascript`, `native`, … An event that is captured without one is `native`.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut event = tailcone::Event::new();
    /// event.set_platform("javascript");
    /// assert_eq!(event.to_json(), r#"{"platform":"javascript"}"#);
    /// ```
    pub fn set_platform(&mut self, platform: &'static str) -> &mut Self {
        self.set("platform", platform)
    }

    /// The errors, the one that was thrown last.
    pub fn exceptions(&self) -> impl DoubleEndedIterator<Item = &Object> {
        values(self.get("exception")).iter().filter_map(Value::as_object)
    }

    /// The breadcrumbs, oldest first.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Breadcrumb, Event, Value};
    ///
    /// let mut event = Event::new();
    /// event.set("breadcrumbs", vec![Breadcrumb::new("opened the menu"), Breadcrumb::new("chose soup")]);
    /// let newest = event.breadcrumbs().last().and_then(|step| step.get("message"));
    /// assert_eq!(newest, Some(&Value::from("chose soup")));
    /// ```
    pub fn breadcrumbs(&self) -> impl DoubleEndedIterator<Item = &Object> {
        values(self.get("breadcrumbs")).iter().filter_map(Value::as_object)
    }

    /// A tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.get("tags")?.as_object()?.get(key)?.as_str()
    }

    /// Sets a tag. Of the value 200 characters are sent; a tag whose key has more than 200 bytes, or none, is left out.
    pub fn set_tag(&mut self, key: impl Into<Key>, value: impl Into<String>) -> &mut Self {
        self.0.insert_in("tags", key, value.into());
        self
    }

    /// Whom it happened to.
    pub fn user(&self) -> Option<User> {
        Some(User(self.get("user")?.as_object()?.clone()))
    }

    /// Sets whom it happened to.
    pub fn set_user(&mut self, user: User) -> &mut Self {
        self.set("user", user.0)
    }

    /// Sets a context: a named group of facts, of which 8 KiB are sent.
    pub fn set_context(&mut self, name: impl Into<Key>, context: impl Into<Value>) -> &mut Self {
        self.0.insert_in("contexts", name, context);
        self
    }

    /// Sets an extra value. Of each 16 KiB are sent, of all together 256 KiB.
    pub fn set_extra(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> &mut Self {
        self.0.insert_in("extra", key, value);
        self
    }

    /// The event as compact JSON.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mut event = tailcone::Event::new();
    /// event.set_tag("plan", "pro");
    /// assert_eq!(event.to_json(), r#"{"tags":{"plan":"pro"}}"#);
    /// ```
    pub fn to_json(&self) -> String {
        let mut writer = crate::json::Writer::new();
        writer.object(&self.0);
        writer.into_string()
    }

    /// Fills in what every event has, where it is missing.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, EventId, Timestamp};
    ///
    /// let mut event = Event::new();
    /// event.complete(EventId::from_random([7; 16]), Timestamp(1_700_000_000_500), "native");
    /// assert!(event.to_json().contains(r#""timestamp":1700000000.500,"platform":"native""#));
    /// ```
    pub fn complete(&mut self, id: EventId, now: Timestamp, platform: &'static str) {
        // The id first: people read events, too.
        let own = core::mem::replace(&mut self.0, Object::of("event_id", Value::Null));
        self.0.insert("timestamp", now.to_value());
        self.0.insert("platform", platform);
        self.0.extend(own);
        self.0.insert("event_id", id.to_hex());
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }
}

impl From<Object> for Event {
    fn from(fields: Object) -> Self {
        Self(fields)
    }
}

/// `{"values": […]}`.
pub(crate) fn list(values: Value) -> Object {
    Object::of("values", values)
}

/// The list of `{"values": […]}`, or of a bare array.
pub(crate) fn values(list: Option<&Value>) -> &[Value] {
    match list {
        Some(Value::Object(object)) => object.get("values").map_or(&[], Value::as_array),
        Some(value) => value.as_array(),
        None => &[],
    }
}

/// The list of `{"values": […]}`, or of a bare array, to change.
pub(crate) fn values_mut(list: Option<&mut Value>) -> &mut [Value] {
    match list {
        Some(Value::Object(object)) => object.get_mut("values").map_or(&mut [], Value::as_array_mut),
        Some(value) => value.as_array_mut(),
        None => &mut [],
    }
}

/// Every frame of the event's errors, to change.
pub(crate) fn each_frame(event: &mut Event, change: &mut dyn FnMut(&mut Object)) {
    for exception in values_mut(event.0.get_mut("exception")).iter_mut().filter_map(Value::as_object_mut) {
        let frames = exception.get_mut("stacktrace").and_then(|stack| stack.as_object_mut()?.get_mut("frames"));
        for frame in frames.map_or(&mut [][..], Value::as_array_mut).iter_mut().filter_map(Value::as_object_mut) {
            change(frame);
        }
    }
}

//! What is known beside an event: layers that are laid over each other, the innermost on top.

use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;

use crate::breadcrumb::Trail;
use crate::event::{list, values};
use crate::json::{Key, Object, Value};
use crate::list::reverse;
use crate::{Breadcrumb, Event, Level, User};

/// One layer. Of the same key in two layers the inner one counts, and the event's own counts over both. `null` in a
/// layer hides what the outer layers have under that key.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Level, Object, Scope, User};
///
/// let mut scope = Scope::new();
/// scope
///     .set_tag("plan", "pro")
///     .set_user(Some(User::new().id("7")))
///     .set_extra("seats", vec!["12A", "12B"])
///     .set_context("cart", Object::from_iter([("items", 3)]))
///     .set_level(Some(Level::Warning))
///     .set_transaction(Some("/checkout".into()))
///     .set_fingerprint(vec!["checkout".into()]);
/// // Whatever an outer layer says of these, events from here do not.
/// scope.remove_extra("debug").remove_context("device");
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scope {
    /// In the shape of an event: `tags`, `user`, `extra`, `contexts`, `level`, `fingerprint`, `transaction`.
    fields: Object,
    breadcrumbs: Trail,
    /// Whether the outer layers are hidden.
    cleared: bool,
}

impl Scope {
    /// An empty layer.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, group: &'static str, key: impl Into<Key>, value: impl Into<Value>) -> &mut Self {
        self.fields.insert_in(group, key, value);
        self
    }

    fn set(&mut self, field: &'static str, value: Option<impl Into<Value>>) -> &mut Self {
        match value {
            Some(value) => self.fields.insert(field, value),
            None => drop(self.fields.remove(field)),
        }
        self
    }

    /// Sets a tag: a short text to search for. Of the value 200 characters are sent; a tag whose key has more than 200
    /// bytes, or none, is left out.
    pub fn set_tag(&mut self, key: impl Into<Key>, value: impl Into<String>) -> &mut Self {
        self.put("tags", key, value.into())
    }

    /// Removes a tag, an outer layer's too.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, Scope};
    ///
    /// let (mut outer, mut inner) = (Scope::new(), Scope::new());
    /// outer.set_tag("plan", "pro");
    /// inner.remove_tag("plan");
    ///
    /// let mut event = Event::new();
    /// Scope::apply(&[&outer, &inner], &mut event, 100);
    /// assert_eq!(event.tag("plan"), None);
    /// ```
    pub fn remove_tag(&mut self, key: impl Into<Key>) -> &mut Self {
        self.put("tags", key, Value::Null)
    }

    /// Sets the user; `None` removes an outer layer's too.
    pub fn set_user(&mut self, user: Option<User>) -> &mut Self {
        self.set("user", Some(user.map_or(Value::Null, |user| user.0.into())))
    }

    /// Sets an extra value. Of each 16 KiB are sent, of all together 256 KiB.
    pub fn set_extra(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> &mut Self {
        self.put("extra", key, value)
    }

    /// Removes an extra value, an outer layer's too.
    pub fn remove_extra(&mut self, key: impl Into<Key>) -> &mut Self {
        self.put("extra", key, Value::Null)
    }

    /// Sets a context: a named group of facts, of which 8 KiB are sent.
    pub fn set_context(&mut self, name: impl Into<Key>, context: impl Into<Value>) -> &mut Self {
        self.put("contexts", name, context)
    }

    /// Removes a context, an outer layer's too.
    pub fn remove_context(&mut self, name: impl Into<Key>) -> &mut Self {
        self.put("contexts", name, Value::Null)
    }

    /// Sets the level of events that are captured here and have none of their own; `None` gives up what was set here, so
    /// that an outer layer's counts.
    pub fn set_level(&mut self, level: Option<Level>) -> &mut Self {
        self.set("level", level.map(Level::as_str))
    }

    /// Sets the fingerprint; an empty one gives grouping back to the server.
    pub fn set_fingerprint(&mut self, fingerprint: Vec<String>) -> &mut Self {
        self.set("fingerprint", Some(fingerprint))
    }

    /// Sets the route or task; `None` gives up what was set here, so that an outer layer's counts.
    pub fn set_transaction(&mut self, transaction: Option<String>) -> &mut Self {
        self.set("transaction", transaction)
    }

    /// Adds a breadcrumb; of more than `max` the oldest go. It gets no time: `tailcone::add_breadcrumb` gives it one.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Breadcrumb, Scope};
    ///
    /// let mut scope = Scope::new();
    /// scope.add_breadcrumb(Breadcrumb::new("opened the menu"), 100);
    /// ```
    pub fn add_breadcrumb(&mut self, breadcrumb: Breadcrumb, max: usize) -> &mut Self {
        self.breadcrumbs.push(breadcrumb, max);
        self
    }

    /// Forgets everything and hides the outer layers.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, Scope};
    ///
    /// let (mut outer, mut inner) = (Scope::new(), Scope::new());
    /// outer.set_tag("plan", "pro");
    /// inner.clear();
    ///
    /// let mut event = Event::new();
    /// Scope::apply(&[&outer, &inner], &mut event, 100);
    /// assert_eq!(event.tag("plan"), None);
    /// ```
    pub fn clear(&mut self) -> &mut Self {
        *self = Self { cleared: true, ..Self::default() };
        self
    }

    /// Lays an event over `layers`, outermost first. Breadcrumbs of its own stand in place of theirs.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Event, Scope};
    ///
    /// let (mut outer, mut inner) = (Scope::new(), Scope::new());
    /// outer.set_tag("plan", "pro").set_tag("shop", "berlin");
    /// inner.set_tag("shop", "hamburg");
    ///
    /// let mut event = Event::new();
    /// Scope::apply(&[&outer, &inner], &mut event, 100);
    /// assert_eq!(event.tag("plan"), Some("pro"));
    /// assert_eq!(event.tag("shop"), Some("hamburg"));
    /// ```
    pub fn apply(layers: &[impl Borrow<Self>], event: &mut Event, max_breadcrumbs: usize) {
        let cleared = layers.iter().rposition(|layer| layer.borrow().cleared).unwrap_or(0);
        let layers = layers.get(cleared..).unwrap_or_default();
        lay_over(event, layers.iter().map(|layer| layer.borrow().fields.clone()));
        if !values(event.get("breadcrumbs")).is_empty() {
            return;
        }
        let mut trail = Vec::new();
        for layer in layers.iter().rev() {
            for breadcrumb in layer.borrow().breadcrumbs.iter().rev() {
                if trail.len() < max_breadcrumbs {
                    trail.push(breadcrumb.clone());
                }
            }
        }
        if !trail.is_empty() {
            reverse(&mut trail);
            event.0.insert("breadcrumbs", list(Value::Array(trail)));
        }
    }
}

/// Lays an event over layers, the outermost first.
pub(crate) fn lay_over(event: &mut Event, layers: impl Iterator<Item = Object>) {
    let mut below = Object::new();
    for mut layer in layers {
        layer.lay_over(below, 1);
        below = layer;
    }
    event.0.lay_over(below, 1);
}

impl From<Object> for Scope {
    fn from(fields: Object) -> Self {
        Self { fields, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    fn applied(layers: &[&Scope]) -> Event {
        let mut event = Event::default();
        Scope::apply(layers, &mut event, 3);
        crate::process::tidy(&mut event);
        event
    }

    #[test]
    fn the_inner_layer_counts_and_the_event_counts_most() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "outer").set_tag("b", "outer").set_tag("c", "outer").set_level(Some(Level::Info));
        inner.set_tag("b", "inner").set_tag("c", "inner").set_level(Some(Level::Warning));
        let mut event = Event::default();
        event.set_tag("c", "event");
        Scope::apply(&[&outer, &inner], &mut event, 100);
        assert_eq!(["a", "b", "c"].map(|key| event.tag(key).unwrap()), ["outer", "inner", "event"]);
        assert_eq!(event.level(), Some(Level::Warning));
    }

    #[test]
    fn what_an_inner_layer_removes_does_not_show() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "1").set_extra("b", 2).set_context("c", Object::new()).set_user(Some(User::new().id("7")));
        inner.remove_tag("a").remove_extra("b").remove_context("c").set_user(None);
        assert_eq!(applied(&[&outer, &inner]).to_json(), "{}");
    }

    #[test]
    fn what_a_layer_between_removes_does_not_show_through_it() {
        let (mut outer, mut between, mut inner) = (Scope::new(), Scope::new(), Scope::new());
        outer.set_user(Some(User::new().id("7"))).set_tag("a", "1");
        between.set_user(None).remove_tag("a");
        inner.set_user(Some(User::new().email("b@example.com"))).set_tag("b", "2");
        let event = applied(&[&outer, &between, &inner]);
        assert_eq!(event.to_json(), r#"{"user":{"email":"b@example.com"},"tags":{"b":"2"}}"#);
    }

    #[test]
    fn a_cleared_layer_hides_the_outer_ones() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "1").add_breadcrumb(Breadcrumb::new("old"), 9);
        inner.set_tag("b", "2").clear().set_tag("c", "3");
        assert_eq!(applied(&[&outer, &inner]).to_json(), r#"{"tags":{"c":"3"}}"#);
    }

    #[test]
    fn breadcrumbs_of_all_layers_stand_oldest_first_and_the_newest_are_kept() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.add_breadcrumb(Breadcrumb::new("1"), 9).add_breadcrumb(Breadcrumb::new("2"), 9);
        inner.add_breadcrumb(Breadcrumb::new("3"), 9).add_breadcrumb(Breadcrumb::new("4"), 9);
        let event = applied(&[&outer, &inner]);
        let messages: Vec<_> = event.breadcrumbs().filter_map(|b| b.get("message")?.as_str()).collect();
        assert_eq!(messages, ["2", "3", "4"]);
    }

    #[test]
    fn the_fields_of_a_user_are_laid_over_each_other() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_user(Some(User::new().id("7").email("a@example.com")));
        inner.set_user(Some(User::new().email("b@example.com")));
        let user = applied(&[&outer, &inner]).user().unwrap();
        assert_eq!(user.get("id"), Some(&Value::from("7")));
        assert_eq!(user.get("email"), Some(&Value::from("b@example.com")));
    }

    #[test]
    fn contexts_are_not_mixed() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_context("c", Object::from_iter([("a", 1)]));
        inner.set_context("c", Object::from_iter([("b", 2)]));
        assert_eq!(applied(&[&outer, &inner]).to_json(), r#"{"contexts":{"c":{"b":2}}}"#);
    }

    #[test]
    fn the_innermost_fingerprint_counts() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_fingerprint(vec!["outer".to_string()]);
        assert_eq!(applied(&[&outer, &inner]).to_json(), r#"{"fingerprint":["outer"]}"#);
        inner.set_fingerprint(Vec::new());
        assert_eq!(applied(&[&outer, &inner]).to_json(), "{}");
    }
}

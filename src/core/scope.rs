//! What is known beside an event: layers that are laid over each other, the innermost on top.

use alloc::string::String;
use alloc::vec::Vec;

use crate::breadcrumb::Trail;
use crate::event::strings;
use crate::json::{Object, Value};
use crate::{Breadcrumb, Event, Level, User};

/// One layer. Of the same key in two layers the inner one counts, and the event's own counts over both. `null` in a
/// layer hides what the outer layers have under that key.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scope {
    level: Option<Level>,
    user: Option<User>,
    transaction: Option<String>,
    fingerprint: Option<Vec<String>>,
    tags: Object,
    extra: Object,
    contexts: Object,
    breadcrumbs: Trail,
    /// Whether the outer layers are hidden.
    cleared: bool,
}

impl Scope {
    /// An empty layer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a tag: a short text to search for.
    pub fn set_tag(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.tags.insert(key, value.into());
        self
    }

    /// Removes a tag, an outer layer's too.
    pub fn remove_tag(&mut self, key: &str) -> &mut Self {
        self.tags.insert(key, Value::Null);
        self
    }

    /// Sets the user; `None` removes an outer layer's too.
    pub fn set_user(&mut self, user: Option<User>) -> &mut Self {
        self.user = Some(user.unwrap_or_default());
        self
    }

    /// Sets an extra value.
    pub fn set_extra(&mut self, key: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.extra.insert(key, value);
        self
    }

    /// Removes an extra value, an outer layer's too.
    pub fn remove_extra(&mut self, key: &str) -> &mut Self {
        self.extra.insert(key, Value::Null);
        self
    }

    /// Sets a context: a named group of facts.
    pub fn set_context(&mut self, name: impl Into<String>, context: impl Into<Value>) -> &mut Self {
        self.contexts.insert(name, context);
        self
    }

    /// Removes a context, an outer layer's too.
    pub fn remove_context(&mut self, name: &str) -> &mut Self {
        self.contexts.insert(name, Value::Null);
        self
    }

    /// Sets the level of events that are captured here.
    pub fn set_level(&mut self, level: Option<Level>) -> &mut Self {
        self.level = level;
        self
    }

    /// Sets the fingerprint; an empty one gives grouping back to the server.
    pub fn set_fingerprint(&mut self, fingerprint: Vec<String>) -> &mut Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// Sets the route or task.
    pub fn set_transaction(&mut self, transaction: Option<String>) -> &mut Self {
        self.transaction = transaction;
        self
    }

    /// Adds a breadcrumb; of more than `max` the oldest go.
    pub fn add_breadcrumb(&mut self, breadcrumb: Breadcrumb, max: usize) -> &mut Self {
        self.breadcrumbs.push(breadcrumb, max);
        self
    }

    /// Forgets everything and hides the outer layers.
    pub fn clear(&mut self) -> &mut Self {
        *self = Self { cleared: true, ..Self::default() };
        self
    }

    /// Reads a layer that the shim sends; what has the wrong type is left out.
    pub fn from_object(object: Object) -> Self {
        let mut scope = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "level" => scope.level = value.as_str().and_then(|text| text.parse().ok()),
                "user" => scope.user = Some(User(value.into_object().unwrap_or_default())),
                "transaction" => scope.transaction = value.into_string(),
                "fingerprint" => scope.fingerprint = Some(strings(value)),
                "tags" => scope.tags = value.into_object().unwrap_or_default(),
                "extra" => scope.extra = value.into_object().unwrap_or_default(),
                "contexts" => scope.contexts = value.into_object().unwrap_or_default(),
                _ => {}
            }
        }
        scope
    }

    /// Lays `layers`, outermost first, under an event.
    pub fn apply(layers: &[&Scope], event: &mut Event, max_breadcrumbs: usize) {
        let mut user_known = false;
        let mut fingerprint_known = !event.fingerprint.is_empty();
        for layer in layers.iter().rev() {
            event.level = event.level.or(layer.level);
            if event.transaction.is_none() {
                event.transaction.clone_from(&layer.transaction);
            }
            if let Some(user) = layer.user.as_ref().filter(|_| !user_known) {
                // An empty user says that nobody is known, and nothing of outer layers shows through.
                user_known = user.is_empty();
                event.user.0.fill_from(&user.0);
            }
            if let Some(fingerprint) = layer.fingerprint.as_ref().filter(|_| !fingerprint_known) {
                fingerprint_known = true;
                event.fingerprint.clone_from(fingerprint);
            }
            event.tags.fill_from(&layer.tags);
            event.extra.fill_from(&layer.extra);
            event.contexts.fill_from(&layer.contexts);
            event.breadcrumbs.prepend(&layer.breadcrumbs);
            if layer.cleared {
                break;
            }
        }
        for object in [&mut event.tags, &mut event.extra, &mut event.contexts, &mut event.user.0] {
            object.retain(|_, value| *value != Value::Null);
        }
        event.breadcrumbs.trim(max_breadcrumbs);
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
        event
    }

    #[test]
    fn the_inner_layer_counts_and_the_event_counts_most() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "outer").set_tag("b", "outer").set_tag("c", "outer").set_level(Some(Level::Info));
        inner.set_tag("b", "inner").set_tag("c", "inner").set_level(Some(Level::Warning));
        let mut event = Event::default();
        event.tags.insert("c", "event");
        Scope::apply(&[&outer, &inner], &mut event, 100);
        let mut tags: Vec<_> =
            event.tags.iter().map(|(k, v)| (k.to_string(), v.as_str().unwrap().to_string())).collect();
        tags.sort();
        assert_eq!(tags, [("a", "outer"), ("b", "inner"), ("c", "event")].map(|(k, v)| (k.to_string(), v.to_string())));
        assert_eq!(event.level, Some(Level::Warning));
    }

    #[test]
    fn what_an_inner_layer_removes_does_not_show() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "1").set_extra("b", 2).set_context("c", Object::new()).set_user(Some(User::new().id("7")));
        inner.remove_tag("a").remove_extra("b").remove_context("c").set_user(None);
        let event = applied(&[&outer, &inner]);
        assert!(event.tags.is_empty() && event.extra.is_empty() && event.contexts.is_empty() && event.user.is_empty());
    }

    #[test]
    fn a_cleared_layer_hides_the_outer_ones() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_tag("a", "1").add_breadcrumb(Breadcrumb::new("old"), 9);
        inner.set_tag("b", "2").clear().set_tag("c", "3");
        let event = applied(&[&outer, &inner]);
        assert_eq!(event.tags, [("c", "3")].into_iter().collect());
        assert!(event.breadcrumbs.is_empty());
    }

    #[test]
    fn breadcrumbs_of_all_layers_stand_oldest_first_and_the_newest_are_kept() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.add_breadcrumb(Breadcrumb::new("1"), 9).add_breadcrumb(Breadcrumb::new("2"), 9);
        inner.add_breadcrumb(Breadcrumb::new("3"), 9).add_breadcrumb(Breadcrumb::new("4"), 9);
        let event = applied(&[&outer, &inner]);
        let messages: Vec<_> = event.breadcrumbs.iter().filter_map(|b| b.message.as_deref()).collect();
        assert_eq!(messages, ["2", "3", "4"]);
    }

    #[test]
    fn the_fields_of_a_user_are_laid_over_each_other() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_user(Some(User::new().id("7").email("a@example.com")));
        inner.set_user(Some(User::new().email("b@example.com")));
        let event = applied(&[&outer, &inner]);
        assert_eq!(event.user.get("id"), Some(&Value::from("7")));
        assert_eq!(event.user.get("email"), Some(&Value::from("b@example.com")));
    }

    #[test]
    fn the_innermost_fingerprint_counts() {
        let (mut outer, mut inner) = (Scope::new(), Scope::new());
        outer.set_fingerprint(vec!["outer".to_string()]);
        assert_eq!(applied(&[&outer, &inner]).fingerprint, ["outer"]);
        inner.set_fingerprint(Vec::new());
        assert!(applied(&[&outer, &inner]).fingerprint.is_empty());
    }
}

//! Leaves out what says nothing: removed keys, empty groups, what is no group where one belongs.

use crate::Event;
use crate::json::{Object, Value};
use crate::text::pieces;

pub(super) fn process(event: &mut Event) {
    tidy(event);
}

pub(crate) fn tidy(event: &mut Event) {
    for group in pieces("tags,extra,contexts,user", ",") {
        match event.0.get_mut(group) {
            Some(Value::Object(group)) => group.retain(|_, value| !matches!(value, Value::Null)),
            Some(no_group) => *no_group = Value::Null,
            None => {}
        }
    }
    event.0.retain(|_, value| match value {
        Value::Null => false,
        Value::Object(object) => !Object::is_empty(object),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    });
}

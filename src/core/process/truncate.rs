//! Cuts what servers would cut (SDK specification, data handling): here it costs no bandwidth, and the cut is ours.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Event;
use crate::event::values_mut;
use crate::json::{Object, Value};

/// Characters of a message and of an exception's value.
pub(super) const MESSAGE: usize = 8192;
/// Characters of a tag's key and of its value.
const TAG: usize = 200;
/// Frames of a stack; of more, the middle is left out.
const FRAMES: usize = 50;

pub(super) fn process(event: &mut Event) {
    cut_field(&mut event.0, "message");
    if let Some(Value::Object(entry)) = event.0.get_mut("logentry") {
        cut_field(entry, "formatted");
    }
    exceptions(event, FRAMES);
    if let Some(Value::Object(tags)) = event.0.get_mut("tags") {
        cut_tags(tags);
    }
}

/// Shortens the texts of exceptions and their stacks to so many frames: the middle is left out. Where stacks are to be
/// shorter than usual, variables go first.
pub(super) fn exceptions(event: &mut Event, most: usize) {
    for exception in values_mut(event.0.get_mut("exception")).iter_mut().filter_map(Value::as_object_mut) {
        cut_field(exception, "value");
        let frames = exception.get_mut("stacktrace").and_then(|stack| stack.as_object_mut()?.get_mut("frames"));
        if let Some(Value::Array(frames)) = frames {
            keep(frames, most / 2, most / 2);
            if most < FRAMES {
                for frame in frames.iter_mut().filter_map(Value::as_object_mut) {
                    frame.retain(|key, _| key != "vars");
                }
            }
        }
    }
}

fn cut_field(object: &mut Object, field: &str) {
    if let Some(Value::String(text)) = object.get_mut(field) {
        cut(text, MESSAGE);
    }
}

/// Shortens a text to so many characters, the last of them an ellipsis.
pub(super) fn cut(text: &mut String, max: usize) {
    // A character has at least one byte, so most texts need no counting.
    if text.len() <= max {
        return;
    }
    let (mut characters, mut last) = (0_usize, 0);
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        characters = characters.saturating_add(1);
        if characters == max {
            last = at;
        } else if characters > max {
            let mut kept = text.get(..last).unwrap_or_default().to_owned();
            kept.push('…');
            *text = kept;
            return;
        }
    }
}

/// Keeps so many of the first and of the last.
fn keep(list: &mut Vec<Value>, head: usize, tail: usize) {
    let end = list.len().saturating_sub(tail);
    for item in list.iter_mut().take(end).skip(head) {
        *item = Value::Null;
    }
    drop_nulls(list);
}

/// Leaves out what is `null`.
pub(super) fn drop_nulls(list: &mut Vec<Value>) {
    list.retain(|item| !matches!(item, Value::Null));
}

/// Tags are texts: other values are written as text, and what has no text is left out.
fn cut_tags(tags: &mut Object) {
    tags.retain(|key, value| {
        key.len() <= TAG && !key.is_empty() && !matches!(value, Value::Array(_) | Value::Object(_) | Value::Null)
    });
    for (_, value) in tags.iter_mut() {
        let mut text = match core::mem::take(value) {
            Value::String(text) => text,
            other => other.to_json(),
        };
        cut(&mut text, TAG);
        *value = Value::String(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn texts_are_cut_at_characters() {
        for (text, max, want) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("äöü", 3, "äöü"), ("äöüß", 3, "äö…"), ("", 1, "")]
        {
            let mut cut_text = text.to_string();
            cut(&mut cut_text, max);
            assert_eq!(cut_text, want);
        }
    }

    #[test]
    fn the_middle_of_a_long_stack_is_left_out() {
        let mut frames: Vec<_> = (0..120).map(Value::from).collect();
        keep(&mut frames, FRAMES / 2, FRAMES / 2);
        assert_eq!(frames.len(), 50);
        assert_eq!(frames.get(24), Some(&Value::from(24)));
        assert_eq!(frames.get(25), Some(&Value::from(95)));
    }

    #[test]
    fn tags_become_texts() {
        let mut tags: Object =
            [("n", Value::from(1)), ("b", Value::from(true)), ("o", Object::new().into()), ("", "x".into())]
                .into_iter()
                .collect();
        cut_tags(&mut tags);
        assert_eq!(tags, [("n", "1"), ("b", "true")].into_iter().collect());
    }
}

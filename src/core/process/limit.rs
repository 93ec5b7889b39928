//! Bounds the values of a Rust caller's event, and says in `_meta` what was cut. The npm module does without: there the
//! shim bounds values as it copies them.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use super::BOUNDS;
use super::fit::{member, members};
use crate::Event;
use crate::event::values_mut;
use crate::json::{Object, Value, Writer};

/// Characters of a message and of an exception's value.
const MESSAGE: usize = 8192;
/// Characters of a tag's key and of its value.
const TAG: usize = 200;
/// Bytes of a context.
const CONTEXT: usize = 8 * 1024;
/// Bytes of an extra value; characters if it is a text.
const EXTRA: usize = 16 * 1024;
/// Bytes of all extra values.
const EXTRAS: usize = 256 * 1024;

/// Bounds messages, tags, contexts and extra values.
pub fn limit(event: &mut Event) {
    if !BOUNDS {
        return;
    }
    let mut meta = event.0.take("_meta").into_object().unwrap_or_default();
    if let Some(message) = event.0.get_mut("message") {
        text(message, MESSAGE, &["message"], &mut meta);
    }
    if let Some(message) = event.0.get_mut("logentry").and_then(|entry| entry.as_object_mut()?.get_mut("formatted")) {
        text(message, MESSAGE, &["logentry", "formatted"], &mut meta);
    }
    for (at, exception) in values_mut(event.0.get_mut("exception")).iter_mut().enumerate() {
        if let Some(value) = exception.as_object_mut().and_then(|exception| exception.get_mut("value")) {
            text(value, MESSAGE, &["exception", "values", &at.to_string(), "value"], &mut meta);
        }
    }
    if let Some(Value::Object(tags)) = event.0.get_mut("tags") {
        cut_tags(tags);
    }
    group(event, "contexts", CONTEXT, usize::MAX / 2, &mut meta);
    group(event, "extra", EXTRA, EXTRAS, &mut meta);
    if !meta.is_empty() {
        event.set("_meta", meta);
    }
}

/// Cuts a value that is a text, if it has more characters than `most`.
fn text(value: &mut Value, most: usize, path: &[&str], meta: &mut Object) {
    let Value::String(text) = value else { return };
    let (bytes, characters) = (text.len(), text.bytes().filter(|byte| byte & 0xC0 != 0x80).count());
    cut(text, most);
    if text.len() < bytes {
        // The whole is counted in characters; what stands in the place of the rest is named by its bytes.
        let start = text.len().saturating_sub('…'.len_utf8());
        let mut remark = Writer::new();
        remark.open_object().key("len").u64(characters as u64).key("rem").open_array().open_array();
        remark.string("!limit").string("s").u64(start as u64).u64(text.len() as u64);
        remark.close_array().close_array().close_object();
        put(meta, path, Value::Raw(remark.into_string()));
    }
}

/// Puts a remark under a path.
fn put(meta: &mut Object, path: &[&str], remark: Value) {
    let Some((first, rest)) = path.split_first() else { return meta.insert("", remark) };
    let mut below = meta.take(first).into_object().unwrap_or_default();
    put(&mut below, rest, remark);
    meta.insert((*first).to_owned(), below);
}

/// Bounds each member of a group, and all of them together.
fn group(event: &mut Event, name: &'static str, each: usize, all: usize, meta: &mut Object) {
    let Some(Value::Object(group)) = event.0.get_mut(name) else { return };
    let mut remarks = Object::new();
    // A feedback's text is a context, and has a limit of its own.
    for (key, value) in group.iter_mut().filter(|(key, _)| *key != "feedback") {
        text(value, each, &[name, key], meta);
        if value.as_str().is_none() {
            member(key, value, each, &mut remarks);
        }
    }
    members(group, all, &mut remarks);
    if !remarks.is_empty() {
        remarks.lay_over(meta.take(name).into_object().unwrap_or_default(), 1);
        meta.insert(name, remarks);
    }
}

/// Shortens a text to so many characters, the last of them an ellipsis.
fn cut(text: &mut String, max: usize) {
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
    fn tags_become_texts() {
        let mut tags: Object =
            [("n", Value::from(1)), ("b", Value::from(true)), ("o", Object::new().into()), ("", "x".into())]
                .into_iter()
                .collect();
        cut_tags(&mut tags);
        assert_eq!(tags, [("n", "1"), ("b", "true")].into_iter().collect());
    }
}

//! Marks frames as the application's own, or not, as the options say.

use crate::event::values_mut;
use crate::json::{Object, Value};
use crate::text::has;
use crate::{Event, Options};

pub(super) fn mark(event: &mut Event, options: &Options) {
    if options.in_app_include.is_empty() && options.in_app_exclude.is_empty() {
        return;
    }
    for exception in values_mut(event.0.get_mut("exception")).iter_mut().filter_map(Value::as_object_mut) {
        let frames = exception.get_mut("stacktrace").and_then(|stack| stack.as_object_mut()?.get_mut("frames"));
        for frame in frames.map_or(&mut [][..], Value::as_array_mut).iter_mut().filter_map(Value::as_object_mut) {
            if named(frame, &options.in_app_include) {
                frame.insert("in_app", true);
            } else if named(frame, &options.in_app_exclude) {
                frame.insert("in_app", false);
            }
        }
    }
}

/// Whether one of the texts is in the frame's file or function.
fn named(frame: &Object, texts: &[Value]) -> bool {
    let field = |name| frame.get(name).and_then(Value::as_str).unwrap_or_default();
    let (file, function) = (field("filename"), field("function"));
    texts.iter().filter_map(Value::as_str).any(|text| has(file, text) || has(function, text))
}

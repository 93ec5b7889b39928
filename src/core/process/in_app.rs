//! Marks frames as the application's own, or not, as the options say.

use crate::event::each_frame;
use crate::json::{Object, Value};
use crate::text::has;
use crate::{Event, Options};

pub(crate) fn mark(event: &mut Event, options: &Options) {
    each_frame(event, &mut |frame| {
        if named(frame, &options.in_app_include) {
            frame.insert("in_app", true);
        } else if named(frame, &options.in_app_exclude) {
            frame.insert("in_app", false);
        }
    });
}

/// Whether one of the texts is in the frame's file or function.
fn named(frame: &Object, texts: &[Value]) -> bool {
    let field = |name| frame.get(name).and_then(Value::as_str).unwrap_or_default();
    let (file, function) = (field("filename"), field("function"));
    texts.iter().filter_map(Value::as_str).any(|text| has(file, text) || has(function, text))
}

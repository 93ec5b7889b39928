//! What the npm package's shim hands over for one capture, as JSON:
//!
//! ```json
//! {"kind": "event", "event": {"event_id": "<32 hexadecimal digits>", …}, "layers": [{…}, …]}
//! ```
//!
//! A check-in has a `check_in_id` in the place of the `event_id`. `kind` is that of the item, and `event` its body in the
//! shape of the wire; an exception may carry `stack`, the engine's text, in place of a `stacktrace`. `layers` are scopes, the
//! outermost first.

use alloc::string::String;
use alloc::vec::Vec;

use crate::envelope::{EVENT, KINDS, Kind};
use crate::event::{list, values_mut};
use crate::exception::stacktrace;
use crate::json::{Object, Value, parse};
use crate::scope::lay_over;
use crate::{Event, stack};

/// A capture, read.
#[derive(Debug)]
pub struct Signal {
    /// What it is sent as.
    pub kind: &'static Kind,
    /// The event, not yet prepared.
    pub event: Event,
    /// Scopes, the outermost first.
    pub layers: Vec<Object>,
}

impl Signal {
    /// Reads a signal and the breadcrumbs that go with it (a JSON array, trusted to be one). `None` when the text is
    /// not a signal.
    pub fn read(signal: &str, breadcrumbs: String) -> Option<Self> {
        let mut signal = parse(signal).ok()?.into_object()?;
        let kind = KINDS.into_iter().find(|kind| signal.get("kind").and_then(Value::as_str) == Some(kind.name));
        let mut event = Event(signal.take("event").into_object()?);
        event.text("event_id").or_else(|| event.text("check_in_id"))?;
        for exception in values_mut(event.0.get_mut("exception")).iter_mut().filter_map(Value::as_object_mut) {
            read_stack(exception);
        }
        if event.get("breadcrumbs").is_none() && breadcrumbs.len() > "[]".len() {
            event.set("breadcrumbs", list(Value::Raw(breadcrumbs)));
        }
        let mut layers = Vec::new();
        for layer in signal.take("layers").into_array().unwrap_or_default() {
            layers.push(layer.into_object().unwrap_or_default());
        }
        Some(Self { kind: kind.unwrap_or(&EVENT), event, layers })
    }

    /// The event, laid over the layers.
    pub fn into_event(self) -> Event {
        let Self { mut event, layers, .. } = self;
        lay_over(&mut event, layers.into_iter());
        event
    }
}

/// Reads the breadcrumbs of an event, which are passed on as text for as long as they may.
pub fn unfold(event: &mut Event) {
    if let Some(Value::Object(list)) = event.0.get_mut("breadcrumbs")
        && let Some(Value::Raw(json)) = list.get_mut("values")
        && let Ok(values) = parse(json)
    {
        list.insert("values", values);
    }
}

/// Puts a `stacktrace` in the place of an engine's text.
fn read_stack(exception: &mut Object) {
    let Some(text) = exception.take("stack").into_string() else { return };
    exception.retain(|key, _| key != "stack");
    let frames = stack::parse(&text, exception.get("value").and_then(Value::as_str).unwrap_or_default());
    if !frames.is_empty() {
        exception.insert("stacktrace", stacktrace(frames));
    }
}

//! What the npm package's shim hands over for one capture, as JSON:
//!
//! ```json
//! {"kind": "event", "id": "<32 hex>", "ts": 1700000000123, "event": {…}, "layers": [{…}, …], "ordered": false}
//! ```
//!
//! `event` has the shape of the wire; an exception may carry `stack`, the engine's text, in place of a `stacktrace`.
//! Exceptions stand with the error that was thrown first, then its causes, unless `ordered` says that they stand as on
//! the wire. `layers` are scopes, the outermost first.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::envelope::{EVENT, FEEDBACK, Kind};
use crate::json::{Value, parse};
use crate::{Event, EventId, Scope, Timestamp};

/// A capture, read.
#[derive(Debug)]
pub struct Signal {
    /// What it is sent as.
    pub kind: &'static Kind,
    /// The event, not yet prepared.
    pub event: Event,
    /// Scopes, the outermost first.
    pub layers: Vec<Scope>,
}

impl Signal {
    /// Reads a signal and the breadcrumbs that go with it (a JSON array, trusted to be one). `None` when the text is
    /// not a signal.
    pub fn read(signal: &[u8], breadcrumbs: &[u8]) -> Option<Self> {
        let mut signal = parse(signal).ok()?.into_object()?;
        let mut event = Event::from_object(signal.remove("event")?.into_object()?);
        let ordered = signal.get("ordered").and_then(Value::as_bool).unwrap_or_default();
        if !ordered {
            event.exceptions.reverse();
        }
        event.event_id = signal.get("id").and_then(Value::as_str).and_then(EventId::parse)?;
        if event.timestamp == Timestamp::default() {
            event.timestamp = Timestamp(signal.get("ts").and_then(Value::as_u64)?);
        }
        event.platform.get_or_insert_with(|| "javascript".to_owned());
        if event.breadcrumbs_json.is_none() {
            event.breadcrumbs_json = String::from_utf8(breadcrumbs.to_vec()).ok().filter(|text| text.starts_with('['));
        }
        let kind = if signal.get("kind").and_then(Value::as_str) == Some(FEEDBACK.name) { &FEEDBACK } else { &EVENT };
        let layers = signal.remove("layers").and_then(Value::into_array).unwrap_or_default();
        let layers = layers.into_iter().filter_map(Value::into_object).map(Scope::from_object).collect();
        Some(Self { kind, event, layers })
    }
}

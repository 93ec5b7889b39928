//! Envelopes: a line of header, then items, each a line of header and a payload (SDK specification, foundations,
//! transport, envelopes). One file per kind of item: adding a kind is a file here and a line below.

mod client_report;
mod event;
mod feedback;

pub use client_report::CLIENT_REPORT;
pub use event::EVENT;
pub use feedback::FEEDBACK;

use alloc::string::String;

use crate::json::Writer;
use crate::{EventId, Options, Timestamp};

/// What all items of one kind have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// `type` of the item header.
    pub name: &'static str,
    /// The category that rate limits and client reports know it by; `None` is never limited and never counted.
    pub category: Option<&'static str>,
}

/// One item, ready to be written.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its kind.
    pub kind: &'static Kind,
    /// The event that it is or belongs to; nil for items without.
    pub event_id: EventId,
    /// The payload: JSON.
    pub payload: String,
}

/// Writes an envelope. `now` is the moment of sending: servers correct clocks by it.
pub fn write(items: &[&Item], options: &Options, now: Timestamp) -> String {
    let mut writer = Writer::new();
    writer.open_object();
    if let Some(item) = items.iter().find(|item| !item.event_id.is_nil()) {
        writer.key("event_id").string(&item.event_id.to_hex());
    }
    writer.key("sent_at").string(&now.to_rfc3339());
    if let Some(dsn) = &options.tunnelled_dsn {
        writer.key("dsn").string(dsn);
    }
    let (name, version) = options.sdk();
    writer.key("sdk").open_object().key("name").string(name).key("version").string(version);
    writer.close_object().close_object().end_line();
    for item in items {
        writer.open_object().key("type").string(item.kind.name);
        writer.key("length").u64(u64::try_from(item.payload.len()).unwrap_or(0)).close_object().end_line();
        writer.raw(&item.payload).end_line();
    }
    writer.into_string()
}

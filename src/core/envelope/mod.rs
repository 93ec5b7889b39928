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
    let mut header = Writer::new();
    header.open_object();
    if let Some(item) = items.iter().find(|item| !item.event_id.is_nil()) {
        item.event_id.write(header.key("event_id"));
    }
    header.key("sent_at").string(&now.to_rfc3339());
    if options.tunnel.is_some() {
        header.key("dsn").string(&options.dsn.to_text());
    }
    header.key("sdk").open_object().string_field("name", Some(&options.sdk.name));
    header.string_field("version", Some(&options.sdk.version)).close_object().close_object();
    let mut out = header.into_string();
    for item in items {
        out.push('\n');
        let mut header = Writer::new();
        header.open_object().key("type").string(item.kind.name);
        header.u64_field("length", u64::try_from(item.payload.len()).ok()).close_object();
        out.push_str(&header.into_string());
        out.push('\n');
        out.push_str(&item.payload);
    }
    out.push('\n');
    out
}

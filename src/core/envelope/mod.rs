//! Envelopes: a line of header, then items, each a line of header and a payload (SDK specification, foundations,
//! transport, envelopes). One file per kind of item: adding a kind is a file here and a line in [`KINDS`].

mod attachment;
mod check_in;
mod client_report;
mod event;
mod feedback;

pub use attachment::ATTACHMENT;
pub use check_in::CHECK_IN;
pub use client_report::CLIENT_REPORT;
pub use event::EVENT;
pub use feedback::FEEDBACK;

use alloc::string::String;

use crate::json::Writer;
use crate::{Event, Options, Timestamp};

/// The kinds that servers may limit, the first three in the order in which whoever reads answers tells of them.
pub const KINDS: [&Kind; 4] = [&EVENT, &FEEDBACK, &ATTACHMENT, &CHECK_IN];

/// What all items of one kind have in common.
#[derive(Debug)]
pub struct Kind {
    /// `type` of the item header.
    pub name: &'static str,
    /// The category that rate limits and client reports know it by; `None` is never limited and never counted.
    pub category: Option<&'static str>,
}

impl PartialEq for Kind {
    /// There is one of each.
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}

/// One item, ready to be written.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its kind.
    pub kind: &'static Kind,
    /// The id of the event that it is or belongs to; empty for items without.
    pub event_id: String,
    /// The payload: JSON.
    pub payload: String,
    /// The event, if it is too large to outlive the page: it may have to be made smaller.
    pub large: Option<Event>,
    /// Bytes of the attachments that are sent with it.
    pub attached: usize,
}

impl Item {
    /// How large a request it makes, but for headers.
    pub fn bytes(&self) -> usize {
        self.payload.len().saturating_add(self.attached)
    }
}

/// An envelope being written.
#[derive(Debug)]
pub struct Envelope(Writer);

impl Envelope {
    /// Begins with the header. The id is that of the event that the items are or belong to, or empty; `now` is the moment
    /// of sending: servers correct clocks by it.
    pub fn new(event_id: &str, options: &Options, now: Timestamp) -> Self {
        let mut writer = Writer::new();
        writer.open_object();
        if !event_id.is_empty() {
            writer.key("event_id").string(event_id);
        }
        let sent_at = options.stamp.map(|stamp| stamp(now)).unwrap_or_default();
        if !sent_at.is_empty() {
            writer.key("sent_at").string(&sent_at);
        }
        if !options.header.is_empty() {
            writer.raw(&options.header);
        }
        writer.close_object().end_line();
        Self(writer)
    }

    /// Adds an item.
    pub fn push(&mut self, kind: &Kind, payload: &str) {
        self.0.open_object().key("type").string(kind.name);
        self.0.key("length").u64(u64::try_from(payload.len()).unwrap_or(0)).close_object().end_line();
        self.0.raw(payload).end_line();
    }

    /// The text, to be posted.
    pub fn into_string(self) -> String {
        self.0.into_string()
    }
}

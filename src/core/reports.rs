//! Counts what was lost, and why, until it can be told to the server.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Timestamp;
use crate::json::Writer;

/// Why something was lost: the reasons of the protocol.
pub mod reason {
    /// There was no more room in the queue.
    pub const QUEUE_OVERFLOW: &str = "queue_overflow";
    /// The server had asked for silence.
    pub const RATELIMIT_BACKOFF: &str = "ratelimit_backoff";
    /// No answer came.
    pub const NETWORK_ERROR: &str = "network_error";
    /// The server refused it.
    pub const SEND_ERROR: &str = "send_error";
    /// The application's hook dropped it.
    pub const BEFORE_SEND: &str = "before_send";
    /// It was not fit to be sent.
    pub const INVALID: &str = "invalid";
    /// An event processor dropped it.
    pub const EVENT_PROCESSOR: &str = "event_processor";
    /// It was not in the sample.
    pub const SAMPLE_RATE: &str = "sample_rate";
    /// The same was sent a short while ago.
    pub const IGNORED: &str = "ignored";
    /// There were too many like it, or too many in all.
    pub const BACKPRESSURE: &str = "backpressure";
    /// The SDK failed.
    pub const INTERNAL: &str = "internal_sdk_error";
}

/// So many items of a category, lost for a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Loss {
    reason: String,
    category: String,
    quantity: usize,
}

/// Losses that have not been told yet.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reports(Vec<Loss>);

/// More kinds of losses than this are not told apart; a report stays under its limit of 4 KiB with it.
const MAX_KINDS: usize = 40;

impl Reports {
    /// Counts a loss.
    pub fn add(&mut self, reason: &str, category: &str, quantity: usize) {
        if let Some(loss) = self.0.iter_mut().find(|loss| loss.reason == reason && loss.category == category) {
            loss.quantity = loss.quantity.saturating_add(quantity);
        } else if quantity > 0 && self.0.len() < MAX_KINDS {
            self.0.push(Loss { reason: reason.to_owned(), category: category.to_owned(), quantity });
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes everything out, to be told.
    pub fn take(&mut self) -> Self {
        core::mem::take(self)
    }

    /// Puts back what could not be told.
    pub fn put_back(&mut self, reports: Self) {
        for loss in reports.0 {
            self.add(&loss.reason, &loss.category, loss.quantity);
        }
    }

    /// The payload of a client report.
    pub fn to_json(&self, now: Timestamp) -> String {
        let mut writer = Writer::new();
        writer.open_object().key("timestamp").value(&now.to_value()).key("discarded_events").open_array();
        for loss in &self.0 {
            writer.open_object().key("reason").string(&loss.reason).key("category").string(&loss.category);
            writer.key("quantity").u64(u64::try_from(loss.quantity).unwrap_or(u64::MAX)).close_object();
        }
        writer.close_array().close_object();
        writer.into_string()
    }
}

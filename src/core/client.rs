//! One client: options, and the way from an event to the queue.

use alloc::borrow::ToOwned;
use core::borrow::Borrow;

use crate::envelope::{EVENT, Item, Kind};
use crate::options::BeforeSend;
use crate::reports::reason;
use crate::transport::Transport;
use crate::{Action, Event, Options, Reply, Scope, Timestamp, process};

/// Bytes of an event while the page is being hidden: requests that outlive it take 60 KiB together, the headers of the
/// envelope included.
const HIDDEN_BYTES: usize = 59 * 1024;

/// What became of a capture, as far as it is known at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is on its way.
    Queued = 0,
    /// `before_send` dropped it.
    BeforeSend = 1,
    /// The server has asked for silence.
    RateLimited = 2,
    /// Too much is waiting already.
    QueueFull = 3,
    /// It is larger than servers take.
    TooLarge = 4,
    /// It could not be understood.
    Invalid = 5,
    /// There is no such client.
    Disabled = 6,
}

impl Outcome {
    /// One sentence.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Queued => "The event is on its way.",
            Self::BeforeSend => "The event was dropped by before_send.",
            Self::RateLimited => "The event was dropped: the server has asked for silence.",
            Self::QueueFull => "The event was dropped: too many are waiting.",
            Self::TooLarge => "The event was dropped: it is larger than 1 MiB.",
            Self::Invalid => "The event was dropped: it could not be read.",
            Self::Disabled => "The event was dropped: the client is closed or disabled.",
        }
    }
}

/// A client. It does no I/O: whoever holds it carries out [`next_action`](Self::next_action) after every call.
#[derive(Debug)]
pub struct Client {
    options: Options,
    transport: Transport,
}

impl Client {
    /// A client with these options.
    pub fn new(options: Options) -> Self {
        Self { options, transport: Transport::default() }
    }

    /// Takes over what another client with the same endpoint has yet to send, and what it knows of the server.
    pub fn follow(&mut self, before: &mut Self) {
        core::mem::swap(&mut self.transport, &mut before.transport);
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Lays the scope's layers (outermost first) under an event, and under those the options.
    pub fn prepare(&self, event: &mut Event, layers: &[impl Borrow<Scope>]) {
        Scope::apply(layers, event, self.options.max_breadcrumbs);
        process::limit(event);
        process::fill(event, &self.options);
    }

    /// The hook that events go through between [`prepare`](Self::prepare) and [`submit`](Self::submit). Whoever calls
    /// it must not hold the client borrowed: the hook may capture.
    pub fn before_send(&self) -> Option<BeforeSend> {
        self.options.before_send.clone()
    }

    /// Runs the processors over a prepared event, which the hooks may have made into anything, and queues it. `ticket`,
    /// if not 0, is answered by [`Action::Settled`]. `attached`: bytes of the attachments that whoever holds the client
    /// keeps under this ticket.
    pub fn submit(
        &mut self,
        kind: &'static Kind,
        mut event: Event,
        ticket: u32,
        attached: usize,
        now: Timestamp,
    ) -> Outcome {
        process::run(&mut event);
        // While the page goes, only what fits into the quota of such requests gets through.
        let most = if self.is_hidden() { HIDDEN_BYTES } else { process::MAX_BYTES };
        let event_id = event.text("event_id").unwrap_or_default().to_owned();
        let payload = process::fit(&mut event, most, self.options.unfold);
        let large = (payload.len() > HIDDEN_BYTES).then_some(event);
        let item = Item { kind, event_id, payload, large, attached };
        self.transport.enqueue(item, ticket, &self.options, now)
    }

    /// All of it: [`prepare`](Self::prepare), the hook (for events), [`submit`](Self::submit).
    pub fn capture(
        &mut self,
        kind: &'static Kind,
        mut event: Event,
        layers: &[&Scope],
        ticket: u32,
        now: Timestamp,
    ) -> Outcome {
        self.prepare(&mut event, layers);
        if let Some(hook) = self.before_send().filter(|_| *kind == EVENT) {
            match hook(event) {
                Some(kept) => {
                    event = kept;
                    process::limit(&mut event);
                }
                None => return self.dropped_by_hook(),
            }
        }
        self.submit(kind, event, ticket, 0, now)
    }

    /// Counts an event that the hook dropped.
    pub fn dropped_by_hook(&mut self) -> Outcome {
        self.discard(reason::BEFORE_SEND, "error", 1);
        Outcome::BeforeSend
    }

    /// Counts items that were lost outside.
    pub fn discard(&mut self, reason: &str, category: &str, quantity: usize) {
        self.transport.count(reason, category, quantity);
    }

    /// What became of a request.
    pub fn on_response(&mut self, id: u32, reply: &Reply<'_>, now: Timestamp) {
        if let Reply::Http { status, limits, retry_after } = *reply {
            self.transport.limits().update(status, limits, retry_after, now);
        }
        self.transport.on_response(id, reply, &self.options, now);
    }

    /// The same for who reads limits from answers himself: until when errors, feedback and attachments are limited.
    pub fn on_status(&mut self, id: u32, reply: &Reply<'_>, limits: [Timestamp; 3], now: Timestamp) {
        self.transport.limits().set(limits);
        self.transport.on_response(id, reply, &self.options, now);
    }

    /// Time has passed; see [`Transport::on_tick`].
    pub fn on_tick(&mut self, now: Timestamp) {
        self.transport.on_tick(&self.options, now);
    }

    /// Waits for everything; see [`Transport::flush`].
    pub fn flush(&mut self, ticket: u32, timeout: u32, now: Timestamp) {
        self.transport.flush(ticket, timeout, &self.options, now);
    }

    /// The page is being hidden or is back; see [`Transport::on_visibility`].
    pub fn on_visibility(&mut self, hidden: bool, now: Timestamp) {
        self.transport.on_visibility(hidden, &self.options, now);
    }

    /// The page is about to go, which [`on_visibility`](Self::on_visibility) is told next: what is too large to outlive
    /// it is made smaller.
    pub fn on_leave(&mut self) {
        let unfold = self.options.unfold;
        self.transport.recall(&|item| {
            if let Some(mut event) = item.large.take() {
                item.payload = process::fit(&mut event, HIDDEN_BYTES, unfold);
            }
        });
    }

    /// Whether another client with the same options and limits could take its place now, and nobody would notice.
    pub fn is_idle(&self) -> bool {
        self.transport.is_idle()
    }

    /// Whether the page is hidden.
    pub fn is_hidden(&self) -> bool {
        self.transport.is_hidden()
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.transport.next_action()
    }
}

//! What is sent when: a bounded queue, requests in flight, rate limits, client reports and flushes, as a state machine
//! without I/O. Whoever runs it carries out its [`Action`]s and tells it the answers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::envelope::{CLIENT_REPORT, Envelope, Item};
use crate::limits::RateLimits;
use crate::list::{pop, pop_first, push_first};
use crate::reports::{Reports, reason};
use crate::{Options, Outcome, Timestamp};

/// Items that may wait.
const QUEUE_ITEMS: usize = 100;
/// Bytes that may wait.
const QUEUE_BYTES: usize = 1024 * 1024;
/// Bytes of one item: what servers take of an event.
const ITEM_BYTES: usize = 1024 * 1024;
/// Requests under way at once; browsers open six connections to a host, and the page wants some.
const IN_FLIGHT: usize = 4;
/// Requests under way at once while the page is being hidden: it is now or never.
const IN_FLIGHT_HIDDEN: usize = 9;
/// Milliseconds until the first pause without an answer is over; each further one is five times as long, up to an hour.
/// An item's id adds up to half of it, so that not all pages come back at once.
const PAUSE: u32 = 1000;
const PAUSE_MAX: u32 = 3_600_000;
/// Bytes under way in requests that outlive the page. Browsers take 64 KiB together, the page's own included.
const KEEPALIVE_BYTES: usize = 60 * 1024;

/// What whoever runs the client is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Post this, and tell [`Transport::on_response`] the answer.
    Send(Outgoing),
    /// Call [`Transport::on_tick`] after so many milliseconds, in place of an earlier wish of this kind.
    Wake(u32),
    /// A captured item that had a ticket is done with: answered by the server with a 2xx, or lost, with the reason.
    Settled {
        /// The ticket.
        ticket: u32,
        /// `None`: sent.
        lost: Option<&'static str>,
        /// When the server's limit for it ends; the epoch where there is none.
        until: Timestamp,
    },
    /// A flush is over: all was answered for, or the time was up.
    Flushed {
        /// The flush's ticket.
        ticket: u32,
        /// Whether all was answered for.
        all: bool,
    },
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// To tell its answer by.
    pub id: u32,
    /// The envelope.
    pub body: String,
    /// Whether the request is to outlive the page.
    pub keepalive: bool,
    /// The ticket of its item, if that has one; or 0.
    pub ticket: u32,
    /// Bytes of the attachments that go with it; 0: there are none, or they stay behind.
    pub attached: usize,
}

/// What became of a request.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Reply;
///
/// /// What a transport of one's own answers for the status of its HTTP client.
/// fn reply(status: Option<u16>) -> Reply<'static> {
///     match status {
///         Some(status) => Reply::Http { status, limits: "", retry_after: "" },
///         None => Reply::Failed,
///     }
/// }
/// assert_eq!(reply(None), Reply::Failed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The server answered.
    Http {
        /// Status code.
        status: u16,
        /// `X-Sentry-Rate-Limits`, or nothing.
        limits: &'a str,
        /// `Retry-After`, or nothing.
        retry_after: &'a str,
    },
    /// The browser took it as a beacon; there will be no answer.
    HandedOver,
    /// There was no answer.
    Failed,
    /// It was not tried: there is no network.
    Offline,
}

#[derive(Debug)]
struct Waiting {
    item: Item,
    ticket: u32,
    /// Whether a request that was to outlive the page has failed already: its quota is shared with the page's own
    /// requests, and the refusal looks like any network error.
    plain: bool,
    /// How often no answer came.
    failures: u32,
}

#[derive(Debug)]
struct InFlight {
    id: u32,
    waiting: Option<Waiting>,
    reports: Reports,
    keepalive_bytes: usize,
}

/// The state machine.
#[derive(Debug, Default)]
pub struct Transport {
    queue: Vec<Waiting>,
    in_flight: Vec<InFlight>,
    limits: RateLimits,
    reports: Reports,
    flushes: Vec<(u32, Timestamp)>,
    actions: Vec<Action>,
    last_id: u32,
    hidden: bool,
    /// How long the last pause was, and when it is over.
    pause: u32,
    resume: Timestamp,
}

impl Transport {
    /// Takes an item to be sent.
    pub fn enqueue(&mut self, item: Item, ticket: u32, options: &Options, now: Timestamp) -> Outcome {
        let refused = if item.payload.len() > ITEM_BYTES {
            Some((Outcome::TooLarge, reason::INVALID))
        } else if self.limit(&item, now).is_some() {
            Some((Outcome::RateLimited, reason::RATELIMIT_BACKOFF))
        } else if self.queue.len() >= QUEUE_ITEMS
            || self.queued_bytes().saturating_add(item.payload.len()) > QUEUE_BYTES
        {
            Some((Outcome::QueueFull, reason::QUEUE_OVERFLOW))
        } else {
            None
        };
        let waiting = Waiting { item, ticket, plain: false, failures: 0 };
        if let Some((outcome, reason)) = refused {
            self.lose(&waiting, reason, now);
            return outcome;
        }
        self.queue.push(waiting);
        self.pump(options, now);
        Outcome::Queued
    }

    /// Counts items that were lost before they came here.
    pub fn count(&mut self, reason: &str, category: &str, quantity: usize) {
        self.reports.add(reason, category, quantity);
    }

    /// What the server does not want.
    pub fn limits(&mut self) -> &mut RateLimits {
        &mut self.limits
    }

    /// Learns what became of a request, but not what is limited.
    pub fn on_response(&mut self, id: u32, reply: &Reply<'_>, options: &Options, now: Timestamp) {
        let Some(at) = self.in_flight.iter().position(|request| request.id == id) else { return };
        let InFlight { waiting, reports, keepalive_bytes, .. } = self.in_flight.swap_remove(at);
        let (mut delivered, mut limited) = (false, false);
        // Why it is lost, if it is not sent again.
        let mut failure = None;
        match *reply {
            Reply::HandedOver => delivered = true,
            Reply::Http { status, .. } => {
                delivered = (200..300).contains(&status);
                limited = status == 429;
                if options.retry_on_5xx && (500..600).contains(&status) {
                    failure = Some(reason::SEND_ERROR);
                }
            }
            Reply::Failed | Reply::Offline => failure = Some(reason::NETWORK_ERROR),
        }
        let refused = matches!(reply, Reply::Failed) && keepalive_bytes > 0;
        if !delivered {
            self.reports.put_back(reports);
        }
        if let Some(mut waiting) = waiting {
            waiting.plain |= refused;
            if !refused && !matches!(reply, Reply::Offline) {
                waiting.failures = waiting.failures.wrapping_add(1);
            }
            if failure.is_some() && waiting.failures < options.send_max_attempts {
                push_first(&mut self.queue, waiting);
            } else if delivered || limited {
                // The server counts what it answers 429 to.
                self.settle(&waiting, limited.then_some(reason::RATELIMIT_BACKOFF), now);
            } else {
                self.lose(&waiting, failure.unwrap_or(reason::SEND_ERROR), now);
            }
        }
        if failure.is_none() {
            self.pause = 0;
        } else if !refused && self.resume <= now {
            self.pause = self.pause.wrapping_mul(5).clamp(PAUSE, PAUSE_MAX);
            self.resume = now.plus(u64::from(self.pause.wrapping_add(self.jitter())));
        }
        self.pump(options, now);
    }

    /// Answers with [`Action::Flushed`] as soon as nothing waits and nothing is under way, after `timeout` milliseconds
    /// at the latest; what then still waits is dropped and counted.
    pub fn flush(&mut self, ticket: u32, timeout: u32, options: &Options, now: Timestamp) {
        self.flushes.push((ticket, now.plus(u64::from(timeout))));
        self.resume = Timestamp::default();
        self.report(options, now);
        self.pump(options, now);
    }

    /// Time has passed.
    pub fn on_tick(&mut self, options: &Options, now: Timestamp) {
        if self.flushes.iter().any(|(_, deadline)| *deadline <= now) {
            while let Some(waiting) = self.next() {
                self.lose(&waiting, reason::QUEUE_OVERFLOW, now);
            }
            self.end_flushes(now, false);
        }
        self.pump(options, now);
    }

    /// The page is being hidden: what fits goes out now, reports too. Or it is back, or the network is. No pause goes on.
    pub fn on_visibility(&mut self, hidden: bool, options: &Options, now: Timestamp) {
        self.hidden = hidden;
        self.resume = Timestamp::default();
        self.pump(options, now);
        if hidden {
            self.report(options, now);
        }
    }

    /// The page is about to go: what is under way in requests that go with it is sent again, and all that waits is made
    /// small enough by `shrink` to outlive it. The server tells by the id what it has twice.
    pub fn recall(&mut self, shrink: &dyn Fn(&mut Item)) {
        for request in &mut self.in_flight {
            if request.keepalive_bytes == 0
                && let Some(waiting) = request.waiting.take()
            {
                push_first(&mut self.queue, waiting);
            }
        }
        for waiting in &mut self.queue {
            waiting.plain = false;
            shrink(&mut waiting.item);
        }
    }

    /// Whether nothing waits, is under way or is to be told; flushes end when that is so.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.in_flight.is_empty() && self.reports.is_empty() && !self.hidden
    }

    /// Whether the page is hidden.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        pop_first(&mut self.actions)
    }

    /// Takes out what is sent next: what has waited longest, or, while the page is hidden, the smallest, so that the quota
    /// of what outlives the page is for as many as it can be.
    fn next(&mut self) -> Option<Waiting> {
        let hidden = self.hidden;
        pop(&mut self.queue, |a, b| hidden && a.item.payload.len() < b.item.payload.len())
    }

    fn queued_bytes(&self) -> usize {
        self.queue.iter().map(|waiting| waiting.item.payload.len()).sum()
    }

    fn keepalive_bytes(&self) -> usize {
        self.in_flight.iter().map(|request| request.keepalive_bytes).sum()
    }

    fn limit(&self, item: &Item, now: Timestamp) -> Option<Timestamp> {
        self.limits.until(item.kind.category?, now)
    }

    /// Sends what may be sent, ends the flushes that waited for it, and asks to be woken for the rest.
    fn pump(&mut self, options: &Options, now: Timestamp) {
        while self.in_flight.len() < self.cap() && self.resume <= now {
            let Some(waiting) = self.next() else { break };
            if self.limit(&waiting.item, now).is_some() {
                self.lose(&waiting, reason::RATELIMIT_BACKOFF, now);
            } else {
                self.send(Some(waiting), options, now);
            }
        }
        if self.queue.is_empty() && self.in_flight.is_empty() {
            self.end_flushes(Timestamp(u64::MAX), true);
        }
        self.wake(now);
    }

    /// Ends the flushes that are to be over by then.
    fn end_flushes(&mut self, by: Timestamp, all: bool) {
        let actions = &mut self.actions;
        self.flushes.retain(|(ticket, deadline)| {
            let over = *deadline <= by;
            if over {
                actions.push(Action::Flushed { ticket: *ticket, all });
            }
            !over
        });
    }

    /// How many requests may be under way.
    fn cap(&self) -> usize {
        if self.hidden { IN_FLIGHT_HIDDEN } else { IN_FLIGHT }
    }

    /// Tells losses by themselves, if no item waits that they could go with. One request more than items have is kept
    /// free for it.
    fn report(&mut self, options: &Options, now: Timestamp) {
        if self.queue.is_empty() && !self.reports.is_empty() && self.in_flight.len() <= self.cap() {
            self.send(None, options, now);
        }
    }

    fn send(&mut self, mut waiting: Option<Waiting>, options: &Options, now: Timestamp) {
        let (mut ticket, mut attached) = (0, 0);
        if let Some(Waiting { item, ticket: of, .. }) = &mut waiting {
            // Attachments may be limited where their event is not, and what outlives the page is small.
            let lost = match self.limits.until("attachment", now) {
                Some(_) => Some(reason::RATELIMIT_BACKOFF),
                None if self.hidden && item.bytes() > KEEPALIVE_BYTES => Some(reason::INVALID),
                None => None,
            };
            if let Some(reason) = lost {
                self.reports.add(reason, "attachment", item.attached);
                item.attached = 0;
            }
            (ticket, attached) = (*of, item.attached);
        }
        let reports = self.reports.take();
        let id = waiting.as_ref().map_or("", |waiting| &waiting.item.event_id);
        let mut envelope = Envelope::new(id, options, now);
        if let Some(Waiting { item, .. }) = &waiting {
            envelope.push(item.kind, &item.payload);
        }
        if !reports.is_empty() {
            envelope.push(&CLIENT_REPORT, &reports.to_json(now));
        }
        let body = envelope.into_string();
        let plain = waiting.as_ref().is_some_and(|waiting| waiting.plain);
        let bytes = body.len().saturating_add(attached);
        let keepalive = !plain && self.keepalive_bytes().saturating_add(bytes) <= KEEPALIVE_BYTES;
        self.last_id = self.last_id.wrapping_add(1);
        let id = self.last_id;
        let keepalive_bytes = if keepalive { bytes } else { 0 };
        self.in_flight.push(InFlight { id, waiting, reports, keepalive_bytes });
        self.actions.push(Action::Send(Outgoing { id, body, keepalive, ticket, attached }));
    }

    /// Asks to be woken for the flush that ends first, or the end of a pause.
    fn wake(&mut self, now: Timestamp) {
        let pause = (self.resume > now && !self.queue.is_empty()).then_some(self.resume);
        if let Some(first) = self.flushes.iter().map(|(_, deadline)| *deadline).chain(pause).min() {
            self.actions.push(Action::Wake(u32::try_from(first.since(now)).unwrap_or(u32::MAX)));
        }
    }

    fn lose(&mut self, waiting: &Waiting, reason: &'static str, now: Timestamp) {
        if let Some(category) = waiting.item.kind.category {
            self.reports.add(reason, category, 1);
            self.reports.add(reason, "attachment", waiting.item.attached);
        }
        self.settle(waiting, Some(reason), now);
    }

    fn settle(&mut self, waiting: &Waiting, lost: Option<&'static str>, now: Timestamp) {
        if waiting.ticket > 0 {
            let until = self.limit(&waiting.item, now).unwrap_or_default();
            self.actions.push(Action::Settled { ticket: waiting.ticket, lost, until });
        }
    }

    /// Up to half of the pause, by the random id of what waits first.
    fn jitter(&self) -> u32 {
        let id = self.queue.first().map_or("", |waiting| &waiting.item.event_id);
        let sum = id.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        self.pause.wrapping_shr(9).wrapping_mul(u32::from(sum))
    }
}

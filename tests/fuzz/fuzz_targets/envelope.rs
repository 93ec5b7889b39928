//! A client through anything that can happen to it: every envelope is well-formed, no more is under way than may be, and
//! in the end captured = delivered + counted + refused with 429.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use tailcone_core::envelope::{EVENT, FEEDBACK, Kind};
use tailcone_core::process::MAX_BYTES;
use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Event, EventId, Options, Outcome, Outgoing, Reply, Scope, Timestamp, Value};
use tailcone_fuzz::Envelope;

/// More than any limit that a server can set.
const TWO_DAYS: u64 = 2 * 86_400_000;
/// Bytes of large events in most runs; more is slow.
const BYTES: usize = 192 * 1024;
/// The same in few runs: more than the queue takes.
const MANY_BYTES: usize = 1536 * 1024;
/// Requests under way at once at most, one for reports included.
const UNDER_WAY: usize = 10;
/// Bytes under way in requests that outlive the page.
const KEEPALIVE: usize = 60 * 1024;
/// Bytes of attachments.
const ATTACHED: u32 = 100_000;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    start: Start,
    hook: bool,
    retry_on_5xx: bool,
    attempts: u8,
    weight: u8,
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Start {
    Epoch,
    Today,
    /// So many milliseconds before time ends.
    End(u32),
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Capture {
        feedback: bool,
        ticket: bool,
        message: &'a str,
    },
    /// Events of so many kibibytes.
    Large {
        kibibytes: u8,
        times: u8,
    },
    /// An event that is larger than one may be.
    TooLarge,
    Relay {
        feedback: bool,
        ticket: bool,
        attached: u32,
        message: &'a str,
    },
    Discard {
        feedback: bool,
        quantity: u32,
    },
    Answer {
        at: u8,
        status: Status,
        limits: Limits<'a>,
        retry_after: &'a str,
    },
    Fail(u8),
    Offline(u8),
    HandedOver(u8),
    Wait(u32),
    /// Somebody sets the clock back.
    Back(u32),
    Tick,
    Flush(u16),
    Hide(bool),
    Leave,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Status {
    Ok,
    TooMany,
    TooLarge,
    Broken,
    Other(u16),
}

#[derive(Arbitrary, Debug)]
enum Limits<'a> {
    None,
    Text(&'a str),
    Made { seconds: u32, category: Category },
}

#[derive(Arbitrary, Debug)]
enum Category {
    All,
    Error,
    Feedback,
    Attachment,
    Both,
    Unknown,
}

impl Status {
    fn code(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::TooMany => 429,
            Self::TooLarge => 413,
            Self::Broken => 500,
            Self::Other(code) => code,
        }
    }
}

impl Limits<'_> {
    fn header(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => (*text).to_owned(),
            Self::Made { seconds, category } => {
                let names = match category {
                    Category::All => "",
                    Category::Error => "error",
                    Category::Feedback => "feedback",
                    Category::Attachment => "attachment",
                    Category::Both => "transaction;error;feedback;attachment",
                    Category::Unknown => "unheard_of",
                };
                format!("{seconds}:{names}:organization")
            }
        }
    }
}

/// A request that has no answer yet.
struct Request {
    id: u32,
    keepalive_bytes: usize,
    /// Bytes of the attachments with it.
    attached: usize,
    /// The category of the event or the feedback in it.
    category: Option<&'static str>,
    /// What its client report says was lost, by category.
    told: Vec<(String, u64)>,
}

#[derive(Default)]
struct Account {
    captured: u64,
    delivered: u64,
    limited: u64,
    counted: u64,
}

/// A client, what is under way, and what should be true of it.
struct World {
    client: Client,
    now: Timestamp,
    latest: Timestamp,
    under_way: Vec<Request>,
    accounts: BTreeMap<&'static str, Account>,
    /// Events captured so far.
    events: u32,
    /// Bytes that large events may still have.
    bytes: usize,
    /// Whether one was larger than it may be, or none is to be: that is slow.
    too_large: bool,
    waiting: BTreeSet<u32>,
    /// Bytes of the attachments of captures, by ticket.
    attached: BTreeMap<u32, usize>,
    flushing: BTreeSet<u32>,
    flushes: u32,
}

fuzz_target!(|input: Input| {
    let mut options = Options::new("https://example.com/".into(), "tailcone.test", "0.0.0");
    if input.hook {
        options.before_send = Some(Rc::new(|event: Event| Some(event).filter(|event| event.message() != Some("drop"))));
    }
    options.stamp = Some(Timestamp::to_rfc3339);
    options.retry_on_5xx = input.retry_on_5xx;
    options.send_max_attempts = input.attempts.into();
    let now = match input.start {
        Start::Epoch => Timestamp(0),
        Start::Today => Timestamp(1_700_000_000_000),
        Start::End(before) => Timestamp(u64::MAX - u64::from(before)),
    };
    let mut world = World {
        client: Client::new(options),
        now,
        latest: now,
        under_way: Vec::new(),
        accounts: ["error", "feedback", "attachment"].map(|category| (category, Account::default())).into(),
        events: 0,
        bytes: if input.weight == u8::MAX { MANY_BYTES } else { BYTES },
        too_large: input.weight < 250,
        waiting: BTreeSet::new(),
        attached: BTreeMap::new(),
        flushing: BTreeSet::new(),
        flushes: 0,
    };
    for step in input.steps.iter().take(300) {
        world.step(step);
        world.act();
    }
    world.end();
});

fn kind(feedback: bool) -> &'static Kind {
    if feedback { &FEEDBACK } else { &EVENT }
}

impl World {
    fn step(&mut self, step: &Step<'_>) {
        match *step {
            Step::Capture { feedback, ticket, message } => self.capture(kind(feedback), ticket, message),
            Step::Large { kibibytes, times } => {
                let bytes = usize::from(kibibytes) * 1024;
                for _ in 0..times {
                    let Some(left) = self.bytes.checked_sub(bytes + 1024) else { break };
                    self.bytes = left;
                    self.large(bytes);
                    self.act();
                }
            }
            Step::TooLarge => {
                // A second one takes the same way.
                if !self.too_large {
                    self.too_large = true;
                    self.large(1024 * 1024);
                }
            }
            Step::Relay { feedback, ticket, attached, message } => {
                self.relay(kind(feedback), ticket, attached % ATTACHED, message);
            }
            Step::Discard { feedback, quantity } => {
                let category = kind(feedback).category.expect("it has one");
                self.account(category).captured += u64::from(quantity);
                self.client.discard("internal_sdk_error", category, quantity as usize);
            }
            Step::Answer { at, status, ref limits, retry_after } => {
                let limits = limits.header();
                self.answer(at, &Reply::Http { status: status.code(), limits: &limits, retry_after });
            }
            Step::Fail(at) => self.answer(at, &Reply::Failed),
            Step::Offline(at) => self.answer(at, &Reply::Offline),
            Step::HandedOver(at) => self.answer(at, &Reply::HandedOver),
            Step::Wait(milliseconds) => {
                self.now = self.now.plus(milliseconds.into());
                self.latest = self.latest.max(self.now);
                self.client.on_tick(self.now);
            }
            Step::Back(milliseconds) => self.now = Timestamp(self.now.0.saturating_sub(milliseconds.into())),
            Step::Tick => self.client.on_tick(self.now),
            Step::Flush(timeout) => self.flush(timeout.into()),
            Step::Hide(hidden) => {
                self.client.on_visibility(hidden, self.now);
                assert_eq!(self.client.is_hidden(), hidden);
            }
            Step::Leave => {
                // What is sent again counts where it is sent again.
                for request in self.under_way.iter_mut().filter(|request| request.keepalive_bytes == 0) {
                    request.category = None;
                    request.attached = 0;
                }
                self.client.on_leave();
                self.client.on_visibility(true, self.now);
            }
        }
    }

    fn account(&mut self, category: &str) -> &mut Account {
        self.accounts.get_mut(category).expect("a category of ours")
    }

    /// The number of the next event, and its ticket if it is to have one.
    fn next(&mut self, kind: &Kind, ticket: bool) -> (EventId, u32) {
        self.events += 1;
        self.account(kind.category.expect("it has one")).captured += 1;
        let ticket = if ticket { self.events } else { 0 };
        (EventId::from_random(u128::from(self.events).to_be_bytes()), ticket)
    }

    fn captured(&mut self, outcome: Outcome, ticket: u32) {
        // What the hook drops is told at once, by the outcome alone.
        if ticket > 0 && outcome != Outcome::BeforeSend {
            self.waiting.insert(ticket);
        }
    }

    fn capture(&mut self, kind: &'static Kind, ticket: bool, message: &str) {
        let (id, ticket) = self.next(kind, ticket);
        let mut event = Event::new();
        event.set_message(message).set_extra("text", message).complete(id, self.now, "other");
        let mut scope = Scope::new();
        scope.set_tag("message", message);
        let outcome = self.client.capture(kind, event, &[&scope], ticket, self.now);
        self.captured(outcome, ticket);
    }

    fn large(&mut self, bytes: usize) {
        let (id, ticket) = self.next(&EVENT, true);
        // Written already: what is fuzzed is the bounds, and not byte by byte the writer.
        let kibibyte = format!("\"{}\"", "x".repeat(1021));
        let text: Vec<Value> = (0..bytes / 1024).map(|_| Value::Raw(kibibyte.clone())).collect();
        let mut event = Event::new();
        event.set_extra("text", text).complete(id, self.now, "other");
        // As from the shim, for values of a Rust app are bounded before.
        let outcome = self.client.submit(&EVENT, event, ticket, 0, self.now);
        self.captured(outcome, ticket);
    }

    fn relay(&mut self, kind: &'static Kind, ticket: bool, attached: u32, message: &str) {
        let (id, ticket) = self.next(kind, ticket);
        // Without a ticket nobody would know what to send.
        let attached = if ticket > 0 { attached as usize } else { 0 };
        self.account("attachment").captured += attached as u64;
        self.attached.insert(ticket, attached);
        let signal = serde_json::json!({
            "kind": kind.name,
            "event": {"event_id": id.to_hex(), "exception": {"values": [{"type": "Error", "value": message, "stack": message}]}},
            "layers": [{"tags": {"message": message}}],
        });
        let signal = Signal::read(&signal.to_string(), "[]".into()).expect("it is a signal");
        assert_eq!(signal.kind, kind);
        let event = signal.into_event();
        let outcome = self.client.submit(kind, event, ticket, attached, self.now);
        self.captured(outcome, ticket);
    }

    fn flush(&mut self, timeout: u32) {
        self.flushes += 1;
        self.flushing.insert(self.flushes);
        self.client.flush(self.flushes, timeout, self.now);
    }

    fn answer(&mut self, at: u8, reply: &Reply<'_>) {
        if self.under_way.is_empty() {
            return;
        }
        let request = self.under_way.swap_remove(usize::from(at) % self.under_way.len());
        let status = match *reply {
            Reply::Http { status, .. } => status,
            Reply::HandedOver => 200,
            Reply::Failed | Reply::Offline => 0,
        };
        if (200..300).contains(&status) {
            for (category, quantity) in request.told {
                self.account(&category).counted += quantity;
            }
        }
        if let Some(category) = request.category {
            let account = self.account(category);
            account.delivered += u64::from((200..300).contains(&status));
            account.limited += u64::from(status == 429);
            let account = self.account("attachment");
            account.delivered += if (200..300).contains(&status) { request.attached as u64 } else { 0 };
            account.limited += if status == 429 { request.attached as u64 } else { 0 };
        }
        self.client.on_response(request.id, reply, self.now);
        // An answer to what nobody asked, or asked already, is no answer.
        self.client.on_response(request.id, reply, self.now);
    }

    /// Carries out what the client wants.
    fn act(&mut self) {
        while let Some(action) = self.client.next_action() {
            match action {
                Action::Send(outgoing) => self.send(&outgoing),
                Action::Settled { ticket, .. } => {
                    assert!(self.waiting.remove(&ticket), "ticket {ticket} settled twice");
                }
                Action::Flushed { ticket, .. } => assert!(self.flushing.remove(&ticket), "flush {ticket} ended twice"),
                Action::Wake(_) => {}
            }
        }
        assert!(self.under_way.len() <= UNDER_WAY, "{} under way", self.under_way.len());
        let bytes: usize = self.under_way.iter().map(|request| request.keepalive_bytes).sum();
        assert!(bytes <= KEEPALIVE, "{bytes} bytes under way");
    }

    fn send(&mut self, outgoing: &Outgoing) {
        let envelope = Envelope::read(&outgoing.body);
        let header = &envelope.header;
        assert_eq!(header["sent_at"], self.now.to_rfc3339());
        assert_eq!(header["sdk"]["name"], "tailcone.test");
        let mut category = None;
        for (name, payload) in &envelope.items {
            let Some(kind) = [&EVENT, &FEEDBACK].into_iter().find(|kind| kind.name == name) else { continue };
            assert_eq!(category, None, "two events in one envelope: {}", outgoing.body);
            category = kind.category;
            let id = header["event_id"].as_str().expect("an id");
            // The id is an event's first field; the rest of it may be long.
            assert!(payload.starts_with(&format!(r#"{{"event_id":"{id}","#)), "{header} {payload:.100}");
            assert!(payload.len() <= MAX_BYTES, "{} bytes", payload.len());
        }
        let told = envelope.losses().into_iter().map(|(_, category, quantity)| (category, quantity)).collect();
        let attached = outgoing.attached;
        assert!(attached == 0 || attached == self.attached[&outgoing.ticket], "{outgoing:?}");
        let keepalive_bytes = if outgoing.keepalive { outgoing.body.len() + attached } else { 0 };
        assert!(self.under_way.iter().all(|request| request.id != outgoing.id), "two requests with one id");
        self.under_way.push(Request { id: outgoing.id, keepalive_bytes, attached, category, told });
    }

    /// In the end the server is well, no limit is left, and everything is told.
    fn end(&mut self) {
        self.client.on_visibility(false, self.now);
        self.act();
        self.now = self.latest;
        let mut quiet = false;
        for _ in 0..10_000 {
            if quiet {
                break;
            }
            self.now = self.now.plus(TWO_DAYS);
            self.flush(1000);
            self.act();
            quiet = self.under_way.is_empty();
            while !self.under_way.is_empty() {
                self.answer(0, &Reply::Http { status: 200, limits: "", retry_after: "" });
            }
            self.act();
            quiet &= self.under_way.is_empty();
        }
        assert!(quiet, "there is no end of it");
        assert!(self.waiting.is_empty(), "never settled: {:?}", self.waiting);
        assert!(self.flushing.is_empty(), "never ended: {:?}", self.flushing);
        for (category, account) in &self.accounts {
            let Account { captured, delivered, limited, counted } = account;
            assert_eq!(*captured, delivered + limited + counted, "{category}: {delivered} {limited} {counted}");
        }
    }
}

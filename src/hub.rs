//! The state of a Rust app's recorder: one client and a stack of scopes, in this module's own memory.
//!
//! No borrow of it is held while anything of the host's or of the application's is called: both may call back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use tailcone_core::envelope::{EVENT, FEEDBACK, Kind};
use tailcone_core::flood::{Flood, Keys, Verdict};
use tailcone_core::reports::reason;
use tailcone_core::{Action, Client, Event, EventId, Object, Outcome, Outgoing, Reply, Scope, Timestamp};

#[cfg(feature = "stack")]
use crate::host::stack;
use crate::host::{Request, Transport, clock, timer};
use crate::options::Hooks;

/// Captures within a hook of a capture: one is taken, what it leads to is not.
const DEPTH: u8 = 2;

pub(crate) struct Hub {
    pub(crate) client: Client,
    /// The outermost is the global scope.
    pub(crate) layers: Vec<Scope>,
    pub(crate) last_event_id: EventId,
    pub(crate) flushes: Vec<(u32, FlushState)>,
    pub(crate) last_ticket: u32,
    pub(crate) hooks: Rc<Hooks>,
    flood: Flood,
    /// Captures that are on their way.
    tickets: Vec<(u32, EventId)>,
    transport: Rc<dyn Transport>,
    /// Tells this recorder from those before it, whose answers may still come.
    generation: u32,
    /// Whether the page is being left.
    going: bool,
}

/// How a flush stands.
pub(crate) enum FlushState {
    Waiting(Option<Waker>),
    Over(bool),
}

thread_local! {
    static HUB: RefCell<Option<Box<Hub>>> = const { RefCell::new(None) };
    static GENERATION: Cell<u32> = const { Cell::new(0) };
    /// How many captures are being made on this stack.
    static CAPTURES: Cell<u8> = const { Cell::new(0) };
}

/// Runs `use_hub` on the recorder. `None` when there is none, when it is in use further up the stack, or when there is no
/// stack for it: a trap would leave it in use for ever.
pub(crate) fn with<T>(use_hub: impl FnOnce(&mut Hub) -> T) -> Option<T> {
    with_place(|hub| hub.as_deref_mut().map(use_hub))
}

fn with_place<T>(use_place: impl FnOnce(&mut Option<Box<Hub>>) -> Option<T>) -> Option<T> {
    #[cfg(feature = "stack")]
    if stack::is_out() {
        return None;
    }
    HUB.with(|hub| use_place(&mut *hub.try_borrow_mut().ok()?))
}

/// Starts the recorder. What one that is there already has yet to send is this one's to send, if that is to the same
/// place; if not, that one is stopped.
pub(crate) fn start(options: tailcone_core::Options, hooks: Hooks, transport: Rc<dyn Transport>, scope: Scope) {
    if with(|hub| hub.client.options().endpoint == options.endpoint) == Some(false) {
        stop();
    }
    let generation = GENERATION.get().wrapping_add(1);
    GENERATION.set(generation);
    let mut hub = Hub {
        client: Client::new(options),
        layers: vec![scope],
        last_event_id: EventId::default(),
        flushes: Vec::new(),
        last_ticket: 0,
        hooks: Rc::new(hooks),
        flood: Flood::default(),
        tickets: Vec::new(),
        transport,
        generation,
        going: false,
    };
    if let Some(mut before) = replace(None) {
        hub.client.follow(&mut before.client);
        hub.flushes.append(&mut before.flushes);
        hub.tickets.append(&mut before.tickets);
        hub.last_ticket = before.last_ticket;
        hub.generation = before.generation;
    }
    replace(Some(Box::new(hub)));
}

/// Stops the recorder, if there is one. What it has yet to send goes out at once, as when a page is hidden; of the rest
/// the server is told how much it is. Nobody hears the answers.
pub(crate) fn stop() {
    visibility(true, false);
    flush(0, 0);
    // What waits still is counted, and flushes are over.
    with(|hub| hub.client.on_tick(Timestamp(u64::MAX)));
    visibility(true, false);
    replace(None);
}

/// Puts a recorder, or none, in the place of the one that is there, which is given back.
pub(crate) fn replace(hub: Option<Box<Hub>>) -> Option<Box<Hub>> {
    with_place(|place| std::mem::replace(place, hub))
}

/// Captures an error or a message.
pub(crate) fn capture(event: Event) -> EventId {
    capture_as(&EVENT, event)
}

/// Captures a user's words.
pub(crate) fn capture_feedback(event: Event) -> EventId {
    capture_as(&FEEDBACK, event)
}

fn capture_as(kind: &'static Kind, event: Event) -> EventId {
    /// Counts down also when a hook unwinds.
    struct Depth(u8);
    impl Drop for Depth {
        fn drop(&mut self) {
            CAPTURES.set(self.0);
        }
    }
    #[cfg(feature = "stack")]
    if stack::is_low() {
        stack::miss();
        return EventId::default();
    }
    let Some(hooks) = with(|hub| hub.hooks.clone()) else { return EventId::default() };
    let depth = Depth(CAPTURES.get());
    if depth.0 >= DEPTH {
        with(|hub| hub.client.discard(reason::INTERNAL, "error", 1));
        return EventId::default();
    }
    CAPTURES.set(depth.0.wrapping_add(1));
    take(kind, event, &hooks)
}

/// What is under way on this stack will not return: it ends in a trap.
#[cfg(any(feature = "panic", feature = "stack"))]
pub(crate) fn abandon() {
    CAPTURES.set(0);
    #[cfg(feature = "log")]
    crate::log::abandon();
}

fn take(kind: &'static Kind, mut event: Event, hooks: &Hooks) -> EventId {
    let now = clock::now();
    let own = event.event_id();
    let id = if own.is_nil() { clock::new_id() } else { own };
    event.complete(id, now, "native");
    if event.get("request").is_none() {
        event.set("request", crate::host::page::request());
    }
    if cfg!(feature = "backtrace") {
        crate::build_id::tell(&mut event);
    }
    let Some(prepared) = with(|hub| {
        hub.client.prepare(&mut event, &hub.layers);
        if *kind != EVENT {
            return Ok(None);
        }
        hub.last_event_id = id;
        if cfg!(feature = "flood") {
            hub.hold_back(&mut event, now)?;
        }
        Ok(hub.client.before_send())
    }) else {
        return EventId::default();
    };
    let kept = match prepared {
        Ok(before_send) if *kind == EVENT => hooks.run(event, before_send),
        Ok(_) => Ok(event),
        Err(reason) => Err(reason),
    };
    let lost = with(|hub| match kept {
        Ok(event) => {
            let ticket = hub.ticket();
            hub.tickets.push((ticket, id));
            // Whatever becomes of it is told by the ticket.
            let _: Outcome = hub.client.submit(kind, event, ticket, 0, now);
            None
        }
        Err(reason) => {
            hub.client.discard(reason, "error", 1);
            Some(reason)
        }
    });
    if let Some(reason) = lost.flatten() {
        hooks.settled(id, Some(reason));
    }
    run();
    id
}

impl Hub {
    /// Decides whether an event goes out; one that does says how many like it did not.
    fn hold_back(&mut self, event: &mut Event, now: Timestamp) -> Result<(), &'static str> {
        let keys = Keys::of(event);
        match self.flood.check(keys, now) {
            Verdict::Duplicate if self.hooks.dedupe => return Err(reason::IGNORED),
            Verdict::Flood if self.hooks.flood_control => return Err(reason::BACKPRESSURE),
            _ => {}
        }
        let suppressed = self.flood.suppressed(keys.coarse);
        if suppressed > 0 {
            let mut flood = Object::new();
            flood.insert("suppressed", suppressed);
            event.set_context("flood", flood);
        }
        Ok(())
    }

    /// A number that no other capture or flush has.
    pub(crate) fn ticket(&mut self) -> u32 {
        self.last_ticket = self.last_ticket.wrapping_add(1).max(1);
        self.last_ticket
    }
}

/// Carries out what the client wants done.
pub(crate) fn run() {
    #[cfg(feature = "stack")]
    if let missed @ 1.. = stack::missed() {
        with(|hub| hub.client.discard(reason::BACKPRESSURE, "error", missed));
    }
    while let Some(action) = with(|hub| hub.client.next_action()).flatten() {
        match action {
            Action::Send(outgoing) => send(&outgoing),
            Action::Wake(delay) => timer::wake(delay, tick),
            Action::Settled { ticket, lost, .. } => {
                let told = with(|hub| {
                    let at = hub.tickets.iter().position(|(of, _)| *of == ticket)?;
                    Some((hub.tickets.swap_remove(at).1, hub.hooks.clone()))
                });
                if let Some((id, hooks)) = told.flatten() {
                    hooks.settled(id, lost);
                }
            }
            Action::Flushed { ticket, all } => flushed(ticket, all),
        }
    }
}

fn tick() {
    #[cfg(feature = "stack")]
    if stack::is_low() {
        return timer::wake(0, tick);
    }
    let now = clock::now();
    with(|hub| hub.client.on_tick(now));
    run();
}

fn send(outgoing: &Outgoing) {
    let Some((endpoint, hidden, transport, generation)) = with(|hub| {
        (hub.client.options().endpoint.clone(), hub.client.is_hidden(), hub.transport.clone(), hub.generation)
    }) else {
        return;
    };
    let id = outgoing.id;
    let request = Request::new(&endpoint, &outgoing.body, outgoing.keepalive, hidden);
    transport.send(request, Box::new(move |reply| answered(generation, id, reply)));
}

fn answered(generation: u32, id: u32, reply: &Reply<'_>) {
    let now = clock::now();
    with(|hub| {
        // A page that goes is told that its requests have failed while they go on.
        if hub.generation == generation && !(hub.going && matches!(reply, Reply::Failed)) {
            hub.client.on_response(id, reply, now);
        }
    });
    run();
}

/// Begins a flush that ends after so many milliseconds. Nobody waits for the one with the ticket 0.
pub(crate) fn flush(ticket: u32, timeout: u32) {
    let now = clock::now();
    with(|hub| hub.client.flush(ticket, timeout, now));
    run();
}

fn flushed(ticket: u32, all: bool) {
    let before = with(|hub| {
        let (_, state) = hub.flushes.iter_mut().find(|(of, _)| *of == ticket)?;
        Some(std::mem::replace(state, FlushState::Over(all)))
    });
    if let Some(FlushState::Waiting(Some(waker))) = before.flatten() {
        waker.wake();
    }
}

/// The page is being hidden, for good perhaps (`going`), or is back.
pub(crate) fn visibility(hidden: bool, going: bool) {
    let now = clock::now();
    with(|hub| {
        hub.going = going;
        if going {
            hub.client.on_leave();
        }
        hub.client.on_visibility(hidden, now);
    });
    run();
}

//! The state of a Rust app's recorder: one client and a stack of scopes, in this module's own memory.
//!
//! No borrow of it is held while anything of the host's or of the application's is called: both may call back.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::task::Waker;

use js_sys::Function;
use tailcone_core::envelope::{EVENT, FEEDBACK, Kind};
use tailcone_core::{Action, Client, Event, EventId, Options, Outgoing, Reply, Scope};
use wasm_bindgen::prelude::*;

use crate::host::answer::{Answer, Thenable};
use crate::host::send::{Sent, post};
use crate::host::{clock, timer};

/// A server that does not answer within this time does not answer.
const PATIENCE_MS: u32 = 30_000;

pub(crate) struct Hub {
    pub(crate) client: Client,
    /// The outermost is the global scope.
    pub(crate) layers: Vec<Scope>,
    pub(crate) last_event_id: EventId,
    pub(crate) flushes: HashMap<u32, FlushState>,
    pub(crate) last_ticket: u32,
    /// Whether the page is being left.
    going: bool,
    callbacks: Rc<Callbacks>,
}

/// How a flush stands.
pub(crate) enum FlushState {
    Waiting(Option<Waker>),
    Over(bool),
}

/// The functions that the host calls back. They are made once and live as long as the module: one that were freed while
/// a request is under way would throw into the page when it is called.
struct Callbacks {
    /// `(id, response)`.
    answered: Function,
    /// `(id, error)`.
    failed: Function,
    tick: Function,
    ignore: Function,
}

impl Callbacks {
    fn new() -> Self {
        let leak = |closure: JsValue| closure.unchecked_into();
        Self {
            answered: leak(Closure::<dyn Fn(u32, JsValue)>::new(answered).into_js_value()),
            failed: leak(Closure::<dyn Fn(u32)>::new(failed).into_js_value()),
            tick: leak(
                Closure::<dyn Fn()>::new(|| {
                    let now = clock::now();
                    with(|hub| hub.client.on_tick(now));
                    run();
                })
                .into_js_value(),
            ),
            ignore: leak(Closure::<dyn Fn()>::new(|| {}).into_js_value()),
        }
    }
}

thread_local! {
    static HUB: RefCell<Option<Hub>> = const { RefCell::new(None) };
}

/// Runs `use_hub` on the recorder. `None` when there is none, or when it is in use further up the stack.
pub(crate) fn with<T>(use_hub: impl FnOnce(&mut Hub) -> T) -> Option<T> {
    HUB.with(|hub| hub.try_borrow_mut().ok()?.as_mut().map(use_hub))
}

/// Starts the recorder, in place of an earlier one.
pub(crate) fn start(options: Options) {
    let callbacks = Rc::new(Callbacks::new());
    let hub = Hub {
        client: Client::new(options),
        layers: vec![Scope::new()],
        last_event_id: EventId::default(),
        flushes: HashMap::new(),
        last_ticket: 0,
        going: false,
        callbacks,
    };
    HUB.with(|place| {
        if let Ok(mut place) = place.try_borrow_mut() {
            *place = Some(hub);
        }
    });
}

/// Captures an error or a message.
pub(crate) fn capture(event: Event) -> EventId {
    capture_as(&EVENT, event)
}

/// Captures a user's words.
pub(crate) fn capture_feedback(event: Event) -> EventId {
    capture_as(&FEEDBACK, event)
}

fn capture_as(kind: &'static Kind, mut event: Event) -> EventId {
    if with(|_| ()).is_none() {
        return EventId::default();
    }
    let now = clock::now();
    let own = event.event_id();
    let id = if own.is_nil() { clock::new_id() } else { own };
    event.complete(id, now, "native");
    if event.get("request").is_none() {
        event.set("request", crate::host::page::request());
    }
    let hook = with(|hub| {
        let layers: Vec<&Scope> = hub.layers.iter().collect();
        hub.client.prepare(&mut event, &layers);
        if *kind == EVENT {
            hub.last_event_id = id;
            return hub.client.before_send();
        }
        None
    });
    let kept = match hook.flatten() {
        Some(hook) => hook(event),
        None => Some(event),
    };
    with(|hub| match kept {
        Some(event) => hub.client.submit(kind, event, 0, 0, now),
        None => hub.client.dropped_by_hook(),
    });
    run();
    id
}

/// Carries out what the client wants done.
pub(crate) fn run() {
    while let Some(action) = with(|hub| hub.client.next_action()).flatten() {
        match action {
            Action::Send(outgoing) => send(&outgoing),
            Action::Wake(delay) => {
                if let Some(callbacks) = with(|hub| hub.callbacks.clone()) {
                    timer::after(delay, &callbacks.tick);
                }
            }
            // No capture of this face has a ticket.
            Action::Settled { .. } => {}
            Action::Flushed { ticket, all } => flushed(ticket, all),
        }
    }
}

fn send(outgoing: &Outgoing) {
    let Some((endpoint, hidden, callbacks)) =
        with(|hub| (hub.client.options().endpoint.clone(), hub.client.is_hidden(), hub.callbacks.clone()))
    else {
        return;
    };
    let id = JsValue::from(outgoing.id);
    let reply = match post(&endpoint, &outgoing.body, outgoing.keepalive, hidden) {
        Sent::Fetch(answer) => {
            let bind = |callback: &Function| callback.bind1(&JsValue::NULL, &id).unchecked_into::<Function>();
            match answer.unchecked_ref::<Thenable>().settle(&bind(&callbacks.answered), &bind(&callbacks.failed)) {
                // What comes after the end of patience is not listened to any more.
                Ok(_) => return timer::after(PATIENCE_MS, &bind(&callbacks.failed)),
                Err(_) => Reply::Failed,
            }
        }
        Sent::Beacon => Reply::HandedOver,
        Sent::Refused => Reply::Failed,
    };
    let now = clock::now();
    with(|hub| hub.client.on_response(outgoing.id, &reply, now));
}

#[allow(clippy::needless_pass_by_value)] // The closure hands the value over.
fn answered(id: u32, response: JsValue) {
    let Some(callbacks) = with(|hub| hub.callbacks.clone()) else { return };
    let answer = Answer::read(&response, &callbacks.ignore);
    let reply = answer.as_ref().map_or(Reply::Failed, Answer::reply);
    let now = clock::now();
    with(|hub| hub.client.on_response(id, &reply, now));
    run();
}

fn failed(id: u32) {
    // A page that goes is told that its requests have failed while they go on.
    if with(|hub| hub.going) == Some(false) {
        let now = clock::now();
        with(|hub| hub.client.on_response(id, &Reply::Failed, now));
        run();
    }
}

fn flushed(ticket: u32, all: bool) {
    let before = with(|hub| {
        let state = hub.flushes.get_mut(&ticket)?;
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

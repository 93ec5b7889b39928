//! The face that the npm package's shim talks to: handles, strings and bytes; no call fails, none panics on bad input.
//!
//! No borrow of the clients is held while anything of the host's is called: the host may call back.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use tailcone_core::json::parse;
use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Options, Outcome, Outgoing, Reply, Value};
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::host::clock::timestamp;
use crate::host::listen;
use crate::host::send::{Sent, post};

/// A third of the size of the standard allocator, which would be a tenth of the module.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen(raw_module = "tailcone-host")]
extern "C" {
    /// Tell the answer by [`replied`], with a body that has been read or cancelled.
    #[wasm_bindgen(catch)]
    fn watch(client: u32, id: u32, answer: &Promise) -> Result<(), JsValue>;
    /// Call [`tick`] after so many milliseconds.
    #[wasm_bindgen(catch)]
    fn wake(client: u32, delay: u32) -> Result<(), JsValue>;
    /// A capture that had a ticket is done with.
    #[wasm_bindgen(catch)]
    fn settled(client: u32, ticket: u32, sent: bool, reason: &str) -> Result<(), JsValue>;
    /// A flush is over.
    #[wasm_bindgen(catch)]
    fn flushed(client: u32, ticket: u32, all: bool) -> Result<(), JsValue>;
    /// This module has panicked; whatever it was doing is lost.
    #[wasm_bindgen(catch)]
    fn panicked(message: &str) -> Result<(), JsValue>;
}

struct Slot {
    client: Client,
    endpoint: Rc<str>,
    listeners: Option<Listeners>,
    hidden: bool,
}

/// What listens where: for errors, and for rejections.
struct Listeners {
    target: EventTarget,
    functions: [(&'static str, Function); 2],
}

impl Listeners {
    fn add(&self) {
        for (kind, function) in &self.functions {
            listen::add(&self.target, kind, function);
        }
    }

    fn remove(&self) {
        for (kind, function) in &self.functions {
            listen::remove(&self.target, kind, function);
        }
    }
}

thread_local! {
    /// A handle is a place here, counted from 1.
    static CLIENTS: RefCell<Vec<Option<Slot>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `use_slot` on a client. `None` when there is no such client, or when it is in use further up the stack.
fn with<T>(client: u32, use_slot: impl FnOnce(&mut Slot) -> T) -> Option<T> {
    CLIENTS.with(|clients| {
        let mut clients = clients.try_borrow_mut().ok()?;
        let place = usize::try_from(client).ok()?.checked_sub(1)?;
        clients.get_mut(place)?.as_mut().map(use_slot)
    })
}

/// Carries out what the client wants done.
fn run(client: u32) {
    while let Some(action) = with(client, |slot| slot.client.next_action()).flatten() {
        let _ = match action {
            Action::Send(outgoing) => send(client, &outgoing),
            Action::Wake(delay) => wake(client, delay),
            Action::Settled { ticket, lost } => settled(client, ticket, lost.is_none(), lost.unwrap_or("")),
            Action::Flushed { ticket, all } => flushed(client, ticket, all),
        };
    }
}

fn send(client: u32, outgoing: &Outgoing) -> Result<(), JsValue> {
    let Some((endpoint, hidden)) = with(client, |slot| (slot.endpoint.clone(), slot.hidden)) else { return Ok(()) };
    let reply = match post(&endpoint, &outgoing.body, outgoing.keepalive, hidden) {
        Sent::Fetch(answer) => return watch(client, outgoing.id, &answer),
        Sent::Beacon => Reply::HandedOver,
        Sent::Refused => Reply::Failed,
    };
    with(client, |slot| slot.client.on_response(outgoing.id, &reply, timestamp(js_sys::Date::now())));
    Ok(())
}

/// Starts a client with options as `tailcone_core::Options::from_object` reads them. 0: they are refused.
#[wasm_bindgen]
pub fn start(options: &[u8]) -> u32 {
    crate::panic::report_to(|message| {
        let _ = panicked(message);
    });
    let Some(options) = parse(options).ok().and_then(Value::into_object).and_then(Options::from_object) else {
        return 0;
    };
    let endpoint = options.endpoint.as_str().into();
    let slot = Slot { endpoint, client: Client::new(options), listeners: None, hidden: false };
    CLIENTS.with(|clients| {
        let Ok(mut clients) = clients.try_borrow_mut() else { return 0 };
        let free = clients.iter().position(Option::is_none).unwrap_or(clients.len());
        if free == clients.len() {
            clients.push(None);
        }
        if let Some(place) = clients.get_mut(free) {
            *place = Some(slot);
        }
        u32::try_from(free).map_or(0, |place| place.saturating_add(1))
    })
}

/// Listens for uncaught errors and unhandled rejections. The functions belong to the shim and outlive this instance,
/// so that no event ever reaches an instance that is gone.
#[wasm_bindgen]
pub fn listen(client: u32, target: EventTarget, on_error: Function, on_rejection: Function) {
    unlisten(client);
    let listeners = Listeners { target, functions: [("error", on_error), ("unhandledrejection", on_rejection)] };
    listeners.add();
    with(client, |slot| slot.listeners = Some(listeners));
}

/// Stops listening.
#[wasm_bindgen]
pub fn unlisten(client: u32) {
    if let Some(listeners) = with(client, |slot| slot.listeners.take()).flatten() {
        listeners.remove();
    }
}

/// Captures a signal (see the core's `signal`). `ticket`, if not 0, is answered by [`settled`]. Answers an [`Outcome`].
#[wasm_bindgen]
pub fn capture(client: u32, ticket: u32, signal: &[u8], breadcrumbs: &[u8], now: f64) -> u32 {
    let Some(signal) = Signal::read(signal, breadcrumbs) else { return Outcome::Invalid as u32 };
    let layers: Vec<_> = signal.layers.iter().collect();
    let outcome = with(client, |slot| slot.client.capture(signal.kind, signal.event, &layers, ticket, timestamp(now)));
    run(client);
    outcome.unwrap_or(Outcome::Disabled) as u32
}

/// What the server answered; status 0 is no answer.
#[wasm_bindgen]
pub fn replied(client: u32, id: u32, status: u16, limits: &str, retry_after: &str, now: f64) {
    let reply = if status == 0 { Reply::Failed } else { Reply::Http { status, limits, retry_after } };
    with(client, |slot| slot.client.on_response(id, &reply, timestamp(now)));
    run(client);
}

/// Time has passed, as asked for by [`wake`].
#[wasm_bindgen]
pub fn tick(client: u32, now: f64) {
    with(client, |slot| slot.client.on_tick(timestamp(now)));
    run(client);
}

/// Waits for everything; answered by [`flushed`].
#[wasm_bindgen]
pub fn flush(client: u32, ticket: u32, timeout: u32, now: f64) {
    with(client, |slot| slot.client.flush(ticket, timeout, timestamp(now)));
    run(client);
}

/// The page is being hidden, or is back.
#[wasm_bindgen]
pub fn hide(client: u32, now: f64, hidden: bool) {
    with(client, |slot| {
        slot.hidden = hidden;
        slot.client.on_visibility(hidden, timestamp(now));
    });
    run(client);
}

/// Counts what the shim lost.
#[wasm_bindgen]
pub fn discard(client: u32, reason: &str, category: &str, quantity: u32) {
    with(client, |slot| slot.client.discard(reason, category, u64::from(quantity)));
}

/// Forgets a client; its listeners go with it.
#[wasm_bindgen]
pub fn stop(client: u32) {
    unlisten(client);
    CLIENTS.with(|clients| {
        let place = usize::try_from(client).ok().and_then(|handle| handle.checked_sub(1));
        if let (Ok(mut clients), Some(place)) = (clients.try_borrow_mut(), place)
            && let Some(slot) = clients.get_mut(place)
        {
            *slot = None;
        }
    });
}

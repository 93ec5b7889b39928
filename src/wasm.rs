//! The face that the npm package's shim talks to: handles, strings and bytes; no call fails, none panics on bad input.
//!
//! No borrow of the clients is held while anything of the host's is called: the host may call back.

use std::cell::RefCell;

use tailcone_core::json::parse;
use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Options, Outcome, Outgoing, Reply, Timestamp, Value};
use wasm_bindgen::prelude::*;

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
    fn watch(client: u32, id: u32, answer: &JsValue) -> Result<(), JsValue>;
    /// Call [`tick`] after so many milliseconds.
    #[wasm_bindgen(catch)]
    fn wake(client: u32, delay: u32) -> Result<(), JsValue>;
    /// A capture that had a ticket is done with.
    #[wasm_bindgen(catch)]
    fn settled(client: u32, ticket: u32, sent: bool, reason: &str) -> Result<(), JsValue>;
    /// A flush is over.
    #[wasm_bindgen(catch)]
    fn flushed(client: u32, ticket: u32, all: bool) -> Result<(), JsValue>;
    /// This module has panicked, there; whatever it was doing is lost. Prints it: `console_error_panic_hook`, which
    /// does that for Rust apps, would be 1.6 KB of a module that has this function in any case.
    #[wasm_bindgen(catch)]
    fn panicked(message: &str, file: &str, line: u32) -> Result<(), JsValue>;
}

struct Slot {
    client: Client,
    listeners: Option<Listeners>,
}

/// What listens where: for errors, and for rejections.
struct Listeners {
    target: JsValue,
    functions: [(&'static str, JsValue); 2],
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

/// Gives `visit` the place of a client. It is not called when there is no such place, or when the places are in use
/// further up the stack.
fn place(client: u32, visit: &mut dyn FnMut(&mut Option<Slot>)) {
    CLIENTS.with(|clients| {
        if let Ok(mut clients) = clients.try_borrow_mut()
            && let Ok(handle) = usize::try_from(client)
            && let Some(place) = clients.get_mut(handle.wrapping_sub(1))
        {
            visit(place);
        }
    });
}

/// Runs `step` on a client, if there is one.
fn with(client: u32, step: &mut dyn FnMut(&mut Slot)) {
    place(client, &mut |place| place.as_mut().into_iter().for_each(&mut *step));
}

/// Runs `step` on a client, and carries out what the client wants done.
fn run(client: u32, now: f64, step: &mut dyn FnMut(&mut Client, Timestamp)) {
    let now = timestamp(now);
    with(client, &mut |slot| step(&mut slot.client, now));
    loop {
        let mut action = None;
        with(client, &mut |slot| action = slot.client.next_action());
        let _ = match action {
            None => return,
            Some(Action::Send(outgoing)) => send(client, &outgoing, now),
            Some(Action::Wake(delay)) => wake(client, delay),
            Some(Action::Settled { ticket, lost }) => settled(client, ticket, lost.is_none(), lost.unwrap_or("")),
            Some(Action::Flushed { ticket, all }) => flushed(client, ticket, all),
        };
    }
}

fn send(client: u32, outgoing: &Outgoing, now: Timestamp) -> Result<(), JsValue> {
    let mut place = None;
    with(client, &mut |slot| place = Some((slot.client.options().endpoint.clone(), slot.client.is_hidden())));
    let Some((endpoint, hidden)) = place else { return Ok(()) };
    let reply = match post(&endpoint, &outgoing.body, outgoing.keepalive, hidden) {
        Sent::Fetch(answer) => return watch(client, outgoing.id, &answer),
        Sent::Beacon => Reply::HandedOver,
        Sent::Refused => Reply::Failed,
    };
    with(client, &mut |slot| slot.client.on_response(outgoing.id, &reply, now));
    Ok(())
}

/// Starts a client with options as `tailcone_core::Options::from_object` reads them. 0: they are refused.
#[wasm_bindgen]
pub fn start(options: &[u8]) -> u32 {
    // A panic in here is our own failure; nobody else has a hook in this module.
    std::panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("", 0), |place| (place.file(), place.line()));
        let _ = panicked(info.payload_as_str().unwrap_or_default(), file, line);
    }));
    let Some(options) = parse(options).ok().and_then(Value::into_object).and_then(Options::from_object) else {
        return 0;
    };
    let slot = Slot { client: Client::new(options), listeners: None };
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
pub fn listen(client: u32, target: JsValue, on_error: JsValue, on_rejection: JsValue) {
    unlisten(client);
    let listeners = Listeners { target, functions: [("error", on_error), ("unhandledrejection", on_rejection)] };
    listeners.add();
    let mut listeners = Some(listeners);
    with(client, &mut |slot| slot.listeners = listeners.take());
}

/// Stops listening.
#[wasm_bindgen]
pub fn unlisten(client: u32) {
    let mut listeners = None;
    with(client, &mut |slot| listeners = slot.listeners.take());
    if let Some(listeners) = listeners {
        listeners.remove();
    }
}

/// Captures a signal (see the core's `signal`). `ticket`, if not 0, is answered by [`settled`]. Answers an [`Outcome`].
#[wasm_bindgen]
pub fn capture(client: u32, ticket: u32, signal: &[u8], breadcrumbs: &[u8], now: f64) -> u32 {
    let mut signal = Signal::read(signal, breadcrumbs);
    let mut outcome = if signal.is_some() { Outcome::Disabled } else { Outcome::Invalid };
    run(client, now, &mut |client, now| {
        if let Some(signal) = signal.take() {
            outcome = client.relay(signal, ticket, now);
        }
    });
    outcome as u32
}

/// What the server answered; status 0 is no answer.
#[wasm_bindgen]
pub fn replied(client: u32, id: u32, status: u16, limits: &str, retry_after: &str, now: f64) {
    let reply = if status == 0 { Reply::Failed } else { Reply::Http { status, limits, retry_after } };
    run(client, now, &mut |client, now| client.on_response(id, &reply, now));
}

/// Time has passed, as asked for by [`wake`].
#[wasm_bindgen]
pub fn tick(client: u32, now: f64) {
    run(client, now, &mut Client::on_tick);
}

/// Waits for everything; answered by [`flushed`].
#[wasm_bindgen]
pub fn flush(client: u32, ticket: u32, timeout: u32, now: f64) {
    run(client, now, &mut |client, now| client.flush(ticket, timeout, now));
}

/// The page is being hidden, or is back.
#[wasm_bindgen]
pub fn hide(client: u32, now: f64, hidden: bool) {
    run(client, now, &mut |client, now| client.on_visibility(hidden, now));
}

/// Counts what the shim lost.
#[wasm_bindgen]
pub fn discard(client: u32, reason: &str, category: &str, quantity: u32) {
    with(client, &mut |slot| slot.client.discard(reason, category, u64::from(quantity)));
}

/// Forgets a client; its listeners go with it.
#[wasm_bindgen]
pub fn stop(client: u32) {
    unlisten(client);
    place(client, &mut |place| *place = None);
}

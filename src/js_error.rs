//! Errors of JavaScript: any value can be thrown, and none may make us throw.

use std::cell::Cell;
use std::fmt::Write as _;

use js_sys::WeakSet;
use tailcone_core::{Event, EventId, Exception, Level, Mechanism, stack};
use wasm_bindgen::prelude::*;

use crate::host::scrub::scrub_text;
use crate::host::{Once, once, property};
use crate::hub;

/// An error and at most so many of its causes.
const MAX_EXCEPTIONS: u64 = 6;

thread_local! {
    /// Errors that were captured already: one that is caught, captured and thrown on is one error.
    static SEEN: Once<WeakSet> = const { Cell::new(None) };
}

/// Captures a value that was thrown and not caught, unless it was captured already or follows from a panic that was.
pub(crate) fn capture_uncaught(value: &JsValue, mechanism: Mechanism) -> EventId {
    // It may be that there is no memory.
    #[cfg(feature = "panic")]
    let _memory = crate::reserve::lend();
    #[cfg(feature = "panic")]
    if crate::panic::is_aftershock(value) {
        return EventId::default();
    }
    if is_seen(value) {
        return EventId::default();
    }
    capture(value, mechanism, false)
}

/// Captures a value that was thrown. `asked`: by the application, and then what it says is not altered.
pub(crate) fn capture(value: &JsValue, mechanism: Mechanism, asked: bool) -> EventId {
    if cfg!(feature = "global-handlers") {
        see(value);
    }
    capture_exceptions(exceptions(value, mechanism, asked))
}

/// Remembers that this was captured.
pub(crate) fn see(value: &JsValue) {
    if value.is_object() {
        once(&SEEN, WeakSet::new).add(value.unchecked_ref());
    }
}

/// Captures an error of JavaScript and its causes.
pub(crate) fn capture_exceptions(chain: Vec<Exception>) -> EventId {
    let mut event = Event::of_chain(chain);
    event.set_level(Level::Error).set_platform("javascript");
    hub::capture(event)
}

/// Whether this was captured already.
pub(crate) fn is_seen(value: &JsValue) -> bool {
    value.is_object() && once(&SEEN, WeakSet::new).has(value.unchecked_ref())
}

/// The value, then its causes.
fn exceptions(value: &JsValue, mechanism: Mechanism, asked: bool) -> Vec<Exception> {
    let mut exceptions = vec![exception(value, mechanism, asked)];
    let mut cause = property(value, "cause");
    for id in 1..MAX_EXCEPTIONS {
        if !is_error(&cause) {
            break;
        }
        exceptions.push(exception(&cause, Mechanism::cause(id, "cause"), asked));
        cause = property(&cause, "cause");
    }
    exceptions
}

/// Errors of other realms are no instances of this realm's `Error`, so what counts is what they have.
fn is_error(value: &JsValue) -> bool {
    value.is_object() && property(value, "message").is_string() && property(value, "name").is_string()
}

fn exception(value: &JsValue, mechanism: Mechanism, asked: bool) -> Exception {
    if !is_error(value) {
        let mut text = String::new();
        match value.as_string() {
            Some(own) => text = own,
            None => drop(write!(text, "{value:?}")),
        }
        let text = if asked { text } else { scrub_text(&text) };
        return Exception::new("Error", text).mechanism(mechanism.synthetic());
    }
    let text = |name| property(value, name).as_string().unwrap_or_default();
    let ty = text("name");
    // Of the stack only what the parser finds stays, and addresses have secrets.
    let message = text("message");
    let clean = scrub_text(&message);
    let frames =
        if cfg!(feature = "backtrace") { stack::parse(&scrub_text(&text("stack")), &clean) } else { Vec::new() };
    let message = if asked { message } else { clean };
    Exception::new(ty, message).mechanism(mechanism).frames(frames)
}

//! Captures what nobody caught, on the window or the worker, and sends what waits when the page is being hidden.

#[cfg(feature = "stack")]
use std::cell::Cell;

#[cfg(feature = "stack")]
use js_sys::{Array, Function};
use tailcone_core::{Exception, Frame, Mechanism};
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::host::scrub::{scrub_text, scrub_url};
use crate::host::{global, global_property, listen, property};
#[cfg(feature = "stack")]
use crate::host::{stack, timer};
#[cfg(feature = "stack")]
use crate::reserve;
use crate::{hub, js_error};

/// Listens for as long as the module lives; for errors only if `uncaught`.
pub(crate) fn install(uncaught: bool) {
    let window = global().unchecked_into();
    if cfg!(feature = "global-handlers") && uncaught {
        hear(&window, "error", on_error);
        hear(&window, "unhandledrejection", on_rejection);
    }
    listen(&window, "pagehide", |_| hub::visibility(true, true));
    listen(&window, "pageshow", |_| hub::visibility(false, false));
    let document = global_property("document");
    if document.is_object() {
        listen(&document.unchecked_into(), "visibilitychange", |_| {
            hub::visibility(property(&global_property("document"), "visibilityState") == "hidden", false);
        });
    }
}

/// Takes no closure of its own: each type of closure has its code in the module.
fn listen(target: &EventTarget, kind: &str, listener: fn(&JsValue)) {
    listen::add(target, kind, &callback(listener));
}

fn callback(listener: impl Fn(&JsValue) + 'static) -> JsValue {
    Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| listener(&event)).into_js_value()
}

/// Captures what nobody caught.
#[cfg(not(feature = "stack"))]
fn hear(window: &EventTarget, kind: &str, capture: fn(&JsValue)) {
    listen(window, kind, capture);
}

/// Captures what nobody caught, and what leaves too little of the stack for that in the next task, when it is back. A trap
/// there is an uncaught error, too: after one, later ones are only counted, or they would go on for ever.
#[cfg(feature = "stack")]
fn hear(window: &EventTarget, kind: &str, capture: fn(&JsValue)) {
    let at_once = callback(move |event| {
        let _memory = reserve::lend();
        if !stack::is_low() {
            capture(event);
            js_error::see(event);
        }
    });
    listen::add(window, kind, &at_once);
    // Only functions of the host's run until the next task.
    let waiting = Array::new();
    let wait = property(&waiting, "push").unchecked_into::<Function>().bind0(&waiting);
    let has_trapped = Cell::new(false);
    let late = Closure::<dyn Fn()>::new(move || {
        // It is called from a timer: nothing else runs.
        hub::abandon();
        if has_trapped.replace(true) {
            (0..waiting.length()).for_each(|_| stack::miss());
            return waiting.set_length(0);
        }
        let _memory = reserve::lend();
        while waiting.length() > 0 {
            let event = waiting.shift();
            if !js_error::is_seen(&event) {
                capture(&event);
            }
        }
        has_trapped.set(false);
    });
    if let Some(late) = timer::deferred(&late.into_js_value()) {
        listen::add(window, kind, &wait);
        listen::add(window, kind, &late);
    }
}

fn on_error(event: &JsValue) {
    let mechanism = Mechanism::new("auto.browser.global_handlers.onerror", false);
    let error = property(event, "error");
    if error.is_null() || error.is_undefined() {
        // A failed resource fires an `error` event, too, which has no message.
        if let Some(message) = property(event, "message").as_string() {
            capture_place(event, &message, mechanism);
        }
    } else {
        js_error::capture_uncaught(&error, mechanism);
    }
}

/// An error of which only a message and a place are known.
fn capture_place(event: &JsValue, message: &str, mechanism: Mechanism) {
    let mut exception = Exception::of_message(&scrub_text(message)).mechanism(mechanism);
    let filename = property(event, "filename").as_string().unwrap_or_default();
    if !filename.is_empty() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates.
        let number = |name| property(event, name).as_f64().map(|number| number as u64).filter(|number| *number > 0);
        exception = exception.frames(vec![Frame {
            filename: Some(scrub_url(&filename)),
            lineno: number("lineno"),
            colno: number("colno"),
            in_app: Some(true),
            ..Frame::default()
        }]);
    }
    js_error::capture_exceptions(vec![exception]);
}

fn on_rejection(event: &JsValue) {
    let mechanism = Mechanism::new("auto.browser.global_handlers.onunhandledrejection", false);
    js_error::capture_uncaught(&property(event, "reason"), mechanism);
}

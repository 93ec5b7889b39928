//! Timers.

use std::cell::Cell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::{Once, once};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(callback: &Function, delay: u32) -> Result<JsValue, JsValue>;
}

/// Calls back after so many milliseconds. A host without timers never does.
pub(crate) fn after(delay: u32, callback: &Function) {
    let _ = set_timeout(callback, delay);
}

/// The same for a function of Rust's, of which there is one. Outside wasm there are no timers.
pub(crate) fn wake(delay: u32, tick: fn()) {
    thread_local! {
        static TICK: Once<Function> = const { Cell::new(None) };
    }
    if cfg!(target_family = "wasm") {
        let leak = || Closure::<dyn Fn()>::new(tick).into_js_value().unchecked_into();
        after(delay, once(&TICK, leak));
    }
}

/// A function that has `callback` called in the next task, and runs nothing of the module's.
/// `None` on a host without timers.
#[cfg(feature = "stack")]
pub(crate) fn deferred(callback: &JsValue) -> Option<JsValue> {
    #[wasm_bindgen]
    extern "C" {
        type Timer;
        #[wasm_bindgen(method, catch)]
        fn bind(this: &Timer, to: &JsValue, callback: &JsValue, delay: u32) -> Result<JsValue, JsValue>;
    }
    super::global_property("setTimeout").unchecked_into::<Timer>().bind(&super::global(), callback, 0).ok()
}

/// Calls in the next task.
#[cfg(feature = "panic")]
pub(crate) fn soon(call: fn()) {
    after(0, Closure::once_into_js(call).unchecked_ref());
}

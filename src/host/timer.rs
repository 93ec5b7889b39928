//! Timers.

use js_sys::Function;
use wasm_bindgen::prelude::*;

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
        static TICK: std::cell::OnceCell<Function> = const { std::cell::OnceCell::new() };
    }
    if cfg!(target_family = "wasm") {
        let leak = || Closure::<dyn Fn()>::new(tick).into_js_value().unchecked_into();
        TICK.with(|callback| after(delay, callback.get_or_init(leak)));
    }
}

/// Calls in the next task.
#[cfg(feature = "panic")]
pub(crate) fn soon(call: fn()) {
    after(0, Closure::once_into_js(call).unchecked_ref());
}

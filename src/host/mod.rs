//! The touches of the environment: clock, randomness, page, requests, listeners. Each is one small file that knows the
//! core and nothing of the faces; every import is declared so that an exception of the host's comes back as a value.

pub(crate) mod answer;
pub(crate) mod clock;
pub(crate) mod listen;
pub(crate) mod page;
pub(crate) mod send;
pub(crate) mod timer;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Window, worker scope, or whatever else there is.
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
}

/// The global object.
pub(crate) fn global() -> JsValue {
    GLOBAL.with(JsValue::clone)
}

/// A property of the global object; `undefined` when there is none or when asking throws.
pub(crate) fn global_property(name: &str) -> JsValue {
    property(&global(), name)
}

/// A property of any value; `undefined` when there is none or when asking throws.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

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

//! Listeners for errors that nobody caught, by `addEventListener`, so that the page's own handlers keep working.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An `EventTarget` of whichever realm.
    type Target;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_listener(this: &Target, kind: &str, listener: &JsValue) -> Result<(), JsValue>;
}

/// Adds a listener. A target that refuses listeners leaves nothing to do about it.
pub(crate) fn add(target: &JsValue, kind: &str, listener: &JsValue) {
    let _ = target.unchecked_ref::<Target>().add_listener(kind, listener);
}

//! The life of a request to a server: it goes on until what its context was told to wait for is settled.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Context;
    #[wasm_bindgen(method, catch, js_name = waitUntil)]
    fn wait_until(this: &Context, promise: &JsValue) -> Result<(), JsValue>;
}

thread_local! {
    /// The context of the request whose handler is running.
    static CONTEXT: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// Exchanges the context.
pub(crate) fn enter(context: Option<JsValue>) -> Option<JsValue> {
    CONTEXT.replace(context)
}

/// Keeps the request that is being handled alive until this promise is settled. It is the host's own: it holds also when
/// the handler has panicked, and nothing of the module's runs any more.
pub(crate) fn hold(promise: &JsValue) {
    if let Some(context) = CONTEXT.with_borrow(Clone::clone) {
        hold_for(&context, promise);
    }
}

/// The same for the request of this context.
pub(crate) fn hold_for(context: &JsValue, promise: &JsValue) {
    let _ = context.unchecked_ref::<Context>().wait_until(promise);
}

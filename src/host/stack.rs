//! The stack of the module, which a trap does not give back.
//!
//! What a function of Rust's keeps on the stack that is in the module's memory, it gives back when it returns. One that
//! ends in a trap does not return, and the pointer stays where it was: some thousand caught panics, or one endless
//! recursion, and whatever is called next has no stack. Where the module exports the pointer, its first value can be put
//! back, but not by a function of the module, which would put its own back when it returns, and not while one runs. So
//! a setter of the engine's is bound to it, and called in a microtask: then nothing is running.

use std::cell::{Cell, OnceCell};

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::{global, global_property, listen, property};

/// So much of it is enough for a capture.
const ENOUGH: isize = 32 * 1024;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = getOwnPropertyDescriptor)]
    fn descriptor(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Promise, js_name = resolve)]
    fn resolved(value: &JsValue) -> Result<Chain, JsValue>;

    type Callable;
    #[wasm_bindgen(method, catch)]
    fn bind(this: &Callable, to: &JsValue) -> Result<Function, JsValue>;
    #[wasm_bindgen(method, catch, js_name = bind)]
    fn bind_with(this: &Callable, to: &JsValue, first: &JsValue) -> Result<Function, JsValue>;

    type Chain;
    #[wasm_bindgen(method, catch)]
    fn then(this: &Chain, done: &Function) -> Result<Chain, JsValue>;
}

thread_local! {
    /// Puts the pointer back, soon.
    static GIVE_BACK: OnceCell<Function> = const { OnceCell::new() };
    /// Panics for whose capture too little was left.
    static MISSED: Cell<usize> = const { Cell::new(0) };
}

/// Gives the stack back after whatever nobody caught, and when [`give_back`] is called. Without the pointer, never.
pub(crate) fn watch() {
    let pointer = property(&wasm_bindgen::exports(), "__stack_pointer");
    if pointer.is_object() {
        let _ = prepare(pointer);
    }
}

fn prepare(pointer: JsValue) -> Result<(), JsValue> {
    let prototype = property(&property(&global_property("WebAssembly"), "Global"), "prototype");
    let value = descriptor(&prototype, "value")?;
    let get = property(&value, "get").unchecked_into::<Callable>().bind(&pointer)?;
    let settled = resolved(&JsValue::UNDEFINED)?;
    // What the pointer is in a microtask is what it is while nothing runs.
    let first = settled.then(&get)?;
    let begin = Closure::once_into_js(move |first: JsValue| {
        let set = property(&value, "set").unchecked_into::<Callable>().bind_with(&pointer, &first);
        let then = property(&settled, "then").unchecked_into::<Callable>();
        if let Ok(give_back) = set.and_then(|set| then.bind_with(&settled, &set)) {
            listen::add(&global(), "error", &give_back);
            listen::add(&global(), "unhandledrejection", &give_back);
            GIVE_BACK.with(|place| drop(place.set(give_back)));
        }
    });
    first.then(begin.unchecked_ref()).map(drop)
}

/// Gives the stack back as soon as nothing of the module is running.
pub(crate) fn give_back() {
    GIVE_BACK.with(|call| {
        if let Some(call) = call.get() {
            let _ = call.call0(&JsValue::UNDEFINED);
        }
    });
}

/// Whether so little of the stack is left that a capture is to wait until it is given back.
pub(crate) fn is_low() -> bool {
    let here = 0_u8;
    // The stack is the lowest of the memory and grows downwards; below it an address is negative.
    GIVE_BACK.with(|call| call.get().is_some()) && (&raw const here).addr().cast_signed() < ENOUGH
}

/// Counts a panic that is not captured.
pub(crate) fn miss() {
    MISSED.set(MISSED.get().saturating_add(1));
}

/// How many there were since this was asked last.
pub(crate) fn missed() -> usize {
    MISSED.take()
}

//! The stack of the module, which a trap does not give back.
//!
//! What a function of Rust's keeps on the stack that is in the module's memory, it gives back when it returns. One that
//! ends in a trap does not return, and the pointer stays where it was: some thousand caught panics, or one endless
//! recursion, and whatever is called next has no stack. Where the module exports the pointer, its first value can be put
//! back, but not by a function of the module, which would put its own back when it returns, and not while one runs. So
//! a setter of the engine's is bound to it, and called in a microtask: then nothing is running.

use std::cell::OnceCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    fn bind_with(this: &Callable, to: &JsValue, first: &JsValue) -> Result<Callable, JsValue>;
    /// What is called with this throws nothing. Without a result to be put anywhere, the call takes nothing of the stack.
    #[wasm_bindgen(method)]
    fn call(this: &Callable);

    type Chain;
    #[wasm_bindgen(method, catch)]
    fn then(this: &Chain, done: &Function) -> Result<Chain, JsValue>;
}

struct Pointer {
    /// Puts it back, soon.
    give_back: Callable,
    /// Puts it to the end, now.
    use_up: Callable,
}

/// Captures for which too little was left.
static MISSED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static POINTER: OnceCell<Pointer> = const { OnceCell::new() };
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
        let set = property(&value, "set").unchecked_into::<Callable>();
        let then = property(&settled, "then").unchecked_into::<Callable>();
        let give_back = set.bind_with(&pointer, &first).and_then(|set| then.bind_with(&settled, &set));
        if let (Ok(give_back), Ok(use_up)) = (give_back, set.bind_with(&pointer, &0.into())) {
            listen::add(&global(), "error", &give_back);
            listen::add(&global(), "unhandledrejection", &give_back);
            POINTER.with(|place| drop(place.set(Pointer { give_back, use_up })));
        }
    });
    first.then(begin.unchecked_ref()).map(drop)
}

/// Gives the stack back as soon as nothing of the module is running.
pub(crate) fn give_back() {
    POINTER.with(|pointer| {
        if let Some(pointer) = pointer.get() {
            pointer.give_back.call();
        }
    });
}

/// Takes what is left of the stack until it is given back, if it is so little that a panic may trap before its hook is
/// called, which would be the last for which the standard library calls one. What has no stack gets to no panic.
///
/// Neither this nor what calls it may have anything on the stack: on its return that would put the pointer back.
pub(crate) fn use_up() {
    if is_below(ENOUGH / 4) {
        POINTER.with(|pointer| {
            if let Some(pointer) = pointer.get() {
                pointer.use_up.call();
            }
        });
    }
}

/// Whether so little of the stack is left that nothing is to begin until it is given back, which it will be.
pub(crate) fn is_low() -> bool {
    let low = is_below(ENOUGH);
    if low {
        give_back();
    }
    low
}

/// Whether so little is left that not even what has begun may take hold of anything: a trap would not let it go.
pub(crate) fn is_out() -> bool {
    is_below(ENOUGH / 2)
}

/// This writes nothing, so that it does not trap where nothing is left.
#[inline(never)]
fn is_below(enough: isize) -> bool {
    let here = MaybeUninit::<u8>::uninit();
    // The stack is the lowest of the memory and grows downwards; below it an address is negative.
    POINTER.with(|pointer| pointer.get().is_some()) && (&raw const here).addr().cast_signed() < enough
}

/// Counts what is not captured.
pub(crate) fn miss() {
    MISSED.fetch_add(1, Ordering::Relaxed);
}

/// How many there were since this was asked last.
pub(crate) fn missed() -> usize {
    MISSED.swap(0, Ordering::Relaxed)
}

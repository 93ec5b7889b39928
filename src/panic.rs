//! The panic hook: a panic is captured and handed to the host before the trap that ends it.
//!
//! [`init`](crate::init) installs it. Only an application whose framework takes the place of the hook, later than at its
//! start, calls [`install`] by itself.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};

use js_sys::{Date, Math, Reflect, Symbol};
use tailcone_core::reports::reason;
use tailcone_core::{Event, Exception, Level, Mechanism, stack};
use wasm_bindgen::JsValue;

#[cfg(feature = "stack")]
use crate::host;
use crate::host::scrub::scrub_text;
use crate::host::{global, page, property, quietly, timer};
use crate::{hub, reserve};

/// `globalThis[Symbol.for(MARK)]` is the moment of the last panic that was captured, for all who see its trap: the
/// listeners of this module and of others, and the npm package's.
const MARK: &str = "tailcone.panic";
/// Between a panic and its trap, in ms.
const SOON: f64 = 1000.0;

thread_local! {
    /// Set while the hook runs: a panic in there must not come back in there.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    /// Whether the panic has been printed.
    static PRINTED: Cell<bool> = const { Cell::new(false) };
    /// The mark of the last panic whose trap was seen.
    static SEEN: Cell<f64> = const { Cell::new(0.0) };
    /// Whether a panic that was captured has ended in a trap: what was borrowed or moved at that stays so.
    static DISORDER: Cell<bool> = const { Cell::new(false) };
}

/// Puts `capture` before the hook that is there. `print`: to the console, too, as `console_error_panic_hook` does. This
/// hook may be in the chain twice, and does everything once.
fn chain(print: bool, capture: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) {
    let previous = panic::take_hook();
    let hook = move |info: &PanicHookInfo<'_>| {
        let _memory = reserve::lend();
        let first = !RUNNING.replace(true);
        if print && !PRINTED.replace(true) {
            quietly(|| console_error_panic_hook::hook(info));
        }
        if first {
            capture(info);
        }
        previous(info);
        if first {
            PRINTED.set(false);
            RUNNING.set(false);
            if cfg!(panic = "abort") {
                hub::abandon();
            }
        }
    };
    // A hook that traps is the last that the standard library calls, so at the end of the stack none is called.
    #[cfg(feature = "stack")]
    let hook = move |info: &PanicHookInfo<'_>| {
        if host::stack::is_low() {
            host::stack::miss();
            host::stack::use_up();
        } else {
            apart(|| hook(info));
        }
    };
    panic::set_hook(Box::new(hook));
}

/// What `work` takes of the stack, its caller does not take.
#[cfg(feature = "stack")]
#[inline(never)]
fn apart(work: impl FnOnce()) {
    work();
}

/// Installs the panic hook before the hook that is there. [`init`](crate::init) does this; call it when something has
/// replaced the hook since. A hook that is there twice captures once. Outside wasm this does nothing.
///
/// ```
/// fn main() -> Result<(), tailcone::Error> {
///     let _guard = tailcone::init(tailcone::Options::new("https://public@example.com/1")?);
///     std::panic::set_hook(Box::new(|info| eprintln!("the game is over: {info}")));
///     tailcone::panic::install();
///     Ok(())
/// }
/// ```
pub fn install() {
    // After a panic that ended in a trap the standard library refuses, for ever, by another panic.
    if cfg!(target_family = "wasm") && !std::thread::panicking() {
        chain(false, capture);
    }
}

/// Installs the hook with the first client, and again when the application has started: frameworks set a hook of their
/// own in its place, as Yew does when it renders.
pub(crate) fn install_first(print: bool) {
    reserve::keep();
    chain(print, capture);
    timer::soon(install);
}

fn capture(info: &PanicHookInfo<'_>) {
    #[cfg(feature = "stack")]
    host::stack::give_back();
    let mut frames = page::frames();
    if cfg!(feature = "backtrace") {
        stack::trim_panic(&mut frames);
    }
    let mut mechanism = Mechanism::new("panic", false);
    if let Some(location) = info.location() {
        mechanism = mechanism.data("location", location.to_string());
    }
    let panic = Exception::new("panic", scrub_text(message(info))).mechanism(mechanism).frames(frames);
    let mut event = Event::of_exceptions(vec![panic]);
    event.set_level(Level::Fatal);
    if !hub::capture(event).is_nil() {
        // No two panics have the same mark.
        let _ = Reflect::set(&global(), &Symbol::for_(MARK), &(Date::now() + Math::random()).into());
        DISORDER.set(cfg!(panic = "abort"));
    }
}

/// What the panic says. The standard library's own way to it, `payload_as_str`, came with Rust 1.91.
fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| Some(payload.downcast_ref::<String>()?));
    text.unwrap_or("Box<dyn Any>")
}

/// How the errors end that wasm-bindgen throws for calls into a module in disorder, about objects and closures.
const DISORDERLY: [&str; 3] = [" rust", "was borrowed", "being dropped"];
/// What it throws for all calls into a module that unwinds its panics, after a trap that was none.
const TERMINATED: &str = "Module terminated";

/// Whether an uncaught error is the trap that a captured panic ended in, which belongs to that one's event, or follows from
/// it later, which is counted.
pub(crate) fn is_aftershock(error: &JsValue) -> bool {
    let Some(message) = property(error, "message").as_string() else { return false };
    if message == TERMINATED || DISORDER.get() && DISORDERLY.iter().any(|end| message.ends_with(end)) {
        hub::with(|hub| hub.client.discard(reason::IGNORED, "error", 1));
        return true;
    }
    // V8 and SpiderMonkey write it small, WebKit does not.
    let trap = property(error, "name") == "RuntimeError" && message.get(1..11) == Some("nreachable");
    let mark = Reflect::get(&global(), &Symbol::for_(MARK)).ok().and_then(|mark| mark.as_f64()).unwrap_or_default();
    trap && (Date::now() - mark).abs() < SOON && SEEN.replace(mark).to_bits() != mark.to_bits()
}

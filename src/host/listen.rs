//! Listeners for errors that nobody caught, by `addEventListener`, so that the page's own handlers keep working.

use js_sys::Function;
use web_sys::EventTarget;

/// Adds a listener. A target that refuses listeners leaves nothing to do about it.
pub(crate) fn add(target: &EventTarget, kind: &str, listener: &Function) {
    let _ = target.add_event_listener_with_callback(kind, listener);
}

/// Takes a listener away.
#[cfg(feature = "npm")]
pub(crate) fn remove(target: &EventTarget, kind: &str, listener: &Function) {
    let _ = target.remove_event_listener_with_callback(kind, listener);
}

//! Listeners for errors that nobody caught, by `addEventListener`, so that the page's own handlers keep working.

use js_sys::Function;
use web_sys::EventTarget;

/// Listeners on one target, which can be taken away again.
pub(crate) struct Listeners {
    target: EventTarget,
    listeners: Vec<(&'static str, Function)>,
}

impl Listeners {
    /// Adds each listener to the target.
    pub(crate) fn add(target: EventTarget, listeners: Vec<(&'static str, Function)>) -> Self {
        for (kind, listener) in &listeners {
            // A target that refuses listeners leaves nothing to do about it.
            let _ = target.add_event_listener_with_callback(kind, listener);
        }
        Self { target, listeners }
    }

    /// Takes all of them away.
    pub(crate) fn remove(self) {
        for (kind, listener) in &self.listeners {
            let _ = self.target.remove_event_listener_with_callback(kind, listener);
        }
    }
}

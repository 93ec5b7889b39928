//! What the page or worker is.

use tailcone_core::Object;

use super::{global_property, property};

/// Address, referrer and user agent, as an event's `request`.
pub(crate) fn request() -> Object {
    let text = |of: &str, name: &str| property(&global_property(of), name).as_string().filter(|text| !text.is_empty());
    let mut headers = Object::new();
    if let Some(agent) = text("navigator", "userAgent") {
        headers.insert("User-Agent", agent);
    }
    if let Some(referrer) = text("document", "referrer") {
        headers.insert("Referer", referrer);
    }
    let mut request = Object::new();
    if let Some(url) = text("location", "href") {
        request.insert("url", url);
    }
    if !headers.is_empty() {
        request.insert("headers", headers);
    }
    request
}

/// The stack of the call, as the engine writes it, with as many frames as are read. Chrome's ten are too few for a
/// panic: the machinery alone takes most of them.
#[cfg(feature = "panic")]
pub(crate) fn stack() -> Option<String> {
    let (error, limit) = (global_property("Error"), "stackTraceLimit".into());
    let before = js_sys::Reflect::get(&error, &limit);
    let _ = js_sys::Reflect::set(&error, &limit, &100.into());
    let stack = property(&js_sys::Error::new(""), "stack").as_string();
    if let Ok(before) = before {
        let _ = js_sys::Reflect::set(&error, &limit, &before);
    }
    stack
}

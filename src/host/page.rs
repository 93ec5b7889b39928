//! What the page or worker is.

use tailcone_core::{Frame, Object, stack};

use super::scrub::scrub_url;
use super::{global_property, property};

/// Whether this is no page and no worker of one, but a server: it has no address. Only an application that is made for
/// servers asks.
pub(crate) fn is_server() -> bool {
    cfg!(feature = "worker") && global_property("location").is_undefined()
}

/// Address, referrer and user agent, as an event's `request`, without secrets.
pub(crate) fn request() -> Object {
    if !cfg!(target_family = "wasm") || is_server() {
        return Object::new();
    }
    let text = |of: &str, name: &str| property(&global_property(of), name).as_string().filter(|text| !text.is_empty());
    let mut headers = Object::new();
    if let Some(agent) = text("navigator", "userAgent") {
        headers.insert("User-Agent", agent);
    }
    if let Some(referrer) = text("document", "referrer") {
        headers.insert("Referer", scrub_url(&referrer));
    }
    let mut request = Object::new();
    if let Some(url) = text("location", "href") {
        request.insert("url", scrub_url(&url));
    }
    if !headers.is_empty() {
        request.insert("headers", headers);
    }
    request
}

/// The stack of the call.
pub(crate) fn frames() -> Vec<Frame> {
    if !cfg!(feature = "backtrace") {
        return Vec::new();
    }
    let mut frames = stack().map(|text| stack::parse(&text, "")).unwrap_or_default();
    for frame in &mut frames {
        frame.platform.get_or_insert("javascript");
    }
    frames
}

/// What this module is called in stacks; nothing where they do not say. The innermost wasm frame of the call is its own.
pub(crate) fn own_file() -> String {
    let frames = frames();
    let own = frames.iter().rev().find(|frame| frame.instruction_addr.is_some());
    own.and_then(|frame| frame.filename.clone()).unwrap_or_default()
}

/// The stack of the call, as the engine writes it, with as many frames as are read. Chrome's ten are too few for a
/// panic: the machinery alone takes most of them.
fn stack() -> Option<String> {
    if !cfg!(target_family = "wasm") {
        return None;
    }
    let (error, limit) = (global_property("Error"), "stackTraceLimit".into());
    let before = js_sys::Reflect::get(&error, &limit);
    let _ = js_sys::Reflect::set(&error, &limit, &100.into());
    let stack = property(&js_sys::Error::new(""), "stack").as_string();
    if let Ok(before) = before {
        let _ = js_sys::Reflect::set(&error, &limit, &before);
    }
    stack
}

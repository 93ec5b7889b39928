//! The call that sends: fetch, and a beacon where fetch cannot be had while the page goes away.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &Object) -> Result<Promise, JsValue>;
}

/// How a request left.
pub(crate) enum Sent {
    /// By fetch; the answer is to be waited for.
    Fetch(Promise),
    /// As a beacon, which is handed over and never answered.
    Beacon,
    /// Not at all.
    Refused,
}

/// Posts an envelope. A string for a body makes it `text/plain;charset=UTF-8`, and nothing here needs a preflight.
/// `hidden`: the page is being hidden, so that a request without `keepalive` would die with it.
pub(crate) fn post(url: &str, body: &str, keepalive: bool, hidden: bool) -> Sent {
    let beacon = |body| if beacon(url, body) { Sent::Beacon } else { Sent::Refused };
    if hidden
        && !keepalive
        && let sent @ Sent::Beacon = beacon(body)
    {
        return sent;
    }
    match fetch(url, &init(body, keepalive)) {
        Ok(promise) => Sent::Fetch(promise),
        Err(_) => beacon(body),
    }
}

fn init(body: &str, keepalive: bool) -> Object {
    let init = Object::new();
    for (key, value) in [
        ("method", "POST".into()),
        ("body", body.into()),
        ("keepalive", keepalive.into()),
        // No cookies leave, and no more of the page's address than its origin.
        ("credentials", "omit".into()),
        ("referrerPolicy", "strict-origin".into()),
    ] {
        let value: JsValue = value;
        // Setting a property of an object of our own does not fail.
        let _ = Reflect::set(&init, &key.into(), &value);
    }
    init
}

fn beacon(url: &str, body: &str) -> bool {
    let navigator: web_sys::Navigator = super::global_property("navigator").unchecked_into();
    navigator.send_beacon_with_opt_str(url, Some(body)).unwrap_or(false)
}

//! The call that sends: fetch, and a beacon where fetch cannot be had while the page goes away.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(input: &JsValue, init: &Object) -> Result<Promise, JsValue>;
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
    if hidden && !keepalive && beacon(url, body) {
        return Sent::Beacon;
    }
    match request(url, body).and_then(|(input, init)| {
        set(&init, "keepalive", &keepalive.into());
        fetch(&input, &init)
    }) {
        Ok(promise) => Sent::Fetch(promise),
        Err(_) if beacon(url, body) => Sent::Beacon,
        Err(_) => Sent::Refused,
    }
}

/// What `fetch` is called with. No cookies leave, and no more of the page's address than its origin.
#[cfg(not(feature = "gloo"))]
#[allow(clippy::unnecessary_wraps)] // As its twin below.
fn request(url: &str, body: &str) -> Result<(JsValue, Object), JsValue> {
    let init = Object::new();
    for (key, value) in
        [("method", "POST"), ("body", body), ("credentials", "omit"), ("referrerPolicy", "strict-origin")]
    {
        set(&init, key, &value.into());
    }
    Ok((url.into(), init))
}

/// What `fetch` is called with: gloo-net builds the request. It is not gloo-net that sends it: its `send` has no
/// `keepalive`, and it panics when a page's own `fetch` rejects with something else than an `Error`.
#[cfg(feature = "gloo")]
fn request(url: &str, body: &str) -> Result<(JsValue, Object), JsValue> {
    use web_sys::{ReferrerPolicy, RequestCredentials};

    let request = gloo_net::http::RequestBuilder::new(url)
        .method(gloo_net::http::Method::POST)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::StrictOrigin)
        .body(body)
        .map_err(|_| JsValue::NULL)?;
    Ok((web_sys::Request::from(request).into(), Object::new()))
}

fn set(object: &Object, key: &str, value: &JsValue) {
    // Setting a property of an object of our own does not fail.
    let _ = Reflect::set(object, &key.into(), value);
}

fn beacon(url: &str, body: &str) -> bool {
    let navigator: web_sys::Navigator = super::global_property("navigator").unchecked_into();
    navigator.send_beacon_with_opt_str(url, Some(body)).unwrap_or(false)
}

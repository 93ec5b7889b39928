//! The call that sends: fetch, and a beacon where fetch cannot be had while the page goes away.

use wasm_bindgen::prelude::*;

use super::{Request, page, quietly};

#[wasm_bindgen]
extern "C" {
    #[cfg(not(feature = "gloo"))]
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue>;

    #[cfg(feature = "gloo")]
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request, init: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = navigator, js_name = sendBeacon)]
    fn send_beacon(url: &str, body: &str) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse_json(text: &str) -> Result<JsValue, JsValue>;

    #[cfg(not(feature = "gloo"))]
    #[wasm_bindgen(catch, js_namespace = Reflect)]
    fn set(object: &JsValue, key: &str, value: &str) -> Result<bool, JsValue>;
}

/// How a request left.
pub(crate) enum Sent {
    /// By fetch; the answer, a promise, is to be waited for.
    Fetch(JsValue),
    /// As a beacon, which is handed over and never answered.
    Beacon,
    /// Not at all.
    Refused,
}

/// Posts an envelope. A string for a body makes it `text/plain;charset=UTF-8`, and nothing here needs a preflight.
pub(crate) fn post(&Request { url, body, keepalive, hidden }: &Request<'_>) -> Sent {
    let beacon = || send_beacon(url, body).unwrap_or(false);
    if hidden && !keepalive && beacon() {
        return Sent::Beacon;
    }
    match quietly(|| request(url, body, keepalive)) {
        Some(Ok(promise)) => Sent::Fetch(promise),
        _ if beacon() => Sent::Beacon,
        _ => Sent::Refused,
    }
}

/// Calls `fetch`. No cookies leave, and no more of the page's address than its origin. Servers have neither, and
/// are not told about them.
#[cfg(not(feature = "gloo"))]
fn request(url: &str, body: &str, keepalive: bool) -> Result<JsValue, JsValue> {
    let init = parse_json(if page::is_server() {
        r#"{"method":"POST"}"#
    } else if keepalive {
        r#"{"method":"POST","credentials":"omit","referrerPolicy":"strict-origin","keepalive":true}"#
    } else {
        r#"{"method":"POST","credentials":"omit","referrerPolicy":"strict-origin"}"#
    })?;
    set(&init, "body", body)?;
    fetch(url, &init)
}

/// Calls `fetch` with a request that gloo-net builds. It is not gloo-net that sends it: its `send` has no `keepalive`,
/// and it panics when a page's own `fetch` rejects with something else than an `Error`.
#[cfg(feature = "gloo")]
fn request(url: &str, body: &str, keepalive: bool) -> Result<JsValue, JsValue> {
    use web_sys::{ReferrerPolicy, RequestCredentials};

    let mut request = gloo_net::http::RequestBuilder::new(url).method(gloo_net::http::Method::POST);
    if !page::is_server() {
        request = request.credentials(RequestCredentials::Omit).referrer_policy(ReferrerPolicy::StrictOrigin);
    }
    let request = request.body(body).map_err(|_| JsValue::NULL)?;
    let init = parse_json(if keepalive { r#"{"keepalive":true}"# } else { "{}" })?;
    fetch(&request.into(), &init)
}

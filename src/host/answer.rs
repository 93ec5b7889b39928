//! What a server answered: read by gloo-net, or by hand without it, after a look whether it is an answer at all: a
//! page may have replaced `fetch` by something that resolves to anything.

use js_sys::Function;
use tailcone_core::Reply;
use wasm_bindgen::prelude::*;

use super::{global_property, property};

#[wasm_bindgen]
extern "C" {
    /// Anything with a `then`, of whichever realm.
    pub(crate) type Thenable;
    #[wasm_bindgen(method, catch, js_name = then)]
    pub(crate) fn settle(this: &Thenable, done: &Function, failed: &Function) -> Result<JsValue, JsValue>;

    type Body;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    fn read(this: &Body) -> Result<Thenable, JsValue>;
}

/// A response's status and the two headers that matter.
pub(crate) struct Answer {
    status: u16,
    limits: String,
    retry_after: String,
}

impl Answer {
    /// Reads a response, and drains its body: one that is not read holds the connection and the keepalive quota.
    /// `None` when this is no response.
    pub(crate) fn read(response: &JsValue) -> Option<Self> {
        let headers = property(response, "headers");
        if property(response, "status").as_f64().is_none() || !property(&headers, "get").is_function() {
            return None;
        }
        if let Ok(body) = response.unchecked_ref::<Body>().read() {
            // Any function of the host's does.
            let ignore = global_property("Boolean").unchecked_into();
            let _ = body.settle(&ignore, &ignore);
        }
        Some(Self::of(response, &headers))
    }

    #[cfg(feature = "gloo")]
    fn of(response: &JsValue, headers: &JsValue) -> Self {
        let _ = headers;
        let response = gloo_net::http::Response::from(response.clone().unchecked_into::<web_sys::Response>());
        let header = |name| response.headers().get(name).unwrap_or_default();
        Self { status: response.status(), limits: header(LIMITS), retry_after: header(RETRY_AFTER) }
    }

    #[cfg(not(feature = "gloo"))]
    fn of(response: &JsValue, headers: &JsValue) -> Self {
        let get: Function = property(headers, "get").unchecked_into();
        let header =
            |name: &str| get.call1(headers, &name.into()).ok().and_then(|value| value.as_string()).unwrap_or_default();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates.
        let status = property(response, "status").as_f64().unwrap_or(0.0) as u16;
        Self { status, limits: header(LIMITS), retry_after: header(RETRY_AFTER) }
    }

    /// As the core takes it.
    pub(crate) fn reply(&self) -> Reply<'_> {
        Reply::Http { status: self.status, limits: &self.limits, retry_after: &self.retry_after }
    }
}

const LIMITS: &str = "X-Sentry-Rate-Limits";
const RETRY_AFTER: &str = "Retry-After";

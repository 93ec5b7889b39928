//! Cloudflare Workers written with workers-rs: each request has a scope of its own, and no response waits for a report.
//!
//! ```text
//! use tailcone::worker::{Incoming, wrap};
//! use worker::{Context, Env, Request, Response, Result, event};
//!
//! #[event(fetch)]
//! async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
//!     let dsn = env.var("DSN")?.to_string();
//!     // workers-rs prints panics by itself.
//!     let options = || Ok(tailcone::Options::new(&dsn)?.panic_console(false));
//!     let incoming = Incoming::new(request.method(), request.inner().url());
//!     wrap(options, incoming, &context, route(request, &env)).await
//! }
//! ```
//!
//! Nothing here is of a certain version of the `worker` crate.

use std::cell::Cell;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use tailcone_core::{Event, Mechanism, Object, Scope};
use wasm_bindgen::JsValue;

use crate::future::BindScope;
use crate::host::scrub::scrub_url;
use crate::host::{fetch, keep};
use crate::{Options, capture, hub};

/// So long a request is kept alive for what waits to be sent.
const TIMEOUT: Duration = Duration::from_secs(2);

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// What events say of the request in which they were captured.
///
/// ```
/// let incoming = tailcone::worker::Incoming::new("GET", "https://example.com/seats?row=7");
/// # let _ = incoming;
/// ```
#[derive(Clone, Debug)]
pub struct Incoming(Object);

impl Incoming {
    /// Its method and its address, from which secrets are taken out.
    pub fn new(method: impl AsRef<str>, url: impl AsRef<str>) -> Self {
        Self([("method", method.as_ref().to_owned()), ("url", scrub_url(url.as_ref()))].into_iter().collect())
    }
}

/// Runs the handler of a request: with a scope of its own, and with the recorder, which the first request starts, as
/// `options` says. An `Err` is captured and given back unchanged. `context` is the one of workers-rs: it keeps the request
/// alive until everything is sent, for 2 seconds at most, while the response is on its way already.
///
/// A panic is sent, too; how the next request is served is told in `docs/platform.md`. When `options` fails, that is
/// printed, and nothing is recorded.
///
/// # Errors
/// Those of the handler.
///
/// ```
/// # struct Context(wasm_bindgen::JsValue);
/// # impl AsRef<wasm_bindgen::JsValue> for Context {
/// #     fn as_ref(&self) -> &wasm_bindgen::JsValue { &self.0 }
/// # }
/// use tailcone::worker::{Incoming, wrap};
///
/// async fn fetch(context: Context) -> Result<String, std::fmt::Error> {
///     let options = || tailcone::Options::new("https://key@example.com/1");
///     wrap(options, Incoming::new("GET", "https://example.com/"), &context, async { Ok("hello".into()) }).await
/// }
/// # let _ = fetch;
/// ```
pub async fn wrap<T, E: Error, C: AsRef<J>, J: AsRef<JsValue>>(
    options: impl FnOnce() -> Result<Options, crate::Error>,
    request: Incoming,
    context: &C,
    handler: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    start(options);
    fetch::expire();
    let context = context.as_ref().as_ref();
    let scope = Scope::from([("request", request.0)].into_iter().collect::<Object>());
    let work = async {
        let result = handler.await;
        if let Err(error) = &result {
            let thrown = capture::exception(error, Mechanism::new("auto.http.workers_rs", false));
            hub::capture(Event::of_chain(capture::chain(thrown, error.source())));
        }
        result
    };
    let mut work = BindScope::alone(work, scope);
    let result = poll_fn(|task| {
        let before = keep::enter(Some(context.clone()));
        let polled = Pin::new(&mut work).poll(task);
        keep::enter(before);
        polled
    })
    .await;
    if cfg!(target_family = "wasm") && hub::with(|hub| !hub.client.is_idle()) == Some(true) {
        let flush = capture::flush(TIMEOUT);
        keep::hold_for(context, &wasm_bindgen_futures::future_to_promise(async { Ok(flush.await.into()) }));
    }
    result
}

/// Starts the recorder, if that has not been tried in this instance.
fn start(options: impl FnOnce() -> Result<Options, crate::Error>) {
    if STARTED.replace(true) || hub::with(|_| ()).is_some() {
        return;
    }
    match options() {
        // It is the requests that flush.
        Ok(options) => std::mem::forget(crate::init(options)),
        Err(error) => crate::host::print::line(&format!("tailcone: {error}")),
    }
}

//! The touches of the environment: clock, randomness, page, requests, listeners. Each is one small file that knows the
//! core and nothing of the faces; every import is declared so that an exception of the host's comes back as a value.

pub(crate) mod answer;
pub(crate) mod clock;
pub(crate) mod fetch;
#[cfg(feature = "instrument")]
pub(crate) mod instrument;
#[cfg(feature = "worker")]
pub(crate) mod keep;
pub(crate) mod listen;
pub(crate) mod page;
pub(crate) mod print;
pub(crate) mod scrub;
pub(crate) mod send;
#[cfg(feature = "stack")]
pub(crate) mod stack;
pub(crate) mod timer;

use std::cell::Cell;
use std::thread::LocalKey;

use tailcone_core::Reply;
use wasm_bindgen::prelude::*;

/// What is to be posted: an envelope, which is a text of lines.
///
/// ```
/// use tailcone::Request;
///
/// /// One line about a request, for a log.
/// fn line(request: &Request<'_>) -> String {
///     let place = if request.keepalive { "also after the page" } else { "now" };
///     format!("{} bytes to {}, {place}", request.body.len(), request.url)
/// }
/// # let _ = line;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Where to.
    pub url: &'a str,
    /// The envelope, lines of JSON.
    pub body: &'a str,
    /// Whether it is to outlive the page.
    pub keepalive: bool,
    /// Whether the page is hidden, so that a request which does not outlive it may die with it.
    pub hidden: bool,
}

impl<'a> Request<'a> {
    pub(crate) fn new(url: &'a str, body: &'a str, keepalive: bool, hidden: bool) -> Self {
        Self { url, body, keepalive, hidden }
    }
}

/// To be called once, with what became of a request. A request whose `Done` is dropped counts as on its way for ever.
///
/// ```
/// use std::cell::RefCell;
///
/// use tailcone::{Done, Reply, Request, Transport};
///
/// /// Holds every answer back until the network is there again.
/// #[derive(Default)]
/// struct Waiting(RefCell<Vec<Done>>);
///
/// impl Transport for Waiting {
///     fn send(&self, _: Request<'_>, done: Done) {
///         self.0.borrow_mut().push(done);
///     }
/// }
///
/// impl Waiting {
///     fn answer(&self) {
///         for done in self.0.take() {
///             done(&Reply::Http { status: 200, limits: "", retry_after: "" });
///         }
///     }
/// }
/// # Waiting::default().answer();
/// ```
pub type Done = Box<dyn FnOnce(&Reply<'_>)>;

/// How envelopes leave. Without one of the application's, it is the page's `fetch`.
///
/// ```
/// use tailcone::{Done, Reply, Request, Transport};
///
/// /// Prints what would be sent.
/// struct Print;
///
/// impl Transport for Print {
///     fn send(&self, request: Request<'_>, done: Done) {
///         println!("POST {}\n{}", request.url, request.body);
///         done(&Reply::Http { status: 200, limits: "", retry_after: "" });
///     }
/// }
///
/// # fn main() -> Result<(), tailcone::Error> {
/// let _guard = tailcone::init(tailcone::Options::new("https://key@example.com/1")?.transport(Print));
/// # Ok(())
/// # }
/// ```
pub trait Transport: 'static {
    /// Posts an envelope, and tells by `done` what became of it, now or later.
    fn send(&self, request: Request<'_>, done: Done);
}

#[wasm_bindgen]
extern "C" {
    /// Window, worker scope, or whatever else there is.
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
}

/// What is made once and stays as long as the module.
pub(crate) type Once<T> = Cell<Option<&'static T>>;

/// What is in there; `make` makes it. Unlike the standard library's own way, this has no code for the end of a thread and
/// for a panic.
pub(crate) fn once<T>(place: &'static LocalKey<Once<T>>, make: impl FnOnce() -> T) -> &'static T {
    place.get().unwrap_or_else(|| {
        let value: &'static T = Box::leak(Box::new(make()));
        place.set(Some(value));
        value
    })
}

/// The global object.
pub(crate) fn global() -> JsValue {
    GLOBAL.with(JsValue::clone)
}

/// A property of the global object; `undefined` when there is none or when asking throws.
pub(crate) fn global_property(name: &str) -> JsValue {
    property(&global(), name)
}

/// A property of any value; `undefined` when there is none or when asking throws.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Does something on behalf of the recorder, which is no breadcrumb of the application's.
#[allow(clippy::unnecessary_wraps)] // Where breadcrumbs are left, a page can keep it from being done.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    #[cfg(feature = "instrument")]
    return instrument::quietly(work);
    #[cfg(not(feature = "instrument"))]
    Some(work())
}

//! What an application calls.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tailcone_core::{Breadcrumb, Event, EventId, Exception, Frame, Level, Mechanism, Object, Scope};
use wasm_bindgen::JsValue;

use crate::host::fetch::Fetch;
use crate::host::print::Print;
use crate::host::{clock, page};
use crate::hub::{self, FlushState};
use crate::{Options, js_error, listeners};

/// Sources of an error that are followed.
const MAX_SOURCES: u64 = 50;
/// Whether the hook and the listeners are there: they come with the first client and stay.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Starts the recorder: from now on panics, uncaught errors and unhandled rejections are captured. A second call
/// replaces the client and keeps the listeners.
///
/// Outside wasm this does nothing, and neither does anything else here, unless the options have a transport or ask for
/// lines (`debug`): code that is shared with a server, and tests, need no `cfg`. There panics are left alone.
pub fn init(mut options: Options) -> Guard {
    for integration in options.hooks.integrations.clone() {
        integration.setup(&mut options);
    }
    let Options { mut core, hooks, scope, transport, enabled, panic_console, global_handlers, .. } = options;
    if !hooks.integrations.is_empty() {
        core.set_integrations(hooks.integrations.iter().map(|integration| integration.name()).collect());
    }
    let wasm = cfg!(target_family = "wasm");
    let transport = transport.or_else(|| match (wasm, hooks.debug) {
        (true, _) => Some(Rc::new(Fetch)),
        (false, true) => Some(Rc::new(Print)),
        (false, false) => None,
    });
    let Some(transport) = transport.filter(|_| enabled) else {
        hub::replace(None);
        return Guard(());
    };
    hub::start(core, hooks, transport, scope);
    if wasm && !INSTALLED.swap(true, Ordering::Relaxed) {
        #[cfg(feature = "panic")]
        crate::panic::install_first(panic_console);
        #[cfg(not(feature = "panic"))]
        let _ = panic_console;
        #[cfg(feature = "stack")]
        crate::host::stack::watch();
        listeners::install(global_handlers);
    }
    Guard(())
}

/// Sends what it can when it is dropped. The recorder goes on: in a page, `main` returns long before the program ends.
#[derive(Debug)]
#[must_use = "keep it for as long as the program's work goes on"]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        if hub::with(|_| ()).is_some() {
            drop(flush(Duration::from_secs(2)));
        }
    }
}

/// Captures an error with its sources.
pub fn capture_error<E: Error + ?Sized>(error: &E) -> EventId {
    let mut exceptions = chain(&error, error.source());
    if let Some(thrown) = exceptions.first_mut() {
        thrown.frames = attached_frames();
    }
    hub::capture(Event::of_chain(exceptions))
}

/// Captures an error of the `anyhow` crate with its contexts and sources.
///
/// ```
/// let error = anyhow::anyhow!("the file is gone").context("no settings");
/// tailcone::capture_anyhow(&error);
/// ```
#[cfg(feature = "anyhow")]
pub fn capture_anyhow(error: &anyhow::Error) -> EventId {
    let error: &(dyn Error + Send + Sync + 'static) = &**error;
    capture_error(error)
}

/// An error, then its sources.
pub(crate) fn chain(
    error: &(impl fmt::Debug + fmt::Display),
    mut source: Option<&(dyn Error + 'static)>,
) -> Vec<Exception> {
    let mut exceptions = vec![rust_exception(error, Mechanism::new("generic", true))];
    for id in 1..MAX_SOURCES {
        let Some(error) = source else { break };
        exceptions.push(rust_exception(&error, Mechanism::cause(id, "source")));
        source = error.source();
    }
    exceptions
}

/// The stack of the call, if it is wanted.
fn attached_frames() -> Vec<Frame> {
    if hub::with(|hub| hub.hooks.attach_stacktrace) == Some(true) { page::frames() } else { Vec::new() }
}

fn rust_exception(error: &(impl fmt::Debug + fmt::Display), mechanism: Mechanism) -> Exception {
    let mut name = Name(String::new());
    // Ends with an error as soon as the name is complete.
    let _ = write!(name, "{error:?}");
    let ty = if name.0.is_empty() { "Error".into() } else { name.0 };
    Exception { ty: Some(ty), value: Some(error.to_string()), mechanism: Some(mechanism), ..Exception::default() }
}

/// Takes the leading word of what is written, which in a derived `Debug` is the type's name.
struct Name(String);

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            // Of what is not ASCII nothing else is in a derived `Debug` before the name's end.
            if !(c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()) || self.0.len() > 100 {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}

/// Captures a message.
pub fn capture_message(message: impl Into<String>, level: Level) -> EventId {
    let message = message.into();
    let frames = attached_frames();
    let mut event = if frames.is_empty() {
        Event::new()
    } else {
        let mechanism = Mechanism { synthetic: Some(true), ..Mechanism::new("generic", true) };
        let value = Some(message.clone());
        Event::of_exceptions(vec![Exception { value, mechanism: Some(mechanism), frames, ..Exception::default() }])
    };
    event.set_message(message).set_level(level);
    hub::capture(event)
}

/// Captures any value that JavaScript threw, with its causes.
pub fn capture_js(value: &JsValue) -> EventId {
    js_error::capture(value, Mechanism::new("generic", true))
}

/// Captures an event of one's own making.
pub fn capture_event(event: Event) -> EventId {
    hub::capture(event)
}

/// Captures what a user says, about an event or in general.
pub fn capture_feedback(message: impl Into<String>, about: Option<EventId>) -> EventId {
    let mut feedback: Object = [("message", message.into()), ("source", "api".into())].into_iter().collect();
    if let Some(id) = about {
        feedback.insert("associated_event_id", id.to_hex());
    }
    let mut event = Event::new();
    event.set_context("feedback", feedback);
    hub::capture_feedback(event)
}

/// Leaves a breadcrumb in the current scope.
pub fn add_breadcrumb(breadcrumb: Breadcrumb) {
    let Some(hooks) = hub::with(|hub| hub.hooks.clone()) else { return };
    let kept = match &hooks.before_breadcrumb {
        Some(hook) => hook(breadcrumb),
        None => Some(breadcrumb),
    };
    let Some(mut breadcrumb) = kept else { return };
    breadcrumb.timestamp.get_or_insert_with(clock::now);
    hub::with(|hub| {
        let max = hub.client.options().max_breadcrumbs;
        if let Some(scope) = hub.layers.last_mut() {
            scope.add_breadcrumb(breadcrumb, max);
        }
    });
}

/// Changes the current scope. Calls of this crate within `configure` have no effect.
pub fn configure_scope(configure: impl FnOnce(&mut Scope)) {
    hub::with(|hub| hub.layers.last_mut().map(configure));
}

/// Runs `work` with a scope of its own, laid over the current one and set up by `configure`.
pub fn with_scope<T>(configure: impl FnOnce(&mut Scope), work: impl FnOnce() -> T) -> T {
    /// Takes the layer away also when `work` unwinds.
    struct Layer(Option<usize>);
    impl Drop for Layer {
        fn drop(&mut self) {
            if let Some(depth) = self.0 {
                hub::with(|hub| hub.layers.truncate(depth));
            }
        }
    }
    let mut scope = Scope::new();
    configure(&mut scope);
    let depth = hub::with(|hub| {
        hub.layers.push(scope);
        hub.layers.len() - 1
    });
    let _layer = Layer(depth);
    work()
}

/// The id of the last event that was captured.
pub fn last_event_id() -> Option<EventId> {
    hub::with(|hub| hub.last_event_id).filter(|id| !id.is_nil())
}

/// Waits until everything captured so far has been answered for: true. False when that takes longer than `timeout`
/// (what then still waits is dropped and counted), or when there is no recorder.
pub fn flush(timeout: Duration) -> Flush {
    let Some(ticket) = hub::with(|hub| {
        let ticket = hub.ticket();
        hub.flushes.push((ticket, FlushState::Waiting(None)));
        ticket
    }) else {
        return Flush(None);
    };
    let now = clock::now();
    let timeout = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    hub::with(|hub| hub.client.flush(ticket, timeout, now));
    hub::run();
    Flush(Some(ticket))
}

/// A flush under way. It goes on when this is dropped.
#[derive(Debug)]
pub struct Flush(Option<u32>);

impl Future for Flush {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let Some(ticket) = self.0 else { return Poll::Ready(false) };
        hub::with(|hub| match hub.flushes.iter_mut().find(|(of, _)| *of == ticket).map(|(_, state)| state) {
            Some(FlushState::Waiting(waker)) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            Some(FlushState::Over(all)) => Poll::Ready(*all),
            None => Poll::Ready(false),
        })
        .unwrap_or(Poll::Ready(false))
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        hub::with(|hub| hub.flushes.retain(|(ticket, _)| Some(*ticket) != self.0));
    }
}

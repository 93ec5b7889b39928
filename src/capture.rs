//! What an application calls.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::mem;
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
/// replaces options and scopes and keeps the listeners. What still waits to be sent is sent as the new options say; if they
/// have another DSN, or are not enabled, it goes where it belongs, at once, and what cannot is counted.
///
/// Outside wasm this does nothing, and neither does anything else here, unless the options have a transport or ask for
/// lines (`debug`): code that is shared with a server, and tests, need no `cfg`. There panics are left alone.
///
/// ```
/// use tailcone::Options;
///
/// fn main() -> Result<(), tailcone::Error> {
///     let _guard = tailcone::init(Options::new("https://public@example.com/1")?.release(tailcone::release_name!()));
///     // The application starts here.
///     Ok(())
/// }
/// ```
pub fn init(mut options: Options) -> Guard {
    (options.set_up)(&mut options);
    let Options { core, hooks, scope, transport, enabled, panic_console, global_handlers, breadcrumbs, .. } = options;
    let wasm = cfg!(target_family = "wasm");
    let transport = transport.or_else(|| match (wasm, hooks.debug) {
        (true, _) => Some(Rc::new(Fetch)),
        (false, true) => Some(Rc::new(Print)),
        (false, false) => None,
    });
    let Some(transport) = transport.filter(|_| enabled) else {
        hub::stop();
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
        #[cfg(feature = "instrument")]
        if breadcrumbs {
            crate::host::instrument::start(add_breadcrumb);
        }
        #[cfg(not(feature = "instrument"))]
        let _ = breadcrumbs;
    }
    Guard(())
}

/// Sends what it can within 2 s, without waiting for it, when it is dropped. The recorder goes on: in a page, `main`
/// returns long before the program ends.
///
/// ```
/// /// Lives as long as the application does.
/// struct App {
///     _recorder: tailcone::Guard,
/// }
///
/// let options = tailcone::Options::new("https://public@example.com/1")?;
/// let app = App { _recorder: tailcone::init(options) };
/// # drop(app);
/// # Ok::<(), tailcone::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "keep it for as long as the program's work goes on"]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        hub::flush(0, 2000);
    }
}

/// Captures an error with its sources, at most 50 in all. Its class is the leading word of its `Debug`, which is the
/// type's name where that is derived.
///
/// The id of the event is there at once, whatever becomes of it; it is nil when there is no recorder.
///
/// ```
/// if let Err(error) = "12A".parse::<u32>() {
///     tailcone::capture_error(&error);
/// }
/// ```
pub fn capture_error<E: Error + ?Sized>(error: &E) -> EventId {
    let thrown = exception(&error, Mechanism::new("generic", true)).frames(attached_frames());
    hub::capture(Event::of_chain(chain(thrown, error.source())))
}

/// Captures an error of the `anyhow` crate with its contexts and sources, as [`capture_error`] does.
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
pub(crate) fn chain(thrown: Exception, mut source: Option<&(dyn Error + 'static)>) -> Vec<Exception> {
    let mut exceptions = vec![thrown];
    for id in 1..MAX_SOURCES {
        let Some(error) = source else { break };
        exceptions.push(exception(&error, Mechanism::cause(id, "source")));
        source = error.source();
    }
    exceptions
}

/// The stack of the call, if it is wanted.
fn attached_frames() -> Vec<Frame> {
    if hub::with(|hub| hub.hooks.attach_stacktrace) == Some(true) { page::frames() } else { Vec::new() }
}

/// An error, whose class is the leading word of its `Debug`.
pub(crate) fn exception<E: fmt::Debug + fmt::Display>(error: &E, mechanism: Mechanism) -> Exception {
    exception_of(error, error, mechanism)
}

fn exception_of(class: &dyn fmt::Debug, message: &dyn fmt::Display, mechanism: Mechanism) -> Exception {
    let (mut name, mut value) = (Name(String::new()), String::new());
    // Ends with an error as soon as the name is complete.
    let _ = write!(name, "{class:?}");
    let _ = write!(value, "{message}");
    let ty = if name.0.is_empty() { "Error".into() } else { name.0 };
    Exception::new(ty, value).mechanism(mechanism)
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

/// Captures a message; its first 8192 characters are sent. The id is nil when there is no recorder.
///
/// ```
/// # #[cfg(feature = "test")] {
/// # let events = tailcone::test::with_captured_events(|| {
/// tailcone::capture_message("low on disk", tailcone::Level::Warning);
/// # });
/// # assert_eq!(events[0].level(), Some(tailcone::Level::Warning));
/// # }
/// ```
pub fn capture_message(message: impl Into<String>, level: Level) -> EventId {
    let message = message.into();
    let frames = attached_frames();
    let mut event = if frames.is_empty() {
        Event::new()
    } else {
        let mechanism = Mechanism::new("generic", true).synthetic();
        Event::of_exceptions(vec![Exception::default().field("value", &*message).mechanism(mechanism).frames(frames)])
    };
    event.set_message(message).set_level(level);
    hub::capture(event)
}

/// Captures any value that JavaScript threw, with its causes, at most 6 in all. The id is nil when there is no recorder.
///
/// Outside wasm there are no values of JavaScript: nothing is captured then.
///
/// ```
/// # use js_sys::Function;
/// # use wasm_bindgen::JsValue;
/// fn call(callback: &Function) {
///     if let Err(thrown) = callback.call0(&JsValue::NULL) {
///         tailcone::capture_js(&thrown);
///     }
/// }
/// # assert!(tailcone::capture_js(&JsValue::NULL).is_nil());
/// ```
pub fn capture_js(value: &JsValue) -> EventId {
    if !cfg!(target_family = "wasm") {
        return EventId::default();
    }
    js_error::capture(value, Mechanism::new("generic", true), true)
}

/// Captures an event of one's own making. What it says counts over what the scopes and the options say; an id that it has
/// already stays. The id is nil when there is no recorder.
///
/// ```
/// use tailcone::{Event, Level};
///
/// # #[cfg(feature = "test")] {
/// # let events = tailcone::test::with_captured_events(|| {
/// let mut event = Event::new();
/// event.set_message("the level cannot be won").set_level(Level::Info).set_extra("level", 3);
/// tailcone::capture_event(event);
/// # });
/// # assert_eq!(events[0].message(), Some("the level cannot be won"));
/// # }
/// ```
pub fn capture_event(event: Event) -> EventId {
    hub::capture(event)
}

/// Captures what a user says, about an event or in general. The id is the feedback's own; it is nil when there is no
/// recorder.
///
/// ```
/// tailcone::capture_feedback("the map is upside down", tailcone::last_event_id());
/// ```
pub fn capture_feedback(message: impl Into<String>, about: Option<EventId>) -> EventId {
    let mut feedback: Object = [("message", message.into()), ("source", "api".into())].into_iter().collect();
    if let Some(id) = about {
        feedback.insert("associated_event_id", id.to_hex());
    }
    let mut event = Event::new();
    event.set_context("feedback", feedback);
    hub::capture_feedback(event)
}

/// Leaves a breadcrumb in the current scope, with the time unless it has one.
///
/// ```
/// use tailcone::Breadcrumb;
///
/// # #[cfg(feature = "test")] {
/// # let events = tailcone::test::with_captured_events(|| {
/// tailcone::add_breadcrumb(Breadcrumb::new("opened the map").category("ui.click").data("zoom", 12));
/// # tailcone::capture_message("hi", tailcone::Level::Info);
/// # });
/// # assert!(events[0].breadcrumbs().all(|step| step.get("timestamp").is_some()));
/// # assert_eq!(events[0].breadcrumbs().count(), 1);
/// # }
/// ```
pub fn add_breadcrumb(breadcrumb: Breadcrumb) {
    let Some(hooks) = hub::with(|hub| hub.hooks.clone()) else { return };
    let kept = match &hooks.before_breadcrumb {
        Some(hook) => hook(breadcrumb),
        None => Some(breadcrumb),
    };
    let Some(mut breadcrumb) = kept else { return };
    breadcrumb.complete(clock::now());
    hub::with(|hub| {
        let max = hub.client.options().max_breadcrumbs;
        if let Some(scope) = hub.layers.last_mut() {
            scope.add_breadcrumb(breadcrumb, max);
        }
    });
}

/// Changes the current scope. What `configure` calls of this crate is done without that scope, and changes nothing of it.
/// Without a recorder it is not called.
///
/// ```
/// use tailcone::User;
///
/// tailcone::configure_scope(|scope| {
///     scope.set_user(Some(User::new().id("7"))).set_tag("plan", "pro");
/// });
/// ```
pub fn configure_scope(configure: impl FnOnce(&mut Scope)) {
    /// The scope, and where it belongs: there it is again also when `configure` unwinds.
    struct Taken(usize, Scope);
    impl Drop for Taken {
        fn drop(&mut self) {
            hub::with(|hub| hub.layers.get_mut(self.0).map(|place| mem::swap(place, &mut self.1)));
        }
    }
    let taken = hub::with(|hub| {
        let depth = hub.layers.len().wrapping_sub(1);
        hub.layers.last_mut().map(|scope| Taken(depth, mem::take(scope)))
    });
    if let Some(mut taken) = taken.flatten() {
        configure(&mut taken.1);
    }
}

/// Runs `work` with a scope of its own, laid over the current one and set up by `configure`. For the work of futures there
/// is [`FutureExt::bind_scope`](crate::FutureExt::bind_scope).
///
/// ```
/// use tailcone::Level;
///
/// # #[cfg(feature = "test")] {
/// let events = tailcone::test::with_captured_events(|| {
///     tailcone::with_scope(
///         |scope| drop(scope.set_tag("job", "import")),
///         || tailcone::capture_message("line 3 is no number", Level::Warning),
///     );
///     tailcone::capture_message("done", Level::Info);
/// });
/// assert_eq!(events[0].tag("job"), Some("import"));
/// assert_eq!(events[1].tag("job"), None);
/// # }
/// ```
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

/// The id of the last event that was captured, whatever became of it; `None` before the first. Feedback does not count.
///
/// ```
/// # #[cfg(feature = "test")] {
/// # tailcone::test::with_captured_events(|| {
/// let id = tailcone::capture_message("hi", tailcone::Level::Info);
/// assert_eq!(tailcone::last_event_id(), Some(id));
/// # });
/// # }
/// ```
pub fn last_event_id() -> Option<EventId> {
    hub::with(|hub| hub.last_event_id).filter(|id| !id.is_nil())
}

/// Waits until everything captured so far has been answered for: true. False when that takes longer than `timeout`
/// (what then still waits is dropped and counted), or when there is no recorder.
///
/// ```
/// use std::time::Duration;
///
/// async fn sign_out() {
///     let all = tailcone::flush(Duration::from_millis(500)).await;
///     println!("{}", if all { "everything is reported" } else { "something was lost" });
/// }
/// ```
pub fn flush(timeout: Duration) -> Flush {
    let Some(ticket) = hub::with(|hub| {
        let ticket = hub.ticket();
        hub.flushes.push((ticket, FlushState::Waiting(None)));
        ticket
    }) else {
        return Flush(None);
    };
    hub::flush(ticket, u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
    Flush(Some(ticket))
}

/// A flush under way: a future of whether everything was answered for. The flush goes on when this is dropped.
///
/// ```
/// # use std::task::{Context, Poll, Waker};
/// use std::pin::pin;
/// use std::time::Duration;
///
/// // Nothing waits here, because there is no recorder: the answer is there at once.
/// let flush: tailcone::Flush = tailcone::flush(Duration::from_secs(2));
/// # let mut context = Context::from_waker(Waker::noop());
/// assert_eq!(pin!(flush).poll(&mut context), Poll::Ready(false));
/// ```
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

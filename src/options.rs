//! Options of the Rust face.

use std::fmt;
use std::rc::Rc;

use tailcone_core::options::BeforeSend;
use tailcone_core::reports::reason;
use tailcone_core::{Breadcrumb, Dsn, Event, EventId, InferIp, Object, Scope, Value, dsn};

use crate::host::clock;
use crate::{Integration, Transport, integration};

/// How the recorder is to work. Only the DSN can be wrong.
///
/// ```
/// use tailcone::{InferIp, Options};
///
/// let options = Options::new("https://public@example.com/1")?
///     // What every event says.
///     .release(tailcone::release_name!())
///     .environment("staging")
///     .dist("7")
///     .server_name("till-4")
///     .tag("shop", "berlin")
///     .modules([("engine", "4.2.0")])
///     // What is captured, and how much of it is sent.
///     .global_handlers(true)
///     .breadcrumbs(true)
///     .max_breadcrumbs(50)
///     .attach_stacktrace(true)
///     .in_app_include(["shop"])
///     .in_app_exclude(["vendor/"])
///     .sample_rate(0.25)
///     .dedupe(true)
///     .flood_control(true)
///     // How it is sent.
///     .tunnel("/errors")
///     .infer_ip(InferIp::Never)
///     .send_max_attempts(2)
///     .retry_on_5xx(true);
/// let _guard = tailcone::init(options);
/// # Ok::<(), tailcone::Error>(())
/// ```
#[allow(clippy::struct_excessive_bools)] // Each is an option of its own.
pub struct Options {
    pub(crate) core: tailcone_core::Options,
    dsn: Dsn,
    pub(crate) hooks: Hooks,
    /// What integrations do when the recorder starts.
    pub(crate) set_up: fn(&mut Self),
    pub(crate) scope: Scope,
    pub(crate) transport: Option<Rc<dyn Transport>>,
    pub(crate) enabled: bool,
    pub(crate) panic_console: bool,
    pub(crate) global_handlers: bool,
    pub(crate) breadcrumbs: bool,
    report_modules: bool,
}

type BeforeBreadcrumb = Box<dyn Fn(Breadcrumb) -> Option<Breadcrumb>>;
type Process = fn(&[Rc<dyn Integration>], Event) -> Option<Event>;
type AfterSend = Box<dyn Fn(EventId, Option<&str>)>;

/// What events and breadcrumbs go through on their way, besides the core.
#[allow(clippy::struct_excessive_bools)] // Each is an option of its own.
pub(crate) struct Hooks {
    pub(crate) integrations: Vec<Rc<dyn Integration>>,
    /// What they do with events. An application that has none does not have the code.
    process: Process,
    pub(crate) before_breadcrumb: Option<BeforeBreadcrumb>,
    pub(crate) after_send: Option<AfterSend>,
    pub(crate) attach_stacktrace: bool,
    pub(crate) dedupe: bool,
    pub(crate) flood_control: bool,
    pub(crate) debug: bool,
    sample_rate: f64,
}

impl Hooks {
    /// The event that is to be sent, or why there is none. `before_send` is the client's.
    pub(crate) fn run(&self, mut event: Event, before_send: Option<BeforeSend>) -> Result<Event, &'static str> {
        event = (self.process)(&self.integrations, event).ok_or(reason::EVENT_PROCESSOR)?;
        if let Some(hook) = before_send {
            event = hook(event).ok_or(reason::BEFORE_SEND)?;
        }
        if self.sample_rate < 1.0 && clock::random() >= self.sample_rate {
            return Err(reason::SAMPLE_RATE);
        }
        Ok(event)
    }

    /// Tells what became of an event.
    pub(crate) fn settled(&self, id: EventId, lost: Option<&'static str>) {
        if self.debug {
            let mut line = String::from("tailcone: event ");
            for part in [&id.to_hex(), " ", lost.unwrap_or("sent")] {
                line.push_str(part);
            }
            crate::host::print::line(&line);
        }
        if let Some(hook) = &self.after_send {
            hook(id, lost);
        }
    }
}

impl Options {
    /// Options for a DSN, `https://key@host/project`, with every default.
    ///
    /// # Errors
    /// Says which part of the DSN is wrong.
    ///
    /// ```
    /// assert!(tailcone::Options::new("https://public@example.com/1").is_ok());
    /// assert!(tailcone::Options::new("https://example.com/1").is_err());
    /// ```
    pub fn new(dsn: &str) -> Result<Self, dsn::Error> {
        let dsn = Dsn::parse(dsn)?;
        let mut core = tailcone_core::Options::for_dsn(&dsn, "tailcone.rust.wasm", env!("CARGO_PKG_VERSION"));
        core.stamp = Some(clock::stamp);
        Ok(Self {
            core,
            dsn,
            hooks: Hooks {
                integrations: Vec::new(),
                process: |_, event| Some(event),
                before_breadcrumb: None,
                after_send: None,
                attach_stacktrace: false,
                dedupe: true,
                flood_control: true,
                debug: false,
                sample_rate: 1.0,
            },
            set_up: |_| {},
            scope: Scope::new(),
            transport: None,
            enabled: true,
            panic_console: true,
            global_handlers: true,
            breadcrumbs: true,
            report_modules: true,
        })
    }

    /// Whether anything is captured. Default true. Without it, everything is a quiet no-op.
    ///
    /// ```
    /// # let dsn = "https://public@example.com/1";
    /// let _guard = tailcone::init(tailcone::Options::new(dsn)?.enabled(!cfg!(debug_assertions)));
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Release of the application, e.g. that of its `Cargo.toml`, [`release_name!()`](crate::release_name).
    /// At most 200 characters, no `/`, no line break. Default none.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.core.set_default("release", release.into());
        self
    }

    /// Environment: at most 64 characters, no `/`. Default `production`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.core.set_default("environment", environment.into());
        self
    }

    /// Distribution of the release. Default none.
    pub fn dist(mut self, dist: impl Into<String>) -> Self {
        self.core.set_default("dist", dist.into());
        self
    }

    /// Name of the server or device. Default none.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.core.set_default("server_name", name.into());
        self
    }

    /// What the application is made of, by name and version, at most 300: what its build script has listed,
    /// [`modules!()`](crate::modules), or a list of one's own. Default none.
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?.modules([("engine", "4.2.0")]);
    /// # let _ = options;
    /// # Ok(())
    /// # }
    /// ```
    pub fn modules<K: Into<String>, V: Into<String>>(mut self, modules: impl IntoIterator<Item = (K, V)>) -> Self {
        if self.report_modules {
            let modules = modules.into_iter().take(300).map(|(name, version)| (name.into(), version.into()));
            self.core.set_default("modules", modules.collect::<Object>());
        }
        self
    }

    /// Whether events say what the application is made of, as far as [`modules`](Self::modules) says it. Default true.
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?
    ///     .modules([("engine", "4.2.0")])
    ///     .report_modules(false);
    /// # #[cfg(feature = "test")] {
    /// let events = tailcone::test::with_captured_events_options(options, || {
    ///     tailcone::capture_message("hi", tailcone::Level::Info);
    /// });
    /// assert!(events[0].get("modules").is_none());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn report_modules(mut self, report: bool) -> Self {
        self.report_modules = report;
        if !report {
            self.core.defaults.retain(|field, _| field != "modules");
        }
        self
    }

    /// A URL of one's own that passes envelopes on. Default none: they go to the DSN's host.
    pub fn tunnel(mut self, url: impl Into<String>) -> Self {
        self.core.set_tunnel(url.into(), &self.dsn);
        self
    }

    /// Whether servers may derive the user's address from the connection. Default: never.
    pub fn infer_ip(mut self, infer: InferIp) -> Self {
        self.core.infer_ip(infer);
        self
    }

    /// How many breadcrumbs a scope keeps: default 100, at most 1,000, 0 for none.
    pub fn max_breadcrumbs(mut self, max: usize) -> Self {
        self.core.max_breadcrumbs = max.min(tailcone_core::options::MAX_BREADCRUMBS);
        self
    }

    /// A tag of every event.
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?.tag("shop", "berlin");
    /// # let _ = options;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.scope.set_tag(key.into(), value);
        self
    }

    /// How much of the events is sent: 1.0, the default, is all; 0.25 is a quarter, by chance; 0.0 is nothing. The rest is
    /// counted as `sample_rate`.
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.hooks.sample_rate = rate;
        self
    }

    /// Whether what is exactly like an event that was sent less than 30 s ago is left out. Default true; without the
    /// feature `flood` nothing is.
    pub fn dedupe(mut self, dedupe: bool) -> Self {
        self.hooks.dedupe = dedupe;
        self
    }

    /// Whether floods are held back: of one kind more than 10 at once and 1 a second, in all more than 100 at once and 10
    /// a second. Default true; without the feature `flood` none is. The next event of the kind says in its context `flood`
    /// how many were `suppressed`.
    pub fn flood_control(mut self, control: bool) -> Self {
        self.hooks.flood_control = control;
        self
    }

    /// Whether errors and messages without a stack get the stack of the capture. Default false; without the feature
    /// `backtrace` none does.
    pub fn attach_stacktrace(mut self, attach: bool) -> Self {
        self.hooks.attach_stacktrace = attach;
        self
    }

    /// Frames whose file or function contains one of these texts are `in_app`, whatever else is known of them.
    /// Default none.
    pub fn in_app_include<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.core.in_app_include(texts.into_iter().map(|text| Value::from(text.into())).collect());
        self
    }

    /// Frames whose file or function contains one of these texts are not `in_app`. Default none.
    pub fn in_app_exclude<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.core.in_app_exclude(texts.into_iter().map(|text| Value::from(text.into())).collect());
        self
    }

    /// How often an event is sent at most while no answer comes, after growing pauses. Default 4.
    pub fn send_max_attempts(mut self, attempts: u32) -> Self {
        self.core.send_max_attempts = attempts;
        self
    }

    /// Whether an answer of 500 to 599 counts as none, so that the event is sent again. Default false.
    pub fn retry_on_5xx(mut self, retry: bool) -> Self {
        self.core.retry_on_5xx = retry;
        self
    }

    /// A hook that sees every event last thing before it is queued, may change it, and drops it by answering `None`.
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?.before_send(|mut event| {
    ///     if event.message() == Some("ResizeObserver loop limit exceeded") {
    ///         return None;
    ///     }
    ///     event.remove("server_name");
    ///     Some(event)
    /// });
    /// # #[cfg(feature = "test")] {
    /// # let events = tailcone::test::with_captured_events_options(options.server_name("till-4"), || {
    /// #     tailcone::capture_message("ResizeObserver loop limit exceeded", tailcone::Level::Error);
    /// #     tailcone::capture_message("low on disk", tailcone::Level::Warning);
    /// # });
    /// # assert_eq!(events.len(), 1);
    /// # assert!(events[0].get("server_name").is_none());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn before_send(mut self, hook: impl Fn(Event) -> Option<Event> + 'static) -> Self {
        self.core.before_send = Some(Rc::new(hook));
        self
    }

    /// A hook that sees every breadcrumb before it is kept, may change it, and drops it by answering `None`.
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?
    ///     .before_breadcrumb(|step| Some(step).filter(|step| step.get("category") != Some(&"heartbeat".into())));
    /// # #[cfg(feature = "test")] {
    /// # let events = tailcone::test::with_captured_events_options(options, || {
    /// #     tailcone::add_breadcrumb(tailcone::Breadcrumb::new("still there").category("heartbeat"));
    /// #     tailcone::capture_message("hi", tailcone::Level::Info);
    /// # });
    /// # assert_eq!(events[0].breadcrumbs().count(), 0);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn before_breadcrumb(mut self, hook: impl Fn(Breadcrumb) -> Option<Breadcrumb> + 'static) -> Self {
        self.hooks.before_breadcrumb = Some(Box::new(hook));
        self
    }

    /// A hook that is told what became of each event: nothing when it was sent, else the reason why it is lost, in the
    /// words of client reports (`before_send`, `ratelimit_backoff`, `network_error`, ...).
    ///
    /// ```
    /// # fn main() -> Result<(), tailcone::Error> {
    /// let options = tailcone::Options::new("https://public@example.com/1")?.after_send(|id, lost| match lost {
    ///     None => println!("{id} has been sent"),
    ///     Some(reason) => println!("{id} is lost: {reason}"),
    /// });
    /// # let _ = options;
    /// # Ok(())
    /// # }
    /// ```
    pub fn after_send(mut self, hook: impl Fn(EventId, Option<&str>) + 'static) -> Self {
        self.hooks.after_send = Some(Box::new(hook));
        self
    }

    /// Adds an integration; see [`Integration`] for one.
    ///
    /// ```
    /// use tailcone::{Integration, Options};
    ///
    /// struct Quiet;
    ///
    /// impl Integration for Quiet {
    ///     fn name(&self) -> &'static str {
    ///         "quiet"
    ///     }
    ///
    ///     fn setup(&self, options: &mut Options) {
    ///         println!("{} has seen {options:?}", self.name());
    ///     }
    /// }
    ///
    /// let options = Options::new("https://public@example.com/1")?.integration(Quiet);
    /// # let _ = options;
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn integration(mut self, integration: impl Integration) -> Self {
        self.hooks.integrations.push(Rc::new(integration));
        self.hooks.process = integration::process;
        self.set_up = integration::set_up;
        self
    }

    /// How envelopes leave, in place of the page's `fetch`; see [`Transport`] for one. With one, the recorder works
    /// outside wasm, too.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// use tailcone::{Done, Level, Options, Reply, Request, Transport};
    ///
    /// struct Count(Rc<Cell<usize>>);
    ///
    /// impl Transport for Count {
    ///     fn send(&self, _: Request<'_>, done: Done) {
    ///         self.0.set(self.0.get() + 1);
    ///         done(&Reply::HandedOver);
    ///     }
    /// }
    ///
    /// let sent = Rc::new(Cell::new(0));
    /// let _guard = tailcone::init(Options::new("https://public@example.com/1")?.transport(Count(sent.clone())));
    /// tailcone::capture_message("hi", Level::Info);
    /// assert_eq!(sent.get(), 1);
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Rc::new(transport));
        self
    }

    /// Whether one line is printed about each event, to the console. Outside wasm, where there is no transport unless one
    /// is given, the envelopes are printed to standard error then. Default false.
    ///
    /// ```
    /// // A program outside wasm that shows what would be sent.
    /// let options = tailcone::Options::new("https://public@example.com/1")?.debug(true);
    /// let _guard = tailcone::init(options);
    /// let id = tailcone::capture_message("hi", tailcone::Level::Info);
    /// assert!(!id.is_nil());
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn debug(mut self, debug: bool) -> Self {
        self.hooks.debug = debug;
        self
    }

    /// Whether panics are printed to the console as `console_error_panic_hook` does. Default true; it is the feature `panic`
    /// that does so. A hook that was
    /// there before is called in any case: turn this off when that one prints already.
    ///
    /// ```no_run
    /// # let options = tailcone::Options::new("https://public@example.com/1")?;
    /// std::panic::set_hook(Box::new(|info| eprintln!("the game is over: {info}")));
    /// let _guard = tailcone::init(options.panic_console(false));
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn panic_console(mut self, print: bool) -> Self {
        self.panic_console = print;
        self
    }

    /// Whether uncaught errors and unhandled rejections of the page or worker are captured. Default true; without the
    /// feature `global-handlers` none is.
    pub fn global_handlers(mut self, listen: bool) -> Self {
        self.global_handlers = listen;
        self
    }

    /// Whether breadcrumbs are left automatically, of what the features `console`, `dom`, `fetch` and `history` watch.
    /// Default true; without these features there are none. The first client decides.
    ///
    /// ```
    /// # let options = tailcone::Options::new("https://public@example.com/1")?;
    /// // Only those of the application's own.
    /// let _guard = tailcone::init(options.breadcrumbs(false));
    /// # Ok::<(), tailcone::Error>(())
    /// ```
    pub fn breadcrumbs(mut self, watch: bool) -> Self {
        self.breadcrumbs = watch;
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("core", &self.core).finish_non_exhaustive()
    }
}

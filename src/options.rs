//! Options of the Rust face.

use tailcone_core::{Dsn, Event, InferIp, dsn};

/// How the recorder is to work. Only the DSN can be wrong.
#[derive(Debug)]
pub struct Options {
    pub(crate) core: tailcone_core::Options,
    dsn: Dsn,
    pub(crate) panic_console: bool,
    pub(crate) global_handlers: bool,
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
        Ok(Self {
            core: tailcone_core::Options::for_dsn(&dsn, "tailcone.rust.wasm", env!("CARGO_PKG_VERSION")),
            dsn,
            panic_console: true,
            global_handlers: true,
        })
    }

    /// Release of the application, e.g. `concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"))`.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.core.set_default("release", release.into());
        self
    }

    /// Environment. Default `production`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.core.set_default("environment", environment.into());
        self
    }

    /// Distribution of the release.
    pub fn dist(mut self, dist: impl Into<String>) -> Self {
        self.core.set_default("dist", dist.into());
        self
    }

    /// Name of the server or device.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.core.set_default("server_name", name.into());
        self
    }

    /// A URL of one's own that passes envelopes on.
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

    /// A hook that sees every event last thing before it is queued, may change it, and drops it by answering `None`.
    pub fn before_send(mut self, hook: impl Fn(Event) -> Option<Event> + 'static) -> Self {
        self.core.before_send = Some(std::rc::Rc::new(hook));
        self
    }

    /// Whether panics are printed to the console as `console_error_panic_hook` does. Default true. A hook that was
    /// there before is called in any case: turn this off when that one prints already.
    pub fn panic_console(mut self, print: bool) -> Self {
        self.panic_console = print;
        self
    }

    /// Whether uncaught errors and unhandled rejections of the page or worker are captured. Default true.
    pub fn global_handlers(mut self, listen: bool) -> Self {
        self.global_handlers = listen;
        self
    }
}

//! Records of the `log` crate: breadcrumbs, and events where they tell of errors.
//!
//! ```
//! # #[cfg(feature = "test")] {
//! # let events = tailcone::test::with_captured_events(|| {
//! # log::set_max_level(log::LevelFilter::Info);
//! log::set_boxed_logger(Box::new(tailcone::log::Logger::new())).expect("no other logger was set");
//!
//! log::info!("looked up a seat");
//! let error = std::io::Error::other("seat 12A is taken");
//! log::error!(err:err = error; "the booking failed");
//! # });
//! # assert_eq!(events.len(), 1);
//! # assert_eq!(events[0].breadcrumbs().count(), 1);
//! # }
//! ```

use std::cell::Cell;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use log::kv::{self, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};
use tailcone_core::reports::reason;
use tailcone_core::{Breadcrumb, Event, Level, Mechanism, Object, Timestamp};

use crate::capture::{chain, exception};
use crate::host::clock;
use crate::{add_breadcrumb, hub};

/// A logger that records what is logged and hands it on to another logger, if there is one.
///
/// Records of `Info` and more are breadcrumbs. Records at the [`level`](Self::level) (default: `Error`) that carry an
/// error, under whatever key, are events with that error and its sources; those that carry none are events only with
/// [`capture_log_messages`](Self::capture_log_messages).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use log::LevelFilter;
/// use tailcone::log::Logger;
///
/// let logger = Logger::new()
///     .level(LevelFilter::Warn)
///     .breadcrumb_level(LevelFilter::Debug)
///     .capture_log_messages(true)
///     .metadata(["order"])
///     .tags_from_fields(["shop"])
///     .excluded_targets(["hyper"])
///     .rate_limit(5, Duration::from_secs(60));
/// log::set_boxed_logger(Box::new(logger))?;
/// log::set_max_level(LevelFilter::Debug);
///
/// log::error!(order = 7, shop = "berlin"; "out of seats");
/// # Ok(())
/// # }
/// ```
pub struct Logger {
    inner: Option<Box<dyn Log>>,
    level: LevelFilter,
    breadcrumb_level: LevelFilter,
    capture_log_messages: bool,
    metadata: Vec<String>,
    tags: Vec<String>,
    excluded: Vec<String>,
    rate: Option<Rate>,
}

/// So many events in each interval.
struct Rate {
    max: u32,
    interval: Duration,
    /// When the interval began, and how many there were in it.
    window: Mutex<(Timestamp, u32)>,
}

thread_local! {
    /// Set while a record is looked at: what that logs is no record of the application's.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// The record that is being looked at will not be done with.
#[cfg(any(feature = "panic", feature = "stack"))]
pub(crate) fn abandon() {
    RUNNING.set(false);
}

impl Default for Logger {
    fn default() -> Self {
        Self::new()
    }
}

impl Logger {
    /// A logger with every default, which hands on to none.
    pub fn new() -> Self {
        Self {
            inner: None,
            level: LevelFilter::Error,
            breadcrumb_level: LevelFilter::Info,
            capture_log_messages: false,
            metadata: Vec::new(),
            tags: Vec::new(),
            excluded: Vec::new(),
            rate: None,
        }
    }

    /// A logger that hands everything on to another one, which decides by itself what it writes.
    ///
    /// ```
    /// use log::{Log, Metadata, Record};
    ///
    /// /// What the application had before.
    /// struct Print;
    ///
    /// impl Log for Print {
    ///     fn enabled(&self, _: &Metadata<'_>) -> bool {
    ///         true
    ///     }
    ///
    ///     fn log(&self, record: &Record<'_>) {
    ///         println!("{}", record.args());
    ///     }
    ///
    ///     fn flush(&self) {}
    /// }
    ///
    /// log::set_boxed_logger(Box::new(tailcone::log::Logger::wrapping(Print)))?;
    /// # Ok::<(), log::SetLoggerError>(())
    /// ```
    pub fn wrapping(inner: impl Log + 'static) -> Self {
        Self { inner: Some(Box::new(inner)), ..Self::new() }
    }

    /// Of which level and more severe records may be events. Default `Error`; `Off` for none.
    pub fn level(mut self, level: LevelFilter) -> Self {
        self.level = level;
        self
    }

    /// Of which level and more severe records are breadcrumbs. Default `Info`; `Off` for none.
    pub fn breadcrumb_level(mut self, level: LevelFilter) -> Self {
        self.breadcrumb_level = level;
        self
    }

    /// Whether records are events that carry no error. Default false.
    pub fn capture_log_messages(mut self, capture: bool) -> Self {
        self.capture_log_messages = capture;
        self
    }

    /// Keys whose values go with the event, as `extra`. Default none.
    pub fn metadata<T: Into<String>>(mut self, keys: impl IntoIterator<Item = T>) -> Self {
        self.metadata = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Keys whose values are tags of the event. Default none.
    pub fn tags_from_fields<T: Into<String>>(mut self, keys: impl IntoIterator<Item = T>) -> Self {
        self.tags = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Targets, and those within them, whose records are left alone. Default none.
    pub fn excluded_targets<T: Into<String>>(mut self, targets: impl IntoIterator<Item = T>) -> Self {
        self.excluded = targets.into_iter().map(Into::into).collect();
        self
    }

    /// At most so many events in each interval; the others are counted as `backpressure`, and stay breadcrumbs. Default:
    /// no limit but the recorder's own.
    pub fn rate_limit(mut self, max: u32, interval: Duration) -> Self {
        self.rate = Some(Rate { max, interval, window: Mutex::new((Timestamp(0), 0)) });
        self
    }

    fn look(&self, record: &Record<'_>) {
        let target = record.target();
        let within = |of: &String| {
            target.strip_prefix(of.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        if self.excluded.iter().any(within) {
            return;
        }
        let level = match record.level() {
            log::Level::Error => Level::Error,
            log::Level::Warn => Level::Warning,
            log::Level::Info => Level::Info,
            log::Level::Debug | log::Level::Trace => Level::Debug,
        };
        let message = record.args().to_string();
        if record.level() <= self.level && self.capture(record, level, &message) {
            return;
        }
        if record.level() <= self.breadcrumb_level {
            add_breadcrumb(Breadcrumb::new(message).category(target).level(level));
        }
    }

    /// Whether it is an event.
    fn capture(&self, record: &Record<'_>, level: Level, message: &str) -> bool {
        let mut fields = Fields { logger: self, event: None, extra: Vec::new(), tags: Vec::new() };
        // It stops for nothing.
        let _ = record.key_values().visit(&mut fields);
        let Fields { event, extra, tags, .. } = fields;
        if event.is_none() && !self.capture_log_messages {
            return false;
        }
        if self.rate.as_ref().is_some_and(|rate| rate.is_full(clock::now())) {
            hub::with(|hub| hub.client.discard(reason::BACKPRESSURE, "error", 1));
            return false;
        }
        let mut event = event.unwrap_or_default();
        event.set_message(message).set_level(level).set("logger", record.target());
        for (key, value) in extra {
            event.set_extra(key, value);
        }
        for (key, value) in tags {
            event.set_tag(key, value);
        }
        let mut place = Object::new();
        place.insert_some("module", record.module_path());
        place.insert_some("file", record.file());
        place.insert_some("line", record.line().map(u64::from));
        if !place.is_empty() {
            event.set_context("log", place);
        }
        hub::capture(event);
        true
    }
}

impl Rate {
    fn is_full(&self, now: Timestamp) -> bool {
        let Ok(mut window) = self.window.lock() else { return false };
        let (begun, count) = &mut *window;
        if u128::from(now.since(*begun)) >= self.interval.as_millis() {
            (*begun, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count > self.max
    }
}

/// What a record carries.
struct Fields<'a> {
    logger: &'a Logger,
    /// Of the first error that is there.
    event: Option<Event>,
    extra: Vec<(String, String)>,
    tags: Vec<(String, String)>,
}

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        if let Some(error) = value.to_borrowed_error()
            && self.event.is_none()
        {
            let thrown = exception(&error, Mechanism::new("generic", true));
            self.event = Some(Event::of_chain(chain(thrown, error.source())));
        }
        let key = key.as_str();
        if self.logger.metadata.iter().any(|of| of == key) {
            self.extra.push((key.into(), value.to_string()));
        }
        if self.logger.tags.iter().any(|of| of == key) {
            self.tags.push((key.into(), value.to_string()));
        }
        Ok(())
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level.max(self.breadcrumb_level)
            || self.inner.as_ref().is_some_and(|inner| inner.enabled(metadata))
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(inner) = self.inner.as_ref().filter(|inner| inner.enabled(record.metadata())) {
            inner.log(record);
        }
        #[cfg(feature = "stack")]
        if crate::host::stack::is_low() {
            return;
        }
        if !RUNNING.replace(true) {
            self.look(record);
            RUNNING.set(false);
        }
    }

    fn flush(&self) {
        if let Some(inner) = &self.inner {
            inner.flush();
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger").field("level", &self.level).finish_non_exhaustive()
    }
}

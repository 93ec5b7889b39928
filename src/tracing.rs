//! A layer for the `tracing` crate: errors are events, warnings and information are breadcrumbs.
//!
//! ```
//! # use tracing_subscriber::prelude::*;
//! # #[cfg(feature = "test")] {
//! # let events = tailcone::test::with_captured_events(|| {
//! # tracing_subscriber::registry().with(tailcone::tracing::layer()).init();
//! let _booking = tracing::info_span!("booking", order = 7).entered();
//! tracing::info!("looked up a seat");
//! tracing::error!(seat = "12A", "the seat is taken");
//! # });
//! # assert_eq!(events[0].message(), Some("the seat is taken"));
//! # assert_eq!(events[0].breadcrumbs().count(), 1);
//! # }
//! ```

use std::cell::Cell;
use std::error::Error;
use std::fmt;

use tailcone_core::{Breadcrumb, Event, Exception, Level, Mechanism, Object, Value};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::capture::{chain, exception};
use crate::{add_breadcrumb, hub};

/// The layer. `ERROR` is an event, with the sources of the error that is among its fields; `WARN` and `INFO` are
/// breadcrumbs. An event has the fields of the spans around it in its context `tracing`.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(tailcone::tracing::layer()).init();
/// ```
pub fn layer() -> Layer {
    Layer(())
}

/// What [`layer`] makes, for a type that names it.
///
/// ```
/// use tracing_subscriber::layer::{Layered, SubscriberExt};
/// use tracing_subscriber::registry::Registry;
///
/// fn subscriber() -> Layered<tailcone::tracing::Layer, Registry> {
///     tracing_subscriber::registry().with(tailcone::tracing::layer())
/// }
/// # let _ = subscriber();
/// ```
#[derive(Debug)]
pub struct Layer(());

thread_local! {
    /// Set while an event is looked at: what that traces is no event of the application's.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// What an event or a span has been given.
#[derive(Default)]
struct Fields {
    message: Option<String>,
    data: Object,
    error: Option<Vec<Exception>>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.data.insert(field.name(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { self.message = Some(value.into()) } else { self.put(field, value) }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, value.to_string());
        let thrown = || exception(&value, Mechanism::new("generic", true));
        self.error.get_or_insert_with(|| chain(thrown(), value.source()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// The fields of a span, kept with it.
struct SpanFields(Object);

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Layer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields.data));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(SpanFields(data)) = span.extensions_mut().get_mut::<SpanFields>()
        {
            for (key, value) in fields.data {
                data.insert(key, value);
            }
        }
    }

    fn on_event(&self, event: &tracing_core::Event<'_>, context: Context<'_, S>) {
        if RUNNING.replace(true) {
            return;
        }
        let metadata = event.metadata();
        match *metadata.level() {
            tracing_core::Level::ERROR => capture(event, &context),
            tracing_core::Level::WARN => leave(event, metadata, Level::Warning),
            tracing_core::Level::INFO => leave(event, metadata, Level::Info),
            _ => {}
        }
        RUNNING.set(false);
    }
}

fn leave(event: &tracing_core::Event<'_>, metadata: &Metadata<'_>, level: Level) {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut breadcrumb = Breadcrumb::new(fields.message.unwrap_or_default()).category(metadata.target()).level(level);
    for (key, value) in fields.data {
        breadcrumb = breadcrumb.data(key, value);
    }
    add_breadcrumb(breadcrumb);
}

fn capture<S: Subscriber + for<'a> LookupSpan<'a>>(traced: &tracing_core::Event<'_>, context: &Context<'_, S>) {
    let mut fields = Fields::default();
    traced.record(&mut fields);
    let mut event = fields.error.map_or_else(Event::new, Event::of_chain);
    let metadata = traced.metadata();
    event.set_level(Level::Error).set("logger", metadata.target());
    if let Some(message) = fields.message {
        event.set_message(message);
    }
    for (key, value) in fields.data {
        event.set_extra(key, value);
    }
    // From the outermost to the innermost, whose fields count.
    let (mut names, mut about) = (Vec::new(), Object::new());
    for span in context.event_scope(traced).into_iter().flat_map(Scope::from_root) {
        names.push(span.name().to_owned());
        if let Some(SpanFields(data)) = span.extensions().get::<SpanFields>() {
            for (key, value) in data.clone() {
                about.insert(key, value);
            }
        }
    }
    if !names.is_empty() {
        about.insert("spans", names);
    }
    about.insert_some("file", metadata.file());
    about.insert_some("line", metadata.line().map(u64::from));
    event.set_context("tracing", about);
    hub::capture(event);
}

//! The Rust face outside wasm, with a transport of one's own: what an application's code and its tests see.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use std::{error, fmt};

use tailcone::test::{with_captured_events, with_captured_events_options};
use tailcone::{
    Breadcrumb, Done, Event, FutureExt, Integration, Level, Object, Options, Reply, Request, Scope, Transport, Value,
};
use wasm_bindgen::JsValue;

fn options() -> Options {
    Options::new("https://public@example.com/1").unwrap()
}

/// A field by its path.
fn at<'a>(event: &'a Event, path: &str) -> Option<&'a Value> {
    let mut names = path.split('.');
    let mut value = event.get(names.next()?)?;
    for name in names {
        value = match name.parse::<usize>() {
            Ok(index) => value.as_array().get(index)?,
            Err(_) => value.as_object()?.get(name)?,
        };
    }
    Some(value)
}

fn text<'a>(event: &'a Event, path: &str) -> &'a str {
    at(event, path).and_then(Value::as_str).unwrap_or_default()
}

#[derive(Debug)]
struct Outer(Inner);
#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the booking failed")
    }
}
impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seat 12A is taken")
    }
}
impl error::Error for Outer {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.0)
    }
}
impl error::Error for Inner {}

/// Keeps what is sent, and answers when it is told to.
#[derive(Clone, Default)]
struct Held(Rc<RefCell<Vec<(String, Done)>>>);

impl Transport for Held {
    fn send(&self, request: Request<'_>, done: Done) {
        self.0.borrow_mut().push((request.body.into(), done));
    }
}

impl Held {
    /// Answers all that is under way; gives back what it was.
    fn answer(&self, status: u16) -> Vec<String> {
        let sent = self.0.take();
        sent.into_iter()
            .map(|(body, done)| {
                done(&Reply::Http { status, limits: "", retry_after: "" });
                body
            })
            .collect()
    }
}

/// Counts how often a task is woken.
#[derive(Default)]
struct Wakes(AtomicU32);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn polled<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn without_a_transport_nothing_happens_outside_wasm() {
    let _guard = tailcone::init(options());
    assert!(tailcone::capture_message("nobody hears it", Level::Info).is_nil());
    tailcone::add_breadcrumb(Breadcrumb::new("nor this"));
    assert_eq!(polled(tailcone::flush(Duration::from_secs(1))), Some(false));
}

#[test]
fn what_needs_values_of_javascript_does_nothing_outside_wasm() {
    let value = JsValue::NULL;
    let events = with_captured_events(|| {
        assert!(tailcone::capture_js(&value).is_nil());
        assert_eq!(tailcone::typed::from_js(&value), None);
        assert_eq!(tailcone::typed::to_value("soup"), None);
    });
    assert!(events.is_empty());
}

#[test]
fn a_disabled_recorder_captures_nothing() {
    let held = Held::default();
    let _guard = tailcone::init(options().enabled(false).transport(held.clone()));
    assert!(tailcone::capture_message("nobody hears it", Level::Info).is_nil());
    assert!(held.0.borrow().is_empty());
}

#[test]
fn an_error_arrives_with_its_sources_and_the_scope() {
    let events = with_captured_events(|| {
        tailcone::configure_scope(|scope| {
            scope.set_tag("plan", "pro");
        });
        tailcone::add_breadcrumb(Breadcrumb::new("looked up a seat"));
        let id = tailcone::capture_error(&Outer(Inner));
        assert_eq!(tailcone::last_event_id(), Some(id));
    });
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(text(event, "exception.values.0.value"), "seat 12A is taken");
    assert_eq!(text(event, "exception.values.0.type"), "Inner");
    assert_eq!(text(event, "exception.values.1.value"), "the booking failed");
    assert_eq!(text(event, "exception.values.1.type"), "Outer");
    assert_eq!(event.tag("plan"), Some("pro"));
    assert_eq!(text(event, "breadcrumbs.values.0.message"), "looked up a seat");
    assert_eq!(text(event, "environment"), "production");
}

#[test]
fn options_are_in_every_event() {
    let options = options()
        .release("shop@1.2.3")
        .environment("staging")
        .dist("7")
        .server_name("kiosk-4")
        .tag("shop", "berlin")
        .in_app_include(["shop::"])
        .in_app_exclude(["framework"]);
    let frame = |function: &str| tailcone::Frame { function: Some(function.into()), ..tailcone::Frame::default() };
    let events = with_captured_events_options(options, || {
        let frames = vec![frame("framework::run"), frame("shop::order"), frame("other")];
        let mut event = Event::of_exceptions(vec![tailcone::Exception::default().frames(frames)]);
        event.set_level(Level::Fatal);
        tailcone::capture_event(event);
    });
    let [event] = &events[..] else { panic!("{events:?}") };
    let texts = ["release", "environment", "dist", "server_name", "tags.shop", "level"].map(|path| text(event, path));
    assert_eq!(texts, ["shop@1.2.3", "staging", "7", "kiosk-4", "berlin", "fatal"]);
    let in_app = [0, 1, 2]
        .map(|i| at(event, &format!("exception.values.0.stacktrace.frames.{i}.in_app")).and_then(Value::as_bool));
    assert_eq!(in_app, [Some(false), Some(true), None]);
}

#[test]
fn events_say_what_the_application_is_made_of_and_which_release_it_is() {
    let made_of = |options: Options| {
        let events = with_captured_events_options(options.release(tailcone::release_name!()), || {
            tailcone::capture_message("with modules", Level::Info);
        });
        assert_eq!(text(&events[0], "release"), concat!("native-tests@", env!("CARGO_PKG_VERSION")));
        at(&events[0], "modules").and_then(Value::as_object).cloned()
    };
    let modules = made_of(options().modules(tailcone::modules!())).unwrap();
    let names: Vec<&str> = modules.iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "{names:?}");
    // Both are of this workspace, so they have one version; and what a dependency depends on is there, too.
    for name in ["tailcone", "tailcone-core"] {
        assert_eq!(modules.get(name).and_then(Value::as_str), Some(env!("CARGO_PKG_VERSION")));
    }
    assert!(modules.get("serde_core").and_then(Value::as_str).is_some_and(|version| version.starts_with("1.")));
    for other in ["native-tests", "serde_derive", "xtask"] {
        assert!(!names.contains(&other), "{other} is not what this is made of");
    }
    assert_eq!(made_of(options().report_modules(false).modules(tailcone::modules!())), None);
    assert_eq!(made_of(options().modules(tailcone::modules!()).report_modules(false)), None);
    let many = (0..400).map(|n| (format!("module-{n}"), "1.0.0"));
    assert_eq!(made_of(options().modules(many)).unwrap().len(), 300);
}

#[test]
fn an_error_of_anyhow_arrives_with_its_contexts() {
    let events = with_captured_events(|| {
        tailcone::capture_anyhow(&anyhow::Error::new(Inner).context("no seat").context("no booking"));
    });
    let values: Vec<_> = (0..3).map(|i| text(&events[0], &format!("exception.values.{i}.value")).to_owned()).collect();
    assert_eq!(values, ["seat 12A is taken", "no seat", "no booking"]);
}

#[test]
fn the_recorder_that_was_there_comes_back_after_a_test() {
    let held = Held::default();
    let _guard = tailcone::init(options().transport(held.clone()));
    assert_eq!(
        with_captured_events(|| {
            tailcone::capture_message("inside", Level::Info);
        })
        .len(),
        1
    );
    tailcone::capture_message("outside", Level::Info);
    let bodies = held.answer(200);
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("outside"));
}

struct Engine;

impl Integration for Engine {
    fn name(&self) -> &'static str {
        "engine"
    }

    fn setup(&self, options: &mut Options) {
        let before = std::mem::replace(options, self::options());
        *options = before.tag("set up", "yes");
    }

    fn process_event(&self, mut event: Event) -> Option<Event> {
        event.set_tag("engine", "4.2");
        (event.message() != Some("noise")).then_some(event)
    }
}

#[test]
fn integrations_and_hooks_see_events_in_their_order_and_losses_have_their_reasons() {
    let told: Rc<RefCell<Vec<Option<String>>>> = Rc::default();
    let (held, told_to) = (Held::default(), told.clone());
    let options = options()
        .integration(Engine)
        .before_send(|mut event| {
            let seen = event.tag("engine").unwrap_or("nothing").to_owned();
            event.set_tag("hook saw", seen);
            (event.message() != Some("secret")).then_some(event)
        })
        .after_send(move |_, lost| told_to.borrow_mut().push(lost.map(Into::into)))
        .transport(held.clone());
    let _guard = tailcone::init(options);
    for message in ["noise", "secret", "wanted", "wanted"] {
        tailcone::capture_message(message, Level::Info);
    }
    let lost = |reason: &str| Some(reason.to_owned());
    assert_eq!(*told.borrow(), [lost("event_processor"), lost("before_send"), lost("ignored")]);
    let bodies = held.answer(200);
    assert_eq!(told.borrow().last(), Some(&None));
    let [body] = &bodies[..] else { panic!("{bodies:?}") };
    assert!(body.contains(r#""hook saw":"4.2""#) && body.contains(r#""set up":"yes""#), "{body}");
    assert!(body.contains(r#""integrations":["engine"]"#), "{body}");
    drop(tailcone::flush(Duration::from_secs(1)));
    let reports = held.answer(200).concat() + body;
    for reason in ["event_processor", "before_send", "ignored"] {
        assert!(reports.contains(&format!(r#""reason":"{reason}","category":"error","quantity":1"#)), "{reports}");
    }
}

#[test]
fn breadcrumbs_go_through_their_hook() {
    let options = options().before_breadcrumb(|breadcrumb| {
        if breadcrumb.get("message").and_then(Value::as_str) == Some("secret") {
            return None;
        }
        Some(breadcrumb.category("seen"))
    });
    let events = with_captured_events_options(options, || {
        tailcone::add_breadcrumb(Breadcrumb::new("secret"));
        tailcone::add_breadcrumb(Breadcrumb::new("open"));
        tailcone::capture_message("now", Level::Info);
    });
    assert_eq!(text(&events[0], "breadcrumbs.values.0.message"), "open");
    assert_eq!(text(&events[0], "breadcrumbs.values.0.category"), "seen");
    assert_eq!(at(&events[0], "breadcrumbs.values.1"), None);
}

#[test]
fn floods_are_held_back_and_the_next_event_says_how_many() {
    let (held, lost) = (Held::default(), Rc::new(Cell::new(0)));
    let count = lost.clone();
    let options = options().transport(held.clone()).after_send(move |_, reason| {
        count.set(count.get() + u32::from(reason == Some("backpressure")));
    });
    let _guard = tailcone::init(options);
    let mut bodies = Vec::new();
    for i in 0..30 {
        let mut event = Event::of_exceptions(vec![tailcone::Exception::new("Planned", "planned")]);
        // Of one kind, and no two alike.
        event.set("message", format!("{i}"));
        tailcone::capture_event(event);
        bodies.append(&mut held.answer(200));
    }
    assert_eq!((bodies.len(), lost.get()), (10, 20));
    let options = self::options().sample_rate(0.0);
    assert!(
        with_captured_events_options(options, || {
            tailcone::capture_message("now", Level::Info);
        })
        .is_empty()
    );
}

#[test]
fn hooks_that_capture_do_not_go_round_for_ever() {
    let options = options().dedupe(false).flood_control(false).before_send(|event| {
        tailcone::capture_error(&Inner);
        Some(event)
    });
    let events = with_captured_events_options(options, || {
        tailcone::capture_message("first", Level::Info);
    });
    assert_eq!(events.len(), 2);
}

#[test]
fn what_waits_at_a_second_start_is_sent_by_the_recorder_that_follows() {
    let (before, after) = (Held::default(), Held::default());
    let lost: Rc<RefCell<Vec<Option<String>>>> = Rc::default();
    let lost_to = lost.clone();
    let _guard = tailcone::init(options().transport(before.clone()));
    for message in ["1", "2", "3", "4", "5", "6"] {
        tailcone::capture_message(message, Level::Info);
    }
    let mut flush = pin!(tailcone::flush(Duration::from_secs(1)));
    let told = move |_, reason: Option<&str>| lost_to.borrow_mut().push(reason.map(str::to_owned));
    let _guard = tailcone::init(options().transport(after.clone()).release("2").after_send(told));
    assert_eq!(before.answer(200).len(), 4);
    assert_eq!(polled(flush.as_mut()), None);
    let bodies = after.answer(200);
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].contains("\"5\"") && bodies[1].contains("\"6\""));
    assert_eq!(*lost.borrow(), [const { None }; 6]);
    assert_eq!(polled(flush), Some(true));
}

#[test]
fn what_waits_at_a_start_for_another_server_goes_where_it_belongs_or_is_counted() {
    let (before, after) = (Held::default(), Held::default());
    let _guard = tailcone::init(options().transport(before.clone()));
    for message in 0..20 {
        tailcone::capture_message(message.to_string(), Level::Info);
    }
    let woken = Arc::new(Wakes::default());
    let waker = Waker::from(woken.clone());
    let mut flush = pin!(tailcone::flush(Duration::from_secs(1)));
    assert_eq!(flush.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
    let other = Options::new("https://public@example.com/2").unwrap();
    let _guard = tailcone::init(other.transport(after.clone()));
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert_eq!(polled(flush), Some(false));
    tailcone::capture_message("second", Level::Info);
    // Both have the number 1, and this answer is of a server that the second knows nothing of.
    let first = before.0.take();
    let sent = first.iter().filter(|(body, _)| body.contains("\"type\":\"event\"")).count();
    let counted = format!("{{\"reason\":\"queue_overflow\",\"category\":\"error\",\"quantity\":{}}}", 20 - sent);
    assert!(sent > 4 && first.last().is_some_and(|(body, _)| body.contains(&counted)), "{sent} sent");
    for (_, done) in first {
        done(&Reply::Http { status: 429, limits: "60::", retry_after: "" });
    }
    tailcone::capture_message("third", Level::Info);
    assert_eq!(after.answer(200).len(), 2);
    assert_eq!(polled(tailcone::flush(Duration::from_secs(1))), Some(true));
}

#[test]
fn what_waits_when_the_recorder_is_turned_off_is_sent() {
    let held = Held::default();
    let _guard = tailcone::init(options().transport(held.clone()));
    for message in ["1", "2", "3", "4", "5", "6"] {
        tailcone::capture_message(message, Level::Info);
    }
    let _guard = tailcone::init(options().enabled(false));
    assert_eq!(held.0.borrow().len(), 6);
    assert!(tailcone::capture_message("7", Level::Info).is_nil());
}

#[test]
fn a_scope_is_there_again_after_a_panic_while_it_was_changed() {
    let events = with_captured_events(|| {
        tailcone::configure_scope(|scope| {
            scope.set_tag("plan", "pro");
        });
        let change = || {
            tailcone::configure_scope(|scope| {
                scope.set_tag("seat", "12A");
                tailcone::capture_message("without the scope", Level::Info);
                tailcone::configure_scope(|scope| {
                    scope.set_tag("lost", "yes");
                });
                std::panic::resume_unwind(Box::new("no seat"));
            });
        };
        assert!(std::panic::catch_unwind(change).is_err());
        tailcone::capture_message("with the scope", Level::Info);
    });
    let tags: Vec<_> = events.iter().map(|event| ["plan", "seat", "lost"].map(|tag| event.tag(tag))).collect();
    assert_eq!(tags, [[None; 3], [Some("pro"), Some("12A"), None]]);
}

#[test]
fn a_task_has_its_scope_while_it_is_polled_and_only_then() {
    let steps = Cell::new(0);
    let task = |name: &'static str| {
        let steps = &steps;
        async move {
            tailcone::configure_scope(|scope| {
                scope.set_tag("task", name);
            });
            let mut waited = false;
            poll_fn(|_| {
                steps.set(steps.get() + 1);
                if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            tailcone::capture_message(name, Level::Info);
        }
    };
    let events = with_captured_events(|| {
        tailcone::configure_scope(|scope| {
            scope.set_tag("all", "yes");
        });
        let (mut one, mut two) =
            (pin!(task("one").bind_scope(Scope::new())), pin!(task("two").bind_scope(Scope::new())));
        let mut context = Context::from_waker(Waker::noop());
        while one.as_mut().poll(&mut context).is_pending() | two.as_mut().poll(&mut context).is_pending() {
            if steps.get() > 2 {
                break;
            }
            tailcone::capture_message("between", Level::Info);
        }
    });
    let tags: Vec<_> =
        events.iter().map(|event| (event.message().unwrap(), event.tag("task"), event.tag("all"))).collect();
    assert_eq!(
        tags,
        [("between", None, Some("yes")), ("one", Some("one"), Some("yes")), ("two", Some("two"), Some("yes"))]
    );
}

#[test]
fn records_are_breadcrumbs_and_those_with_an_error_are_events() {
    use log::{Log, Record};
    let mut logger = tailcone::log::Logger::new()
        .metadata(["order"])
        .tags_from_fields(["shop"])
        .excluded_targets(["noisy"])
        .rate_limit(2, Duration::from_mins(1));
    let say = |logger: &tailcone::log::Logger, level, target: &str, message: &str, with: &dyn log::kv::Source| {
        logger.log(
            &Record::builder().level(level).target(target).args(format_args!("{message}")).key_values(&with).build(),
        );
    };
    let inner = Inner;
    let outer = Outer(Inner);
    let error: &(dyn error::Error + 'static) = &outer;
    let fields = [
        ("err", log::kv::Value::from_dyn_error(error)),
        ("order", 7.into()),
        ("shop", "berlin".into()),
        ("other", 1.into()),
    ];
    let events = with_captured_events(|| {
        let none: [(&str, log::kv::Value<'_>); 0] = [];
        say(&logger, log::Level::Debug, "app", "details", &none);
        say(&logger, log::Level::Info, "app::seats", "looked up a seat", &none);
        say(&logger, log::Level::Info, "noisy::wire", "noise", &none);
        say(&logger, log::Level::Error, "app", "without an error", &none);
        say(&logger, log::Level::Error, "app", "out of seats", &fields);
        logger = std::mem::take(&mut logger).capture_log_messages(true);
        say(&logger, log::Level::Error, "app", "and again", &none);
        say(&logger, log::Level::Warn, "app", "no error", &none);
    });
    let [event, again] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.message(), Some("out of seats"));
    assert_eq!(text(event, "logger"), "app");
    assert_eq!(event.level(), Some(Level::Error));
    assert_eq!(text(event, "exception.values.1.value"), outer.to_string());
    assert_eq!(text(event, "exception.values.0.value"), inner.to_string());
    assert_eq!(at(event, "extra").map(Value::to_json), Some(r#"{"order":"7"}"#.into()));
    assert_eq!(event.tag("shop"), Some("berlin"));
    let crumbs: Vec<_> = event.breadcrumbs().map(|crumb| crumb.get("message").unwrap().as_str().unwrap()).collect();
    assert_eq!(crumbs, ["looked up a seat", "without an error"]);
    assert_eq!(again.message(), Some("and again"));
}

#[test]
fn a_logger_hands_on_to_the_one_it_wraps_and_keeps_to_its_rate() {
    use log::{Log, Metadata, Record};
    struct Seen(Arc<AtomicU32>);
    impl Log for Seen {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.level() <= log::Level::Warn
        }
        fn log(&self, _: &Record<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn flush(&self) {}
    }
    let count = Arc::<AtomicU32>::default();
    let logger = tailcone::log::Logger::wrapping(Seen(count.clone()))
        .capture_log_messages(true)
        .rate_limit(3, Duration::from_mins(1));
    let events = with_captured_events(|| {
        for _ in 0..5 {
            logger.log(&Record::builder().level(log::Level::Error).args(format_args!("x")).build());
        }
        logger.log(&Record::builder().level(log::Level::Info).args(format_args!("x")).build());
    });
    assert_eq!(events.len(), 3);
    assert_eq!(count.load(Ordering::Relaxed), 5);
}

#[test]
fn traced_errors_are_events_with_their_spans_and_what_came_before() {
    use tracing_subscriber::prelude::*;
    let subscriber = tracing_subscriber::registry().with(tailcone::tracing::layer());
    let events = with_captured_events(|| {
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("booking", order = 7, seat = tracing::field::Empty);
            let _entered = span.enter();
            span.record("seat", "12A");
            tracing::info!(row = 12, "looked up a seat");
            tracing::debug!("details");
            let inner = tracing::info_span!("payment");
            let _inner = inner.enter();
            let error = Outer(Inner);
            tracing::error!(error = &error as &dyn error::Error, attempt = 2, "no booking");
        });
    });
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.message(), Some("no booking"));
    assert_eq!(text(event, "exception.values.0.value"), "seat 12A is taken");
    assert_eq!(text(event, "exception.values.1.type"), "Outer");
    assert_eq!(at(event, "extra.attempt").map(Value::to_json), Some("2".into()));
    let about: &Object = at(event, "contexts.tracing").unwrap().as_object().unwrap();
    let json = |key| about.get(key).map(Value::to_json).unwrap_or_default();
    assert_eq!([json("spans"), json("order"), json("seat")], [r#"["booking","payment"]"#, "7", r#""12A""#]);
    let crumbs: Vec<_> = event.breadcrumbs().map(|crumb| crumb.get("message").unwrap().as_str().unwrap()).collect();
    assert_eq!(crumbs, ["looked up a seat"]);
    assert_eq!(text(event, "breadcrumbs.values.0.level"), "info");
    assert_eq!(at(event, "breadcrumbs.values.0.data.row").map(Value::to_json), Some("12".into()));
}

//! What the shim hands over, whatever it is, becomes an event of valid JSON or nothing.
//!
//! The last line of the input is the breadcrumbs, what stands before it the signal; when that is no signal, it is tried
//! as the event of one.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use tailcone_core::json::parse;
use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Dsn, Event, Options, Outcome, Scope, Timestamp, Value, process};
use tailcone_fuzz::{Envelope, is_json, json};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fuzz_target!(|text: &str| {
    let (signal, breadcrumbs) = text.rsplit_once('\n').unwrap_or((text, ""));
    // The reader trusts the shim in this one thing.
    let breadcrumbs = if breadcrumbs.starts_with('[') && is_json(breadcrumbs) { breadcrumbs } else { "[]" };
    let read = |text: &str| Signal::read(text, breadcrumbs.to_owned());
    let Some(signal) = read(signal).or_else(|| read(&wrapped(signal))) else { return };
    let kind = signal.kind;
    let event = signal.into_event();
    let text = |key| event.get(key).and_then(|id| id.as_str());
    assert!(text("event_id").or(text("check_in_id")).is_some(), "no signal is without an id");
    let id = text("event_id").unwrap_or_default().to_owned();
    assert!(is_json(&event.to_json()));

    // As in the npm package: what the shim has written is processed and sent.
    let mut client = client();
    let processed = processed(event.clone());
    assert_eq!(client.submit(kind, event.clone(), 1, 0, NOW), Outcome::Queued);
    let Some(Action::Send(request)) = client.next_action() else { panic!("nothing is sent") };
    let envelope = Envelope::read(&request.body);
    assert_eq!(envelope.items, [(kind.name.to_owned(), processed.as_str())]);
    assert!(id.is_empty() || envelope.header["event_id"] == id, "{id:?} {}", envelope.header);

    // As in a Rust app: options are laid under it, values are bounded.
    let mut event = event;
    client.prepare(&mut event, &[Scope::new()]);
    let prepared = json(&event.to_json());
    assert!(prepared.is_none_or(|event| event["level"].is_string()));
    self::processed(event);
});

/// A signal of an event, which is its scope, too.
fn wrapped(event: &str) -> String {
    let id = "fc6d8c0c43fc4630ad850ee518f1b9d0";
    let inner = event.trim().strip_prefix('{').unwrap_or(event);
    let comma = if inner.starts_with('}') { "" } else { "," };
    format!(r#"{{"kind":"event","event":{{"event_id":"{id}"{comma}{inner},"layers":[{event}]}}"#)
}

fn client() -> Client {
    let dsn = Dsn::parse("https://key@example.com/1").expect("a DSN");
    let mut options = Options::for_dsn(&dsn, "tailcone.test", "0.0.0");
    options.set_default("release", "app@1.0.0");
    Client::new(options)
}

/// Whether an object has two members of one name.
fn has_twins(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_twins),
        Value::Object(object) => {
            let mut names = BTreeSet::new();
            object.iter().any(|(name, value)| !names.insert(name) || has_twins(value))
        }
        _ => false,
    }
}

/// The event after the processors, which find nothing more to do the second time.
fn processed(mut event: Event) -> String {
    // No engine writes a name twice. Who does may find one of the two untouched.
    let odd = parse(&event.to_json()).is_ok_and(|event| has_twins(&event));
    process::run(&mut event);
    let once = event.to_json();
    assert!(is_json(&once));
    if !odd {
        check(&once);
        process::run(&mut event);
        assert_eq!(event.to_json(), once, "processed twice");
        // What the shim has seen to before.
        process::limit(&mut event);
        check_tags(&event.to_json());
    }
    once
}

/// What holds for every event that is sent.
fn check(payload: &str) {
    let Some(event) = json(payload) else { return };
    for group in ["tags", "extra", "contexts", "user"] {
        assert!(event[group].is_null() || event[group].is_object(), "{group} of {payload}");
    }
    let exceptions = event["exception"]["values"].as_array().or(event["exception"].as_array());
    for exception in exceptions.into_iter().flatten() {
        assert!(exception["stacktrace"]["frames"].as_array().is_none_or(|frames| frames.len() <= 50), "{payload}");
    }
}

/// Tags are texts with a name.
fn check_tags(payload: &str) {
    let Some(event) = json(payload) else { return };
    for (key, value) in event["tags"].as_object().into_iter().flatten() {
        assert!(!key.is_empty() && value.is_string(), "{payload}");
    }
}

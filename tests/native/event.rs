//! From the shim's signal to the event on the wire.

use std::rc::Rc;

use native_tests::fixture;
use proptest::prelude::*;
use serde_json::{Value, json};
use tailcone_core::envelope::EVENT;
use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Event, EventId, Exception, Mechanism, Options, Outcome, Scope, Timestamp};

/// The event that is posted for a signal.
fn read(signal: &Value, breadcrumbs: &str) -> Option<Value> {
    let signal = Signal::read(&signal.to_string(), breadcrumbs.to_owned())?;
    let mut client = Client::new(Options::new("https://example.com/".into(), "tailcone.test", "0.0.0"));
    let (kind, mut event) = (signal.kind, signal.into_event());
    client.prepare(&mut event, &[Scope::new()]);
    assert_eq!(client.submit(kind, event, 0, 0, Timestamp(1)), Outcome::Queued);
    let Some(Action::Send(outgoing)) = client.next_action() else { panic!("nothing is sent") };
    Some(serde_json::from_str(outgoing.body.lines().nth(2).expect("an item")).expect("an event is JSON"))
}

fn signal(event: &Value, layers: &Value) -> Value {
    let mut event = event.clone();
    if let Some(event) = event.as_object_mut() {
        event.insert("event_id".into(), "fc6d8c0c43fc4630ad850ee518f1b9d0".into());
        event.entry("timestamp").or_insert(1_700_000_000.123.into());
        event.entry("platform").or_insert("javascript".into());
    }
    json!({"kind": "event", "event": event, "layers": layers})
}

#[test]
fn a_signal_becomes_an_event() {
    let stack =
        "TypeError: no\n    at inner (https://example.com/a.js:2:3)\n    at outer (https://example.com/a.js:9:1)";
    let exception = json!({"values": [
        {"type": "Error", "value": "cause", "mechanism": {"type": "chained", "exception_id": 1, "parent_id": 0, "source": "cause"}},
        {"type": "TypeError", "value": "no", "stack": stack, "mechanism": {"type": "generic", "handled": true, "exception_id": 0}},
    ]});
    let layers = json!([{"tags": {"a": "1", "b": 2, "gone": "x"}, "level": "log"}, {"tags": {"a": "inner", "gone": null}, "user": {"id": "7"}}]);
    let event =
        read(&signal(&json!({"exception": exception}), &layers), r#"[{"message":"step","timestamp":1.5}]"#).unwrap();
    assert_eq!(event["event_id"], "fc6d8c0c43fc4630ad850ee518f1b9d0");
    assert_eq!(event["timestamp"], 1_700_000_000.123);
    assert_eq!(event["platform"], "javascript");
    assert_eq!(event["level"], "info");
    assert_eq!(event["tags"], json!({"a": "inner", "b": "2"}));
    assert_eq!(event["user"], json!({"id": "7"}));
    assert_eq!(event["breadcrumbs"]["values"][0]["message"], "step");
    let values = event["exception"]["values"].as_array().unwrap();
    assert_eq!(values[0]["value"], "cause", "the cause stands first");
    let frames = values[1]["stacktrace"]["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[0]["function"], "outer", "the outermost call stands first");
    assert_eq!(
        frames[1],
        json!({"function": "inner", "filename": "https://example.com/a.js", "lineno": 2, "colno": 3, "in_app": true})
    );
    assert!(values[1].get("stack").is_none());
}

#[test]
fn scopes_are_laid_over_each_other_as_the_fixtures_say() {
    for row in fixture("scopes.json").as_array().expect("an array") {
        let event = read(&signal(&row["event"], &row["layers"]), "[]").expect("it is a signal");
        let merged = row["merged"].as_object().expect("an object");
        for group in ["tags", "user", "extra", "contexts", "level", "fingerprint"] {
            assert_eq!(event.get(group), merged.get(group), "{group} of {}", row["name"]);
        }
    }
}

#[test]
fn what_a_caller_puts_into_an_event_stays_in_it() {
    let own = json!({
        "logentry": {"formatted": "own"}, "timestamp": "2024-02-29T00:00:00Z", "level": "fatal", "platform": "other", "fingerprint": ["x"],
        "threads": {"values": [{"id": 1}]}, "breadcrumbs": [{"message": "own"}], "release": "r", "anything": [1, {"deep": null}],
    });
    let event =
        read(&signal(&own, &json!([{"level": "info", "fingerprint": ["y"]}])), r#"[{"message":"scope"}]"#).unwrap();
    for (key, value) in own.as_object().unwrap() {
        assert_eq!(&event[key], value, "{key}");
    }
}

#[test]
fn what_is_no_signal_is_none() {
    for bad in [
        json!(null),
        json!([]),
        json!({}),
        json!({"event": {}}),
        json!({"event": {"event_id": 1}}),
        json!({"event": 1}),
    ] {
        assert_eq!(read(&bad, "[]"), None, "{bad}");
    }
}

#[test]
fn a_hook_may_change_an_event_or_drop_it_and_what_it_drops_is_counted() {
    let mut options = Options::new("https://example.com/".into(), "tailcone.test", "0.0.0");
    options.before_send = Some(Rc::new(|mut event: Event| {
        event.set_tag("hook", "was here");
        (event.message() != Some("drop me")).then_some(event)
    }));
    let mut client = Client::new(options);
    let mut capture = |message: &str| {
        let mut event = Event::new();
        event.set_message(message).complete(EventId::from_random([1; 16]), Timestamp(1), "other");
        client.capture(&EVENT, event, &[], 0, Timestamp(1))
    };
    assert_eq!(capture("drop me"), Outcome::BeforeSend);
    assert_eq!(capture("keep me"), Outcome::Queued);
    let Some(Action::Send(outgoing)) = client.next_action() else { panic!("nothing is sent") };
    assert!(outgoing.body.contains(r#""hook":"was here""#), "{}", outgoing.body);
    assert!(outgoing.body.contains(r#"{"reason":"before_send","category":"error","quantity":1}"#), "{}", outgoing.body);
    assert!(!outgoing.body.contains("drop me"));
}

#[test]
fn an_error_and_its_causes_are_told_apart() {
    let error = |value: &str, mechanism| Exception::new("Error", value).mechanism(mechanism);
    let thrown = error("thrown", Mechanism::new("generic", true));
    let event = Event::of_chain(vec![thrown.clone(), error("cause", Mechanism::cause(1, "source"))]);
    let event: Value = serde_json::from_str(&event.to_json()).unwrap();
    let values = event["exception"]["values"].as_array().unwrap();
    assert_eq!(values[0]["value"], "cause");
    assert_eq!(
        values[0]["mechanism"],
        json!({"type": "chained", "handled": true, "exception_id": 1, "parent_id": 0, "source": "source"})
    );
    assert_eq!(values[1]["mechanism"], json!({"type": "generic", "handled": true, "exception_id": 0}));
    let alone: Value = serde_json::from_str(&Event::of_chain(vec![thrown]).to_json()).unwrap();
    assert_eq!(alone["exception"]["values"][0]["mechanism"], json!({"type": "generic", "handled": true}));
}

#[test]
fn what_is_long_is_cut_and_what_has_no_level_gets_one() {
    let long = "é".repeat(9_000);
    let stack = format!("E\n{}", "    at f (https://example.com/a.js:1:2)\n".repeat(120));
    let exception = json!({"values": [{"type": "E", "value": long, "stack": stack}]});
    let event = json!({"exception": exception, "logentry": {"formatted": long}, "tags": {"t": long}});
    let event = read(&signal(&event, &json!([])), "[]").unwrap();
    let characters = |value: &Value| value.as_str().unwrap().chars().count();
    let thrown = &event["exception"]["values"][0];
    assert_eq!(characters(&thrown["value"]), 8192);
    assert_eq!(characters(&event["logentry"]["formatted"]), 8192);
    assert_eq!(characters(&event["tags"]["t"]), 200);
    assert_eq!(thrown["stacktrace"]["frames"].as_array().unwrap().len(), 50);
    assert_eq!(event["level"], "error");
    assert_eq!(read(&signal(&json!({"message": "m"}), &json!([])), "[]").unwrap()["level"], "info");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z@:() .\n]{0,20}".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = prop_oneof![
            "[a-z]{1,4}",
            Just("values".to_owned()),
            Just("frames".to_owned()),
            Just("stacktrace".to_owned()),
            Just("stack".to_owned()),
            Just("type".to_owned()),
            Just("mechanism".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_an_event_holds_it_is_written_as_json(
        fields in prop::collection::btree_map(
            prop_oneof![Just("exception"), Just("tags"), Just("extra"), Just("user"), Just("level"), Just("message"), Just("breadcrumbs"),
                Just("timestamp"), Just("fingerprint"), Just("contexts"), Just("event_id"), Just("sdk")],
            any_json(), 0..8),
        layer in any_json(),
    ) {
        let event: Value = Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        let event = read(&signal(&event, &json!([layer])), "[]").expect("it is a signal");
        prop_assert_eq!(&event["event_id"], "fc6d8c0c43fc4630ad850ee518f1b9d0");
    }
}

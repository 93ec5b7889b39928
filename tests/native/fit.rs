//! An event that is too large loses what matters least, and says what is missing.

use proptest::prelude::*;
use serde_json::{Value, json};
use tailcone_core::Event;
use tailcone_core::json::parse;
use tailcone_core::process::{MAX_BYTES, fit, limit};
use tailcone_core::signal::unfold;

const HIDDEN: usize = 60 * 1024;

fn event(value: &Value) -> Event {
    Event::from(parse(&value.to_string()).expect("JSON").into_object().expect("an object"))
}

/// What is left of an event in so many bytes.
fn fitted(value: &Value, bytes: usize) -> Value {
    let mut event = event(value);
    let json = fit(&mut event, bytes, unfold);
    assert!(json.len() <= bytes, "{} bytes in place of {bytes}: {json:.500}", json.len());
    assert_eq!(event.to_json(), json, "the event is what is sent");
    assert_eq!(fit(&mut event, bytes, unfold), json, "what fits is left as it is");
    serde_json::from_str(&json).expect("JSON")
}

fn frames(count: usize) -> Value {
    let frame = |at| {
        json!({"function": format!("f{at}"), "filename": "https://example.com/app.js", "lineno": at, "in_app": true,
            "vars": {"a": "v".repeat(100)}})
    };
    (0..count).map(frame).collect()
}

fn crumbs(count: usize, bytes: usize) -> Value {
    (0..count).map(|at| json!({"timestamp": at, "category": "step", "message": "m".repeat(bytes)})).collect()
}

/// About 1.6 KB of breadcrumbs each, 6 KB of variables, 5 KB of frames, 20 KB of extra values, 12 KB of the rest.
fn full() -> Value {
    let exception =
        |ty: &str| json!({"type": ty, "value": format!("{ty} happened"), "stacktrace": {"frames": frames(50)}});
    json!({
        "event_id": "fc6d8c0c43fc4630ad850ee518f1b9d0", "timestamp": 1.5, "platform": "javascript",
        "exception": {"values": [exception("Cause"), exception("Thrown")]},
        "request": {"url": "https://example.com/"}, "level": "error", "tags": {"a": "1"},
        "contexts": {"big": {"text": "c".repeat(6000), "more": "d".repeat(6000)}},
        "extra": {"first": "x".repeat(10_000), "second": "y".repeat(10_000)},
        "breadcrumbs": {"values": crumbs(20, 1500)},
    })
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

fn functions(event: &Value, exception: usize) -> Vec<&str> {
    let frames = &event["exception"]["values"][exception]["stacktrace"]["frames"];
    frames.as_array().expect("frames").iter().map(|frame| frame["function"].as_str().unwrap()).collect()
}

/// What an event has under its own names, without what is said about it.
fn without(event: &Value, names: &[&str]) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().retain(|name, _| name != "_meta" && !names.contains(&name.as_str()));
    event
}

#[test]
fn an_event_that_fits_is_left_as_it_is() {
    let whole = full();
    assert_eq!(fitted(&whole, size(&whole)), whole);
    let mut own = event(&json!({"_meta": {"own": 1}, "extra": {"a": null}, "breadcrumbs": []}));
    let before = own.clone();
    fit(&mut own, 1000, unfold);
    assert_eq!(own, before);
}

#[test]
fn the_oldest_breadcrumbs_go_first() {
    let whole = full();
    let left = fitted(&whole, size(&whole) - 5000);
    assert_eq!(without(&left, &["breadcrumbs"]), without(&whole, &["breadcrumbs"]));
    let values = left["breadcrumbs"]["values"].as_array().unwrap();
    assert_eq!(values.last().unwrap()["timestamp"], 19, "the newest are left");
    assert_eq!(values.last().unwrap()["message"].as_str().unwrap().len(), 1500);
    assert!((15..=17).contains(&values.len()), "{} breadcrumbs", values.len());
    assert_eq!(left["_meta"], json!({"breadcrumbs": {"values": {"": {"len": 20, "rem": [["!limit", "x"]]}}}}));
}

#[test]
fn breadcrumbs_that_came_as_text_are_taken_apart_for_it() {
    let mut whole = full();
    let trail = whole.as_object_mut().unwrap().remove("breadcrumbs").unwrap()["values"].to_string();
    let signal =
        json!({"kind": "event", "id": "fc6d8c0c43fc4630ad850ee518f1b9d0", "ts": 1500, "event": whole, "layers": []});
    let mut event = tailcone_core::signal::Signal::read(&signal.to_string(), trail).expect("a signal").into_event();
    let bytes = event.to_json().len() - 5000;
    let left: Value = serde_json::from_str(&fit(&mut event, bytes, unfold)).expect("JSON");
    assert!(left.to_string().len() <= bytes);
    let values = left["breadcrumbs"]["values"].as_array().unwrap();
    assert_eq!(values.last().unwrap()["timestamp"], 19);
    assert!((15..=17).contains(&values.len()), "{} breadcrumbs", values.len());
    assert_eq!(left["extra"], whole["extra"]);
}

#[test]
fn a_bare_list_of_breadcrumbs_is_one_too() {
    let mut whole = full();
    whole["breadcrumbs"] = crumbs(20, 1500);
    let left = fitted(&whole, size(&whole) - 5000);
    assert_eq!(left["breadcrumbs"].as_array().unwrap().last().unwrap()["timestamp"], 19);
    assert_eq!(left["_meta"], json!({"breadcrumbs": {"": {"len": 20, "rem": [["!limit", "x"]]}}}));
}

#[test]
fn variables_and_the_middle_of_stacks_go_before_extra_values() {
    let whole = full();
    let left = fitted(&whole, 45_000);
    assert!(left["breadcrumbs"]["values"].as_array().is_none_or(|values| values.len() < 8), "{left}");
    let outermost: Vec<_> = (0..8).chain(42..50).map(|at| format!("f{at}")).collect();
    assert_eq!(functions(&left, 1), outermost);
    assert!(!left["exception"].to_string().contains("vars"));
    for name in ["extra", "contexts", "tags", "request"] {
        assert_eq!(left[name], whole[name], "{name}");
    }
}

#[test]
fn extra_values_go_before_the_rest() {
    let whole = full();
    let left = fitted(&whole, 30_000);
    assert_eq!(left["extra"], json!({"first": whole["extra"]["first"]}), "as much as fits");
    assert_eq!(left["_meta"]["extra"], json!({"": {"len": 2, "rem": [["!limit", "x"]]}}));
    for name in ["contexts", "tags", "request"] {
        assert_eq!(left[name], whole[name], "{name}");
    }
}

#[test]
fn extra_values_go_first_wherever_they_stand() {
    let group = |prefix: &str| {
        (0..10).map(|at| (format!("{prefix}{at}"), "v".repeat(1000).into())).collect::<serde_json::Map<_, _>>()
    };
    let whole = json!({"contexts": {"c": group("c")}, "extra": group("e"), "modules": group("m")});
    let left = fitted(&whole, 25_000);
    assert_eq!((&left["contexts"], &left["modules"]), (&whole["contexts"], &whole["modules"]));
    assert!((1..5).contains(&left["extra"].as_object().unwrap().len()), "{left}");
}

#[test]
fn of_a_list_the_last_is_left_and_a_remark_finds_it() {
    let whole = json!({"extra": {"list": [1, 2, {"a": "x".repeat(5000), "b": 3}]}});
    let left = fitted(&whole, 2000);
    assert_eq!(left["extra"], json!({"list": [{"b": 3}]}));
    let removed = |len: usize| json!({"len": len, "rem": [["!limit", "x"]]});
    assert_eq!(left["_meta"], json!({"extra": {"list": {"": removed(3), "0": {"": removed(2)}}}}));
}

#[test]
fn the_rest_goes_before_the_errors() {
    let left = fitted(&full(), 12_000);
    assert_eq!(functions(&left, 0).len(), 16);
    assert_eq!(functions(&left, 1).len(), 16);
    assert_eq!(left["tags"], json!({"a": "1"}));
    assert!(left.get("extra").is_none());
    assert_eq!(left["contexts"], json!({"big": {"more": "d".repeat(6000)}}), "a part is better than nothing");
    assert_eq!(left["_meta"][""]["len"], full().as_object().unwrap().len(), "extra and breadcrumbs are missing");
}

#[test]
fn what_was_thrown_is_left_longest_with_its_innermost_frames() {
    let left = fitted(&full(), 1800);
    let values = left["exception"]["values"].as_array().unwrap();
    assert_eq!(values.len(), 1);
    assert_eq!(left["_meta"]["exception"]["values"][""]["len"], 2);
    assert_eq!((&values[0]["type"], &values[0]["value"]), (&json!("Thrown"), &json!("Thrown happened")));
    let functions = functions(&left, 0);
    assert_eq!(functions.last(), Some(&"f49"));
    assert!(functions.len() > 2, "{functions:?}");
    assert_eq!(left["_meta"]["exception"]["values"]["0"]["stacktrace"]["frames"][""]["len"], 16);
    for name in ["event_id", "timestamp", "platform"] {
        assert_eq!(left[name], full()[name], "{name}");
    }
}

#[test]
fn an_event_is_smaller_than_what_servers_take() {
    const { assert!(MAX_BYTES < 1024 * 1024 - 64 * 1024) };
    let mut whole = full();
    whole["extra"] =
        (0..100).map(|at| (at.to_string(), Value::from("é".repeat(16_000)))).collect::<serde_json::Map<_, _>>().into();
    let left = fitted(&whole, MAX_BYTES);
    assert!(size(&left) > MAX_BYTES / 10 * 9, "the room is used: {}", size(&left));
    assert!(size(&fitted(&whole, HIDDEN)) > HIDDEN / 10 * 4, "here, too: {}", size(&fitted(&whole, HIDDEN)));
}

#[test]
fn a_limit_cuts_what_is_long_and_says_so() {
    let mut own = event(&json!({
        "exception": {"values": [{"type": "E", "value": "short"}, {"type": "E", "value": "é".repeat(9000)}]},
        "logentry": {"formatted": "m".repeat(9000)},
        "contexts": {"kept": {"a": 1}, "long": {"a": "1".repeat(5000), "b": "2".repeat(5000)}, "feedback": {"message": "f".repeat(10_000)}},
        "extra": {"kept": [1], "text": "t".repeat(20_000), "list": vec!["l".repeat(1000); 30]},
        "_meta": {"user": {"": {"err": ["own"]}}},
    }));
    limit(&mut own);
    let left: Value = serde_json::from_str(&own.to_json()).unwrap();
    let characters = |value: &Value| value.as_str().unwrap().chars().count();
    assert_eq!(left["exception"]["values"][0]["value"], "short");
    assert_eq!(characters(&left["exception"]["values"][1]["value"]), 8192);
    assert_eq!(characters(&left["logentry"]["formatted"]), 8192);
    assert_eq!(left["contexts"]["kept"], json!({"a": 1}));
    assert_eq!(left["contexts"]["long"], json!({"a": "1".repeat(5000)}));
    assert_eq!(characters(&left["contexts"]["feedback"]["message"]), 10_000);
    assert_eq!(left["extra"]["kept"], json!([1]));
    assert_eq!(characters(&left["extra"]["text"]), 16_384);
    assert_eq!(left["extra"]["list"].as_array().unwrap().len(), 16);
    let removed = |len: usize| json!({"": {"len": len, "rem": [["!limit", "x"]]}});
    let cut = |len: usize, end: usize| json!({"": {"len": len, "rem": [["!limit", "s", end - 3, end]]}});
    assert_eq!(
        left["_meta"],
        json!({
            "user": {"": {"err": ["own"]}},
            "exception": {"values": {"1": {"value": cut(9000, 8191 * 2 + 3)}}},
            "logentry": {"formatted": cut(9000, 8191 + 3)},
            "contexts": {"long": removed(2)},
            "extra": {"text": cut(20_000, 16_383 + 3), "list": removed(30)},
        })
    );
}

#[test]
fn all_extra_values_have_a_limit_together() {
    let extra: serde_json::Map<_, _> = (0..40).map(|at| (at.to_string(), Value::from("x".repeat(10_000)))).collect();
    let mut own = event(&json!({"extra": extra}));
    limit(&mut own);
    let left: Value = serde_json::from_str(&own.to_json()).unwrap();
    assert_eq!(left["extra"].as_object().unwrap().len(), 26);
    assert_eq!(left["_meta"]["extra"][""]["len"], 40);
    let mut small = event(&json!({"extra": {"a": 1}, "contexts": {"b": {}}, "message": "m"}));
    let before = small.clone();
    limit(&mut small);
    assert_eq!(small, before);
}

/// JSON with names that mean something to the ladder, and with texts and numbers that may be long.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        2 => Just(Value::Null),
        2 => any::<i32>().prop_map(Value::from),
        2 => ".{0,20}".prop_map(Value::from),
        1 => ("\\PC|[\u{0}-\u{1f}\"\\\\]", 0..3000_usize).prop_map(|(part, times)| Value::from(part.repeat(times))),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            (inner.clone(), 0..25_usize).prop_map(|(item, times)| Value::from(vec![item; times])),
            prop::collection::btree_map(any_key(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["values", "frames", "stacktrace", "exception", "vars", "type", "value", "extra", "breadcrumbs", ""])
            .prop_map(str::to_owned),
        2 => "[a-z]{1,4}",
        1 => ("\\PC|[\u{0}\"\\\\]", 0..400_usize).prop_map(|(part, times)| part.repeat(times)),
    ]
}

fn any_event() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "exception",
        "breadcrumbs",
        "extra",
        "contexts",
        "tags",
        "user",
        "message",
        "logentry",
        "event_id",
        "level",
        "modules",
        "_meta",
    ]);
    let field = prop_oneof![4 => name.prop_map(str::to_owned), 1 => "[A-Z]{1,40}"];
    prop::collection::btree_map(field, any_json(), 0..10).prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_an_event_holds_it_fits_and_is_json(own in any_event(), bytes in 1000..20_000_usize) {
        let left = fitted(&own, bytes);
        if event(&own).to_json().len() <= bytes {
            prop_assert_eq!(left, own);
        } else {
            prop_assert!(left["_meta"].is_object());
        }
    }

    /// The deeper, the more is said about what is missing.
    #[test]
    fn what_is_deep_fits(depth in 1..60_usize, bytes in 1000..5000_usize, key in any_key(), list in any::<bool>()) {
        let mut value = json!(vec!["x".repeat(400); 40]);
        for _ in 0..depth {
            value = if list { json!([value, {key.clone(): "y".repeat(300)}]) } else { json!({key.clone(): value, "z": "z".repeat(300)}) };
        }
        fitted(&json!({"contexts": value}), bytes);
    }

    #[test]
    fn what_was_thrown_is_there_whatever_else_an_event_holds(own in any_event(), bytes in 2000..20_000_usize) {
        let mut own = own;
        own["exception"] = json!({"values": [{"type": "Cause", "value": "c".repeat(5000)},
            {"type": "Thrown", "value": "it", "zzz": "z".repeat(3000), "stacktrace": {"frames": frames(60)}}]});
        own["event_id"] = json!("fc6d8c0c43fc4630ad850ee518f1b9d0");
        own["timestamp"] = json!(1.5);
        let left = fitted(&own, bytes);
        let thrown = left["exception"]["values"].as_array().and_then(|values| values.last()).expect("an error");
        prop_assert_eq!((&thrown["type"], &thrown["value"]), (&json!("Thrown"), &json!("it")));
        let innermost = thrown["stacktrace"]["frames"].as_array().and_then(|frames| frames.last()).expect("a frame");
        prop_assert_eq!(&innermost["function"], "f59");
        prop_assert_eq!(&left["event_id"], &own["event_id"]);
    }

    #[test]
    fn whatever_an_event_holds_limits_leave_it_json(own in any_event()) {
        let mut event = event(&own);
        limit(&mut event);
        let left: Value = serde_json::from_str(&event.to_json()).expect("JSON");
        for name in ["user", "breadcrumbs"] {
            prop_assert_eq!(left.get(name), own.get(name));
        }
        for (name, value) in left["tags"].as_object().into_iter().flatten() {
            prop_assert!(!name.is_empty() && value.is_string());
        }
    }
}

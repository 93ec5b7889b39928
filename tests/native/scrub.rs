//! The core's scrubber agrees with the fixtures, which the shim's is tested with, too; and what no examples show.

use std::time::{Duration, Instant};

use native_tests::fixture;
use proptest::prelude::*;
use serde_json::Value;
use tailcone_core::json;
use tailcone_core::scrub::{scrub_object, scrub_text, scrub_url};

const FILTERED: &str = "[Filtered]";

fn scrub(kind: &str, input: &str) -> String {
    match kind {
        "text" => scrub_text(input),
        "url" | "url-no-query" => scrub_url(input, kind != "url"),
        other => panic!("{other}"),
    }
}

/// The rows of the fixtures whose input is a text.
fn texts() -> Vec<(String, String, String)> {
    let rows = fixture("scrub.json");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let row = |row: &Value| Some((text(&row["kind"])?, text(&row["input"])?, text(&row["output"])?));
    rows.as_array().expect("an array").iter().filter_map(row).collect()
}

#[test]
fn every_text_of_the_fixtures_comes_out_as_they_say_and_stays_so() {
    let texts = texts();
    assert!(texts.len() > 150);
    for (kind, input, output) in texts {
        assert_eq!(scrub(&kind, &input), output, "{kind} {input:?}");
        assert_eq!(scrub(&kind, &output), output, "a second time, {kind} {input:?}");
    }
}

#[test]
fn every_bag_of_the_fixtures_comes_out_as_they_say_and_stays_so() {
    let rows = fixture("scrub.json");
    let bags: Vec<&Value> = rows.as_array().expect("an array").iter().filter(|row| row["input"].is_object()).collect();
    assert!(bags.len() > 5);
    for row in bags {
        let mut bag = json::parse(&row["input"].to_string()).expect("JSON").into_object().expect("an object");
        for _ in 0..2 {
            scrub_object(&mut bag, row["kind"] == "bag-pii");
            let text = json::Value::from(bag.clone()).to_json();
            assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), row["output"], "{}", row["input"]);
        }
    }
}

#[test]
fn objects_are_scrubbed_as_deep_as_they_go() {
    for depth in [1, 10, 60] {
        let text = format!("{}{{\"token\":\"hunter2\"}}{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        let limits = json::Limits { depth: 200, values: 1000 };
        let mut object = json::parse_with(&text, limits).expect("JSON").into_object().expect("an object");
        scrub_object(&mut object, true);
        assert!(!json::Value::from(object).to_json().contains("hunter2"), "{depth}");
    }
    let mut object = json::Object::new();
    object.insert("raw", json::Value::Raw("{\"token\":\"hunter2\",\"n\":1}".to_owned()));
    object.insert("broken", json::Value::Raw("hunter2".to_owned()));
    scrub_object(&mut object, true);
    let text = json::Value::from(object).to_json();
    assert_eq!(text, r#"{"raw":{"token":"[Filtered]","n":1},"broken":"[Filtered]"}"#);
}

#[test]
fn what_grows_grows_by_little() {
    for (kind, input, output) in texts() {
        let parts = output.matches(FILTERED).count();
        // What a browser would encode is encoded in a broken URL in which something is filtered.
        let encoded = input.bytes().filter(|byte| *byte <= b' ' || matches!(byte, b'"' | b'\'')).count();
        assert!(output.len() <= input.len() + 12 * parts + 2 * encoded, "{kind} {input:?}");
    }
}

#[test]
fn a_text_is_cut_where_it_is_too_long_to_be_read() {
    for end in ["a", "é", "😀"] {
        for more in 0..4 {
            let text = "x".repeat(65_536 - more) + &end.repeat(3) + " token=hunter2";
            let out = scrub_text(&text);
            assert!(out.len() <= 65_536 && text.starts_with(&out) && out.len() > 65_530);
        }
    }
}

/// What readers of text are slow with: what begins much and ends nothing.
const HOSTILE: [&str; 40] = [
    "a",
    "key",
    "key:",
    "key=",
    "token]",
    "token[",
    "token[a",
    "key[a]",
    "key\\",
    "key\\\"",
    "key:\"\\",
    "key:{",
    "key:{a}{",
    "key:[",
    "key: b",
    "key ",
    "key==",
    "key:11:",
    "keyerror",
    "eyJ",
    "eyJabcdefghi.",
    "-",
    "-----BEGIN ",
    "4",
    "4 ",
    "4-",
    "//",
    "//a@",
    "a:",
    "a:b@",
    "@",
    ":1",
    "data:",
    "data:a/",
    "bearer a",
    "%",
    "%25",
    "%74",
    "token%3Da",
    "%4%3",
];

#[test]
fn time_grows_with_length_and_no_faster() {
    for unit in HOSTILE {
        for tail in ["", "@"] {
            let time = |length: usize| {
                let text = unit.repeat(length / unit.len()) + tail;
                let start = Instant::now();
                let _ = scrub_text(&text);
                start.elapsed()
            };
            // Four times the length takes four times as long; sixteen times would be quadratic. A machine that has more
            // to do may be slow once, but not every time.
            let fine = || time(48_000) < (time(12_000) * 9).max(Duration::from_millis(100));
            assert!((0..5).any(|_| fine()), "{unit:?} and {tail:?}: {:?}", time(48_000));
        }
    }
}

const NAMES: &str = "(x_|my-|)(auth|Token|SECRET|password|passwd|pwd|apiKey|jwt|bearer|sso|saml|csrf|xsrf|credentials|session|sid|identity)(|2|_x)";

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), drop_query in any::<bool>()) {
        scrub_text(&text);
        scrub_url(&text, drop_query);
    }

    #[test]
    fn the_value_of_a_sensitive_parameter_is_gone(
        before in "(https?|wss)://[a-z.]{1,12}(:[0-9]{2,4})?(/[a-z0-9][a-z0-9@._-]{0,8}){0,3}(/;|[?#])(a=[0-9]{1,3}[&;]){0,2}",
        name in NAMES,
        index in "(|\\[\\]|\\[[a-z0-9]{1,3}\\]|%5B%5D)",
        secret in "Q[A-Za-z0-9!$*+,./:?@_~()-]{6,30}Q",
        behind in "(|&b=2|#end|&c\\[\\]=1)",
    ) {
        let url = format!("{before}{name}{index}={secret}{behind}");
        let out = scrub_url(&url, false);
        prop_assert!(!out.contains(&secret) && out.contains(FILTERED), "{}", out);
        prop_assert!(out.starts_with(&format!("{before}{name}{index}=")), "{}", out);
        prop_assert_eq!(scrub_url(&out, false), out);
        let line = format!("GET {url} failed");
        prop_assert!(!scrub_text(&line).contains(&secret) && scrub_text(&line).ends_with(" failed"));
    }

    #[test]
    fn nor_does_encoding_hide_it(
        name in NAMES,
        secret in "Q[A-Za-z0-9]{6,30}Q",
        inner in "https://h/\\?a=1&|/b#|",
        times in 1..4_usize,
    ) {
        let mut value = format!("{inner}{name}={secret}");
        for _ in 0..times {
            value = value.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('=', "%3d").replace('&', "%26");
            value = value.replace('?', "%3F").replace('#', "%23");
        }
        let out = scrub_url(&format!("https://h/?next={value}&page=2"), false);
        prop_assert_eq!(out, "https://h/?next=[Filtered]&page=2");
    }

    #[test]
    fn the_value_of_a_sensitive_member_is_gone_from_json(name in NAMES, secret in "[ -~é]{1,30}", times in 0..3_usize) {
        let mut text = serde_json::json!({ "a": 1, &*name: format!("Q{secret}Q"), "page": "2" }).to_string();
        for _ in 0..times {
            text = serde_json::json!({ "body": text }).to_string();
        }
        let mut read: Value = serde_json::from_str(&scrub_text(&text)).expect("JSON as before");
        for _ in 0..times {
            read = serde_json::from_str(read["body"].as_str().expect("a text")).expect("JSON as before");
        }
        prop_assert_eq!(read, serde_json::json!({ "a": 1, &*name: FILTERED, "page": "2" }));
    }

    #[test]
    fn words_without_a_sign_stay(words in proptest::collection::vec("[a-zA-Z]{1,12}[,.!?]?|token|keys?|the session|Auth|[0-9]{1,9}|\\(password\\)|'secret'", 0..20)) {
        let text = words.join(" ");
        // A number behind it is what makes a scheme of this word.
        prop_assume!(!text.to_ascii_lowercase().contains("bearer") && !text.contains("eyJ"));
        prop_assert_eq!(scrub_text(&text), text);
    }

    #[test]
    fn userinfo_is_gone(scheme in "(https?:|wss?:|)//", user in "[a-z0-9._%+-]{0,10}", pass in ":Q[A-Za-z0-9:@!$&'()*+,;=%_-]{6,20}Q", host in "[a-z]{1,9}|\\[::1\\]", path in "(|:8080)(|/a@b)") {
        let out = scrub_url(&format!("{scheme}{user}{pass}@{host}{path}"), false);
        prop_assert_eq!(out, format!("{scheme}[Filtered]:[Filtered]@{host}{path}"));
    }
}

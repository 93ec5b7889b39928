//! What has been scrubbed has no secret, is scrubbed no further by a second time, and is the text that it was where there
//! was nothing to take out.
//!
//! The first character of the input says how a secret is written; `|` in what follows is the place where it is put.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::json::parse;
use tailcone_core::scrub::{scrub_object, scrub_text, scrub_url};
use tailcone_core::{Object, Value};
use tailcone_fuzz::is_json;

fuzz_target!(|input: &str| {
    let mut start = input.chars();
    let form = start.next().unwrap_or('0');
    let text = start.as_str();
    let (before, behind) = text.split_once('|').unwrap_or((text, ""));

    whatever(text, "text", &scrub_text);
    whatever(text, "URL", &|url| scrub_url(url, false));
    let short = scrub_url(text, true);
    assert!(!short.contains(['?', '#']), "{text:?} becomes {short:?}");

    let mut secret = String::from("Hunter2x");
    while text.contains(&secret) {
        secret.push('y');
    }
    // Of userinfo 99 characters are looked at.
    if secret.len() > 64 {
        return;
    }
    let planted = match form {
        '1' => format!("{before}?access_token={secret}&{behind}"),
        '2' => format!("{before} https://user:{secret}@example.com/{behind}"),
        '3' => format!(r#"{before} {{"token": "{secret}"}} {behind}"#),
        '4' => format!("{before}\nAuthorization: Bearer {secret}\n{behind}"),
        '5' => format!("{before}?a%5Btoken%5D={secret}&{behind}"),
        _ => format!("{before} password={secret} {behind}"),
    };
    let mut outs = vec![scrub_text(&planted)];
    if matches!(form, '1' | '2' | '5') {
        outs.push(scrub_url(&planted, false));
    }
    for out in outs {
        assert!(!out.contains(&secret), "{planted:?} becomes {out:?}");
    }
    if let Ok(Value::Object(object)) = parse(text) {
        // As for texts; quotes are everywhere in JSON.
        let once_is_all = !text.contains(['@', '%', '[', '\'', '\\']);
        members(object, &secret, once_is_all);
    }
});

/// What holds for any text, whether as a text or as a URL.
fn whatever(text: &str, what: &str, scrub: &dyn Fn(&str) -> String) {
    let once = scrub(text);
    // The least that is replaced is `a:b@`.
    assert!(once.len() <= 6 * text.len() + 64, "{what} {text:?} becomes {once:?}");
    // What has been taken out makes room for more userinfo, and looks like an index where brackets are; an empty value in
    // quotes takes in what follows; a URL's spaces are encoded, and what is encoded may be anything.
    if !text.contains(['@', '[', '"', '\'', '\\']) && !once.contains('%') {
        assert_eq!(scrub(&once), once, "{what} {text:?} scrubbed twice");
    }
    if is_innocent(text) {
        assert_eq!(once, text, "{what}");
    }
}

/// Whether nothing in a text can be a secret, for there is no name of a value, no userinfo, no number of a card, nothing
/// encoded.
fn is_innocent(text: &str) -> bool {
    let small = text.to_ascii_lowercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let none = ["eyj", "---begin", "bearer", "\"", "'"].iter().all(|word| !small.contains(word));
    none && digits < 13 && !text.bytes().any(|byte| b"=:@%".contains(&byte))
}

fn members(mut object: Object, secret: &str, once_is_all: bool) {
    object.insert("nested", Object::from_iter([("x-api-key", secret), ("Cookie", secret)]));
    for pii in [true, false] {
        let mut once = object.clone();
        scrub_object(&mut once, pii);
        let written = Value::Object(once.clone()).to_json();
        assert!(is_json(&written));
        assert!(!written.contains(secret), "{written}");
        let mut twice = once.clone();
        scrub_object(&mut twice, pii);
        assert!(!once_is_all || Value::Object(twice).to_json() == written, "scrubbed twice: {written}");
    }
}

//! Stacks that real engines wrote are read into the frames that stand there.
//!
//! Every string of the fixture was written by the engine it names, none is made up. `origin` says which public corpus a
//! string is from; one without it was written for this fixture. A line that names no place (`eval code`, `[native code]`
//! alone, as Safari before 15 has them) is no frame.

use native_tests::fixture;
use proptest::prelude::*;
use serde_json::{Value, json};
use tailcone_core::Frame;
use tailcone_core::stack::{parse, trim_panic};

/// A frame in one row, as the fixture writes it: function, file, line, column; for wasm the address in place of these.
fn row(frame: &Frame) -> Value {
    match (&frame.platform, &frame.instruction_addr) {
        (Some(_), address) => json!([frame.function, frame.filename, address]),
        (None, _) => json!([frame.function, frame.filename, frame.lineno, frame.colno]),
    }
}

#[test]
fn every_stack_of_the_fixtures_is_read_as_it_stands() {
    let fixture = fixture("stacks.json");
    let stacks = fixture.as_array().expect("an array");
    assert!(stacks.len() > 400, "only {} stacks", stacks.len());
    for stack in stacks {
        let text = stack["stack"].as_str().expect("a stack");
        let message = stack["value"].as_str().unwrap_or_default();
        // Frames come outermost first; the fixture has them as the text has.
        let rows: Vec<Value> = parse(text, message).iter().rev().map(row).collect();
        if std::env::var_os("PRINT_FRAMES").is_some() {
            println!("{}", json!({"engine": stack["engine"], "name": stack["name"], "frames": rows}));
            continue;
        }
        assert_eq!(json!(rows), stack["frames"], "{} {}: {text}", stack["engine"], stack["name"]);
    }
}

#[test]
fn frames_of_the_runtime_are_not_the_applications() {
    for (line, in_app) in [
        ("    at f (https://example.com/a.js:1:2)", true),
        ("    at Array.map (<anonymous>)", false),
        ("    at f (native)", false),
        ("    at eval (unknown)", false),
        ("    at async Promise.all (index 0)", false),
        ("    at Array.prototype.map (native code)", false),
        ("    at f (chrome-extension://abc/a.js:1:2)", false),
        ("    at a.wasm.core::option::unwrap_failed (https://example.com/a.wasm:wasm-function[1]:0x2)", false),
        ("    at a.wasm.<alloc::vec::Vec<T> as X>::y (https://example.com/a.wasm:wasm-function[1]:0x2)", false),
        ("    at a.wasm.app::f (https://example.com/a.wasm:wasm-function[1]:0x2)", true),
        ("f@[native code]", false),
        ("eval code@", false),
        ("f@[wasm code]", true),
        ("f@https://example.com/a.js:1:2", true),
    ] {
        let frames = parse(line, "");
        assert_eq!(frames.first().map(|frame| frame.in_app), Some(Some(in_app)), "{line}");
    }
}

#[test]
fn a_message_that_looks_like_a_stack_is_not_one() {
    let value = "broken\n    at fake (https://example.com/fake.js:1:1)";
    let text = format!("Error: {value}\n    at real (https://example.com/real.js:2:2)");
    let frames = parse(&text, value);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].function.as_deref(), Some("real"));
}

#[test]
fn a_message_is_found_under_another_type_and_with_more_before_it() {
    let value = "broken\n    at fake (https://example.com/fake.js:1:1)";
    for header in ["Error: ", "TypeError [ERR_X]: ", "Uncaught Error: "] {
        let text = format!("{header}{value}\n    at real (https://example.com/real.js:2:2)");
        let frames = parse(&text, value);
        let names: Vec<_> = frames.iter().filter_map(|frame| frame.function.as_deref()).collect();
        assert_eq!(names, ["real"], "{header}");
    }
}

#[test]
fn a_message_that_is_a_name_in_the_stack_takes_nothing_from_it() {
    for value in ["", "a", "at", "apply", "apply@https", "1", "Error"] {
        for text in ["apply@https://example.com/a.js:1:1\n", "Error\n    at apply (https://example.com/a.js:1:1)"] {
            let frames = parse(text, value);
            assert_eq!(frames.len(), 1, "{value} {text}");
            assert_eq!(frames[0].function.as_deref(), Some("apply"), "{value} {text}");
        }
    }
}

#[test]
fn the_panic_machinery_is_trimmed() {
    let text = "Error\n    at a.wasm.tailcone::panic::capture (https://h/a.wasm:wasm-function[9]:0x9)\n    at a.wasm.std::panicking::panic_with_hook (https://h/a.wasm:wasm-function[8]:0x8)\n    at a.wasm.core::panicking::panic_fmt (https://h/a.wasm:wasm-function[7]:0x7)\n    at a.wasm.app::f (https://h/a.wasm:wasm-function[6]:0x6)\n    at click (https://h/a.js:1:2)";
    let mut frames = parse(text, "");
    trim_panic(&mut frames);
    let names: Vec<_> = frames.iter().filter_map(|frame| frame.function.as_deref()).collect();
    assert_eq!(names, ["click", "app::f"]);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), value in ".{0,6}") {
        let _ = parse(&text, &value);
    }

    #[test]
    fn no_text_of_the_grammars_makes_the_parser_panic(text in r"((    at |async |new |@|\(|\)|:wasm-function\[|\]|:0x|::h|\.wasm\.|eval at | line | > |\[wasm code\]|:[0-9]{1,3}|[a-zé*<>/]{1,4}|\n){0,12}){1,4}") {
        for frame in parse(&text, "") {
            prop_assert!(frame.in_app.is_some());
        }
    }
}

#[test]
fn a_hostile_stack_takes_no_longer_than_a_plain_one() {
    for line in [
        "(".repeat(60_000),
        "    at (".repeat(10_000),
        "@".repeat(60_000),
        ":1".repeat(30_000),
        "\n".repeat(60_000),
        format!("    at f ({}", "eval at (".repeat(6_000)),
        format!("    at f (eval at g (x{}", ")".repeat(60_000)),
        format!("    at f (eval at g{}", " (), ".repeat(12_000)),
        ": ".repeat(30_000),
        "async ".repeat(10_000),
        ":wasm-function[".repeat(4_000),
        "[0123456789abcdef]".repeat(3_000),
    ] {
        let start = std::time::Instant::now();
        let _ = parse(&line, "");
        assert!(start.elapsed().as_millis() < 1_000, "{} ms: {}…", start.elapsed().as_millis(), &line[..20]);
    }
}

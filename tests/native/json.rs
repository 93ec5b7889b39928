//! The bounded reader and the writer, beside `serde_json`.

use proptest::prelude::*;
use tailcone_core::Value;
use tailcone_core::json::parse;

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_read_and_written_with_the_same_meaning(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let read = parse(&text).expect("it is JSON");
            let again: serde_json::Value = serde_json::from_str(&read.to_json()).expect("what is written is JSON");
            prop_assert_eq!(&again, &value);
        }
    }

    #[test]
    fn what_is_read_is_what_serde_reads(text in r#"[\[\]{}:,"\\ntrue0-9.eE+\- u]{0,24}"#) {
        let ours = parse(&text);
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => prop_assert!(ours.is_ok(), "refused: {}", text),
            // Two things are read here that serde_json refuses: half a surrogate pair, and numbers beyond f64.
            Err(error) => prop_assert!(
                ours.is_err() || error.to_string().contains("surrogate") || error.to_string().contains("number out of range")
                    || error.to_string().contains("hex escape"),
                "read: {text} ({error})"
            ),
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn every_string_survives(text in any::<String>()) {
        let written = Value::from(text.as_str()).to_json();
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text.clone());
        prop_assert_eq!(parse(&written).ok().and_then(Value::into_string), Some(text));
    }
}

//! The DSN reader agrees with the fixtures, which the shim's reader is tested with, too.

use native_tests::fixture;
use proptest::prelude::*;
use tailcone_core::Dsn;

#[test]
fn every_dsn_of_the_fixtures_is_read_as_they_say() {
    let rows = fixture("dsn.json");
    for row in rows.as_array().expect("an array") {
        let text = row["dsn"].as_str().expect("a DSN");
        match (Dsn::parse(text), &row["ok"]) {
            (Ok(dsn), ok) if ok.is_object() => {
                assert_eq!(dsn.protocol(), ok["protocol"], "{text}");
                assert_eq!(dsn.public_key(), ok["publicKey"], "{text}");
                assert_eq!(dsn.host(), ok["host"], "{text}");
                assert_eq!(dsn.port().map(u64::from), ok["port"].as_u64(), "{text}");
                assert_eq!(dsn.path(), ok["path"], "{text}");
                assert_eq!(dsn.project_id(), ok["projectId"], "{text}");
                assert_eq!(dsn.envelope_url(), ok["envelopeUrl"], "{text}");
            }
            (Err(error), _) => assert_eq!(error.code(), row["error"], "{text}"),
            (Ok(dsn), _) => panic!("{text:?} was read as {dsn:?}"),
        }
    }
}

proptest! {
    #[test]
    fn what_was_read_reads_the_same_again(text in "[ -~]{0,40}|https?://[a-z0-9]{1,8}(:[a-z]{0,4})?@[a-z0-9.]{1,12}(:[0-9]{1,5})?(/[a-z0-9._-]{0,6}){0,3}") {
        if let Ok(dsn) = Dsn::parse(&text) {
            prop_assert_eq!(Dsn::parse(&dsn.to_text()), Ok(dsn));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = Dsn::parse(&text);
    }
}

//! A DSN that is read comes back as the same DSN; what is made of it has no secret and nothing that a URL must not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::{Dsn, Options};

fuzz_target!(|text: &str| {
    let dsn = match Dsn::parse(text) {
        Ok(dsn) => dsn,
        Err(error) => {
            assert!(!error.code().is_empty() && !error.message().is_empty());
            return;
        }
    };
    let plain = dsn.to_text();
    assert_eq!(Dsn::parse(&plain).as_ref(), Ok(&dsn), "{text:?} becomes {plain}");
    assert_eq!(
        Dsn::parse(&format!(" \n{}/\t", text.trim_ascii())).as_ref(),
        Ok(&dsn),
        "white space and slashes around {text:?}"
    );
    made_of(&dsn);

    // The same with a secret, which must not be anywhere afterwards.
    let mut secret = String::from("secret");
    while plain.contains(&secret) {
        secret.push('x');
    }
    let with_secret = plain.replacen('@', &format!(":{secret}@"), 1);
    let read = Dsn::parse(&with_secret).expect("a secret is accepted");
    assert_eq!(read, dsn);
    let mut options = Options::for_dsn(&read, "tailcone.test", "0.0.0");
    options.set_tunnel("https://example.com/tunnel".into(), &read);
    for out in [read.to_text(), read.endpoint("n", "v"), format!("{read:?}"), format!("{:?}", options.header)] {
        assert!(!out.contains(&secret), "{out}");
    }
});

/// Nothing stands in the URLs but the parts, and every part is of the kind it should be.
fn made_of(dsn: &Dsn) {
    let word = |text: &str, extra: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    assert!(matches!(dsn.protocol(), "http" | "https"));
    assert!(word(dsn.public_key(), "_-"), "{dsn:?}");
    assert!(word(dsn.host(), "._-[]:"), "{dsn:?}");
    assert_eq!(dsn.host().starts_with('['), dsn.host().ends_with(']'), "{dsn:?}");
    assert!(dsn.host().starts_with('[') || !dsn.host().contains(['[', ']', ':']), "{dsn:?}");
    assert!(word(dsn.project_id(), "_-.~"), "{dsn:?}");
    assert_ne!(dsn.port(), Some(0));
    let segments: Vec<&str> = dsn.path().split('/').collect();
    assert_eq!(segments[0], "", "{dsn:?}");
    assert!(segments[1..].iter().all(|segment| !matches!(*segment, "" | "." | "..")), "{dsn:?}");

    let port = dsn.port().map_or_else(String::new, |port| format!(":{port}"));
    let origin = format!("{}://{}{port}", dsn.protocol(), dsn.host());
    let url = format!("{origin}{}/api/{}/envelope/", dsn.path(), dsn.project_id());
    assert_eq!(dsn.envelope_url(), url);
    let endpoint = dsn.endpoint("tailcone.test", "0.0.0");
    let query = format!("sentry_version=7&sentry_key={}&sentry_client=tailcone.test%2F0.0.0", dsn.public_key());
    assert_eq!(endpoint, format!("{url}?{query}"));
    assert!(endpoint.bytes().all(|byte| byte.is_ascii_graphic()), "{endpoint}");
    assert_eq!(endpoint.matches(['?', '#']).count(), 1, "{endpoint}");
}

//! A text is scrubbed in time linear in its length: the first line of the input, and what follows repeated up to the
//! bound and beyond.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::scrub::{scrub_text, scrub_url};
use tailcone_fuzz::{long, must_be_fast};

fuzz_target!(|input: &str| {
    if let Some(text) = long(input) {
        must_be_fast(text.len(), || scrub_text(&text).len() + scrub_url(&text, false).len());
    }
});

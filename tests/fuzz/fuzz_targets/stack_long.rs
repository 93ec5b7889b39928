//! A stack is read in time linear in its length: the first line of the input, and what follows repeated up to the
//! parser's bound and beyond.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::stack::{parse, trim_panic};
use tailcone_fuzz::{long, must_be_fast};

fuzz_target!(|input: &str| {
    if let Some(text) = long(input) {
        must_be_fast(text.len(), || {
            let mut frames = parse(&text, "");
            trim_panic(&mut frames);
            assert!(frames.len() <= 1000);
            frames.len()
        });
    }
});

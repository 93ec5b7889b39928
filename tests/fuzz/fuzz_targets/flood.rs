//! However events come, no more are let through than the three rules of flood control allow, and what is alone always is.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use tailcone_core::Timestamp;
use tailcone_core::flood::{Flood, Keys, Verdict};

#[derive(Arbitrary, Debug)]
struct Step {
    exact: u8,
    coarse: u8,
    /// Milliseconds since the one before; below zero when somebody sets the clock back.
    wait: i32,
}

/// One that was let through.
struct Passed {
    keys: Keys,
    at: u64,
}

fuzz_target!(|steps: Vec<Step>| {
    let mut flood = Flood::default();
    let (mut now, mut clock) = (Timestamp(1 << 40), 0_u64);
    let mut passed: Vec<Passed> = Vec::new();
    let mut held = [0_u64; 256];
    for step in steps.iter().take(600) {
        if let Ok(wait) = u64::try_from(step.wait) {
            // Time goes on for the rules only when the host's clock does.
            now = now.plus(wait);
            clock += wait;
        } else {
            now = Timestamp(now.0 - u64::from(step.wait.unsigned_abs()) % (1 << 20));
        }
        let keys = Keys { exact: step.exact.into(), coarse: step.coarse.into() };
        let verdict = flood.check(keys, now);
        let since = |passed: &Passed| clock - passed.at;
        let same = passed.iter().any(|one| one.keys.exact == keys.exact && since(one) < 30_000);
        let place = passed.iter().filter(|one| one.keys.coarse == keys.coarse);
        match verdict {
            Verdict::Pass => {
                assert!(!same, "a duplicate passes");
                assert!(within(place.map(since), 10, 1000), "too many of one place");
                assert!(within(passed.iter().map(since), 100, 100), "too many in all");
                passed.push(Passed { keys, at: clock });
            }
            Verdict::Duplicate => assert!(same, "it is the first"),
            Verdict::Flood => {
                let alone = passed.iter().all(|one| since(one) > 60_000);
                assert!(!alone, "nothing came for a minute");
            }
        }
        held[usize::from(step.coarse)] += u64::from(verdict != Verdict::Pass);
        if step.exact == 7 {
            assert_eq!(flood.suppressed(keys.coarse), held[usize::from(step.coarse)]);
            assert_eq!(flood.suppressed(keys.coarse), 0);
            held[usize::from(step.coarse)] = 0;
        }
    }
});

/// Whether one more may pass after others that passed so many milliseconds ago: of any time that ends now it may not be
/// more than the bucket holds and what has come into it meanwhile.
fn within(ages: impl DoubleEndedIterator<Item = u64>, tokens: u64, each: u64) -> bool {
    ages.rev().zip(1..).all(|(age, before): (u64, u64)| before < tokens + age / each + 1)
}

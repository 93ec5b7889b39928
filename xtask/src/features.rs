//! `cargo xtask size --features`: what the crate, and each of its features, adds to an application of Yew's.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::{build, rust, size};

/// What the crate has by default, but for `serde`.
const DEFAULT: &str = "backtrace,bounds,flood,global-handlers,panic,scrub";

/// Features of the example Yew app, which hands them on to tailcone, and the crate that each brings in.
const LADDER: [(&str, &str); 17] = [
    (LEAN, "lean"),
    ("modules", "lean, with the list of modules"),
    ("backtrace", "backtrace"),
    ("bounds", "bounds"),
    ("flood", "flood"),
    ("global-handlers", "global-handlers"),
    ("panic", "panic: console_error_panic_hook"),
    ("scrub", "scrub"),
    ("serde", "serde: serde-wasm-bindgen"),
    (DEFAULT, "the default without serde"),
    ("backtrace,bounds,flood,global-handlers,panic,scrub,serde", "the default"),
    ("stack", "stack, with panic"),
    ("gloo", "gloo: gloo-net"),
    ("breadcrumbs", "console, dom, fetch, history"),
    ("log", "log: log"),
    ("tracing", "tracing: tracing-subscriber"),
    ("anyhow", "anyhow: anyhow"),
];
const LEAN: &str = "recorder";

/// The most that may be added, in bytes after gzip -9. Conversion by serde comes on top of the default.
const BUDGETS: [(&str, usize); 2] = [(LEAN, 18 * 1024), (DEFAULT, 30 * 1024)];

/// Builds the app without the crate, then with each set of features, or with these, and prints what it weighs, and how
/// much more than without. Fails when a budget is exceeded.
pub fn command(repo: &Repo, sets: &[String]) -> Result<ExitCode> {
    println!(
        "{:<36}{:>10}{:>10}{:>10}{:>10}",
        "features of the example Yew app", "wasm raw", "gzip -9", "added", "budget"
    );
    let without = weigh(repo, "")?;
    println!("{:<36}{:>10}{:>10}", "without tailcone", without.0, without.1);
    let named: Vec<_> = sets.iter().map(|set| (&**set, &**set)).collect();
    let mut over = false;
    for &(features, name) in if sets.is_empty() { &LADDER[..] } else { &named } {
        let (raw, gzip) = weigh(repo, features)?;
        let added = gzip.saturating_sub(without.1);
        let mut line = format!("{name:<36}{raw:>10}{gzip:>10}{added:>10}");
        if let Some((_, budget)) = BUDGETS.iter().find(|(of, _)| *of == features) {
            line = format!("{line}{budget:>10}  {}", if added > *budget { "OVER" } else { "met" });
            over |= added > *budget;
        }
        println!("{line}");
    }
    let snippet = size::gzipped(&fs::read(repo.root.join(build::SNIPPET))?)?;
    println!("To console, dom, fetch, history comes {}, which is {snippet} by gzip -9.", build::SNIPPET);
    println!("Bytes; opt-level z, one unit, link-time optimisation, wasm-opt, without names.");
    Ok(ExitCode::from(u8::from(over)))
}

/// The bytes of the app with these features, plain and after gzip.
fn weigh(repo: &Repo, features: &str) -> Result<(usize, usize)> {
    let wasm = rust::build_with_features(repo, features)?;
    let bytes = fs::read(&wasm).with_context(|| format!("{} could not be read", wasm.display()))?;
    Ok((bytes.len(), size::gzipped(&bytes)?))
}

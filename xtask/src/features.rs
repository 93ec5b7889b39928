//! `cargo xtask size --features`: what the crate, and each of its features, adds to an application of Yew's.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::{build, rust, size};

/// Features of the example Yew app, which hands them on to tailcone, and the crate that each brings in. The first is the
/// app without tailcone.
const LADDER: [(&str, &str); 12] = [
    ("", "without tailcone"),
    ("recorder", "lean"),
    ("modules", "lean, with the list of modules"),
    ("panic", "panic: console_error_panic_hook"),
    ("stack", "stack, with panic"),
    ("gloo", "gloo: gloo-net"),
    ("serde", "serde: serde-wasm-bindgen"),
    ("panic,gloo,serde", "the default"),
    ("breadcrumbs", "console, dom, fetch, history"),
    ("log", "log: log"),
    ("tracing", "tracing: tracing-subscriber"),
    ("anyhow", "anyhow: anyhow"),
];

/// Builds the app with each set of features and prints what it weighs, and how much more than without tailcone.
pub fn command(repo: &Repo) -> Result<ExitCode> {
    println!("{:<36}{:>10}{:>10}{:>10}", "features of the example Yew app", "wasm raw", "gzip -9", "added");
    let mut without = None;
    for (features, name) in LADDER {
        let wasm = rust::build_with_features(repo, features)?;
        let bytes = fs::read(&wasm).with_context(|| format!("{} could not be read", wasm.display()))?;
        let gzip = size::gzipped(&bytes)?;
        let without = *without.get_or_insert(gzip);
        println!("{name:<36}{:>10}{gzip:>10}{:>10}", bytes.len(), gzip.saturating_sub(without));
    }
    let snippet = size::gzipped(&fs::read(repo.root.join(build::SNIPPET))?)?;
    println!("To console, dom, fetch, history comes {}, which is {snippet} by gzip -9.", build::SNIPPET);
    println!("Bytes; opt-level z, one unit, link-time optimisation, wasm-opt, without names.");
    Ok(ExitCode::SUCCESS)
}

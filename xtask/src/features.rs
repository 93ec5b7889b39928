//! `cargo xtask size --features`: what each feature of the crate adds to a Rust app.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::{rust, size};

/// Features of the example app, which hands them on to tailcone, and the crate that each brings in.
const LADDER: [(&str, &str); 5] = [
    ("", "none"),
    ("panic", "panic: console_error_panic_hook"),
    ("gloo", "gloo: gloo-net"),
    ("serde", "serde: serde-wasm-bindgen"),
    ("panic,gloo,serde", "all (the default)"),
];

/// Builds the example app with each set of features and prints what it weighs, and how much more than without any.
pub fn command(repo: &Repo) -> Result<ExitCode> {
    println!("{:<36}{:>10}{:>10}{:>10}", "features of the example app", "wasm raw", "gzip -9", "added");
    let mut lean = None;
    for (features, name) in LADDER {
        let wasm = rust::build_with_features(repo, features)?;
        let bytes = fs::read(&wasm).with_context(|| format!("{} could not be read", wasm.display()))?;
        let gzip = size::gzipped(&bytes)?;
        let lean = *lean.get_or_insert(gzip);
        println!("{name:<36}{:>10}{gzip:>10}{:>10}", bytes.len(), gzip.saturating_sub(lean));
    }
    println!("Bytes; opt-level z, one unit, link-time optimisation, wasm-opt, without names.");
    Ok(ExitCode::SUCCESS)
}

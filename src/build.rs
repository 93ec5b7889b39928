//! For build scripts: what the application is made of.
//!
//! The feature `build` is for `[build-dependencies]`, where nothing else of this crate is needed:
//!
//! ```toml
//! [dependencies]
//! tailcone = "0.1"
//!
//! [build-dependencies]
//! tailcone = { version = "0.1", default-features = false, features = ["build"] }
//! ```
//!
//! ```no_run
//! // In `main` of `build.rs`, what is wanted of these:
//! tailcone::build::modules();
//! tailcone::build::stack_pointer();
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// So many are listed; of more, those that are nearest to the application.
const MAX_MODULES: usize = 300;

/// Lists the crates that the application is made of, with their versions, for [`modules!`](crate::modules): those that
/// its `Cargo.lock` names, for its target and its features, without what only builds or tests it.
///
/// A build goes on when the list cannot be made, with a warning and without the list.
///
/// ```no_run
/// // In `main` of `build.rs`:
/// tailcone::build::modules();
/// ```
pub fn modules() {
    println!("cargo::rerun-if-changed=Cargo.toml");
    if let Some(lockfile) = lockfile() {
        println!("cargo::rerun-if-changed={}", lockfile.display());
    }
    let tree = tree().unwrap_or_else(|error| {
        println!("cargo::warning=events will not say what the application is made of: {error}");
        String::new()
    });
    let place = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("tailcone-modules.txt");
    if let Err(error) = fs::write(place, list(&tree)) {
        println!("cargo::warning=the list of modules cannot be written: {error}");
    }
}

/// Has the application's wasm module export the pointer to its stack, which the feature `stack` puts back.
///
/// A panic that ends in a trap, and a stack overflow, leave it where it was; when thousands of panics were caught by the
/// page, or after one overflow, nothing of the module can run any more. With the feature, and with the pointer, it is put
/// back as soon as nothing of the module is running. Not for modules that suspend (JSPI), which have something on the
/// stack while nothing runs. For targets other than wasm this does nothing.
///
/// ```no_run
/// // In `main` of `build.rs`:
/// tailcone::build::stack_pointer();
/// ```
pub fn stack_pointer() {
    if env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg=--export=__stack_pointer");
    }
}

/// The lockfile of the package, which may be that of a workspace.
fn lockfile() -> Option<PathBuf> {
    let package = env::current_dir().ok()?;
    package.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file())
}

/// What cargo knows of the package that is being built: a line for each crate, with its distance. It reads the lockfile,
/// too, and knows what of it is for other targets, for other features, for tests.
fn tree() -> Result<String, String> {
    let mut cargo = Command::new(env::var_os("CARGO").ok_or("it is not built by cargo")?);
    cargo.args(["tree", "--frozen", "--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}"]);
    cargo.args(["--no-default-features", "--features", &env::var("CARGO_CFG_FEATURE").unwrap_or_default()]);
    cargo.arg("--target").arg(env::var_os("TARGET").ok_or("it has no target")?);
    let output = cargo.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().next().unwrap_or("cargo tree fails").into())
}

/// A line `name version` for each crate, sorted. Of two versions of one crate, the one that is nearer.
fn list(tree: &str) -> String {
    let mut nearest: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (depth, name, version) in tree.lines().filter_map(read) {
        let known = nearest.entry(name).or_insert((depth, version));
        if depth < known.0 {
            *known = (depth, version);
        }
    }
    let mut modules: Vec<_> = nearest.into_iter().map(|(name, (depth, version))| (depth, name, version)).collect();
    modules.sort_unstable();
    modules.truncate(MAX_MODULES);
    let mut lines: Vec<_> = modules.iter().map(|(_, name, version)| format!("{name} {version}\n")).collect();
    lines.sort_unstable();
    lines.concat()
}

/// Reads `2serde v1.0.229 (*)`; `None` for the application itself, whose version is the release.
fn read(line: &str) -> Option<(usize, &str, &str)> {
    let (depth, package) = line.split_at(line.find(|c: char| !c.is_ascii_digit())?);
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    Some((depth.parse().ok().filter(|depth| *depth > 0)?, name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_what_the_application_depends_on_sorted_and_each_once() {
        let tree = "0shop v1.4.0 (/shop)\n1zebra v0.9.1\n2serde v1.0.229\n1serde v1.0.229 (*)\n\
                    1anyhow v1.0.104 (https://example.com/anyhow#9b3f)\n";
        assert_eq!(list(tree), "anyhow 1.0.104\nserde 1.0.229\nzebra 0.9.1\n");
    }

    #[test]
    fn of_two_versions_the_nearer_is_listed_whichever_comes_first() {
        assert_eq!(list("3syn v1.0.9\n2syn v2.0.1\n"), "syn 2.0.1\n");
        assert_eq!(list("2syn v2.0.1\n3syn v1.0.9\n"), "syn 2.0.1\n");
    }

    #[test]
    fn of_too_many_the_nearest_are_listed() {
        let far: Vec<_> = (0..MAX_MODULES).map(|n| format!("2far-{n:03} v1.0.0\n")).collect();
        let listed = list(&(far.concat() + "1near v0.1.0\n"));
        assert_eq!(listed.lines().count(), MAX_MODULES);
        assert!(listed.ends_with("near 0.1.0\n"));
        assert!(!listed.contains("far-299"));
    }

    #[test]
    fn what_is_no_crate_is_left_out() {
        assert_eq!(list("\n1\nwarning: something\n1serde\n1serde 1.0\n"), "");
    }
}

//! What cargo would publish: both crates, packed, and built from what was packed; and the oldest Rust and the lowest
//! versions of other crates that they say they work with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::rust::{self, WASM};
use crate::{build, process};

/// What is in every packed crate besides its sources.
const BESIDE: [&str; 6] = ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Packs both crates, builds the one that applications use from there, with its default features, and fails when
/// something is missing or does not belong.
pub fn check(repo: &Repo) -> Result<()> {
    rust::ensure_wasm_target(repo)?;
    forget(repo)?;
    let mut package = rust::cargo(&repo.root);
    // What is not committed yet is to be checked, too.
    package.args(["package", "--package", "tailcone-core", "--package", "tailcone", "--allow-dirty"]);
    process::capture(package.args(["--quiet", "--target", WASM, "--target-dir"]).arg(target(repo)))
        .context("the crates cannot be packed, or not built from what is packed; cargo must be 1.90 or newer")?;
    for (name, sources) in [("tailcone-core", ""), ("tailcone", "src/")] {
        let packed = files(&packed(repo, name), "")?;
        if let Some(missing) = BESIDE.iter().find(|name| !packed.iter().any(|path| path == *name)) {
            bail!("the crate {name} would be published without {missing}");
        }
        if let Some(stray) = packed.iter().find(|path| !belongs(path, sources)) {
            bail!("the crate {name} would be published with {stray}");
        }
    }
    Ok(())
}

/// Removes what cargo unpacked and built of these crates before: it takes a crate of the same version for the same
/// crate, and would build `tailcone` against the core of that time.
fn forget(repo: &Repo) -> Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let core = format!("tailcone-core-{}", repo.version);
    let unpacked = registries.into_iter().flatten().flatten().map(|registry| registry.path().join(&core));
    for stale in unpacked.chain([target(repo)]).filter(|stale| stale.exists()) {
        fs::remove_dir_all(&stale).with_context(|| format!("{} could not be removed", stale.display()))?;
    }
    Ok(())
}

/// `cargo xtask msrv`.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<()> {
    crate::no_arguments("msrv", arguments)?;
    if let Some(reason) = oldest_missing(repo) {
        bail!(reason);
    }
    check(repo)?;
    msrv(repo)
}

/// Builds the packed crate with every feature of a Rust app by the Rust that `rust-version` names, with
/// the versions of other crates in the lockfile and then with the lowest that its manifest allows.
pub fn msrv(repo: &Repo) -> Result<()> {
    let oldest = repo.rust_version.as_str();
    let folder = repo.out().join("msrv/crate");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    copy(&packed(repo, "tailcone"), &folder)?;
    copy(&packed(repo, "tailcone-core"), &folder.join("core"))?;
    // By itself, so that the lowest versions are those of its own dependencies.
    let manifest = folder.join("Cargo.toml");
    let alone = "\n[workspace]\n\n[patch.crates-io]\ntailcone-core = { path = \"core\" }\n";
    fs::write(&manifest, fs::read_to_string(&manifest)? + alone)?;
    fs::copy(repo.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let check = |target: &[&str]| {
        let mut cargo = Command::new("rustup");
        cargo.current_dir(&folder).args(["run", oldest, "cargo", "check", "--quiet"]).args(target);
        cargo.args(["--features", rust::FACE]);
        process::run(cargo.arg("--target-dir").arg(repo.out().join("msrv")))
    };
    println!("Rust {oldest}, other crates as in Cargo.lock");
    check(&["--target", WASM])?;
    println!("Rust {oldest}, other crates as old as may be");
    let mut lowest = rust::cargo(&folder);
    lowest.args(["update", "--quiet", "-Z", "direct-minimal-versions"]);
    // The option is one of nightly cargo's.
    process::run(lowest.env("RUSTC_BOOTSTRAP", "1"))?;
    check(&["--target", WASM])?;
    check(&[])
}

/// Why the oldest Rust is not there and cannot be had.
pub fn oldest_missing(repo: &Repo) -> Option<String> {
    let oldest = repo.rust_version.as_str();
    let install = ["toolchain", "install", oldest, "--profile", "minimal", "--target", WASM];
    let there = rust::has_wasm(Command::new("rustup").args(["run", oldest, "rustc"])).unwrap_or(false);
    (!there && process::run(Command::new("rustup").args(install)).is_err())
        .then(|| format!("Rust {oldest}, the oldest that the crates work with, is missing, and rustup cannot get it"))
}

/// The folder of a crate as it was unpacked to be built.
fn packed(repo: &Repo, name: &str) -> PathBuf {
    target(repo).join("package").join(format!("{name}-{}", repo.version))
}

/// Where cargo packs, unpacks and builds.
fn target(repo: &Repo) -> PathBuf {
    repo.out().join("packed")
}

/// The files in a folder, as paths from there.
fn files(folder: &Path, below: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), &format!("{path}/"))?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for path in files(from, "")? {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(from.join(&path), target)?;
    }
    Ok(())
}

fn belongs(path: &str, sources: &str) -> bool {
    let notes = ["CHANGELOG.md", ".cargo_vcs_info.json", ".cargo-ok"];
    let source = Path::new(path).extension().is_some_and(|kind| kind == "rs") || path == build::SNIPPET;
    let own = path.strip_prefix(sources).is_some_and(|path| !path.starts_with("tests/"));
    source && own || BESIDE.contains(&path) || notes.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::belongs;

    #[test]
    fn tests_and_what_lies_about_do_not_belong_into_a_crate() {
        assert!(belongs("src/host/fetch.rs", "src/"));
        assert!(belongs("src/host/instrument.js", "src/"));
        assert!(belongs("json/value.rs", ""));
        assert!(belongs("LICENSE-MIT", "src/"));
        assert!(!belongs("tests/native/face.rs", "src/"));
        assert!(!belongs("tests/face.rs", ""));
        assert!(!belongs("tests/node_modules/ws/README.md", "src/"));
    }
}

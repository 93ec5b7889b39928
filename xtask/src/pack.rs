//! `cargo xtask pack`: makes the file that npm would publish.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::repo::Repo;
use crate::{build, manifest, node, process};

/// `cargo xtask pack`.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<()> {
    crate::no_arguments("pack", arguments)?;
    build::package(repo)?;
    process::run(node::npm(&repo.root).args(["pack", "./dist", "--ignore-scripts", "--pack-destination", "target"]))
}

/// Fails unless what npm would publish holds everything that package.json promises, and nothing that it should not.
pub fn check(repo: &Repo) -> Result<()> {
    let dist = repo.dist();
    manifest::check(&dist)?;
    let published = published(repo)?;
    let manifest = manifest::read(&dist.join("package.json"))?;
    let mut promised: Vec<String> = manifest::targets(&manifest)
        .into_iter()
        .map(|target| target.path.trim_start_matches("./").to_owned())
        .collect();
    let listed = manifest["files"].as_array().into_iter().flatten();
    promised.extend(listed.filter_map(Value::as_str).filter(|name| !dist.join(name).is_dir()).map(str::to_owned));
    // The shim loads these itself; nothing in package.json names them.
    promised.extend(["dialog.js"].map(str::to_owned));
    promised.retain(|path| !path.contains('*') && !published.contains(path));
    if !promised.is_empty() {
        bail!(
            "npm would publish the package without {}; add what is missing, or name it in `files` in pkg.json",
            promised.join(", ")
        );
    }
    let stray: Vec<&str> = published.iter().map(String::as_str).filter(|path| !belongs(path)).collect();
    if !stray.is_empty() {
        bail!("npm would publish what is not part of the package: {}", stray.join(", "));
    }
    command_line_is_runnable(&dist, &manifest)
}

fn published(repo: &Repo) -> Result<BTreeSet<String>> {
    let text =
        process::capture(node::npm(&repo.root).args(["pack", "./dist", "--dry-run", "--json", "--ignore-scripts"]))?;
    let listing: Value = serde_json::from_str(&text).context("npm pack --json is not JSON")?;
    let files = listing[0]["files"].as_array().context("npm pack --json lists no files")?;
    Ok(files.iter().filter_map(|file| file["path"].as_str().map(str::to_owned)).collect())
}

fn belongs(path: &str) -> bool {
    let kinds = [".js", ".wasm", ".d.ts"];
    let names = ["package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];
    kinds.iter().any(|kind| path.ends_with(kind)) || names.contains(&path)
}

fn command_line_is_runnable(dist: &Path, manifest: &Value) -> Result<()> {
    let commands = manifest["bin"].as_object().into_iter().flatten();
    for (name, path) in commands {
        let path = path.as_str().context("`bin` in pkg.json holds something other than paths")?;
        let text = fs::read_to_string(dist.join(path))?;
        if !text.starts_with("#!/usr/bin/env node\n") {
            bail!("{path} does not start with `#!/usr/bin/env node`, so `npx {name}` cannot run it");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::belongs;

    #[test]
    fn sources_and_maps_do_not_belong_into_the_package() {
        assert!(belongs("types/entry/browser.d.ts"));
        assert!(belongs("tailcone_bg.wasm"));
        assert!(!belongs("client.ts"));
        assert!(!belongs("index.js.map"));
        assert!(!belongs("node_modules/x/package.json"));
    }
}

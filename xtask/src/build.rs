//! `cargo xtask build`: makes the npm package in dist/, whole or not at all.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::{declarations, manifest, node, process, rust};

/// Bundles that share one call, and so one set of shortened private names.
const BUNDLES: [&str; 5] = [
    "index=src/js/entry/browser.ts",
    "dialog=src/js/dialog.ts",
    "wasm=src/js/entry/wasm.ts",
    "offline=src/js/entry/offline.ts",
    "tunnel=src/js/entry/tunnel.ts",
];

/// The same for servers, where requests have scopes of their own; what they share is in `edge.js`.
const EDGE: [&str; 3] =
    ["cloudflare=src/js/entry/cloudflare.ts", "server=src/js/entry/server.ts", "vercel=src/js/entry/vercel.ts"];

/// The part of the shim that is in the crate.
pub const SNIPPET: &str = "src/host/instrument.js";

/// The example apps: where each is put, its package, and its features if not the default ones.
const APPS: [(&str, &str, Option<&str>); 5] = [
    ("rust-app", "rust-app", None),
    ("yew-app", "yew-app", None),
    ("yew-app-lean", "yew-app", Some("recorder")),
    ("leptos-app", "leptos-app", None),
    ("workers-rs", "workers-rs", None),
];

/// The one of them that is also prepared for shipping.
const SHIPPED: &str = "yew-app";

/// `cargo xtask build [--apps]`.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<()> {
    let mut with_apps = false;
    for argument in arguments {
        match argument.as_str() {
            "--apps" => with_apps = true,
            other => {
                bail!("`cargo xtask build` does not know `{other}`; it takes only --apps")
            }
        }
    }
    package(repo)?;
    if with_apps {
        apps(repo)?;
    }
    Ok(())
}

/// Builds the npm package.
pub fn package(repo: &Repo) -> Result<()> {
    node::ensure_node()?;
    rust::ensure_wasm_target(repo)?;
    let wasm = rust::build_module(repo)?;
    let staging = repo.out().join(format!("npm/package-{}", std::process::id()));
    let made = fill(repo, &wasm, &staging).and_then(|()| swap(&staging, &repo.dist()));
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    made
}

/// Builds the example apps.
pub fn apps(repo: &Repo) -> Result<()> {
    rust::ensure_wasm_target(repo)?;
    APPS.iter()
        .try_for_each(|(folder, name, features)| rust::build_app(repo, folder, name, *features, *folder == SHIPPED))
}

/// Builds one of the example apps.
pub fn app(repo: &Repo, name: &str) -> Result<()> {
    rust::ensure_wasm_target(repo)?;
    rust::build_app(repo, name, name, None, name == SHIPPED)
}

fn fill(repo: &Repo, wasm: &Path, staging: &Path) -> Result<()> {
    fs::create_dir_all(staging)?;
    fs::copy(wasm, staging.join("tailcone_bg.wasm"))?;
    types(repo, staging)?;
    bundles(repo, staging)?;
    for name in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if repo.root.join(name).is_file() {
            fs::copy(repo.root.join(name), staging.join(name))?;
        }
    }
    manifest::write(&repo.root.join("pkg.json"), &repo.version, staging)?;
    manifest::check(staging)?;
    declarations::prune(staging)
}

/// Checks all types, and writes the declarations of the browser side.
fn types(repo: &Repo, staging: &Path) -> Result<()> {
    let tsc = node::tool(repo, "typescript/bin/tsc")?;
    for (project, out) in [("tsconfig.json", Some(staging.join("types"))), ("tsconfig.node.json", None)] {
        let mut command = Command::new("node");
        command.current_dir(&repo.root).arg(&tsc).arg("--project").arg(repo.xtask().join(project));
        if let Some(out) = out {
            command.arg("--outDir").arg(out);
        }
        process::run(&mut command)
            .with_context(|| format!("the TypeScript code does not pass its type check (xtask/{project})"))?;
    }
    Ok(())
}

fn bundles(repo: &Repo, staging: &Path) -> Result<()> {
    let parts = repo.parts();
    let module = ["--format=esm", "--target=es2022", "--define:__EDGE__=false"];
    let edge = [
        "--format=esm",
        "--target=es2022",
        "--define:__EDGE__=true",
        "--splitting",
        "--chunk-names=edge",
        "--external:./tailcone_bg.wasm",
        "--external:./tailcone_bg.wasm?module",
        "--external:./dialog.js",
        "--external:node:*",
    ];
    private_names(repo, staging, &EDGE, &edge)?;
    private_names(repo, staging, &BUNDLES, &[&module[..], &["--external:./dialog.js"]].concat())?;
    private_names(repo, &parts, &["core=src/js/core.ts", "send=src/js/send.ts"], &module)?;
    let snippet = ["instrument=src/js/crate.ts"];
    esbuild(repo, &parts, &snippet, &[&module[..], &["--mangle-props=[^_]_$"]].concat())?;
    esbuild(repo, staging, &["loader=src/js/loader/loader.ts"], &["--format=iife", "--target=es2022"])?;
    esbuild(
        repo,
        staging,
        &["cli=src/js/cli.ts"],
        &[
            "--format=esm",
            "--platform=node",
            "--target=node20",
            // The inbox carries its page as text.
            "--loader:.html=text",
            "--loader:.css=text",
            "--loader:.mjs=text",
        ],
    )?;
    let files = ["index.js", "dialog.js", "wasm.js", "offline.js", "tunnel.js", "loader.js", "edge.js"]
        .map(|name| staging.join(name));
    process::run(
        Command::new("node")
            .current_dir(repo.xtask())
            .arg("minify.mjs")
            .args(files)
            .args(["core.js", "instrument.js"].map(|name| parts.join(name))),
    )
    .context("the JavaScript could not be minified")?;
    snippet_of_crate(repo)
}

/// Brings the JavaScript up to date that is in the crate: whoever builds the crate has no tools for that. It is
/// committed, so where nobody would commit it this fails.
fn snippet_of_crate(repo: &Repo) -> Result<()> {
    let made = fs::read_to_string(repo.parts().join("instrument.js"))?;
    let text = format!("// Made of src/js/crate.ts by `cargo xtask build`.\n{made}\n");
    let place = repo.root.join(SNIPPET);
    if fs::read_to_string(&place).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if process::is_ci() {
        bail!("{SNIPPET} is not what src/js/ makes of it: run `cargo xtask build` and commit it");
    }
    fs::write(&place, text).with_context(|| format!("{SNIPPET} could not be written"))?;
    println!("{SNIPPET} is new: commit it");
    Ok(())
}

/// Bundles in which names that end in one underscore are private and made short: those that the module knows as
/// `src/js/crossing.json` says, the others as esbuild likes, which leaves the names of the last call beside the parts, for their tests.
fn private_names(repo: &Repo, staging: &Path, entries: &[&str], options: &[&str]) -> Result<()> {
    let names = repo.parts().join("names.json");
    fs::create_dir_all(repo.parts()).context("the folder for parts could not be made")?;
    fs::copy(repo.root.join("src/js/crossing.json"), &names).context("the names could not be copied")?;
    let cache = format!("--mangle-cache={}", names.display());
    esbuild(repo, staging, entries, &[options, &["--mangle-props=[^_]_$", &cache]].concat())
}

fn esbuild(repo: &Repo, staging: &Path, entries: &[&str], options: &[&str]) -> Result<()> {
    process::run(
        Command::new(node::esbuild(repo)?)
            .current_dir(&repo.root)
            .args(entries)
            .args(["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"])
            .arg(format!("--define:__TAILCONE_VERSION__=\"{}\"", repo.version))
            .arg(format!("--outdir={}", staging.display()))
            .args(options),
    )
    .context("the JavaScript could not be bundled")
}

/// Puts the finished package in the place of the old one.
fn swap(staging: &Path, dist: &Path) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).with_context(|| format!("{} could not be removed", dist.display()))?;
    }
    // A rename fails when target/ lies on another disk.
    if fs::rename(staging, dist).is_err() {
        copy_folder(staging, dist)?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

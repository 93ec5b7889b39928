//! The Rust side of the build: the wasm target, cargo, wasm-bindgen and wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::node;
use crate::process::{self, fingerprint};
use crate::repo::Repo;

/// The only target the package is built for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// What the Rust face has besides its default.
pub const FACE: &str = "anyhow,build,console,dom,fetch,gloo,history,log,stack,test,tracing,worker";

/// What rustc turns on by itself for this target; wasm-opt has to be told, or it would refuse such instructions.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The lowest memory is the far end of the stack: no address of data is in there, so offsets may be folded into loads and
/// stores. What is alike is merged first, while it still looks alike; what follows from flattening is that `-Oz` has
/// more to choose from than in what rustc has decided; `-O4` before it finds what `-Oz` alone does not look for. Each
/// of these passes pays after gzip, together 1 to 2 % beside `-Oz` twice; which order is the best was tried.
const OPTIMISE: [&str; 13] = [
    "--low-memory-unused",
    "--dealign",
    "--code-folding",
    "--flatten",
    "--rereloop",
    "--merge-similar-functions",
    "--reorder-functions",
    "-O4",
    "--simplify-locals",
    "-Oz",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Half of the usual stack, of which the module needs a tenth: its addresses of data are a byte shorter below 1 MiB.
const STACK: &str = "link-arg=-zstack-size=524288";

/// The script of an example app that a server loads, where it has one; it is copied beside the glue.
const ENTRY: &str = "worker.mjs";

/// The cargo that runs us, in the given folder.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Adds the wasm target to the toolchain when it is not there.
pub fn ensure_wasm_target(repo: &Repo) -> Result<()> {
    if has_wasm(Command::new("rustc").current_dir(&repo.root))? {
        return Ok(());
    }
    rustup(repo, &["target", "add", WASM], "the Rust target wasm32-unknown-unknown")
}

/// Whether a rustc has the wasm target.
pub fn has_wasm(rustc: &mut Command) -> Result<bool> {
    let sysroot = process::capture(rustc.args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir())
}

/// Adds a part of the toolchain, such as rustfmt, when its cargo command does not answer.
pub fn ensure_component(repo: &Repo, component: &str, subcommand: &str) -> Result<()> {
    if process::succeeds(cargo(&repo.root).args([subcommand, "--version"])) {
        return Ok(());
    }
    rustup(repo, &["component", "add", component], component)
}

fn rustup(repo: &Repo, arguments: &[&str], what: &str) -> Result<()> {
    if !process::succeeds(Command::new("rustup").arg("--version")) {
        bail!(
            "{what} is missing, and there is no rustup to add it; install rustup (https://rustup.rs), or add it to this toolchain by hand"
        );
    }
    process::run(Command::new("rustup").args(arguments).current_dir(&repo.root))
}

/// Builds a package as the npm module is built: for size, as a cdylib, with the given features only.
fn build_for_size(repo: &Repo, package: &str, features: &str, codegen: &[&str]) -> Result<()> {
    let mut rustc = cargo(&repo.root);
    rustc.args(["rustc", "--lib", "--package", package, "--crate-type", "cdylib", "--profile", "npm"]);
    rustc.args(["--target", WASM, "--no-default-features", "--features", features, "--"]);
    process::run(rustc.args(codegen.iter().flat_map(|option| ["-C", option])))
}

/// Builds the npm module; returns the optimised wasm file.
pub fn build_module(repo: &Repo) -> Result<PathBuf> {
    build_for_size(repo, "tailcone", "npm", &[STACK])?;
    optimise(repo, &artifact(repo, "npm", "tailcone"), &repo.out().join("npm/optimised"))
}

/// Builds an example app into a folder in `target/apps/`, as its author would: release profile, function names kept. With
/// `debug_info` a second time beside it, as `tailcone wasm-prep` takes it.
pub fn build_app(repo: &Repo, folder: &str, name: &str, features: Option<&str>, debug_info: bool) -> Result<()> {
    let mut cargo = cargo(&repo.root);
    cargo.args(["build", "--lib", "--package", name, "--release", "--target", WASM]);
    if let Some(features) = features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    process::run(&mut cargo)?;
    let entry = repo.root.join("examples").join(name).join(ENTRY);
    let glue = |folder: &str, debug_info| {
        let mut bindgen = Bindgen::new();
        let file = name.replace('-', "_");
        bindgen
            .input_path(artifact(repo, "release", &file))
            .out_name(&file)
            .web(true)?
            .typescript(true)
            .keep_debug(debug_info)
            .omit_default_module_path(false)
            // What makes a new instance of a server's module after a panic; an entry is what calls it.
            .reset_state_function(entry.is_file());
        let folder = repo.apps().join(folder);
        generate(&mut bindgen, &folder)?;
        if entry.is_file() {
            fs::copy(&entry, folder.join(ENTRY)).with_context(|| format!("{} could not be copied", entry.display()))?;
        }
        anyhow::Ok(())
    };
    glue(folder, false)?;
    if debug_info { glue(&format!("{folder}-debug"), true) } else { Ok(()) }
}

/// Builds the example Yew app for size, with the given features only; returns the optimised wasm file.
pub fn build_with_features(repo: &Repo, features: &str) -> Result<PathBuf> {
    build_for_size(repo, "yew-app", features, &[])?;
    let folder = repo.out().join("size");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(artifact(repo, "npm", "yew_app")).out_name("yew_app").web(true)?.typescript(false);
    generate(&mut bindgen, &folder.join("glue"))?;
    optimise(repo, &folder.join("glue/yew_app_bg.wasm"), &folder.join("optimised"))
}

fn artifact(repo: &Repo, profile: &str, name: &str) -> PathBuf {
    repo.cargo_target.join(WASM).join(profile).join(format!("{name}.wasm"))
}

fn generate(bindgen: &mut Bindgen, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} could not be emptied", folder.display()))?;
    }
    bindgen.generate(folder).context("wasm-bindgen could not make the glue")
}

fn optimise(repo: &Repo, input: &Path, folder: &Path) -> Result<PathBuf> {
    let output = folder.join("tailcone_bg.wasm");
    let stamp = folder.join("stamp");
    let tool = node::tool(repo, "binaryen/bin/wasm-opt")?;
    let bytes = fs::read(input).with_context(|| format!("{} is missing", input.display()))?;
    let flags = [&FEATURES[..], &OPTIMISE[..]].concat();
    let lockfile = fs::read(repo.xtask().join("package-lock.json")).unwrap_or_default();
    let wanted = fingerprint(&[&bytes, flags.join(" ").as_bytes(), &lockfile]);
    if output.is_file() && process::stamped(&stamp, &wanted) {
        return Ok(output);
    }
    fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    process::run(Command::new("node").arg(tool).arg(input).arg("-o").arg(&output).args(flags))?;
    process::stamp(&stamp, &wanted)?;
    Ok(output)
}

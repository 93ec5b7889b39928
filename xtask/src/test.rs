//! `cargo xtask test`: every test there is, suite by suite, with one line of sums at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use crate::browsers::{self, Browser};
use crate::counts::{self, Counts, Tap};
use crate::repo::Repo;
use crate::{build, crates, fuzz, node, pack, process, python, rust, size};

/// What a suite does.
#[derive(PartialEq, Eq)]
enum Kind {
    /// Builds the npm package.
    Package,
    /// Builds the example apps.
    Apps,
    /// Checks the formatting of all Rust code.
    Format,
    /// Runs clippy with these arguments; a warning fails it.
    Clippy(&'static [&'static str]),
    /// Makes the documentation of the crates; a warning fails it.
    Docs,
    /// Runs the native Rust tests, and the examples in the documentation.
    Native,
    /// Runs every fuzz target for some seconds.
    Fuzz,
    /// Compares the package's parts with their budgets.
    Budgets,
    /// Looks at what npm would publish.
    Publish,
    /// Packs the crates, and builds them from that.
    Crates,
    /// Builds them by the oldest Rust.
    Msrv,
    /// Runs a file of Node tests about the build tools; it needs nothing built.
    Tools(PathBuf),
    /// Gets what the Node suites drive: npm packages, browsers, Python.
    SetUp,
    /// Runs a file of Node tests about the built package.
    Node(PathBuf),
}

/// The features in which the root crate is checked for wasm: the npm module's, and a Rust app's.
const CLIPPY: [(&str, &[&str]); 4] = [
    ("clippy", &["--workspace", "--all-targets"]),
    (
        "clippy for wasm, npm module",
        &["--package", "tailcone", "--target", rust::WASM, "--no-default-features", "--features", "npm"],
    ),
    (
        "clippy for wasm, nothing but the recorder",
        &["--package", "tailcone", "--target", rust::WASM, "--no-default-features", "--features", "app"],
    ),
    ("clippy for wasm, Rust face", &["--package", "tailcone", "--target", rust::WASM, "--features", rust::FACE]),
];

/// Seconds for each fuzz target: enough to run its corpus, and to see that it still runs.
const FUZZ: u32 = 6;

struct Suite {
    name: String,
    kind: Kind,
}

impl Suite {
    fn new(name: impl Into<String>, kind: Kind) -> Self {
        let name = name.into();
        Self { name, kind }
    }

    /// The suites that have to be run before this one.
    fn needs(&self) -> &'static [Kind] {
        match self.kind {
            Kind::Budgets | Kind::Publish => &[Kind::Package],
            Kind::Msrv => &[Kind::Crates],
            Kind::Node(_) => &[Kind::Package, Kind::Apps, Kind::SetUp],
            _ => &[],
        }
    }
}

/// What the suites share while they run.
struct Session<'a> {
    repo: &'a Repo,
    /// Whether anything missing is a failure.
    strict: bool,
    /// Environment variables for the Node suites.
    surroundings: Vec<(&'static str, PathBuf)>,
    /// The suites that failed, and why where it was not a test of theirs.
    failed: Vec<(&'a Suite, String)>,
    total: Counts,
}

/// `cargo xtask test [NAME...]`.
pub fn command(repo: &Repo, names: &[String]) -> Result<ExitCode> {
    if let Some(option) = names.iter().find(|name| name.starts_with('-')) {
        bail!("`cargo xtask test` does not know `{option}`; it takes parts of suite names");
    }
    let suites = select(all(repo)?, names)?;
    node::ensure_node()?;
    let mut session = Session {
        repo,
        strict: process::is_ci(),
        surroundings: vec![("TAILCONE_DIST", repo.dist()), ("TAILCONE_APPS", repo.apps())],
        failed: Vec::new(),
        total: Counts::default(),
    };
    for suite in &suites {
        session.run(suite);
    }
    println!();
    for (suite, reason) in &session.failed {
        // Once more here: of a long output, often only the end is at hand.
        println!("failed: {}{reason}", suite.name);
    }
    println!("{}", session.total);
    Ok(ExitCode::from(u8::from(session.total.failed > 0)))
}

/// Every suite, in the order in which they run.
fn all(repo: &Repo) -> Result<Vec<Suite>> {
    let mut suites = vec![
        Suite::new("build of the npm package", Kind::Package),
        Suite::new("build of the example apps", Kind::Apps),
        Suite::new("fmt", Kind::Format),
    ];
    suites.extend(CLIPPY.map(|(name, arguments)| Suite::new(name, Kind::Clippy(arguments))));
    suites.extend([
        Suite::new("docs of the crates", Kind::Docs),
        Suite::new("cargo test", Kind::Native),
        Suite::new("fuzz, a short run", Kind::Fuzz),
        Suite::new("size budgets", Kind::Budgets),
        Suite::new("package contents", Kind::Publish),
        Suite::new("packed crates", Kind::Crates),
        Suite::new("packed crates, oldest Rust", Kind::Msrv),
    ]);
    for path in test_files(&repo.xtask())? {
        suites.push(Suite::new(title(repo, &path), Kind::Tools(path)));
    }
    suites.push(Suite::new("set-up of browsers and Python", Kind::SetUp));
    for path in test_files(&repo.tests())? {
        suites.push(Suite::new(title(repo, &path), Kind::Node(path)));
    }
    Ok(suites)
}

/// The suites with one of the names, and those that they need; all when there are no names.
fn select(suites: Vec<Suite>, names: &[String]) -> Result<Vec<Suite>> {
    if names.is_empty() {
        return Ok(suites);
    }
    let asked = |suite: &Suite| names.iter().any(|name| suite.name.contains(name.as_str()));
    let needed: Vec<&Kind> = suites.iter().filter(|suite| asked(suite)).flat_map(Suite::needs).collect();
    let chosen: Vec<bool> = suites.iter().map(|suite| asked(suite) || needed.contains(&&suite.kind)).collect();
    if !chosen.contains(&true) {
        let all: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        bail!("no suite's name contains {}; there are:\n  {}", names.join(" or "), all.join("\n  "));
    }
    Ok(suites.into_iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(suite, _)| suite).collect())
}

impl<'a> Session<'a> {
    fn run(&mut self, suite: &'a Suite) {
        println!("\n== {}", suite.name);
        let start = Instant::now();
        // A failed set-up is no obstacle: the suites say for themselves what they lack.
        let broken =
            self.failed.iter().find(|(failed, _)| failed.kind != Kind::SetUp && suite.needs().contains(&failed.kind));
        let result = match broken {
            Some((broken, _)) => Err(anyhow!("not run, because this failed: {}", broken.name)),
            None => self.perform(&suite.kind),
        };
        let (counts, reason) = match result {
            Ok(counts) => (counts, String::new()),
            Err(error) => {
                println!("{error:#}");
                (Counts::FAIL, format!(": {error:#}"))
            }
        };
        println!("-- {}: {counts} ({:.1} s)", suite.name, start.elapsed().as_secs_f64());
        self.total += counts;
        if counts.failed > 0 {
            self.failed.push((suite, reason));
        }
    }

    fn perform(&mut self, kind: &Kind) -> Result<Counts> {
        let repo = self.repo;
        match kind {
            Kind::Package => build::package(repo)?,
            Kind::Apps => build::apps(repo)?,
            Kind::Format => {
                rust::ensure_component(repo, "rustfmt", "fmt")?;
                process::run(rust::cargo(&repo.root).args(["fmt", "--all", "--check"]))?;
                // A workspace of its own.
                let manifest = repo.tests().join("fuzz/Cargo.toml");
                process::run(rust::cargo(&repo.root).args(["fmt", "--check", "--manifest-path"]).arg(manifest))?;
            }
            Kind::Clippy(arguments) => {
                rust::ensure_component(repo, "clippy", "clippy")?;
                rust::ensure_wasm_target(repo)?;
                process::run(rust::cargo(&repo.root).arg("clippy").args(*arguments).args(["--", "-D", "warnings"]))?;
            }
            Kind::Docs => {
                let mut doc = rust::cargo(&repo.root);
                doc.args([
                    "doc",
                    "--no-deps",
                    "--package",
                    "tailcone",
                    "--package",
                    "tailcone-core",
                    "--features",
                    rust::FACE,
                ]);
                process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
            }
            Kind::Native => return native(repo),
            Kind::Fuzz => return self.fuzz(),
            Kind::Budgets => return budgets(repo),
            Kind::Publish => pack::check(repo)?,
            Kind::Crates => crates::check(repo)?,
            Kind::Msrv => {
                if let Some(counts) = self.missing(crates::oldest_missing(repo))? {
                    return Ok(counts);
                }
                crates::msrv(repo)?;
            }
            Kind::Tools(path) => return node_tests(repo, path, &[]),
            Kind::SetUp => return self.set_up(),
            Kind::Node(path) => return node_tests(repo, path, &self.surroundings),
        }
        Ok(Counts::PASS)
    }

    fn fuzz(&self) -> Result<Counts> {
        if let Some(counts) = self.missing(fuzz::missing())? {
            return Ok(counts);
        }
        let mut counts = Counts::default();
        for run in fuzz::all(self.repo, FUZZ)? {
            counts += if run.passed() { Counts::PASS } else { Counts::FAIL };
        }
        Ok(counts)
    }

    /// What a suite counts for that lacks something, if it does; a failure where nothing may be missing.
    fn missing(&self, reason: Option<String>) -> Result<Option<Counts>> {
        let Some(reason) = reason else { return Ok(None) };
        if self.strict {
            bail!("{reason}");
        }
        println!("{reason}");
        Ok(Some(Counts { skipped: 1, ..Counts::default() }))
    }

    /// Gets what it can; each thing that it cannot get is a skip, or a failure where nothing may be missing.
    fn set_up(&mut self) -> Result<Counts> {
        node::install(&self.repo.tests())?;
        let mut counts = Counts::PASS;
        let mut got = |variable, found: Result<PathBuf, String>| match found {
            Ok(path) => {
                println!("{variable}={}", path.display());
                self.surroundings.push((variable, path));
            }
            Err(reason) if self.strict => {
                println!("{reason}");
                counts += Counts::FAIL;
            }
            Err(reason) => {
                println!("{reason}\nThe tests that need it are skipped.");
                counts += Counts { skipped: 1, ..Counts::default() };
            }
        };
        for browser in Browser::ALL {
            got(browser.variable(), browsers::ensure(browser).ok_or_else(|| browsers::missing(browser)));
        }
        got("TAILCONE_PYTHON", python::ensure(self.repo).map_err(|error| format!("{error:#}")));
        Ok(counts)
    }
}

fn native(repo: &Repo) -> Result<Counts> {
    let mut total = Counts::default();
    // Apart, because together with the others xtask's dependencies would get more features and be built a second time.
    // The applications of frameworks have no tests of their own, and would be the longest part of the build.
    let apart = [
        "--workspace",
        "--exclude",
        "xtask",
        "--exclude",
        "yew-app",
        "--exclude",
        "leptos-app",
        "--exclude",
        "workers-rs",
    ];
    let features = rust::FACE.split(',').map(|feature| format!("tailcone/{feature}")).collect::<Vec<_>>().join(",");
    for packages in [&apart[..], &["--package", "xtask"]] {
        let mut counts = Counts::default();
        let mut command = rust::cargo(&repo.root);
        command.args(["test", "--no-fail-fast"]).args(packages);
        if packages.contains(&"--workspace") {
            // For the examples in the documentation: those of a feature that is off are left out silently.
            command.args(["--features", &features]);
        }
        let status = process::lines(&mut command, |line| {
            if let Some(more) = counts::cargo_line(line) {
                counts += more;
            }
            // A line per passed test hides the others.
            if !line.ends_with("... ok") && !line.is_empty() {
                println!("{line}");
            }
        })?;
        total += counts.with_exit(status.success());
    }
    Ok(total)
}

fn budgets(repo: &Repo) -> Result<Counts> {
    let rows = size::measure(repo)?;
    print!("{}", size::table(&rows));
    let mut counts = Counts::default();
    for met in rows.iter().filter_map(size::Row::met) {
        counts += if met { Counts::PASS } else { Counts::FAIL };
    }
    Ok(counts)
}

fn node_tests(repo: &Repo, file: &Path, surroundings: &[(&str, PathBuf)]) -> Result<Counts> {
    let mut command = Command::new("node");
    command
        .current_dir(&repo.root)
        .args(["--test", "--test-reporter=tap", "--test-concurrency=1"])
        // A test that hangs must not hang everything; its own limits are much lower.
        .arg("--test-timeout=600000")
        .arg(file)
        .envs(surroundings.iter().map(|(name, path)| (name, path)));
    let mut tap = Tap::default();
    let status = process::lines(&mut command, |line| {
        if tap.line(line) {
            println!("{line}");
        }
    })?;
    Ok(tap.counts().with_exit(status.success()))
}

/// The path as seen from the top of the repository, with `/` everywhere.
fn title(repo: &Repo, path: &Path) -> String {
    let path = path.strip_prefix(&repo.root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// The `*.test.mjs` files under a folder, in order of their names.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(found);
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "node_modules" {
            found.extend(test_files(&path)?);
        } else if name.ends_with(".test.mjs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suites() -> Vec<Suite> {
        vec![
            Suite::new("build of the npm package", Kind::Package),
            Suite::new("build of the example apps", Kind::Apps),
            Suite::new("fmt", Kind::Format),
            Suite::new("size budgets", Kind::Budgets),
            Suite::new("set-up of browsers and Python", Kind::SetUp),
            Suite::new("tests/browser/errors.test.mjs", Kind::Node("errors".into())),
        ]
    }

    fn chosen(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        select(suites(), &names).unwrap().into_iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn without_names_every_suite_is_run() {
        assert_eq!(chosen(&[]).len(), suites().len());
    }

    #[test]
    fn a_named_suite_brings_what_it_needs_and_nothing_else() {
        assert_eq!(chosen(&["fmt"]), ["fmt"]);
        assert_eq!(chosen(&["size"]), ["build of the npm package", "size budgets"]);
        assert_eq!(
            chosen(&["browser/errors"]),
            [
                "build of the npm package",
                "build of the example apps",
                "set-up of browsers and Python",
                "tests/browser/errors.test.mjs"
            ]
        );
    }

    #[test]
    fn a_name_that_no_suite_has_is_refused() {
        let error = select(suites(), &["typo".to_owned()]).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("no suite's name contains typo"));
    }
}

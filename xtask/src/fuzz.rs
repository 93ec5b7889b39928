//! `cargo xtask fuzz`: builds the fuzz targets of `tests/fuzz` with the stable toolchain, and runs them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::{process, rust};

/// What cargo-fuzz passes to rustc, without its sanitizer: that needs a nightly toolchain, and the core has no `unsafe`.
const FLAGS: [&str; 9] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "--cfg=fuzzing",
    "-Cdebug-assertions",
    "-Ccodegen-units=1",
];

/// Seconds for each target, unless said otherwise.
const SECONDS: u32 = 20;
/// Bytes of an input at most; what is longer is slower and finds no more.
const MAX_LEN: u32 = 4096;
/// The same for targets of short texts.
const SHORT: [(&str, u32); 4] = [("dsn", 256), ("scrub", 1024), ("scrub_long", 512), ("stack_long", 512)];

/// Files of a corpus in the repository at most, and their bytes.
const CORPUS_FILES: usize = 30;
const CORPUS_BYTES: u64 = 20 * 1024;

/// What one target did.
pub struct Run {
    target: String,
    executions: u64,
    per_second: u64,
    coverage: u64,
    /// What was wrong, and where the input is that shows it; empty when nothing was.
    finding: String,
}

impl Run {
    /// Whether nothing was found.
    pub fn passed(&self) -> bool {
        self.finding.is_empty()
    }
}

#[derive(Debug)]
struct Arguments {
    targets: Vec<String>,
    seconds: u32,
    jobs: usize,
    minimise: bool,
}

/// `cargo xtask fuzz [TARGET...] [--seconds N] [--jobs N] [--minimise]`; fails when anything was found.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let arguments = parse(arguments, &targets(repo)?)?;
    if let Some(reason) = missing() {
        bail!("{reason}");
    }
    let fuzz = Fuzz::build(repo)?;
    if arguments.minimise {
        for target in &arguments.targets {
            fuzz.minimise(target)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let runs = fuzz.run(&arguments.targets, arguments.seconds, arguments.jobs)?;
    Ok(ExitCode::from(u8::from(!runs.iter().all(Run::passed))))
}

/// Builds every target and runs each for so many seconds.
pub fn all(repo: &Repo, seconds: u32) -> Result<Vec<Run>> {
    Fuzz::build(repo)?.run(&targets(repo)?, seconds, cores())
}

/// Why there can be no fuzzing on this machine, if there can be none.
pub fn missing() -> Option<String> {
    if cfg!(windows) {
        return Some("the fuzz targets are not built on Windows; run them in WSL".to_owned());
    }
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    // It may be given with arguments, as in `CXX="ccache g++"`.
    let mut words = compiler.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or("c++"));
    (!process::succeeds(command.args(words).arg("--version"))).then(|| {
        format!(
            "libFuzzer is C++, but the compiler `{compiler}` cannot be run; install one (`g++` or `clang` on Linux, the Xcode command-line tools on macOS), or name it in CXX"
        )
    })
}

fn parse(arguments: &[String], known: &[String]) -> Result<Arguments> {
    let mut parsed = Arguments { targets: Vec::new(), seconds: SECONDS, jobs: cores(), minimise: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || {
            let number = rest.next().and_then(|text| text.parse::<u32>().ok()).filter(|number| *number > 0);
            number.with_context(|| format!("`{argument}` needs a number"))
        };
        match argument.as_str() {
            "--seconds" => parsed.seconds = number()?,
            "--jobs" => parsed.jobs = usize::try_from(number()?)?,
            "--minimise" => parsed.minimise = true,
            target if known.iter().any(|name| name == target) => parsed.targets.push(target.to_owned()),
            other => bail!(
                "`cargo xtask fuzz` does not know `{other}`; it takes --seconds N, --jobs N, --minimise, and the targets {}",
                known.join(", ")
            ),
        }
    }
    if parsed.targets.is_empty() {
        parsed.targets = known.to_vec();
    }
    Ok(parsed)
}

/// The folder of the targets.
fn place(repo: &Repo) -> PathBuf {
    repo.tests().join("fuzz")
}

/// The target that rustc builds for when it is not told another.
fn host() -> Result<String> {
    let version = process::capture(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}

/// The names of the targets: the files in `tests/fuzz/fuzz_targets`.
fn targets(repo: &Repo) -> Result<Vec<String>> {
    let folder = place(repo).join("fuzz_targets");
    let names = files(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    Ok(names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect())
}

/// The files of a folder, in order of their names; none when there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = BTreeSet::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))? {
            paths.insert(entry?.path());
        }
    }
    Ok(paths.into_iter().filter(|path| path.is_file()).collect())
}

/// Copies the files of one folder into another, which is made.
fn copy(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} could not be made", to.display()))?;
    for path in files(from)?.into_iter().filter(|path| wanted(path)) {
        let copied = to.join(path.file_name().unwrap_or_default());
        fs::copy(&path, &copied).with_context(|| format!("{} could not be written", copied.display()))?;
    }
    Ok(())
}

/// Whether libFuzzer named a file, by the SHA-1 of what is in it; seeds have names that say what they are.
fn is_found(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The built targets.
struct Fuzz<'a> {
    repo: &'a Repo,
    programs: PathBuf,
}

impl<'a> Fuzz<'a> {
    fn build(repo: &'a Repo) -> Result<Self> {
        let host = host()?;
        let mut flags = FLAGS.join(" ");
        if host.contains("-linux-") {
            flags.push_str(" -Cllvm-args=-sanitizer-coverage-stack-depth");
        }
        let target = repo.cargo_target.join("fuzz");
        process::run(
            rust::cargo(&repo.root)
                // With a target named, build scripts and macros are built without the flags.
                .args(["build", "--release", "--bins", "--target", &host, "--manifest-path"])
                .arg(place(repo).join("Cargo.toml"))
                .arg("--target-dir")
                .arg(&target)
                .env("RUSTFLAGS", flags)
                .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        )?;
        Ok(Self { repo, programs: target.join(host).join("release") })
    }

    /// A folder of a target's in `target/fuzz`.
    fn made(&self, what: &str, target: &str) -> PathBuf {
        self.repo.out().join("fuzz").join(what).join(target)
    }

    fn seeds(&self, target: &str) -> PathBuf {
        place(self.repo).join("corpus").join(target)
    }

    /// The command that runs a target; its options are still to come.
    fn program(&self, target: &str) -> Result<Command> {
        let artifacts = self.made("artifacts", target);
        fs::create_dir_all(&artifacts).with_context(|| format!("{} could not be made", artifacts.display()))?;
        let mut command = Command::new(self.programs.join(target));
        let max_len = SHORT.iter().find(|(name, _)| *name == target).map_or(MAX_LEN, |(_, length)| *length);
        command.current_dir(&self.repo.root).arg(format!("-max_len={max_len}"));
        command.args(["-timeout=10", "-rss_limit_mb=1024"]);
        // With a separator at its end, libFuzzer puts files into the folder and not beside it.
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        Ok(command)
    }

    /// Runs the targets, so many at a time, and prints a line for each when it is done.
    fn run(&self, targets: &[String], seconds: u32, jobs: usize) -> Result<Vec<Run>> {
        println!("{:<12} {:>12} {:>9} {:>9}  findings", "target", "executions", "per s", "coverage");
        let queue = Mutex::new(targets.iter());
        let done = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..jobs.min(targets.len()) {
                scope.spawn(|| {
                    // The lock is held for as long as it takes to look who is next.
                    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
                    while let Some(target) = next() {
                        let run = self.run_one(target, seconds);
                        if let Ok(run) = &run {
                            println!("{run}");
                        }
                        if let Ok(mut done) = done.lock() {
                            done.push(run);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_default().into_iter().collect()
    }

    fn run_one(&self, target: &str, seconds: u32) -> Result<Run> {
        let corpus = self.made("corpus", target);
        copy(&self.seeds(target), &corpus, |_| true)?;
        let mut command = self.program(target)?;
        let log = self.made("artifacts", target).with_extension("log");
        let output = File::create(&log).with_context(|| format!("{} could not be written", log.display()))?;
        command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
        let dictionary = place(self.repo).join("dictionaries").join(format!("{target}.dict"));
        if dictionary.is_file() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        let began = Instant::now();
        let status = command.arg(&corpus).stdin(Stdio::null()).stdout(Stdio::null()).stderr(output).status();
        let status = status.with_context(|| format!("{target} could not be started"))?;
        let text = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
        let mut run = read(target, &text, began.elapsed().as_secs());
        if !status.success() {
            let program = self.programs.join(target);
            run.finding = finding(&text).unwrap_or_else(|| format!("it ended with {status}"));
            write!(run.finding, "\n  all of it: {}", log.display())?;
            if let Some(input) = artifact(&text) {
                write!(run.finding, "\n  again:     {} {input}", program.display())?;
            }
        }
        Ok(run)
    }

    /// Puts into the repository what of `target/fuzz/corpus` covers code that the seeds with names do not cover.
    fn minimise(&self, target: &str) -> Result<()> {
        let (seeds, found, merged) = (self.seeds(target), self.made("corpus", target), self.made("merged", target));
        if merged.exists() {
            fs::remove_dir_all(&merged).with_context(|| format!("{} could not be emptied", merged.display()))?;
        }
        fs::create_dir_all(&seeds).with_context(|| format!("{} could not be made", seeds.display()))?;
        copy(&seeds, &merged, |path| !is_found(path))?;
        let mut command = self.program(target)?;
        // Code that is reached counts, not how often: the latter takes hundreds of files.
        command.args(["-set_cover_merge=1", "-use_counters=0"]).arg(&merged).arg(&seeds);
        if found.is_dir() {
            command.arg(&found);
        }
        process::capture(&mut command)?;
        let mut new: Vec<(u64, PathBuf)> = Vec::new();
        let (mut count, mut bytes) = (0, 0);
        for path in files(&merged)? {
            let length = fs::metadata(&path)?.len();
            if is_found(&path) {
                new.push((length, path));
            } else {
                (count, bytes) = (count + 1, bytes + length);
            }
        }
        for old in files(&seeds)?.into_iter().filter(|path| is_found(path)) {
            fs::remove_file(&old).with_context(|| format!("{} could not be removed", old.display()))?;
        }
        // One that is long covers more.
        new.sort_by(|a, b| b.cmp(a));
        let all = count + new.len();
        for (length, path) in new {
            if count < CORPUS_FILES && bytes + length <= CORPUS_BYTES {
                fs::copy(&path, seeds.join(path.file_name().unwrap_or_default()))?;
                (count, bytes) = (count + 1, bytes + length);
            }
        }
        println!("{target}: {count} files of {all}, {bytes} bytes");
        Ok(())
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { target, executions, per_second, coverage, finding } = self;
        let finding = if finding.is_empty() { "none" } else { finding };
        write!(f, "{target:<12} {executions:>12} {per_second:>9} {coverage:>9}  {finding}")
    }
}

/// Reads what libFuzzer has printed.
fn read(target: &str, log: &str, seconds: u64) -> Run {
    let executions = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let executions = executions.and_then(|number| number.trim().parse().ok()).unwrap_or(0);
    // `#1234 NEW    cov: 56 ft: 78 …`, of which the last counts.
    let coverage = log.lines().rev().filter(|line| line.starts_with('#')).find_map(|line| {
        let (_, rest) = line.split_once(" cov: ")?;
        rest.split_whitespace().next()?.parse().ok()
    });
    Run {
        target: target.to_owned(),
        executions,
        per_second: executions / seconds.max(1),
        coverage: coverage.unwrap_or(0),
        finding: String::new(),
    }
}

/// What went wrong: what the panic said, or what libFuzzer calls it.
fn finding(log: &str) -> Option<String> {
    let mut lines = log.lines().skip_while(|line| !line.contains("panicked at "));
    let place = lines.next();
    let panic = place.map(|place| {
        let said = lines.take_while(|line| !line.starts_with("stack backtrace:") && !line.starts_with("note: "));
        let said: Vec<String> = said.take(6).map(|line| line.chars().take(400).collect()).collect();
        format!("{place}\n  {}", said.join("\n  "))
    });
    panic.or_else(|| Some(log.split_once("ERROR: libFuzzer: ")?.1.lines().next()?.to_owned()))
}

/// The file with the input that something was wrong with.
fn artifact(log: &str) -> Option<&str> {
    log.split_once("Test unit written to ")?.1.lines().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: Seed: 1
#2\tINITED cov: 8 ft: 9 corp: 1/1b exec/s: 0 rss: 27Mb
#12\tNEW    cov: 90 ft: 10 corp: 2/5b lim: 4 exec/s: 0 rss: 27Mb L: 4/4 MS: 1 ChangeBit-
thread '<unnamed>' (1) panicked at fuzz_targets/dsn.rs:31:9:
https://example.com
stack backtrace:
   0: rust_begin_unwind
==1== ERROR: libFuzzer: deadly signal
artifact_prefix='/a/'; Test unit written to /a/crash-1
stat::number_of_executed_units: 6221
";

    #[test]
    fn a_log_gives_its_figures_and_what_was_found() {
        let run = read("dsn", LOG, 2);
        assert_eq!((run.executions, run.per_second, run.coverage), (6221, 3110, 90));
        let said = "thread '<unnamed>' (1) panicked at fuzz_targets/dsn.rs:31:9:\n  https://example.com";
        assert_eq!(finding(LOG).as_deref(), Some(said));
        assert_eq!(artifact(LOG), Some("/a/crash-1"));
        let slow = "ALARM\n==1== ERROR: libFuzzer: timeout after 12 seconds\n";
        assert_eq!(finding(slow).as_deref(), Some("timeout after 12 seconds"));
        assert_eq!((finding("DONE"), artifact("DONE")), (None, None));
    }

    #[test]
    fn arguments_are_targets_and_numbers() {
        let known = ["dsn".to_owned(), "json".to_owned()];
        let parse = |text: &str| parse(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), &known);
        let parsed = parse("json --seconds 5 --jobs 1").unwrap();
        assert_eq!((parsed.targets, parsed.seconds, parsed.jobs), (vec!["json".to_owned()], 5, 1));
        assert_eq!(parse("--minimise").unwrap().targets, known);
        for wrong in ["typo", "--seconds", "--seconds x", "--jobs 0"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn seeds_are_told_from_what_was_found() {
        assert!(is_found(Path::new("corpus/dsn/b56f625e4ac881a5d8170271c5ecbf4c0fc0802a")));
        assert!(!is_found(Path::new("corpus/dsn/read-10")));
    }
}

//! Running other programs, and saying in a sentence what went wrong with them.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// Whether this is a run that nobody watches, and where nothing may be missing.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The command as one would type it, for messages.
fn typed(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn started<T>(command: &Command, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        if error.kind() == ErrorKind::NotFound {
            anyhow::anyhow!("`{program}` is not installed, or not on the PATH; install it and run this again")
        } else {
            anyhow::anyhow!("`{program}` could not be started: {error}")
        }
    })
}

/// Runs a command in view of the reader; fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status();
    let status = started(command, status)?;
    if !status.success() {
        bail!("`{}` failed ({status})", typed(command));
    }
    Ok(())
}

/// Runs a command and returns what it wrote to standard output; fails, showing its complaints, when it fails.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = started(command, output)?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", typed(command), output.status, complaint.trim());
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` wrote something that is not UTF-8", command.get_program().to_string_lossy()))
}

/// Whether the command can be run and succeeds; its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs a command and hands over each line of its standard output as it comes.
pub fn lines(command: &mut Command, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started(command, child)?;
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).context("the output could not be read")? > 0 {
            line(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']));
            bytes.clear();
        }
    }
    child.wait().context("the program could not be waited for")
}

/// A short text that changes when any of the parts changes; good enough to see that work is already done.
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Whether the stamp file holds exactly this fingerprint.
pub fn stamped(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}

/// Writes the stamp file, once the work it stands for is done.
pub fn stamp(stamp: &Path, fingerprint: &str) -> Result<()> {
    let folder = stamp.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(stamp, fingerprint))
        .with_context(|| format!("{} could not be written", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_in_the_error() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("`no-such-program-here` is not installed"));
    }

    #[test]
    fn a_fingerprint_changes_with_any_part() {
        let first = fingerprint(&[b"a", b"b"]);
        assert_eq!(first, fingerprint(&[b"a", b"b"]));
        assert_ne!(first, fingerprint(&[b"ab", b""]));
        assert_ne!(first, fingerprint(&[b"a", b"c"]));
    }
}

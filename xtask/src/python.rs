//! The virtual environment of the suites' Python parts: a real server, and an oracle for event bodies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::process::{self, fingerprint};
use crate::repo::Repo;

/// Bugsink asks for this one; sentry-relay would run on 3.10.
const OLDEST: (u32, u32) = (3, 11);

/// The Python of a virtual environment that has everything in `tests/servers/requirements.txt`, and in a folder beside
/// it `symbolic.txt`: what Bugsink asks for is another version.
pub fn ensure(repo: &Repo) -> Result<PathBuf> {
    let pinned = |name: &str| {
        let path = repo.tests().join("servers").join(name);
        let pins = fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
        Ok::<_, anyhow::Error>((path, pins))
    };
    let (requirements, pins) = pinned("requirements.txt")?;
    let (symbolic, symbolic_pins) = pinned("symbolic.txt")?;
    let (system, version) = find_or_install()?;
    let folder = repo.out().join("venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("stamp");
    let wanted = fingerprint(&[&pins, &symbolic_pins, version.as_bytes()]);
    if python.is_file() && process::stamped(&stamp, &wanted) {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    make(&system, &folder)?;
    let install = || {
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        command
    };
    process::run(install().arg("-r").arg(&requirements))?;
    process::run(install().arg("-r").arg(&symbolic).arg("--no-deps").arg("--target").arg(folder.join("symbolic")))?;
    process::stamp(&stamp, &wanted)?;
    Ok(python)
}

fn make(system: &str, folder: &Path) -> Result<()> {
    let venv = || process::run(Command::new(system).args(["-m", "venv"]).arg(folder));
    if venv().is_ok() {
        return Ok(());
    }
    // Debian keeps what venv needs in a package of its own.
    apt::install(&["python3-venv"])
        .context("Python's venv module does not work; on Debian it is in the package python3-venv")?;
    venv()
}

fn find_or_install() -> Result<(String, String)> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let wanted = format!("Python {}.{} or newer is missing", OLDEST.0, OLDEST.1);
    apt::install(&["python3", "python3-venv"]).context(wanted.clone())?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("{wanted}, and the system's package is older"),
    }
}

/// The first Python that is recent enough, and its version.
fn find() -> Option<(String, String)> {
    let ask = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    let names = ["python3.13", "python3.12", "python3.11", "python3", "python"];
    names.iter().find_map(|name| {
        let version = process::capture(Command::new(name).args(["-c", ask])).ok()?;
        recent(&version).then(|| ((*name).to_owned(), version))
    })
}

fn recent(version: &str) -> bool {
    let mut numbers = version.trim().split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::recent;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(recent("3.11.7\n"));
        assert!(recent("3.13.0"));
        assert!(!recent("3.9.2"));
        assert!(!recent("2.7.18"));
        assert!(!recent("?"));
    }
}

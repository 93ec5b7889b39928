//! The Node side of the set-up: Node itself, npm packages from the lockfiles, and the tools they bring.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, fingerprint};
use crate::repo::Repo;

const OLDEST: u32 = 20;

/// Fails unless a recent enough Node is there.
pub fn ensure_node() -> Result<()> {
    let Ok(found) = process::capture(Command::new("node").arg("--version")) else {
        bail!("Node {OLDEST} or newer is needed, but `node` cannot be run; install it from https://nodejs.org");
    };
    match major(&found) {
        Some(version) if version >= OLDEST => Ok(()),
        _ => bail!(
            "Node {OLDEST} or newer is needed, but `node --version` says {}; install a newer one from https://nodejs.org",
            found.trim()
        ),
    }
}

fn major(version: &str) -> Option<u32> {
    let digits = version.trim().strip_prefix('v')?;
    digits.split('.').next()?.parse().ok()
}

/// The npm command line, in the given folder.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder);
    command
}

/// Installs the packages of a folder's lockfile, unless that has been done. No package's install script is run.
pub fn install(folder: &Path) -> Result<()> {
    let lockfile = folder.join("package-lock.json");
    let locked = fs::read(&lockfile).with_context(|| format!("{} could not be read", lockfile.display()))?;
    let wanted = fingerprint(&[&locked]);
    let stamp = folder.join("node_modules/.stamp");
    if process::stamped(&stamp, &wanted) {
        return Ok(());
    }
    process::run(npm(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    process::stamp(&stamp, &wanted)
}

/// The script of a build tool in `xtask/node_modules`, installing the packages when needed.
pub fn tool(repo: &Repo, script: &str) -> Result<PathBuf> {
    install(&repo.xtask())?;
    let path = repo.xtask().join("node_modules").join(script);
    if !path.is_file() {
        bail!("{} is missing; remove xtask/node_modules and run this again", path.display());
    }
    Ok(path)
}

/// The esbuild program. It lies in the one package that fits this machine; the script that npm links to it would bury
/// a mistake in the code under a stack of its own.
pub fn esbuild(repo: &Repo) -> Result<PathBuf> {
    install(&repo.xtask())?;
    let folder = repo.xtask().join("node_modules/@esbuild");
    let packages = fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?;
    let program = if cfg!(windows) { "esbuild.exe" } else { "bin/esbuild" };
    packages
        .flatten()
        .map(|package| package.path().join(program))
        .find(|path| path.is_file())
        .with_context(|| format!("{} has no esbuild for this machine", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("something else"), None);
    }
}

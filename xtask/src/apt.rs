//! Installing system packages through apt, when that may be done without asking anyone.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use crate::process;

/// Whether the list of packages is fresh.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// Installs the packages; fails with a sentence when this user or this system cannot.
pub fn install(packages: &[&str]) -> Result<()> {
    if !process::succeeds(Command::new("apt-get").arg("--version")) {
        bail!("there is no apt-get on this system");
    }
    let mut prefix = Vec::new();
    if process::capture(Command::new("id").arg("-u"))?.trim() != "0" {
        if !process::succeeds(Command::new("sudo").args(["-n", "true"])) {
            bail!("apt-get needs root, and sudo wants a password");
        }
        prefix = vec!["sudo", "-n"];
    }
    let apt = |arguments: &[&str]| {
        let all = [&prefix[..], &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        let (program, rest) = all.split_first().unwrap_or((&"apt-get", &[]));
        process::run(Command::new(program).args(rest))
    };
    if !UPDATED.load(Ordering::Relaxed) {
        apt(&["update"])?;
        UPDATED.store(true, Ordering::Relaxed);
    }
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

//! `cargo xtask bench`: measures the hot path of the built package in Chromium.

use std::process::Command;

use anyhow::{Result, bail};

use crate::browsers::{self, Browser};
use crate::repo::Repo;
use crate::{build, node, process};

/// `cargo xtask bench [ARGUMENT...]`; the arguments go to the script.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<()> {
    build::package(repo)?;
    node::install(&repo.tests())?;
    let Some(chromium) = browsers::ensure(Browser::Chromium) else {
        bail!("{}", browsers::missing(Browser::Chromium));
    };
    process::run(
        Command::new("node")
            .current_dir(&repo.root)
            .arg("tests/bench/hot-path.mjs")
            .args(arguments)
            .env("TAILCONE_DIST", repo.dist())
            .env(Browser::Chromium.variable(), chromium),
    )
}

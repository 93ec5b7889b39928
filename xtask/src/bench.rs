//! `cargo xtask bench`: measures the built package beside @sentry/browser.

use std::process::Command;

use anyhow::{Result, bail};

use crate::browsers::{self, Browser};
use crate::repo::Repo;
use crate::{build, node, process};

/// `cargo xtask bench [ARGUMENT...]`: the hot path in Chromium; the arguments go to the script.
///
/// `cargo xtask bench delivery [ARGUMENT...]`: what arrives when server, network or page fail, in Chromium.
///
/// `cargo xtask bench hostile`: every hostile value, given to every function, in Chromium and Firefox.
///
/// `cargo xtask bench edge [ARGUMENT...]`: many requests at once, in every runtime that serves them.
///
/// `cargo xtask bench overhead [ARGUMENT...]`: what it costs a Worker, beside other SDKs.
///
/// `cargo xtask bench tunnel [ARGUMENT...]`: an outage of the server behind a tunnel with a queue.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<()> {
    build::package(repo)?;
    node::install(&repo.tests())?;
    let mut node = Command::new("node");
    node.current_dir(&repo.root).env("TAILCONE_DIST", repo.dist());
    let name = arguments.first().map_or("", String::as_str);
    let needed: &[Browser] = match name {
        "hostile" => &[Browser::Chromium, Browser::Firefox],
        "edge" | "overhead" | "tunnel" => &[],
        _ => &[Browser::Chromium],
    };
    for browser in needed {
        let Some(path) = browsers::ensure(*browser) else { bail!("{}", browsers::missing(*browser)) };
        node.env(browser.variable(), path);
    }
    if name == "hostile" {
        node.args(["--test", "--test-reporter=spec", "--test-name-pattern=every value|10,000 errors"]);
        node.arg("tests/browser/hostile.test.mjs").env("TAILCONE_HOSTILE", "full");
    } else if matches!(name, "delivery" | "edge" | "overhead" | "tunnel") {
        node.arg(format!("tests/bench/{name}.mjs")).args(arguments.iter().skip(1));
    } else {
        node.arg("tests/bench/hot-path.mjs").args(arguments);
    }
    process::run(&mut node)
}

//! The commands of this repository; run one with `cargo xtask COMMAND`.

mod apt;
mod bench;
mod browsers;
mod build;
mod counts;
mod crates;
mod declarations;
mod demo;
mod features;
mod fuzz;
mod manifest;
mod node;
mod pack;
mod process;
mod python;
mod repo;
mod rust;
mod size;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::repo::Repo;

const HELP: &str = "\
cargo xtask COMMAND

  build [--apps]                   make the npm package in dist/ (and the example Rust apps in target/apps/)
  test [NAME...]                   run every test, or the suites whose name contains one of the NAMEs
  demo [--dsn DSN] [--port N]      build, and serve the demo page with a receiver that shows its events
  size [--features [SET...]]       print the sizes of the package's parts beside their budgets, or what each feature
                                   of the crate, or each of these sets, adds to a Rust app
  bench [ARGUMENT...]              measure the hot path in Chromium beside @sentry/browser
  bench delivery [ARGUMENT...]     what arrives when server, network or page fail, beside @sentry/browser
  bench edge [ARGUMENT...]         many requests at once, in every runtime that serves them
  bench hostile                    give every hostile value to every function, beside @sentry/browser
  fuzz [TARGET...] [--seconds N] [--jobs N] [--minimise]
                                   feed the core what nobody would write; or put the best of it into the repository
  pack                             build, and make the .tgz that npm would publish in target/
  msrv                             build the packed crates by the oldest Rust, with the lowest versions that they allow
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    match command.as_str() {
        "build" => build::command(&Repo::find()?, rest)?,
        "test" => return test::command(&Repo::find()?, rest),
        "demo" => return demo::command(&Repo::find()?, rest),
        "size" => return size::command(&Repo::find()?, rest),
        "fuzz" => return fuzz::command(&Repo::find()?, rest),
        "bench" => bench::command(&Repo::find()?, rest)?,
        "pack" => pack::command(&Repo::find()?, rest)?,
        "msrv" => crates::command(&Repo::find()?, rest)?,
        "help" | "-h" | "--help" => print!("{HELP}"),
        other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses arguments to a command that takes none.
fn no_arguments(command: &str, arguments: &[String]) -> Result<()> {
    match arguments.first() {
        None => Ok(()),
        Some(extra) => {
            bail!("`cargo xtask {command}` takes no arguments, but was given `{extra}`")
        }
    }
}

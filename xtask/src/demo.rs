//! `cargo xtask demo`: builds everything, then hands over to `demo.mjs`, which serves it.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::build;
use crate::repo::Repo;

/// `cargo xtask demo [--dsn DSN] [--port N] [--once]`; the options are those of `demo.mjs`.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    check(arguments)?;
    build::package(repo)?;
    build::app(repo, "rust-app")?;
    become_node(Command::new("node").current_dir(&repo.root).arg("xtask/demo.mjs").args(arguments))
}

/// Refuses what `demo.mjs` would refuse, before minutes go into building.
fn check(arguments: &[String]) -> Result<()> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let wanted = match argument.as_str() {
            "--once" => continue,
            "--dsn" => "a DSN",
            "--port" => "a port number",
            other => {
                anyhow::bail!("`cargo xtask demo` does not know `{other}`; it takes --dsn DSN, --port N and --once")
            }
        };
        let value = rest.next();
        let good = value.is_some_and(|value| argument != "--port" || value.parse::<u16>().is_ok());
        if !good {
            anyhow::bail!("{argument} needs {wanted} after it");
        }
    }
    Ok(())
}

/// Lets Node take this process's place, so that signals and the closing of stdin reach it directly.
#[cfg(unix)]
fn become_node(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    anyhow::bail!("node could not be started: {error}")
}

#[cfg(not(unix))]
fn become_node(command: &mut Command) -> Result<ExitCode> {
    let status = command.status()?;
    Ok(ExitCode::from(u8::from(!status.success())))
}

#[cfg(test)]
mod tests {
    use super::check;

    fn verdict(arguments: &[&str]) -> Result<(), String> {
        let owned: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        check(&owned).map_err(|error| error.to_string())
    }

    #[test]
    fn known_options_are_accepted() {
        verdict(&[]).unwrap();
        verdict(&["--dsn", "http://key@localhost/1", "--port", "8080", "--once"]).unwrap();
    }

    #[test]
    fn unknown_and_incomplete_options_are_refused_with_a_sentence() {
        assert!(verdict(&["--prot", "1"]).unwrap_err().contains("does not know `--prot`"));
        assert_eq!(verdict(&["--port", "http"]).unwrap_err(), "--port needs a port number after it");
        assert_eq!(verdict(&["--dsn"]).unwrap_err(), "--dsn needs a DSN after it");
    }
}

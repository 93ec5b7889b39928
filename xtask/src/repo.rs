//! Where things are in this repository.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{process, rust};

/// The places the commands read from and write to.
pub struct Repo {
    /// The repository's top folder.
    pub root: PathBuf,
    /// Where cargo puts what it builds; `CARGO_TARGET_DIR` can move it.
    pub cargo_target: PathBuf,
    /// The version of the `tailcone` crate, and so of the npm package.
    pub version: String,
    /// The oldest Rust that the crates say they work with.
    pub rust_version: String,
}

impl Repo {
    /// Asks cargo about the repository this program was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask/ has no parent folder")?.to_path_buf();
        let text = process::capture(rust::cargo(&root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
        let package = metadata["packages"]
            .as_array()
            .and_then(|all| all.iter().find(|package| package["name"] == "tailcone"))
            .context("Cargo.toml names no package `tailcone`")?;
        let text = |value: &Value, what: &str| -> Result<String> {
            let text = value.as_str();
            Ok(text.with_context(|| format!("cargo metadata has no {what}"))?.to_owned())
        };
        Ok(Self {
            cargo_target: text(&metadata["target_directory"], "target_directory")?.into(),
            version: text(&package["version"], "version of tailcone")?,
            rust_version: text(&package["rust_version"], "rust-version of tailcone")?,
            root,
        })
    }

    /// The folder for everything these commands make, whatever cargo's own target folder is: `tsconfig.json` names it.
    pub fn out(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The built npm package.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Parts of the package bundled alone, to be weighed; nothing publishes them.
    pub fn parts(&self) -> PathBuf {
        self.out().join("npm/parts")
    }

    /// The built example apps, each in a folder of its name.
    pub fn apps(&self) -> PathBuf {
        self.out().join("apps")
    }

    /// The folder of the build tools' package.json and `node_modules`.
    pub fn xtask(&self) -> PathBuf {
        self.root.join("xtask")
    }

    /// The folder of the Node suites, with their own package.json.
    pub fn tests(&self) -> PathBuf {
        self.root.join("tests")
    }
}

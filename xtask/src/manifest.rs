//! The published package.json: made from pkg.json, and checked against the files it names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A file that package.json promises, and where it says so.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The place in package.json, such as `exports["."].types`.
    pub place: String,
    /// The path as written there.
    pub path: String,
}

/// Reads a manifest.
pub fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("{} could not be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not valid JSON", path.display()))
}

/// Writes pkg.json as package.json into the package, with the crate's version.
pub fn write(pkg: &Path, version: &str, package: &Path) -> Result<()> {
    let mut manifest = read(pkg)?;
    manifest["version"] = version.into();
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    let path = package.join("package.json");
    fs::write(&path, text).with_context(|| format!("{} could not be written", path.display()))
}

/// Fails when a file that package.json promises is not in the package.
pub fn check(package: &Path) -> Result<()> {
    let manifest = read(&package.join("package.json"))?;
    let missing: Vec<String> = targets(&manifest)
        .into_iter()
        .filter(|target| !exists(package, &target.path))
        .map(|target| format!("{} ({})", target.path, target.place))
        .collect();
    if !missing.is_empty() {
        bail!(
            "pkg.json names what the build did not make: {}; mend the path in pkg.json, or have the build make it",
            missing.join(", ")
        );
    }
    Ok(())
}

/// Every file that a package.json promises to those who import the package or run its commands.
pub fn targets(manifest: &Value) -> Vec<Target> {
    let mut found = Vec::new();
    for field in ["main", "module", "browser", "types", "bin", "exports"] {
        collect(&manifest[field], field, &mut found);
    }
    found
}

fn collect(value: &Value, place: &str, found: &mut Vec<Target>) {
    match value {
        Value::String(path) => found.push(Target { place: place.to_owned(), path: path.clone() }),
        Value::Array(choices) => {
            for choice in choices {
                collect(choice, place, found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let place = if plain { format!("{place}.{key}") } else { format!("{place}[{key:?}]") };
                collect(value, &place, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether the package has the file; a `*` in the path stands for any text, and then one such file is enough.
fn exists(package: &Path, path: &str) -> bool {
    let Some((before, after)) = path.split_once('*') else {
        return package.join(path).is_file();
    };
    let (folder, start) = before.rsplit_once('/').unwrap_or((".", before));
    let Ok(entries) = fs::read_dir(package.join(folder)) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.strip_prefix(start).is_some_and(|rest| rest.ends_with(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, manifest: &Value, files: &[&str]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("tailcone-manifest-{name}-{}", std::process::id()));
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("package.json"), manifest.to_string()).unwrap();
        folder
    }

    #[test]
    fn every_kind_of_target_is_found_with_its_place() {
        let manifest = json!({
            "main": "./index.js",
            "bin": { "tailcone": "./cli.js" },
            "sideEffects": ["./loader.js"],
            "exports": {
                ".": { "types": "./types/index.d.ts", "default": ["./a.js", null] },
                "./private/*": null
            }
        });
        let found: Vec<(String, String)> =
            targets(&manifest).into_iter().map(|target| (target.place, target.path)).collect();
        let expected = [
            ("main", "./index.js"),
            ("bin.tailcone", "./cli.js"),
            ("exports[\".\"].types", "./types/index.d.ts"),
            ("exports[\".\"].default", "./a.js"),
        ];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(place, path)| ((*place).to_owned(), (*path).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_package_with_all_its_files_passes() {
        let manifest = json!({ "main": "./index.js", "exports": { "./lang/*": "./lang/*.js" } });
        let folder = package("whole", &manifest, &["index.js", "lang/de.js"]);
        check(&folder).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_target_fails_the_check_and_is_named() {
        let manifest =
            json!({ "main": "./index.js", "exports": { ".": { "types": "./gone.d.ts" }, "./x/*": "./x/*.js" } });
        let folder = package("broken", &manifest, &["index.js", "x/readme.md"]);
        let error = check(&folder).unwrap_err().to_string();
        assert!(error.contains("./gone.d.ts (exports[\".\"].types)"), "{error}");
        assert!(error.contains("./x/*.js"), "{error}");
        assert!(!error.contains("index.js"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}

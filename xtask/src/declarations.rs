//! Leaves in the package only the `.d.ts` files that its users can reach, and sees that those need nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::manifest;

/// Removes the declarations that no `types` target of package.json leads to; fails when one that stays names a module
/// that is not in the package.
pub fn prune(package: &Path) -> Result<()> {
    let manifest = manifest::read(&package.join("package.json"))?;
    let mut waiting: Vec<PathBuf> = manifest::targets(&manifest)
        .into_iter()
        .filter(|target| target.path.ends_with(".d.ts"))
        .map(|target| flat(&package.join(target.path)))
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        if !reached.insert(file.clone()) {
            continue;
        }
        let text =
            fs::read_to_string(&file).with_context(|| format!("the declarations {} are missing", file.display()))?;
        let folder = file.parent().unwrap_or(package);
        for module in imports(&text) {
            if !module.starts_with('.') {
                bail!(
                    "{} imports types from `{module}`, which users of the package do not have; keep that type out of the public face",
                    file.display()
                );
            }
            let stem = module.strip_suffix(".js").unwrap_or(&module);
            waiting.push(flat(&folder.join(format!("{stem}.d.ts"))));
        }
    }
    sweep(&package.join("types"), &reached)
}

/// Removes the files that are not in the set, and the folders that are empty then.
fn sweep(folder: &Path, keep: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            sweep(&path, keep)?;
        } else if !keep.contains(&flat(&path)) {
            fs::remove_file(&path)?;
        }
    }
    if fs::read_dir(folder)?.next().is_none() {
        fs::remove_dir(folder)?;
    }
    Ok(())
}

/// The path with `.` and `..` worked out, so that two ways to write it are equal.
fn flat(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The modules that a declaration file imports from or re-exports.
fn imports(text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut found = Vec::new();
    for keyword in ["from", "import"] {
        for (at, _) in code.match_indices(keyword) {
            // Quoted, it is a word of some string type.
            if code[..at].ends_with(['"', '\'']) {
                continue;
            }
            let rest = code[at + keyword.len()..].trim_start_matches([' ', '(']);
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            if let Some((module, _)) = rest[1..].split_once(quote) {
                found.push(module.to_owned());
            }
        }
    }
    found
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_import_are_seen_and_comments_are_not() {
        let text = r#"
            /** Use it so: import { init } from 'tailcone'; don't worry. */
            // import x from "./comment.js"
            import type { A } from './types.js';
            export * from "../client.js";
            export declare const b: typeof import('./b.js').b;
            export type Word = 'from' | 'import';
        "#;
        assert_eq!(imports(text), ["./types.js", "../client.js", "./b.js"]);
    }

    #[test]
    fn only_reachable_declarations_stay() {
        let folder = std::env::temp_dir().join(format!("tailcone-declarations-{}", std::process::id()));
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("package.json", r#"{"types": "./types/entry/browser.d.ts"}"#);
        file("types/entry/browser.d.ts", "export * from '../api.js';");
        file("types/api.d.ts", "export declare function init(): void;");
        file("types/inner/secret.d.ts", "export {};");
        prune(&folder).unwrap();
        assert!(folder.join("types/api.d.ts").is_file());
        assert!(!folder.join("types/inner").exists());

        file("types/api.d.ts", "export type Glue = import('tailcone-glue').Glue;");
        let error = prune(&folder).unwrap_err().to_string();
        assert!(error.contains("imports types from `tailcone-glue`"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}

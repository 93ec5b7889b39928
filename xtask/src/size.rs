//! `cargo xtask size`: what each part of the package weighs, beside its budget.

use std::fs;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::repo::Repo;

/// The bytes of something, plain and as it travels.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// A line of the table.
pub struct Row {
    /// What is measured.
    pub name: &'static str,
    size: Size,
    /// The most bytes that it may have after gzip.
    budget: Option<usize>,
}

impl Row {
    /// Whether the budget is met; `None` when there is none.
    pub fn met(&self) -> Option<bool> {
        self.budget.map(|budget| self.size.gzip <= budget)
    }
}

const PARTS: [(&str, &str); 8] = [
    ("loader", "loader.js"),
    ("module", "tailcone_bg.wasm"),
    ("index.js", "index.js"),
    ("  of it, core.ts", "core.js"),
    ("dialog", "dialog.js"),
    ("wasm.js", "wasm.js"),
    ("offline.js", "offline.js"),
    ("tunnel.js", "tunnel.js"),
];

/// The budgets, in bytes after gzip: what a page with errors loads, and the part of it that delays the page.
const LOADER: usize = 1024;
const ERRORS: usize = 30 * 1024;
const WITH_DIALOG: usize = 34 * 1024;

/// `cargo xtask size`. Fails when a budget is exceeded.
pub fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    if let [option, sets @ ..] = arguments
        && option == "--features"
    {
        return crate::features::command(repo, sets);
    }
    crate::no_arguments("size", arguments)?;
    let rows = measure(repo)?;
    print!("{}", table(&rows));
    let over = rows.iter().any(|row| row.met() == Some(false));
    Ok(ExitCode::from(u8::from(over)))
}

/// Measures the parts of the built package.
pub fn measure(repo: &Repo) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, file) in PARTS {
        let folder = if file == "core.js" { repo.parts() } else { repo.dist() };
        let path = folder.join(file);
        if !path.is_file() {
            bail!("{} is not there; run `cargo xtask build` first", path.display());
        }
        let bytes = fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
        rows.push(Row { name, size: weigh(&bytes)?, budget: (name == "loader").then_some(LOADER) });
    }
    let sum = |names: &[&str]| {
        let sizes = rows.iter().filter(|row| names.contains(&row.name));
        sizes.fold(Size::default(), |sum, row| Size {
            raw: sum.raw + row.size.raw,
            gzip: sum.gzip + row.size.gzip,
            brotli: sum.brotli + row.size.brotli,
        })
    };
    let errors = sum(&["module", "index.js"]);
    let with_dialog = sum(&["module", "index.js", "dialog"]);
    rows.push(Row { name: "module + shim", size: errors, budget: Some(ERRORS) });
    rows.push(Row { name: "with dialog", size: with_dialog, budget: Some(WITH_DIALOG) });
    Ok(rows)
}

/// How many bytes are left after gzip -9.
pub fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?.len())
}

fn weigh(bytes: &[u8]) -> Result<Size> {
    let mut brotli = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &parameters)?;
    Ok(Size { raw: bytes.len(), gzip: gzipped(bytes)?, brotli: brotli.len() })
}

/// The table as text.
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec![format!("{:<22}{:>10}{:>10}{:>10}{:>10}", "", "raw", "gzip -9", "brotli", "budget")];
    for row in rows {
        let mut line = format!("{:<22}{:>10}{:>10}{:>10}", row.name, row.size.raw, row.size.gzip, row.size.brotli);
        if let (Some(budget), Some(met)) = (row.budget, row.met()) {
            let verdict = if met { "met" } else { "OVER" };
            line = format!("{line}{budget:>10}  {verdict}");
        }
        lines.push(line);
    }
    lines.push("Bytes; the budgets are for gzip -9.\n".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_met_up_to_its_last_byte() {
        let row = |gzip| Row { name: "loader", size: Size { gzip, ..Size::default() }, budget: Some(1024) };
        assert_eq!(row(1024).met(), Some(true));
        assert_eq!(row(1025).met(), Some(false));
    }

    #[test]
    fn compressed_sizes_are_those_of_the_compressed_bytes() {
        let size = weigh(&[b'a'; 10_000]).unwrap();
        assert_eq!(size.raw, 10_000);
        assert!(size.gzip < 100, "{size:?}");
        assert!(size.brotli < 50, "{size:?}");
    }

    #[test]
    fn the_table_says_which_budget_is_exceeded() {
        let rows = [Row { name: "loader", size: Size { raw: 3000, gzip: 1500, brotli: 1400 }, budget: Some(1024) }];
        assert!(table(&rows).contains("1024  OVER"));
    }
}

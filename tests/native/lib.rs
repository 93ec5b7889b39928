//! What the native tests share: the fixtures.

use std::path::PathBuf;

/// The JSON of a file in `tests/fixtures`.
///
/// # Panics
/// When there is no such file, or when it is not JSON.
pub fn fixture(name: &str) -> serde_json::Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

//! What only the application's own compilation knows of it.

/// The release of the crate that calls this, for [`Options::release`](crate::Options::release): `name@version`, as its
/// `Cargo.toml` has them.
///
/// ```
/// # fn main() -> Result<(), tailcone::Error> {
/// let options = tailcone::Options::new("https://key@example.com/1")?.release(tailcone::release_name!());
/// # let _ = options;
/// assert!(tailcone::release_name!().starts_with("tailcone@"));
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! release_name {
    () => {
        ::core::concat!(::core::env!("CARGO_PKG_NAME"), "@", ::core::env!("CARGO_PKG_VERSION"))
    };
}

/// The crates that the application is made of and their versions, for [`Options::modules`](crate::Options::modules). Its
/// build script has to list them by `tailcone::build::modules()`, of the feature `build`.
///
/// ```no_run
/// // In `main` of `build.rs`:
/// # #[cfg(feature = "build")]
/// tailcone::build::modules();
/// ```
///
/// ```text
/// // In the application:
/// let options = tailcone::Options::new("https://key@example.com/1")?.modules(tailcone::modules!());
/// ```
#[macro_export]
macro_rules! modules {
    () => {
        ::core::include_str!(::core::concat!(
            ::core::env!(
                "OUT_DIR",
                "`tailcone::modules!()` needs a build script that calls `tailcone::build::modules()`"
            ),
            "/tailcone-modules.txt"
        ))
        .lines()
        .filter_map(|module| module.split_once(' '))
    };
}

//! Severity.

use core::str::FromStr;

/// How severe an event or a breadcrumb is.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Level;
///
/// assert_eq!("warn".parse(), Ok(Level::Warning));
/// assert_eq!(Level::Fatal.as_str(), "fatal");
/// assert!(Level::Error > Level::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For developers only.
    Debug,
    /// Informs.
    Info,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// The program ended or a panic happened.
    Fatal,
}

impl Level {
    /// The word of the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

impl FromStr for Level {
    type Err = ();

    /// `log`, a level of JavaScript SDKs only, reads as `info`: servers know five levels. `warn` reads as `warning`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let word = match text {
            "log" => "info",
            "warn" => "warning",
            word => word,
        };
        let levels = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Fatal];
        levels.into_iter().find(|level| level.as_str() == word).ok_or(())
    }
}

//! The browsers the suites drive: finding them, and installing them when that may be done.

use std::path::PathBuf;

use crate::apt;

/// A browser that the suites drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium, or Chrome.
    Chromium,
    /// Firefox, of any channel.
    Firefox,
}

impl Browser {
    /// The variable that tells the suites where it is; set beforehand, it also tells us.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "TAILCONE_CHROMIUM",
            Self::Firefox => "TAILCONE_FIREFOX",
        }
    }

    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
                "/Applications/Chromium.app/Contents/MacOS/Chromium",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ],
            Self::Firefox => &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox-esr",
        }
    }
}

/// What to say when the browser is not there.
pub fn missing(browser: Browser) -> String {
    format!("{browser:?} is missing; install it, or put the path of its program into {}", browser.variable())
}

/// The browser's program, installing it when it is missing and that may be done.
pub fn ensure(browser: Browser) -> Option<PathBuf> {
    if let Some(path) = find(browser) {
        return Some(path);
    }
    match apt::install(&[browser.package()]) {
        Ok(()) => find(browser),
        Err(error) => {
            println!("{browser:?} could not be installed: {error:#}");
            None
        }
    }
}

fn find(browser: Browser) -> Option<PathBuf> {
    if let Some(told) = std::env::var_os(browser.variable()).filter(|path| !path.is_empty()) {
        return Some(told.into());
    }
    browser.programs().iter().find_map(|name| on_path(name))
}

fn on_path(name: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

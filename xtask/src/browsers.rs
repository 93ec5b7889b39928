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
    /// WebKitGTK; what is found is its driver, which knows where the browser is.
    WebKit,
}

impl Browser {
    /// Every browser that the suites drive.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The variable that tells the suites where it is; set beforehand, it also tells us.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "TAILCONE_CHROMIUM",
            Self::Firefox => "TAILCONE_FIREFOX",
            Self::WebKit => "TAILCONE_WEBKIT",
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
            Self::WebKit => &["WebKitWebDriver"],
        }
    }

    /// What it cannot run without, besides. WebKitGTK has no mode without a display; the suites give it one of its own.
    fn companion(self) -> Option<&'static str> {
        (self == Self::WebKit).then_some("/usr/bin/Xvfb")
    }

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }
}

/// What to say when the browser is not there.
pub fn missing(browser: Browser) -> String {
    let (variable, packages) = (browser.variable(), browser.packages().join(" and "));
    format!("{browser:?} is missing; install it (Debian: {packages}), or put the path of its program into {variable}")
}

/// The browser's program, installing it when it is missing and that may be done.
pub fn ensure(browser: Browser) -> Option<PathBuf> {
    if let Some(path) = find(browser) {
        return Some(path);
    }
    match apt::install(browser.packages()) {
        Ok(()) => find(browser),
        Err(error) => {
            println!("{browser:?} could not be installed: {error:#}");
            None
        }
    }
}

fn find(browser: Browser) -> Option<PathBuf> {
    if browser.companion().is_some_and(|name| on_path(name).is_none()) {
        return None;
    }
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

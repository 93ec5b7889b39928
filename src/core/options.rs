//! What a client is told at its start.

use alloc::rc::Rc;
use alloc::string::String;
use core::fmt;

use crate::json::{Object, Value};
use crate::{Dsn, Event, dsn};

/// No scope keeps more breadcrumbs than this, whatever is asked for.
pub const MAX_BREADCRUMBS: usize = 1000;

/// Looks at an event before it is sent; may change it, or drop it by answering `None`.
pub type BeforeSend = Rc<dyn Fn(Event) -> Option<Event>>;

/// The SDK as events and requests name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdk {
    /// `tailcone.javascript.<runtime>` or `tailcone.rust.wasm`.
    pub name: String,
    /// A semantic version.
    pub version: String,
}

/// A client's options.
pub struct Options {
    /// Where events go.
    pub dsn: Dsn,
    /// The SDK's own name and version.
    pub sdk: Sdk,
    /// Release of the application: at most 200 characters, no `/` and no line break.
    pub release: Option<String>,
    /// Environment: at most 64 characters, no `/`. `production` when none is given.
    pub environment: Option<String>,
    /// Distribution of the release.
    pub dist: Option<String>,
    /// Name of the server or device.
    pub server_name: Option<String>,
    /// A URL that passes envelopes on, used in place of the DSN's.
    pub tunnel: Option<String>,
    /// How many breadcrumbs a scope keeps. Default 100; 0 keeps none.
    pub max_breadcrumbs: usize,
    /// Called with every event (not with feedback) last thing before it is queued.
    pub before_send: Option<BeforeSend>,
}

impl Options {
    /// Options with every default.
    pub fn new(dsn: Dsn, sdk: Sdk) -> Self {
        Self {
            dsn,
            sdk,
            release: None,
            environment: None,
            dist: None,
            server_name: None,
            tunnel: None,
            max_breadcrumbs: 100,
            before_send: None,
        }
    }

    /// Reads the options that the shim hands over; what has the wrong type counts as not given.
    ///
    /// # Errors
    /// When the DSN is not one.
    pub fn from_object(object: Object) -> Result<Self, dsn::Error> {
        let dsn = Dsn::parse(object.get("dsn").and_then(Value::as_str).unwrap_or_default())?;
        let mut options = Self::new(dsn, Sdk::new("tailcone.javascript", env!("CARGO_PKG_VERSION")));
        for (key, value) in object {
            match key.as_str() {
                "release" => options.release = value.into_string(),
                "environment" => options.environment = value.into_string(),
                "dist" => options.dist = value.into_string(),
                "serverName" => options.server_name = value.into_string(),
                "tunnel" => options.tunnel = value.into_string(),
                "sdk" => {
                    let text = |key: &str| value.as_object()?.get(key)?.as_str();
                    if let (Some(name), Some(version)) = (text("name"), text("version")) {
                        options.sdk = Sdk::new(name, version);
                    }
                }
                "maxBreadcrumbs" => {
                    let given = value.as_u64().and_then(|max| usize::try_from(max).ok());
                    options.max_breadcrumbs = given.unwrap_or(options.max_breadcrumbs).min(MAX_BREADCRUMBS);
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// The URL that envelopes are posted to. Authentication stands in the query, so that a browser needs no preflight.
    pub fn endpoint(&self) -> String {
        if let Some(tunnel) = &self.tunnel {
            return tunnel.clone();
        }
        let mut url = self.dsn.envelope_url();
        for part in [
            "?sentry_version=7&sentry_key=",
            self.dsn.public_key(),
            "&sentry_client=",
            &self.sdk.name,
            "%2F",
            &self.sdk.version,
        ] {
            url.push_str(part);
        }
        url
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("dsn", &self.dsn)
            .field("release", &self.release)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

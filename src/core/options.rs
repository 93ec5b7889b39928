//! What a client is told at its start.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::{Key, Object, Value, Writer};
use crate::{Dsn, Event, Timestamp, process, signal};

/// No scope keeps more breadcrumbs than this, whatever is asked for.
pub const MAX_BREADCRUMBS: usize = 1000;

/// Looks at an event before it is sent; may change it, or drop it by answering `None`.
pub type BeforeSend = Rc<dyn Fn(Event) -> Option<Event>>;

/// Whether servers may derive the user's address from the connection. It is the event's `sdk.settings.infer_ip`.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::InferIp;
///
/// assert_eq!(InferIp::default(), InferIp::Never);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InferIp {
    /// They must not.
    #[default]
    Never,
    /// They may.
    Auto,
    /// The event does not say. For servers that refuse events with fields they do not know, as Bugsink does when it
    /// validates strictly; Sentry then derives an address.
    Unsaid,
}

impl InferIp {
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::Never => Some("never"),
            Self::Auto => Some("auto"),
            Self::Unsaid => None,
        }
    }
}

/// A client's options.
#[derive(Clone)]
pub struct Options {
    /// The URL that envelopes are posted to.
    pub endpoint: String,
    /// What the header of every envelope says, as the text of JSON members: `sdk`, and `dsn` when it goes through a
    /// tunnel.
    pub header: String,
    /// What every event has that does not say otherwise, in the shape of an event: `release` (at most 200 characters,
    /// no `/`, no line break), `environment` (at most 64 characters, no `/`), `dist`, `server_name`, `sdk`.
    pub defaults: Object,
    /// Frames whose file or function contains one of these texts are `in_app`, whatever else is known of them.
    pub(crate) in_app_include: Vec<Value>,
    /// Frames whose file or function contains one of these texts are not `in_app`.
    pub(crate) in_app_exclude: Vec<Value>,
    /// Marks frames as the application's own, or not. An application that does not ask for it does not have its code.
    pub(crate) mark: fn(&mut Event, &Self),
    /// How many breadcrumbs a scope keeps. Default 100; 0 keeps none.
    pub max_breadcrumbs: usize,
    /// How often one item is sent at most while no answer comes. Default 4.
    pub send_max_attempts: u32,
    /// Whether an answer of 500 to 599 counts as none. Default false.
    pub retry_on_5xx: bool,
    /// Writes the moment of sending, for the header of an envelope: [`Timestamp::to_rfc3339`], or shorter code. `None`, the
    /// default, or nothing: the header says nothing of it.
    pub stamp: Option<fn(Timestamp) -> String>,
    /// Makes values of what is in an event as text, so that a part of it can be left out.
    pub unfold: fn(&mut Event),
    /// Called with every event (not with feedback) last thing before it is queued.
    pub before_send: Option<BeforeSend>,
}

impl Options {
    /// Options with every default, for a client that posts to `endpoint`. The SDK's name is
    /// `tailcone.javascript.<runtime>` or `tailcone.rust.wasm`.
    pub fn new(endpoint: String, sdk_name: &str, sdk_version: &str) -> Self {
        let mut sdk = Object::of("name", sdk_name.into());
        sdk.insert("version", sdk_version);
        let sdk = Value::from(sdk);
        let header = member("sdk", &sdk);
        let mut defaults = Object::of("environment", "production".into());
        defaults.insert("sdk", sdk);
        let mut options = Self {
            endpoint,
            header,
            defaults,
            in_app_include: Vec::new(),
            in_app_exclude: Vec::new(),
            mark: |_, _| {},
            max_breadcrumbs: 100,
            send_max_attempts: 4,
            retry_on_5xx: false,
            stamp: None,
            unfold: |_| {},
            before_send: None,
        };
        options.infer_ip(InferIp::Never);
        options
    }

    /// Options for a DSN.
    pub fn for_dsn(dsn: &Dsn, sdk_name: &str, sdk_version: &str) -> Self {
        Self::new(dsn.endpoint(sdk_name, sdk_version), sdk_name, sdk_version)
    }

    /// Sets what every event has that does not say otherwise.
    pub fn set_default(&mut self, field: impl Into<Key>, value: impl Into<Value>) {
        self.defaults.insert(field, value);
    }

    /// Says whether servers may derive the user's address from the connection; see [`InferIp`].
    pub fn infer_ip(&mut self, infer: InferIp) {
        if let Some(Value::Object(sdk)) = self.defaults.get_mut("sdk") {
            match infer.word() {
                Some(word) => sdk.insert("settings", Object::of("infer_ip", word.into())),
                None => sdk.retain(|key, _| key != "settings"),
            }
        }
    }

    /// Texts in the file or the function of frames that are the application's own.
    pub fn in_app_include(&mut self, texts: Vec<Value>) {
        self.in_app_include = texts;
        self.mark = process::mark;
    }

    /// The same of frames that are not.
    pub fn in_app_exclude(&mut self, texts: Vec<Value>) {
        self.in_app_exclude = texts;
        self.mark = process::mark;
    }

    /// Says which integrations there are, in the event's `sdk.integrations`.
    pub fn set_integrations(&mut self, names: Vec<Value>) {
        if let Some(Value::Object(sdk)) = self.defaults.get_mut("sdk") {
            sdk.insert("integrations", Value::Array(names));
        }
    }

    /// Posts to a URL of one's own, which passes envelopes on to the DSN.
    pub fn set_tunnel(&mut self, url: String, dsn: &Dsn) {
        self.endpoint = url;
        self.header.push(',');
        self.header.push_str(&member("dsn", &dsn.to_text().into()));
    }

    /// Options of which only the header is known here: the npm package's shim lays the defaults under each event itself,
    /// keeps the breadcrumbs and calls the hooks.
    pub fn of_header(header: String, send_max_attempts: u32, retry_on_5xx: bool) -> Self {
        Self {
            endpoint: String::new(),
            header,
            defaults: Object::new(),
            in_app_include: Vec::new(),
            in_app_exclude: Vec::new(),
            mark: |_, _| {},
            max_breadcrumbs: 0,
            send_max_attempts,
            retry_on_5xx,
            stamp: None,
            unfold: signal::unfold,
            before_send: None,
        }
    }
}

/// A member of an object, as text.
fn member(key: &str, value: &Value) -> String {
    let mut writer = Writer::new();
    writer.key(key).value(value);
    writer.into_string()
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("endpoint", &self.endpoint)
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}

//! Events: what is sent when something went wrong.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::breadcrumb::Trail;
use crate::json::{Object, Value, Writer};
use crate::options::Sdk;
use crate::{EventId, Exception, Level, Timestamp, User};

/// An event, with the fields of the protocol (SDK specification, data model, event payloads).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Event {
    /// Its id; nil is filled in by whoever captures.
    pub event_id: EventId,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Severity.
    pub level: Option<Level>,
    /// `javascript`, `native`, …
    pub platform: Option<String>,
    /// The logger that made it.
    pub logger: Option<String>,
    /// Route or task.
    pub transaction: Option<String>,
    /// Name of the server or device.
    pub server_name: Option<String>,
    /// Release of the application.
    pub release: Option<String>,
    /// Distribution of the release.
    pub dist: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// A message, complete.
    pub message: Option<String>,
    /// Errors: the outermost cause first, the error that was thrown last.
    pub exceptions: Vec<Exception>,
    /// What happened before.
    pub breadcrumbs: Trail,
    /// Breadcrumbs that are text already: a JSON array, written in place of [`breadcrumbs`](Self::breadcrumbs).
    pub breadcrumbs_json: Option<String>,
    /// Whom it happened to.
    pub user: User,
    /// Short texts to search for.
    pub tags: Object,
    /// Anything else.
    pub extra: Object,
    /// Named groups of facts.
    pub contexts: Object,
    /// The page or request.
    pub request: Object,
    /// Overrides grouping when not empty.
    pub fingerprint: Vec<String>,
    /// Versions of the application's modules.
    pub modules: Object,
    /// Debug images that frames point to.
    pub images: Vec<Value>,
    /// The SDK.
    pub sdk: Option<Sdk>,
    /// Fields of the wire without a place above.
    pub other: Object,
}

impl Event {
    /// Reads an event of the wire. What has the wrong type is left out.
    pub fn from_object(object: Object) -> Self {
        let mut event = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "event_id" => event.event_id = value.as_str().and_then(EventId::parse).unwrap_or_default(),
                "timestamp" => match Timestamp::from_seconds(&value) {
                    Some(timestamp) => event.timestamp = timestamp,
                    None => event.other.insert(key, value),
                },
                "level" => event.level = value.as_str().and_then(|text| text.parse().ok()),
                "platform" => event.platform = value.into_string(),
                "logger" => event.logger = value.into_string(),
                "transaction" => event.transaction = value.into_string(),
                "server_name" => event.server_name = value.into_string(),
                "release" => event.release = value.into_string(),
                "dist" => event.dist = value.into_string(),
                "environment" => event.environment = value.into_string(),
                "message" => event.message = value.into_string(),
                "exception" => {
                    event.exceptions =
                        values(value).into_iter().filter_map(Value::into_object).map(Exception::from_object).collect();
                }
                "breadcrumbs" => event.breadcrumbs_json = Some(Value::Array(values(value)).to_json()),
                "user" => event.user = User(value.into_object().unwrap_or_default()),
                "tags" => event.tags = value.into_object().unwrap_or_default(),
                "extra" => event.extra = value.into_object().unwrap_or_default(),
                "contexts" => event.contexts = value.into_object().unwrap_or_default(),
                "request" => event.request = value.into_object().unwrap_or_default(),
                "modules" => event.modules = value.into_object().unwrap_or_default(),
                "fingerprint" => event.fingerprint = strings(value),
                _ => event.other.insert(key, value),
            }
        }
        event
    }

    /// The event as compact JSON.
    pub fn to_json(&self) -> String {
        let mut writer = Writer::new();
        self.event_id.write(writer.open_object().key("event_id"));
        if self.other.get("timestamp").is_none() {
            self.timestamp.write_seconds(writer.key("timestamp"));
        }
        writer
            .string_field("platform", Some(self.platform.as_deref().unwrap_or("other")))
            .string_field("level", self.level.map(Level::as_str))
            .string_field("logger", self.logger.as_deref())
            .string_field("transaction", self.transaction.as_deref())
            .string_field("server_name", self.server_name.as_deref())
            .string_field("release", self.release.as_deref())
            .string_field("dist", self.dist.as_deref())
            .string_field("environment", self.environment.as_deref())
            .string_field("message", self.message.as_deref());
        if !self.exceptions.is_empty() {
            writer.key("exception").open_object().key("values").open_array();
            for exception in &self.exceptions {
                exception.write(&mut writer);
            }
            writer.close_array().close_object();
        }
        self.write_breadcrumbs(&mut writer);
        writer
            .object_field("user", &self.user.0)
            .object_field("tags", &self.tags)
            .object_field("extra", &self.extra)
            .object_field("contexts", &self.contexts)
            .object_field("request", &self.request)
            .object_field("modules", &self.modules);
        if !self.fingerprint.is_empty() {
            writer.key("fingerprint").open_array();
            for part in &self.fingerprint {
                writer.string(part);
            }
            writer.close_array();
        }
        if !self.images.is_empty() {
            writer.key("debug_meta").open_object().key("images").open_array();
            for image in &self.images {
                writer.value(image);
            }
            writer.close_array().close_object();
        }
        if let Some(sdk) = &self.sdk {
            // The server must not derive an address from the connection unless it is asked to.
            writer
                .key("sdk")
                .open_object()
                .string_field("name", Some(&sdk.name))
                .string_field("version", Some(&sdk.version));
            writer.key("settings").raw(r#"{"infer_ip":"never"}"#).close_object();
        }
        writer.members(&self.other).close_object();
        writer.into_string()
    }

    fn write_breadcrumbs(&self, writer: &mut Writer) {
        let json = self.breadcrumbs_json.as_deref().filter(|json| *json != "[]");
        if json.is_none() && self.breadcrumbs.is_empty() {
            return;
        }
        writer.key("breadcrumbs").open_object().key("values");
        if let Some(json) = json {
            writer.raw(json);
        } else {
            writer.open_array();
            for breadcrumb in self.breadcrumbs.iter() {
                breadcrumb.write(writer);
            }
            writer.close_array();
        }
        writer.close_object();
    }
}

/// The list of `{"values": […]}`, or of a bare array.
fn values(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(mut object) => object.remove("values").and_then(Value::into_array).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The strings of an array.
pub(crate) fn strings(value: Value) -> Vec<String> {
    value.into_array().unwrap_or_default().into_iter().filter_map(Value::into_string).collect()
}

impl Sdk {
    /// An SDK's name and version.
    pub fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned() }
    }
}

//! Errors, how they were caught, and their stacks.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Key, Object, Value};
use crate::text::{has, split, strip};

/// One error; an event has several when errors have causes.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Event, Exception, Frame, Mechanism};
///
/// let error = Exception::new("ScriptError", "unknown word `fly`")
///     .module("levels")
///     .mechanism(Mechanism::new("script", true))
///     .frames(vec![Frame {
///         filename: Some("levels/3.script".into()),
///         lineno: Some(12),
///         in_app: Some(true),
///         ..Frame::default()
///     }])
///     .field("thread_id", 1);
/// assert_eq!(error.get("type").and_then(|ty| ty.as_str()), Some("ScriptError"));
/// let event = Event::of_exceptions(vec![error]);
/// assert_eq!(event.exceptions().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Exception(pub(crate) Object);

impl Exception {
    /// An error by its class, e.g. `TypeError`, or `panic`, and its message, of which 8192 characters are sent.
    pub fn new(ty: impl Into<String>, value: impl Into<String>) -> Self {
        let mut fields = Object::of("type", Value::String(ty.into()));
        fields.insert("value", value.into());
        Self(fields)
    }

    /// An error of which only an engine's message is known, `Uncaught TypeError: x is not a function`.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Exception;
    ///
    /// let error = Exception::of_message("Uncaught TypeError: x is not a function");
    /// assert_eq!(error, Exception::new("TypeError", "x is not a function"));
    /// ```
    pub fn of_message(message: &str) -> Self {
        let message = strip(message, "Uncaught ").unwrap_or(message);
        let named = split(message, ": ").filter(|(name, _)| name.ends_with("Error") && !has(name, " "));
        let (ty, value) = named.unwrap_or(("Error", message));
        Self::new(ty, value)
    }

    /// The module the class is defined in.
    pub fn module(self, module: impl Into<String>) -> Self {
        self.field("module", module.into())
    }

    /// How it was caught.
    pub fn mechanism(self, mechanism: Mechanism) -> Self {
        self.field("mechanism", mechanism.0)
    }

    /// Where it happened: the outermost call first, the place of the error last.
    #[inline] // An application without backtraces does not have the code for them by that.
    pub fn frames(self, frames: Vec<Frame>) -> Self {
        if frames.is_empty() { self } else { self.field("stacktrace", stacktrace(frames)) }
    }

    /// Any field.
    pub fn field(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.0.insert(key, value);
        self
    }

    /// The field of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }
}

/// How an error was caught, and its place among its causes.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Exception, Mechanism};
///
/// let mechanism = Mechanism::new("script", false).synthetic().data("level", 3).field("description", "of a level");
/// let error = Exception::new("ScriptError", "unknown word").mechanism(mechanism);
/// let told = error.get("mechanism").map(|mechanism| mechanism.to_json());
/// let rest = r#""handled":false,"synthetic":true,"data":{"level":3},"description":"of a level"}"#;
/// assert_eq!(told, Some([r#"{"type":"script","#, rest].concat()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mechanism(Object);

impl Mechanism {
    /// A mechanism of that type, `generic`, `panic`, `auto.browser.global_handlers.onerror`, …, and whether the program
    /// dealt with the error.
    pub fn new(ty: impl Into<String>, handled: bool) -> Self {
        Self(Object::of("type", Value::String(ty.into()))).field("handled", handled)
    }

    /// Of the `id`-th cause of an error: its parent is the one before, which names it `source`.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Mechanism;
    ///
    /// let cause = Mechanism::new("chained", true).field("exception_id", 1).field("parent_id", 0).field("source", "source");
    /// assert_eq!(Mechanism::cause(1, "source"), cause);
    /// ```
    pub fn cause(id: u64, source: &str) -> Self {
        let chained = Self::new("chained", true).field("exception_id", id);
        chained.field("parent_id", id.saturating_sub(1)).field("source", source)
    }

    /// The stack was made where the error was caught.
    pub fn synthetic(self) -> Self {
        self.field("synthetic", true)
    }

    /// More of what is known.
    pub fn data(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.0.insert_in("data", key, value);
        self
    }

    /// Any field.
    pub fn field(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.0.insert(key, value);
        self
    }
}

/// One call of a stack.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Frame, Value};
///
/// let frame = Frame { function: Some("fly".into()), lineno: Some(12), colno: Some(5), ..Frame::default() };
/// assert_eq!(Value::from(frame).to_json(), r#"{"function":"fly","lineno":12,"colno":5}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Frame {
    /// The function's name.
    pub function: Option<String>,
    /// The file, a URL in browsers.
    pub filename: Option<String>,
    /// Counted from 1.
    pub lineno: Option<u64>,
    /// Counted from 1.
    pub colno: Option<u64>,
    /// Whether the application's own code, not a library's or the runtime's.
    pub in_app: Option<bool>,
    /// `native` for a frame inside a wasm module.
    pub platform: Option<&'static str>,
    /// Byte offset in the wasm file, `0x…`.
    pub instruction_addr: Option<String>,
}

/// The wire's `stacktrace` of frames.
pub(crate) fn stacktrace(frames: Vec<Frame>) -> Value {
    Object::of("frames", frames.into()).into()
}

impl From<Exception> for Value {
    fn from(exception: Exception) -> Self {
        Self::Object(exception.0)
    }
}

impl From<Frame> for Value {
    fn from(frame: Frame) -> Self {
        let mut object = Object::new();
        object.insert_some("function", frame.function);
        object.insert_some("filename", frame.filename);
        object.insert_some("lineno", frame.lineno);
        object.insert_some("colno", frame.colno);
        object.insert_some("in_app", frame.in_app);
        object.insert_some("platform", frame.platform);
        object.insert_some("instruction_addr", frame.instruction_addr);
        Self::Object(object)
    }
}

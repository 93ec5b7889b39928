//! Errors, how they were caught, and their stacks.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Object, Value};
use crate::text::{has, split, strip};

/// One error; an event has several when errors have causes.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::{Event, Exception, Frame, Mechanism};
///
/// let error = Exception {
///     ty: Some("ScriptError".into()),
///     value: Some("unknown word `fly`".into()),
///     mechanism: Some(Mechanism::new("script", true)),
///     frames: vec![Frame {
///         filename: Some("levels/3.script".into()),
///         lineno: Some(12),
///         in_app: Some(true),
///         ..Frame::default()
///     }],
///     ..Exception::default()
/// };
/// let event = Event::of_exceptions(vec![error]);
/// assert_eq!(event.exceptions().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Exception {
    /// The error's class, e.g. `TypeError`, or `panic`.
    pub ty: Option<String>,
    /// The error's message.
    pub value: Option<String>,
    /// The module the class is defined in.
    pub module: Option<String>,
    /// How it was caught.
    pub mechanism: Option<Mechanism>,
    /// Where it happened: the outermost call first, the place of the error last. May be empty.
    pub frames: Vec<Frame>,
}

impl Exception {
    /// An error of which only an engine's message is known, `Uncaught TypeError: x is not a function`.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::{Exception, Mechanism};
    ///
    /// let error = Exception::of_message("Uncaught TypeError: x is not a function", Mechanism::new("onerror", false));
    /// assert_eq!(error.ty.as_deref(), Some("TypeError"));
    /// assert_eq!(error.value.as_deref(), Some("x is not a function"));
    /// ```
    pub fn of_message(message: &str, mechanism: Mechanism) -> Self {
        let message = strip(message, "Uncaught ").unwrap_or(message);
        let named = split(message, ": ").filter(|(name, _)| name.ends_with("Error") && !has(name, " "));
        let (ty, value) = named.unwrap_or(("Error", message));
        Self { ty: Some(ty.into()), value: Some(value.into()), mechanism: Some(mechanism), ..Self::default() }
    }
}

/// How an error was caught, and its place among its causes.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Mechanism;
///
/// let mut mechanism = Mechanism::new("script", false);
/// mechanism.data.insert("level", 3);
/// assert_eq!(mechanism.handled, Some(false));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mechanism {
    /// `generic`, `panic`, `auto.browser.global_handlers.onerror`, …
    pub ty: String,
    /// Whether the program dealt with it.
    pub handled: Option<bool>,
    /// Whether the stack was made where the error was caught.
    pub synthetic: Option<bool>,
    /// 0 for the error that was thrown; its causes count on.
    pub exception_id: Option<u64>,
    /// The error that this one caused or belongs to.
    pub parent_id: Option<u64>,
    /// How the parent names this one: `cause`, `errors[0]`, `source`.
    pub source: Option<String>,
    /// More of what is known.
    pub data: Object,
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

impl Mechanism {
    /// A mechanism of that type.
    pub fn new(ty: impl Into<String>, handled: bool) -> Self {
        Self { ty: ty.into(), handled: Some(handled), ..Self::default() }
    }

    /// Of the `id`-th cause of an error: its parent is the one before, which names it `source`.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let mechanism = tailcone::Mechanism::cause(1, "source");
    /// assert_eq!((mechanism.exception_id, mechanism.parent_id), (Some(1), Some(0)));
    /// ```
    pub fn cause(id: u64, source: &str) -> Self {
        Self {
            exception_id: Some(id),
            parent_id: id.checked_sub(1),
            source: Some(source.into()),
            ..Self::new("chained", true)
        }
    }
}

/// The wire's `stacktrace` of frames.
pub(crate) fn stacktrace(frames: Vec<Frame>) -> Value {
    Object::of("frames", frames.into()).into()
}

impl From<Exception> for Value {
    fn from(exception: Exception) -> Self {
        let mut object = Object::new();
        object.insert_some("type", exception.ty);
        object.insert_some("value", exception.value);
        object.insert_some("module", exception.module);
        object.insert_some("mechanism", exception.mechanism);
        if !exception.frames.is_empty() {
            object.insert("stacktrace", stacktrace(exception.frames));
        }
        Self::Object(object)
    }
}

impl From<Mechanism> for Value {
    fn from(mechanism: Mechanism) -> Self {
        let mut object = Object::new();
        object.insert("type", mechanism.ty);
        object.insert_some("handled", mechanism.handled);
        object.insert_some("synthetic", mechanism.synthetic);
        object.insert_some("exception_id", mechanism.exception_id);
        object.insert_some("parent_id", mechanism.parent_id);
        object.insert_some("source", mechanism.source);
        object.insert_some("data", Some(mechanism.data).filter(|data| !data.is_empty()));
        Self::Object(object)
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

//! Errors, how they were caught, and their stacks.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Object, Value, Writer};

/// One error; an event has several when errors have causes.
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
    /// Where it happened.
    pub stacktrace: Option<Stacktrace>,
}

/// How an error was caught, and its place among its causes.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mechanism {
    /// `generic`, `panic`, `auto.browser.global_handlers.onerror`, …; empty means `generic`.
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
    /// Whether this is a group of errors.
    pub is_exception_group: Option<bool>,
    /// More of what is known.
    pub data: Object,
}

/// A stack: the outermost call first, the place of the error last.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stacktrace {
    /// Outermost first.
    pub frames: Vec<Frame>,
}

/// One call of a stack.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Frame {
    /// The function's name.
    pub function: Option<String>,
    /// The file, a URL in browsers.
    pub filename: Option<String>,
    /// The module.
    pub module: Option<String>,
    /// Counted from 1.
    pub lineno: Option<u64>,
    /// Counted from 1.
    pub colno: Option<u64>,
    /// Whether the application's own code, not a library's or the runtime's.
    pub in_app: Option<bool>,
    /// `native` for a frame inside a wasm module.
    pub platform: Option<String>,
    /// Byte offset in the wasm file, `0x…`.
    pub instruction_addr: Option<String>,
    /// What the address counts from: `rel:N` is the N-th debug image.
    pub addr_mode: Option<String>,
    /// Fields without a place above.
    pub other: Object,
}

impl Exception {
    /// Reads an exception of the wire. `stack` (the engine's text) is read by the stack parser.
    pub(crate) fn from_object(object: Object) -> Self {
        let mut exception = Self::default();
        let mut stack = None;
        for (key, value) in object {
            match key.as_str() {
                "type" => exception.ty = value.into_string(),
                "value" => exception.value = value.into_string(),
                "module" => exception.module = value.into_string(),
                "mechanism" => exception.mechanism = value.into_object().map(Mechanism::from_object),
                "stacktrace" => exception.stacktrace = value.into_object().map(Stacktrace::from_object),
                "stack" => stack = value.into_string(),
                _ => {}
            }
        }
        if let Some(stack) = stack {
            let header = (exception.ty.as_deref().unwrap_or_default(), exception.value.as_deref().unwrap_or_default());
            let frames = crate::stack::parse(&stack, header);
            if !frames.is_empty() {
                exception.stacktrace = Some(Stacktrace { frames });
            }
        }
        exception
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .open_object()
            .string_field("type", self.ty.as_deref())
            .string_field("value", self.value.as_deref())
            .string_field("module", self.module.as_deref());
        if let Some(mechanism) = &self.mechanism {
            mechanism.write(writer.key("mechanism"));
        }
        if let Some(stacktrace) = &self.stacktrace {
            writer.key("stacktrace").open_object().key("frames").open_array();
            for frame in &stacktrace.frames {
                frame.write(writer);
            }
            writer.close_array().close_object();
        }
        writer.close_object();
    }
}

impl Mechanism {
    /// A mechanism of that type.
    pub fn new(ty: impl Into<String>, handled: bool) -> Self {
        Self { ty: ty.into(), handled: Some(handled), ..Self::default() }
    }

    fn from_object(object: Object) -> Self {
        let mut mechanism = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "type" => mechanism.ty = value.into_string().unwrap_or_default(),
                "handled" => mechanism.handled = value.as_bool(),
                "synthetic" => mechanism.synthetic = value.as_bool(),
                "exception_id" => mechanism.exception_id = value.as_u64(),
                "parent_id" => mechanism.parent_id = value.as_u64(),
                "source" => mechanism.source = value.into_string(),
                "is_exception_group" => mechanism.is_exception_group = value.as_bool(),
                "data" => mechanism.data = value.into_object().unwrap_or_default(),
                _ => {}
            }
        }
        mechanism
    }

    fn write(&self, writer: &mut Writer) {
        writer
            .open_object()
            .string_field("type", Some(if self.ty.is_empty() { "generic" } else { &self.ty }))
            .bool_field("handled", self.handled)
            .bool_field("synthetic", self.synthetic)
            .u64_field("exception_id", self.exception_id)
            .u64_field("parent_id", self.parent_id)
            .string_field("source", self.source.as_deref())
            .bool_field("is_exception_group", self.is_exception_group)
            .object_field("data", &self.data)
            .close_object();
    }
}

impl Stacktrace {
    fn from_object(mut object: Object) -> Self {
        let frames = object.remove("frames").and_then(Value::into_array).unwrap_or_default();
        Self { frames: frames.into_iter().filter_map(Value::into_object).map(Frame::from_object).collect() }
    }
}

impl Frame {
    fn from_object(object: Object) -> Self {
        let mut frame = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "function" => frame.function = value.into_string(),
                "filename" => frame.filename = value.into_string(),
                "module" => frame.module = value.into_string(),
                "lineno" => frame.lineno = value.as_u64(),
                "colno" => frame.colno = value.as_u64(),
                "in_app" => frame.in_app = value.as_bool(),
                "platform" => frame.platform = value.into_string(),
                "instruction_addr" => frame.instruction_addr = value.into_string(),
                "addr_mode" => frame.addr_mode = value.into_string(),
                _ => frame.other.insert(key, value),
            }
        }
        frame
    }

    /// A frame inside a wasm module, at a byte offset of the file if the engine tells one.
    pub(crate) fn wasm(function: Option<&str>, filename: Option<&str>, address: Option<&str>) -> Self {
        Self {
            function: function.map(ToOwned::to_owned),
            filename: filename.map(ToOwned::to_owned),
            instruction_addr: address.map(ToOwned::to_owned),
            platform: Some("native".to_owned()),
            ..Self::default()
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer
            .open_object()
            .string_field("function", self.function.as_deref())
            .string_field("filename", self.filename.as_deref())
            .string_field("module", self.module.as_deref())
            .u64_field("lineno", self.lineno)
            .u64_field("colno", self.colno)
            .bool_field("in_app", self.in_app)
            .string_field("platform", self.platform.as_deref())
            .string_field("instruction_addr", self.instruction_addr.as_deref())
            .string_field("addr_mode", self.addr_mode.as_deref())
            .members(&self.other)
            .close_object();
    }
}

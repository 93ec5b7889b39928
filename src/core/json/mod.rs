//! JSON: a value tree, a writer by hand, and a small bounded reader. A general library would cost more than the rest
//! of the core together (`docs/decisions.md`).

mod reader;
mod value;
mod writer;

pub use reader::{Error, Limits, parse, parse_with};
pub use value::{Key, Number, Object, Value};
pub use writer::Writer;
pub(crate) use writer::{push_hex, push_u64};

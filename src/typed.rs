//! Typed conversion between Rust values, `JsValue` and event data, by serde-wasm-bindgen: for contexts and extras that
//! are structures of one's own or come from JavaScript.
//!
//! The values pass through JavaScript's, which are not there outside wasm: the answer is `None` then.
//!
//! ```
//! #[derive(serde::Serialize)]
//! struct Cart {
//!     items: u32,
//!     currency: &'static str,
//! }
//!
//! let cart = Cart { items: 3, currency: "EUR" };
//! tailcone::configure_scope(|scope| {
//!     if let Some(cart) = tailcone::typed::to_value(&cart) {
//!         scope.set_context("cart", cart);
//!     }
//! });
//! ```

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;
use tailcone_core::{Object, Value};
use wasm_bindgen::JsValue;

/// Any serialisable value, as event data. `None` when it cannot be expressed, and outside wasm.
///
/// ```no_run
/// use std::collections::BTreeMap;
///
/// let stock = BTreeMap::from([("soup", 2), ("bread", 0)]);
/// let value = tailcone::typed::to_value(&stock).unwrap();
/// assert_eq!(value.to_json(), r#"{"bread":0,"soup":2}"#);
/// ```
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    if !cfg!(target_family = "wasm") {
        return None;
    }
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    from_js(&value.serialize(&serializer).ok()?)
}

/// A value of JavaScript's, as event data: plain data only. `None` when it holds anything else (a function, a symbol), and
/// outside wasm.
///
/// ```
/// # use wasm_bindgen::JsValue;
/// fn leave(state: &JsValue) {
///     tailcone::configure_scope(|scope| {
///         if let Some(state) = tailcone::typed::from_js(state) {
///             scope.set_extra("state", state);
///         }
///     });
/// }
/// # assert_eq!(tailcone::typed::from_js(&JsValue::NULL), None);
/// # assert_eq!(tailcone::typed::to_value("soup"), None);
/// ```
pub fn from_js(value: &JsValue) -> Option<Value> {
    if !cfg!(target_family = "wasm") {
        return None;
    }
    serde_wasm_bindgen::from_value::<Data>(value.clone()).ok().map(|data| data.0)
}

struct Data(Value);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor).map(Data)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain data")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Data(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some((key, Data(value))) = members.next_entry::<String, Data>()? {
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

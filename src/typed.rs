//! Typed conversion between Rust values, `JsValue` and event data, by serde-wasm-bindgen: for contexts and extras that
//! are structures of one's own or come from JavaScript.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;
use tailcone_core::{Object, Value};
use wasm_bindgen::JsValue;

/// Any serialisable value, as event data. `None` when it cannot be expressed.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    from_js(&value.serialize(&serializer).ok()?)
}

/// A value of JavaScript's, as event data: plain data only. `None` when it holds anything else (a function, a symbol).
pub fn from_js(value: &JsValue) -> Option<Value> {
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

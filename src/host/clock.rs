//! Time and randomness.

use js_sys::{Date, Math};
use tailcone_core::{EventId, Timestamp};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn random_values(out: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// Now.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and takes NaN for 0.
pub(crate) fn now() -> Timestamp {
    Timestamp(Date::now() as u64)
}

/// A new id; of lesser randomness where the host has no better.
pub(crate) fn new_id() -> EventId {
    let mut bytes = [0; 16];
    if random_values(&mut bytes).is_err() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 255.
        bytes.fill_with(|| (Math::random() * 256.0) as u8);
    }
    EventId::from_random(bytes)
}

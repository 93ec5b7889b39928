//! Time and randomness.

use tailcone_core::{EventId, Timestamp};

#[cfg(target_family = "wasm")]
mod host {
    use js_sys::{Date, Math};
    use tailcone_core::Timestamp;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
        fn random_values(out: &mut [u8]) -> Result<JsValue, JsValue>;
    }

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = Date)]
        type Moment;
        #[wasm_bindgen(catch, constructor, js_class = "Date")]
        fn of(milliseconds: f64) -> Result<Moment, JsValue>;
        #[wasm_bindgen(method, catch, js_class = "Date", js_name = toISOString)]
        fn text(this: &Moment) -> Result<JsValue, JsValue>;
    }

    pub(super) fn now() -> f64 {
        Date::now()
    }

    #[allow(clippy::cast_precision_loss)] // A page's clock is not as far.
    pub(super) fn stamp(now: Timestamp) -> Option<String> {
        Moment::of(now.0 as f64).ok()?.text().ok()?.as_string()
    }

    pub(super) fn random() -> f64 {
        Math::random()
    }

    pub(super) fn fill(bytes: &mut [u8; 16]) -> bool {
        random_values(bytes).is_ok()
    }
}

#[cfg(not(target_family = "wasm"))]
mod host {
    use std::hash::{BuildHasher, RandomState};
    use std::time::SystemTime;

    use tailcone_core::Timestamp;

    #[allow(clippy::unnecessary_wraps)] // A page may have no text for it.
    pub(super) fn stamp(now: Timestamp) -> Option<String> {
        Some(now.to_rfc3339())
    }

    pub(super) fn now() -> f64 {
        SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    #[allow(clippy::cast_precision_loss)] // Where it is lost, it does not matter.
    pub(super) fn random() -> f64 {
        // Each state has keys of its own.
        (RandomState::new().hash_one(0_u8) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn fill(_: &mut [u8; 16]) -> bool {
        false
    }
}

/// Now.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and takes NaN for 0.
pub(crate) fn now() -> Timestamp {
    Timestamp(host::now() as u64)
}

/// A moment as RFC 3339 has it: by the host, for which it is less code. Nothing where the page has replaced `Date`.
pub(crate) fn stamp(now: Timestamp) -> String {
    host::stamp(now).unwrap_or_default()
}

/// From 0 to 1, without 1.
pub(crate) fn random() -> f64 {
    host::random()
}

/// A new id; of lesser randomness where the host has no better.
pub(crate) fn new_id() -> EventId {
    let mut bytes = [0; 16];
    if !host::fill(&mut bytes) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 255.
        bytes.fill_with(|| (random() * 256.0) as u8);
    }
    EventId::from_random(bytes)
}

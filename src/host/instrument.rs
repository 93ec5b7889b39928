//! Automatic breadcrumbs: of the console, of clicks and typing, of requests, of navigation. What watches the page is the
//! npm package's own code, bundled.

use tailcone_core::{Breadcrumb, Object};
use wasm_bindgen::prelude::*;

use super::{page, property};

#[wasm_bindgen(module = "/src/host/instrument.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn watch(console: bool, dom: bool, http: bool, history: bool, add: &JsValue) -> Result<(), JsValue>;
    fn mute(work: &mut dyn FnMut());
}

/// Gives the breadcrumbs of the features that are on to `add`, as long as the module lives. Not on servers: what happens
/// there is not known to belong to the request that is being handled.
pub(crate) fn start(add: fn(Breadcrumb)) {
    if page::is_server() {
        return;
    }
    let add = Closure::<dyn Fn(JsValue)>::new(move |crumb: JsValue| add(read(&crumb))).into_js_value();
    let (console, dom) = (cfg!(feature = "console"), cfg!(feature = "dom"));
    let (http, history) = (cfg!(feature = "fetch"), cfg!(feature = "history"));
    let _ = watch(console, dom, http, history, &add);
}

/// Does something that leaves no breadcrumb.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    if !cfg!(target_family = "wasm") {
        return Some(work());
    }
    let (mut work, mut result) = (Some(work), None);
    mute(&mut || result = work.take().map(|work| work()));
    result
}

/// A breadcrumb as the npm package has it: its fields are texts, and what is in its data is flat.
fn read(crumb: &JsValue) -> Breadcrumb {
    let mut fields = Object::new();
    for name in ["type", "category", "level", "message"] {
        fields.insert_some(name, property(crumb, name).as_string());
    }
    let from = property(crumb, "data");
    let mut data = Object::new();
    for name in ["method", "url", "from", "to"] {
        data.insert_some(name, property(&from, name).as_string());
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates.
    data.insert_some("status_code", property(&from, "status_code").as_f64().map(|status| status as u64));
    if !data.is_empty() {
        fields.insert("data", data);
    }
    fields.into()
}

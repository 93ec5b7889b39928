//! Automatic breadcrumbs: of the console, of clicks and typing, of requests, of navigation. What watches the page is the
//! npm package's own code, bundled.

use tailcone_core::Breadcrumb;
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
    let text = |name| property(crumb, name).as_string();
    let mut breadcrumb = Breadcrumb {
        ty: text("type"),
        category: text("category"),
        level: text("level").and_then(|level| level.parse().ok()),
        message: text("message"),
        ..Breadcrumb::default()
    };
    let data = property(crumb, "data");
    for name in ["method", "url", "from", "to"] {
        breadcrumb.data.insert_some(name, property(&data, name).as_string());
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates.
    breadcrumb.data.insert_some("status_code", property(&data, "status_code").as_f64().map(|status| status as u64));
    breadcrumb
}

//! Lines for whoever runs the program: the console, or standard error outside wasm.

use tailcone_core::Reply;

use super::{Done, Request, Transport};

#[cfg(target_family = "wasm")]
mod console {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(catch, js_namespace = console)]
        pub(super) fn log(line: &str) -> Result<(), JsValue>;
    }
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    #[cfg(target_family = "wasm")]
    let _ = super::quietly(|| console::log(text));
    #[cfg(not(target_family = "wasm"))]
    std::eprintln!("{text}");
}

/// A transport that prints envelopes: for programs outside wasm that want to see what would be sent.
pub(crate) struct Print;

impl Transport for Print {
    fn send(&self, request: Request<'_>, done: Done) {
        line(request.body);
        done(&Reply::HandedOver);
    }
}

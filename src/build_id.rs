//! Which build this module is. `tailcone wasm-prep` says so in the module itself: what reads a module's sections is not
//! in the glue of every target of wasm-bindgen's, and its bundlers' one refuses modules that ask for it.

use std::cell::Cell;
use std::hint::black_box;

use tailcone_core::Event;
use tailcone_core::image::name_build;

use crate::host::{Once, once, page};

/// `wasm-prep` finds the word in the module's data and writes over the dots: 36 characters of a debug id, then a code id.
const BUILD: &str = "\x01tailcone.build_id\x01......................................................................";
/// Where the word ends.
const MARK: usize = 19;
/// Where the debug id ends.
const DEBUG_ID: usize = MARK + 36;

thread_local! {
    static OWN_FILE: Once<String> = const { Cell::new(None) };
}

/// Says in an event with frames of this module which build it is, if `wasm-prep` has been there.
pub(crate) fn tell(event: &mut Event) {
    // What stands there was not there when this was compiled.
    let build = black_box(BUILD);
    if let (Some(debug_id), Some(code_id)) = (build.get(MARK..DEBUG_ID), build.get(DEBUG_ID..))
        && !debug_id.starts_with('.')
        && event.get("exception").is_some()
    {
        let file = once(&OWN_FILE, page::own_file);
        name_build(event, file, debug_id, code_id.trim_ascii_end());
    }
}

//! An event that is too large is made to fit, whatever is in it, and its values are bounded.
//!
//! The last line of the input is the number of bytes, a thousand at least; what stands before it is the event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailcone_core::json::parse;
use tailcone_core::process::{fit, limit};
use tailcone_core::signal::unfold;
use tailcone_core::{Event, Object, Value};
use tailcone_fuzz::is_json;

fuzz_target!(|input: &str| {
    let (text, bytes) = input.rsplit_once('\n').unwrap_or((input, ""));
    let bytes = bytes.parse::<u16>().map_or(1000, usize::from).max(1000);
    let Ok(Value::Object(object)) = parse(text) else { return };
    let mut event = Event::from(object);
    limit(&mut event);
    fits(&event, bytes);

    // As the shim hands them over, breadcrumbs are text until somebody has to look into them.
    let Some(breadcrumbs) = event.get("breadcrumbs").map(Value::to_json) else { return };
    event.set("breadcrumbs", Object::from_iter([("values", Value::Raw(breadcrumbs))]));
    fits(&event, bytes);
});

fn fits(event: &Event, bytes: usize) {
    let whole = event.to_json();
    assert!(is_json(&whole));
    let mut event = event.clone();
    let left = fit(&mut event, bytes, unfold);
    assert!(is_json(&left), "{bytes} bytes: {left}");
    assert!(left.len() <= bytes, "{} bytes in place of {bytes}: {left}", left.len());
    assert!(whole.len() > bytes || left == whole, "{left}");
    assert_eq!(event.to_json(), left, "the event is what is sent");
    assert_eq!(fit(&mut event, bytes, unfold), left, "what fits is left as it is");
}

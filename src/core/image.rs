//! Which build a wasm module is, so that servers find out what the addresses in its frames mean.

use alloc::vec;

use crate::Event;
use crate::event::each_frame;
use crate::json::{Object, Value};

/// Names in `debug_meta.images` the build of the module at `file`, if frames of the event are in it, and in these frames
/// that image. Frames without an address, as in Safari, belong to none. An event that names images is left as it is.
pub fn name_build(event: &mut Event, file: &str, debug_id: &str, code_id: &str) {
    if event.get("debug_meta").is_some() {
        return;
    }
    let mut found = false;
    each_frame(event, &mut |frame| {
        if frame.get("instruction_addr").is_some() && frame.get("filename").and_then(Value::as_str) == Some(file) {
            frame.insert("addr_mode", "rel:0");
            found = true;
        }
    });
    if found {
        let mut image = Object::of("type", "wasm".into());
        image.insert("debug_id", debug_id);
        image.insert("code_id", code_id);
        image.insert("code_file", file);
        event.set("debug_meta", Object::of("images", vec![image].into()));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;
    use crate::{Exception, Frame};

    fn frame(file: &str, address: Option<&str>) -> Frame {
        let address = address.map(Into::into);
        Frame { filename: Some(file.into()), instruction_addr: address, ..Frame::default() }
    }

    fn named(frames: Vec<Frame>) -> String {
        let mut event = Event::of_exceptions(vec![Exception::default().frames(frames)]);
        name_build(&mut event, "/app.wasm", "10a1", "10a1a2");
        event.to_json()
    }

    #[test]
    fn frames_with_an_address_in_the_module_have_its_image_and_others_have_none() {
        let json =
            named(vec![frame("/app.wasm", Some("0x1f")), frame("/other.wasm", Some("0x2f")), frame("/app.wasm", None)]);
        assert!(json.contains(r#""instruction_addr":"0x1f","addr_mode":"rel:0""#), "{json}");
        assert_eq!(json.matches("addr_mode").count(), 1, "{json}");
        let image = r#"{"type":"wasm","debug_id":"10a1","code_id":"10a1a2","code_file":"/app.wasm"}"#;
        assert!(json.contains(&[r#""debug_meta":{"images":["#, image, "]}"].concat()), "{json}");
    }

    #[test]
    fn an_event_from_elsewhere_names_no_image() {
        assert!(!named(vec![frame("/other.wasm", Some("0x1f"))]).contains("debug_meta"));
        assert!(!named(vec![frame("/app.wasm", None)]).contains("debug_meta"));
    }

    #[test]
    fn an_event_that_names_images_is_left_as_it_is() {
        let frames = vec![frame("/app.wasm", Some("0x1f"))];
        let mut event = Event::of_exceptions(vec![Exception::default().frames(frames)]);
        event.set("debug_meta", Object::of("images", Value::Array(Vec::new())));
        let before = event.to_json();
        name_build(&mut event, "/app.wasm", "10a1", "10a1a2");
        assert_eq!(event.to_json(), before);
    }
}

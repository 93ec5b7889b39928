//! Makes an event fit into so many bytes. What matters least goes first: the oldest breadcrumbs; variables, and the
//! frames in the middle of long stacks; extra values; whatever else there is; causes of the error that was thrown; the
//! outer frames of its stack; and last its type and value. `_meta` says where something is missing, and of how many.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::BOUNDS;
use super::truncate::{drop_nulls, stacks};
use crate::Event;
use crate::json::{Object, Value};

/// Bytes of an event: servers take 1 MiB, and the envelope needs some of it.
pub const MAX_BYTES: usize = 900_000;
/// Frames of a stack, half of them the innermost, in an event that does not fit even without breadcrumbs.
const FRAMES: usize = 16;
/// Bytes that a remark takes at most, without the key that it stands under.
const REMARK: usize = 80;
/// With less room than this nothing is begun, so that what is short is there as a whole or not at all.
const ROOM: usize = 256;

/// The event as JSON of at most so many bytes, which should be a thousand or more. What has to go for that is gone from
/// the event, too; an event that fits is left as it is. What is in it as text goes as a whole, unless `unfold` has made
/// values of it.
pub fn fit(event: &mut Event, max_bytes: usize, unfold: fn(&mut Event)) -> String {
    let json = event.to_json();
    if json.len() <= max_bytes || !BOUNDS {
        return json;
    }
    unfold(event);
    let breadcrumbs = event.get("breadcrumbs").map_or(0, size);
    if json.len() > max_bytes.wrapping_add(breadcrumbs) {
        stacks(event, FRAMES);
    }
    let mut remarks = Object::new();
    members(&mut event.0, max_bytes.saturating_sub(REMARK), &mut remarks);
    event.0.insert("_meta", remarks);
    event.to_json()
}

/// Measured by writing: an event that is too large is rare, and a second way to count is a second way to be wrong.
fn size(value: &Value) -> usize {
    value.to_json().len()
}

/// Members of a lower rank are the first to get room.
fn rank(key: &str) -> u32 {
    match key {
        "event_id" | "timestamp" | "platform" => 0,
        "exception" | "logentry" | "type" | "value" => 1,
        "extra" => 3,
        "breadcrumbs" => 4,
        _ => 2,
    }
}

/// Leaves of an object what has room, and gives back the room that is left.
pub(super) fn members(object: &mut Object, mut room: usize, remarks: &mut Object) -> usize {
    let len = object.len();
    for now in 0..5 {
        for (key, value) in object.iter_mut().filter(|(key, _)| rank(key) == now) {
            room = member(key, value, room, remarks);
        }
    }
    object.retain(|_, value| !matches!(value, Value::Null));
    remark(len, object.len(), remarks);
    room
}

/// Leaves of a member, or of an element of a list, what has room: all of it, a part of an object or a list, or `null`.
pub(super) fn member(key: &str, value: &mut Value, room: usize, remarks: &mut Object) -> usize {
    // A byte has six at most when it is written. The key may be written twice, for it stands in `_meta`, too.
    let name = key.len().wrapping_mul(6);
    if name.wrapping_mul(2).wrapping_add(ROOM) > room {
        *value = Value::Null;
        return room;
    }
    let mut room = room.wrapping_sub(name).wrapping_sub("\"\":,".len());
    if let Some(left) = room.checked_sub(size(value)) {
        return left;
    }
    let mut inner = Object::new();
    let left = room.wrapping_sub(name).wrapping_sub(REMARK);
    match value {
        _ if key.is_empty() => *value = Value::Null,
        Value::Array(items) => {
            let len = items.len();
            room = left;
            // What matters most stands last: the newest breadcrumb, the innermost frame, the error that was thrown. Only
            // of that a part may be left, and then nothing else: it is the first in the list by that.
            let mut name = "0";
            for item in items.iter_mut().rev() {
                room = member(name, item, room, &mut inner);
                name = "";
                if !inner.is_empty() {
                    room = 0;
                }
            }
            drop_nulls(items);
            remark(len, items.len(), &mut inner);
        }
        Value::Object(object) => room = members(object, left, &mut inner),
        _ => *value = Value::Null,
    }
    if !inner.is_empty() {
        remarks.insert(key.to_owned(), inner);
    }
    // Of a list or an object nothing may be left.
    if size(value) < 3 {
        *value = Value::Null;
    }
    room
}

/// Says how many there were, if there are fewer now.
fn remark(before: usize, now: usize, remarks: &mut Object) {
    if now < before {
        let mut remark = Object::of("len", Value::from(before as u64));
        remark.insert("rem", Value::Raw("[[\"!limit\",\"x\"]]".to_owned()));
        remarks.insert("", remark);
    }
}

//! Leaves out the frames that servers would leave out (SDK specification, data handling): here it costs no bandwidth.

use alloc::vec::Vec;

use crate::Event;
use crate::event::values_mut;
use crate::json::Value;

/// Frames of a stack; of more, the middle is left out.
const FRAMES: usize = 50;

pub(super) fn process(event: &mut Event) {
    stacks(event, FRAMES);
}

/// Shortens stacks to so many frames: the middle is left out. Where they are to be shorter than usual, variables go
/// first.
pub(super) fn stacks(event: &mut Event, most: usize) {
    for exception in values_mut(event.0.get_mut("exception")).iter_mut().filter_map(Value::as_object_mut) {
        let frames = exception.get_mut("stacktrace").and_then(|stack| stack.as_object_mut()?.get_mut("frames"));
        if let Some(Value::Array(frames)) = frames {
            keep(frames, most / 2, most / 2);
            if most < FRAMES {
                for frame in frames.iter_mut().filter_map(Value::as_object_mut) {
                    frame.retain(|key, _| key != "vars");
                }
            }
        }
    }
}

/// Keeps so many of the first and of the last.
fn keep(list: &mut Vec<Value>, head: usize, tail: usize) {
    let end = list.len().saturating_sub(tail);
    for item in list.iter_mut().take(end).skip(head) {
        *item = Value::Null;
    }
    drop_nulls(list);
}

/// Leaves out what is `null`.
pub(super) fn drop_nulls(list: &mut Vec<Value>) {
    list.retain(|item| !matches!(item, Value::Null));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_stack_is_left_out() {
        let mut frames: Vec<_> = (0..120).map(Value::from).collect();
        keep(&mut frames, FRAMES / 2, FRAMES / 2);
        assert_eq!(frames.len(), 50);
        assert_eq!(frames.get(24), Some(&Value::from(24)));
        assert_eq!(frames.get(25), Some(&Value::from(95)));
    }
}

//! Fills what the event leaves open from the options.

use crate::event::values;
use crate::{Event, Level, Options};

pub(super) fn fill(event: &mut Event, options: &Options) {
    event.0.lay_over(options.defaults.clone(), 0);
    // `log` and the like become the words that servers know; what is no level is none.
    let known = event.level();
    let is_error = !values(event.get("exception")).is_empty();
    event.set_level(known.unwrap_or(if is_error { Level::Error } else { Level::Info }));
}

//! What every event goes through between the hooks and the envelope, in order. To add a processor: one file here,
//! one line in `run`, one test.

mod defaults;
mod fit;
mod in_app;
mod limit;
mod tidy;
mod truncate;

#[cfg(test)]
pub(crate) use tidy::tidy;

pub use fit::{MAX_BYTES, fit};
pub(crate) use in_app::mark;
pub use limit::limit;

use crate::{Event, Options};

/// Whether events are bounded here.
const BOUNDS: bool = cfg!(feature = "bounds");

/// Lays the options under an event whose scopes are in it already.
pub fn fill(event: &mut Event, options: &Options) {
    defaults::fill(event, options);
    (options.mark)(event, options);
}

/// Runs every processor over an event, in this order.
pub fn run(event: &mut Event) {
    if BOUNDS {
        truncate::process(event);
    }
    tidy::process(event);
}

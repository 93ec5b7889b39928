//! What every event goes through between the hooks and the envelope, in order. To add a processor: one file here,
//! one line in the list `PROCESSORS`, one test.

mod defaults;
mod fit;
mod in_app;
mod limit;
mod tidy;
mod truncate;

#[cfg(test)]
pub(crate) use tidy::tidy;

pub use fit::{MAX_BYTES, fit};
pub use limit::limit;

use crate::{Event, Options};

/// One step; may change the event.
type Processor = fn(&mut Event);

/// In the order in which they run.
const PROCESSORS: &[Processor] = &[truncate::process, tidy::process];

/// Lays the options under an event whose scopes are in it already.
pub fn fill(event: &mut Event, options: &Options) {
    defaults::fill(event, options);
    in_app::mark(event, options);
}

/// Runs every processor over an event.
pub fn run(event: &mut Event) {
    for process in PROCESSORS {
        process(event);
    }
}

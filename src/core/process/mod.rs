//! What every event goes through between its capture and the envelope, in order. To add a processor: one file here,
//! one line in the list `PROCESSORS`, one test.

mod defaults;
mod tidy;
mod truncate;

#[cfg(test)]
pub(crate) use tidy::tidy;

use crate::{Event, Options};

/// One step; may change the event.
type Processor = fn(&mut Event, &Options);

/// In the order in which they run.
const PROCESSORS: &[Processor] = &[defaults::process, truncate::process, tidy::process];

/// Runs every processor over an event.
pub fn run(event: &mut Event, options: &Options) {
    for process in PROCESSORS {
        process(event, options);
    }
}

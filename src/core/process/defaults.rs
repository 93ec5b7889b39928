//! Fills what the event leaves open from the options.

use alloc::borrow::ToOwned;

use crate::{Event, Level, Options};

pub(super) fn process(event: &mut Event, options: &Options) {
    for (field, option) in [
        (&mut event.release, &options.release),
        (&mut event.dist, &options.dist),
        (&mut event.environment, &options.environment),
        (&mut event.server_name, &options.server_name),
    ] {
        if field.is_none() {
            field.clone_from(option);
        }
    }
    event.environment.get_or_insert_with(|| "production".to_owned());
    event.level.get_or_insert(if event.exceptions.is_empty() { Level::Info } else { Level::Error });
    event.sdk.get_or_insert_with(|| options.sdk.clone());
}

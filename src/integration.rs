//! What an application or a library adds to the recorder.

use std::rc::Rc;

use tailcone_core::{Event, Value};

use crate::Options;

/// A part that is added to the recorder by [`Options::integration`].
///
/// ```
/// use tailcone::{Event, Integration, Options};
///
/// /// Says which build of the game engine it was.
/// struct Engine(&'static str);
///
/// impl Integration for Engine {
///     fn name(&self) -> &'static str {
///         "engine"
///     }
///
///     fn process_event(&self, mut event: Event) -> Option<Event> {
///         event.set_tag("engine", self.0);
///         Some(event)
///     }
/// }
///
/// # fn main() -> Result<(), tailcone::Error> {
/// let options = Options::new("https://key@example.com/1")?.integration(Engine("4.2"));
/// # let _ = options;
/// # Ok(())
/// # }
/// ```
pub trait Integration: 'static {
    /// The name, which stands in the event's `sdk.integrations`.
    fn name(&self) -> &'static str;

    /// Called by [`init`](crate::init), in the order in which integrations were added.
    ///
    /// ```
    /// # use tailcone::{Integration, Options};
    /// # struct Engine(&'static str);
    /// # impl Integration for Engine {
    /// # fn name(&self) -> &'static str { "engine" }
    /// fn setup(&self, options: &mut Options) {
    ///     println!("engine {} reports by {options:?}", self.0);
    /// }
    /// # }
    /// ```
    fn setup(&self, options: &mut Options) {
        let _ = options;
    }

    /// Sees every event before `before_send` does; may change it, or drop it by answering `None`, which is counted as
    /// `event_processor`.
    fn process_event(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

pub(crate) fn set_up(options: &mut Options) {
    for integration in options.hooks.integrations.clone() {
        integration.setup(options);
    }
    let mut names = Vec::new();
    for integration in &options.hooks.integrations {
        names.push(Value::from(integration.name()));
    }
    options.core.set_integrations(names);
}

pub(crate) fn process(integrations: &[Rc<dyn Integration>], mut event: Event) -> Option<Event> {
    for integration in integrations {
        event = integration.process_event(event)?;
    }
    Some(event)
}

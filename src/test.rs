//! For the tests of applications: what would be sent. Works natively and in wasm.

use std::cell::RefCell;
use std::rc::Rc;

use tailcone_core::{Event, Reply, Value, json};

use crate::host::{Done, Request, Transport};
use crate::{Options, hub};

/// Runs `work` with a recorder that sends nothing, and gives back the events that it would have sent. The recorder that
/// was there before comes back afterwards. What is the same is not left out, and nothing is held back as a flood.
///
/// ```
/// let events = tailcone::test::with_captured_events(|| {
///     tailcone::capture_message("hi", tailcone::Level::Info);
/// });
/// assert_eq!(events[0].message(), Some("hi"));
/// ```
pub fn with_captured_events(work: impl FnOnce()) -> Vec<Event> {
    // The DSN is one.
    let Ok(options) = Options::new("https://public@example.com/1") else { return Vec::new() };
    with_captured_events_options(options.dedupe(false).flood_control(false), work)
}

/// The same with options of one's own, of which the transport is replaced. What they say of `dedupe` and `flood_control`
/// is obeyed: an event that is the same as one before is left out by default.
///
/// ```
/// # fn main() -> Result<(), tailcone::Error> {
/// let options = tailcone::Options::new("https://public@example.com/1")?.release("shop@1.2.3");
/// let events = tailcone::test::with_captured_events_options(options, || {
///     tailcone::capture_message("hi", tailcone::Level::Info);
/// });
/// assert_eq!(events[0].get("release").and_then(|release| release.as_str()), Some("shop@1.2.3"));
/// # Ok(())
/// # }
/// ```
pub fn with_captured_events_options(options: Options, work: impl FnOnce()) -> Vec<Event> {
    /// Brings the recorder back that was there, also when `work` panics.
    struct Back(Option<Box<hub::Hub>>);
    impl Drop for Back {
        fn drop(&mut self) {
            hub::replace(self.0.take());
        }
    }
    let sent = Rc::new(Sent::default());
    let back = Back(hub::replace(None));
    // Nothing waits that its guard could send.
    std::mem::forget(crate::init(options.transport(sent.clone())));
    work();
    drop(back);
    sent.events.take()
}

#[derive(Default)]
struct Sent {
    events: RefCell<Vec<Event>>,
}

impl Transport for Rc<Sent> {
    fn send(&self, request: Request<'_>, done: Done) {
        let mut lines = request.body.lines().skip(1);
        while let (Some(header), Some(payload)) = (lines.next(), lines.next()) {
            let parsed = |text| json::parse(text).ok();
            let kind = parsed(header).and_then(|header| header.as_object()?.get("type")?.as_str().map(str::to_owned));
            if let (Some("event"), Some(Value::Object(event))) = (kind.as_deref(), parsed(payload)) {
                self.events.borrow_mut().push(Event::from(event));
            }
        }
        done(&Reply::HandedOver);
    }
}

//! What the fuzz targets share: a second opinion on JSON, a reader of envelopes that takes nothing on trust, a stopwatch.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ProcessTime;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Whether a text is one JSON value in the eyes of `serde_json`. Nothing is stored, so that neither numbers beyond f64
/// nor halves of surrogate pairs nor depth are an obstacle: this is the grammar and nothing else.
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The value of a text that has to be JSON; `None` when it is more than `serde_json` can store (numbers beyond f64).
pub fn json(text: &str) -> Option<Value> {
    assert!(is_json(text), "not JSON: {text}");
    serde_json::from_str(text).ok()
}

/// An envelope, read by the lengths that its items declare.
pub struct Envelope<'a> {
    /// Its first line.
    pub header: Value,
    /// The type of each item and its payload.
    pub items: Vec<(String, &'a str)>,
}

impl<'a> Envelope<'a> {
    /// Reads an envelope that has to be well-formed.
    pub fn read(body: &'a str) -> Self {
        let (header, mut rest) = body.split_once('\n').expect("an envelope has a line of header");
        let header = json(header).expect("the header is ours");
        assert!(header.is_object(), "{header}");
        let mut items = Vec::new();
        while !rest.is_empty() {
            let (line, after) = rest.split_once('\n').expect("an item has a line of header");
            let item = json(line).expect("the header is ours");
            let length = item["length"].as_u64().and_then(|length| usize::try_from(length).ok()).expect("a length");
            let (payload, after) = after.split_at_checked(length).expect("as many bytes as the length says");
            rest = after.strip_prefix('\n').expect("a payload ends with a line break");
            assert!(is_json(payload), "not JSON: {payload}");
            items.push((item["type"].as_str().expect("a type").to_owned(), payload));
        }
        assert!(!items.is_empty(), "an envelope without items: {body}");
        Self { header, items }
    }

    /// What client reports in it say was lost: reason, category, quantity.
    pub fn losses(&self) -> Vec<(String, String, u64)> {
        let mut losses = Vec::new();
        for (_, payload) in self.items.iter().filter(|(kind, _)| kind == "client_report") {
            let report = json(payload).expect("reports are ours");
            assert!(report["timestamp"].is_number(), "{report}");
            for loss in report["discarded_events"].as_array().expect("a list") {
                let text = |name| loss[name].as_str().expect("a text").to_owned();
                let quantity = loss["quantity"].as_u64().expect("a number");
                assert!(quantity > 0, "nothing is told of: {report}");
                losses.push((text("reason"), text("category"), quantity));
            }
        }
        losses
    }
}

/// A little more than the core reads of a text.
const LONG: usize = 66 * 1024;
/// So much takes some milliseconds; time that grows with the square of the length would be seconds.
const SLOW: Duration = Duration::from_millis(400);

/// The first line of an input, and what follows repeated to a long text.
pub fn long(input: &str) -> Option<String> {
    let (first, unit) = input.split_at(input.find('\n').map_or(0, |at| at + 1));
    (!unit.is_empty()).then(|| first.to_owned() + &unit.repeat(LONG / unit.len() + 1))
}

/// Fails when something takes the processor long, in three tries out of three. What a busy machine does meanwhile does
/// not count.
pub fn must_be_fast<T>(bytes: usize, work: impl Fn() -> T) {
    let fast = (0..3).any(|_| {
        let began = ProcessTime::now();
        black_box(work());
        let took = began.elapsed();
        assert!(took < 4 * SLOW, "{took:?} for {bytes} bytes");
        took < SLOW
    });
    assert!(fast, "more than {SLOW:?} for {bytes} bytes");
}

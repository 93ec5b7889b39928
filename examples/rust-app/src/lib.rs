//! A small Rust-wasm application with tailcone in it. Each export does one thing that an application does or suffers.

use std::cell::RefCell;
use std::fmt;

use tailcone::{Breadcrumb, InferIp, Level, Options, Scope, User};
use wasm_bindgen::prelude::*;

/// Starts the recorder. `strict`: the server refuses fields that it does not know. `breadcrumbs`: it watches the page.
///
/// # Errors
/// When the DSN is not one.
#[wasm_bindgen]
pub fn start(dsn: &str, strict: bool, breadcrumbs: bool) -> Result<(), JsError> {
    let infer_ip = if strict { InferIp::Unsaid } else { InferIp::Never };
    let options = Options::new(dsn)?.release("rust-app@0.1.0").environment("demo").infer_ip(infer_ip);
    let options = options.breadcrumbs(breadcrumbs);
    // The recorder goes on when the guard is dropped; there is nothing to send yet.
    drop(tailcone::init(options));
    #[cfg(feature = "log")]
    start_log();
    tailcone::configure_scope(|scope| {
        scope.set_tag("app", "rust-app").set_user(Some(User::new().id("7").email("jane@example.com")));
    });
    Ok(())
}

thread_local! {
    /// The last event that was not sent.
    static KEPT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Starts a recorder that sends nothing and leaves nothing out, for [`kept`].
///
/// # Errors
/// When the DSN is not one.
#[wasm_bindgen]
pub fn start_keeping(dsn: &str) -> Result<(), JsError> {
    let options = Options::new(dsn)?.dedupe(false).flood_control(false);
    drop(tailcone::init(options.before_send(|event| {
        KEPT.set(event.to_json());
        None
    })));
    Ok(())
}

/// The last event.
#[wasm_bindgen]
pub fn kept() -> String {
    KEPT.take()
}

/// Records what is logged. The second start finds the logger there.
#[cfg(feature = "log")]
fn start_log() {
    if log::set_boxed_logger(Box::new(tailcone::log::Logger::new().metadata(["row"]))).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
}

/// Logs what it does, and an error.
#[cfg(feature = "log")]
#[wasm_bindgen]
pub fn do_log() {
    let error = BookingFailed { cause: SeatTaken };
    log::info!("about to book");
    log::error!(error:err = error, row = 12; "no booking");
}

/// Captures an error of anyhow's. Answers the event's id.
#[cfg(feature = "anyhow")]
#[wasm_bindgen]
pub fn do_anyhow() -> String {
    tailcone::capture_anyhow(&anyhow::Error::new(SeatTaken).context("no seat for the guest")).to_hex()
}

/// Captures in two tasks that take turns, each with a scope of its own. Answers both events' ids.
#[wasm_bindgen]
pub async fn do_tasks() -> Vec<String> {
    use tailcone::FutureExt;
    let task = |name: &'static str| async move {
        tailcone::configure_scope(|scope| {
            scope.set_tag("task", name);
        });
        do_flush(1).await;
        tailcone::capture_message(name, Level::Info).to_hex()
    };
    let second = async move { Ok(task("two").bind_scope(Scope::new()).await.into()) };
    let second = wasm_bindgen_futures::future_to_promise(second);
    let first = task("one").bind_scope(Scope::new()).await;
    let second = wasm_bindgen_futures::JsFuture::from(second).await;
    vec![first, second.ok().and_then(|id| id.as_string()).unwrap_or_default()]
}

/// Panics, three calls deep.
#[wasm_bindgen]
pub fn do_panic() {
    tailcone::add_breadcrumb(Breadcrumb::new("about to look up a seat").category("booking").level(Level::Info));
    let seats = ["12A", "12B"];
    let seat = find_seat(&seats, seats.len() + 1);
    tailcone::add_breadcrumb(Breadcrumb::new(seat));
}

#[inline(never)]
fn find_seat<'a>(seats: &[&'a str], row: usize) -> &'a str {
    take_seat(seats, row)
}

#[inline(never)]
fn take_seat<'a>(seats: &[&'a str], row: usize) -> &'a str {
    seats.get(row).expect("the seat map has no such row")
}

/// A row of seats, which JavaScript holds.
#[wasm_bindgen]
pub struct Row(Vec<String>);

#[wasm_bindgen]
impl Row {
    /// A row of free seats.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self(vec!["12A".to_owned()])
    }

    /// Takes a seat.
    ///
    /// # Panics
    /// When there is none.
    pub fn take(&mut self) -> String {
        self.0.pop().expect("there is no seat left")
    }
}

impl Default for Row {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes all memory that there is.
fn take_all_memory() {
    let mut bytes = 1 << 28;
    while bytes > 0 {
        let mut block = Vec::<u8>::new();
        if block.try_reserve_exact(bytes).is_ok() {
            std::mem::forget(block);
        } else {
            bytes /= 2;
        }
    }
}

/// Panics when there is no memory any more.
///
/// # Panics
/// Always.
#[wasm_bindgen]
pub fn do_panic_without_memory() {
    take_all_memory();
    panic!("no memory for another seat");
}

/// Asks for more memory than there is.
#[wasm_bindgen]
pub fn do_exhaust() -> usize {
    take_all_memory();
    std::hint::black_box(vec![0_u8; 1 << 20]).len()
}

/// Panics while it changes the scope.
///
/// # Panics
/// Always.
#[wasm_bindgen]
pub fn do_panic_in_scope() {
    tailcone::configure_scope(|_| panic!("no scope for this guest"));
}

/// Panics while it is asked for what it logs.
#[cfg(feature = "log")]
#[wasm_bindgen]
pub fn do_panic_in_log() {
    struct Guest;
    impl fmt::Display for Guest {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("the guest has no name")
        }
    }
    log::info!("{Guest} is here");
}

/// Calls itself until the stack is used up.
#[wasm_bindgen]
pub fn do_overflow() {
    let mut rows = [0; 64];
    recurse(&mut rows);
}

#[allow(unconditional_recursion)] // That is what it is for.
#[inline(never)]
fn recurse(rows: &mut [u32; 64]) -> u32 {
    let mut next = *rows;
    next[rows[0] as usize % 64] += 1;
    recurse(&mut next) + next[1]
}

/// The same, and captures a message at every step.
#[wasm_bindgen]
pub fn do_overflow_reporting() {
    let mut rows = [0; 64];
    recurse_reporting(&mut rows);
}

#[allow(unconditional_recursion)] // That is what it is for.
#[inline(never)]
fn recurse_reporting(rows: &mut [u32; 64]) -> u32 {
    let mut next = *rows;
    next[rows[0] as usize % 64] += 1;
    tailcone::capture_message("one step deeper", Level::Info);
    recurse_reporting(&mut next) + next[1]
}

#[derive(Debug)]
struct BookingFailed {
    cause: SeatTaken,
}

#[derive(Debug)]
struct SeatTaken;

impl fmt::Display for BookingFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the booking failed")
    }
}

impl fmt::Display for SeatTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seat 12A is taken")
    }
}

impl std::error::Error for BookingFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl std::error::Error for SeatTaken {}

/// Captures an error with a source. Answers the event's id.
#[wasm_bindgen]
pub fn do_error() -> String {
    tailcone::capture_error(&BookingFailed { cause: SeatTaken }).to_hex()
}

/// Captures a message. Answers the event's id.
#[wasm_bindgen]
pub fn do_message(text: &str) -> String {
    tailcone::capture_message(text, Level::Warning).to_hex()
}

/// Captures a value of JavaScript's. Answers the event's id.
#[wasm_bindgen]
pub fn do_js(value: &JsValue) -> String {
    tailcone::capture_js(value).to_hex()
}

/// Captures a message in a scope of its own, and one outside. Answers both events' ids.
#[wasm_bindgen]
pub fn do_scope() -> Vec<String> {
    let inside = tailcone::with_scope(
        |scope| {
            scope.set_tag("inside", "yes").set_level(Some(Level::Debug));
        },
        || tailcone::capture_message("inside the scope", Level::Info),
    );
    let outside = tailcone::capture_message("outside the scope", Level::Info);
    vec![inside.to_hex(), outside.to_hex()]
}

/// Sets a context from a value of JavaScript's, and one from a value of Rust's.
#[wasm_bindgen]
pub fn do_context(value: &JsValue) {
    tailcone::configure_scope(|scope| {
        if let Some(value) = tailcone::typed::from_js(value) {
            scope.set_context("from_js", value);
        }
        if let Some(value) = tailcone::typed::to_value(&("A", 7, [1.5])) {
            scope.set_extra("from_rust", value);
        }
    });
}

/// Waits for everything. Answers whether all was answered for.
#[wasm_bindgen]
pub async fn do_flush(timeout_ms: u32) -> bool {
    tailcone::flush(std::time::Duration::from_millis(u64::from(timeout_ms))).await
}

/// Fails in a task that nobody waits for: an unhandled rejection.
///
/// # Errors
/// Always.
#[wasm_bindgen]
pub async fn do_reject(reason: Option<String>) -> Result<(), JsError> {
    do_flush(0).await;
    Err(JsError::new(reason.as_deref().unwrap_or("nobody waits for this")))
}

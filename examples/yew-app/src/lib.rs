//! A small Yew application: a list of seats to book. What goes wrong in it is what goes wrong in applications.

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

const SEATS: [&str; 3] = ["12A", "12B", "12C"];

/// Starts the recorder, and the application.
///
/// # Errors
/// When the DSN is not one.
#[wasm_bindgen]
pub fn start(dsn: &str, strict: bool) -> Result<(), JsError> {
    #[cfg(feature = "recorder")]
    {
        use tailcone::InferIp;

        let infer_ip = if strict { InferIp::Unsaid } else { InferIp::Never };
        let options = tailcone::Options::new(dsn)?.release(tailcone::release_name!()).environment("demo");
        let options = options.infer_ip(infer_ip).debug(true);
        #[cfg(feature = "modules")]
        let options = options.modules(tailcone::modules!());
        drop(tailcone::init(options));
    }
    #[cfg(feature = "log")]
    if log::set_boxed_logger(Box::new(tailcone::log::Logger::new().metadata(["seat"]).capture_log_messages(true)))
        .is_ok()
    {
        log::set_max_level(log::LevelFilter::Info);
    }
    #[cfg(feature = "tracing")]
    {
        use tracing_subscriber::prelude::*;
        tracing_subscriber::registry().with(tailcone::tracing::layer()).init();
    }
    #[cfg(not(feature = "recorder"))]
    let _ = (dsn, strict);
    yew::Renderer::<App>::new().render();
    Ok(())
}

/// What the user did.
fn did(what: &str) {
    #[cfg(feature = "recorder")]
    tailcone::add_breadcrumb(tailcone::Breadcrumb::new(what).category("ui").level(tailcone::Level::Info));
    #[cfg(not(feature = "recorder"))]
    let _ = what;
}

/// What JavaScript rejected.
fn failed(error: &JsValue) {
    #[cfg(feature = "tracing")]
    tracing::error!("no answer");
    #[cfg(feature = "anyhow")]
    tailcone::capture_anyhow(&anyhow::anyhow!("no answer"));
    #[cfg(feature = "serde")]
    if let Some(details) = tailcone::typed::from_js(error) {
        tailcone::configure_scope(|scope| {
            scope.set_extra("details", details);
        });
    }
    #[cfg(feature = "recorder")]
    tailcone::capture_js(error);
    #[cfg(not(feature = "recorder"))]
    let _ = error;
}

/// Asks a server that is not there.
async fn ask() {
    let window = web_sys::window().expect("an application of a page");
    if let Err(error) = JsFuture::from(window.fetch_with_str("http://127.0.0.1:9/seats")).await {
        failed(&error);
    }
}

#[derive(Debug)]
struct BookingFailed(ParseIntError);

impl fmt::Display for BookingFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the booking failed")
    }
}

impl Error for BookingFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Books a seat, whose row is read wrongly.
fn book(seat: &str) {
    let row: Result<u32, _> = seat[1..].parse().map_err(BookingFailed);
    #[cfg(feature = "recorder")]
    if let Err(error) = row {
        tailcone::capture_error(&error);
    }
    #[cfg(not(feature = "recorder"))]
    let _ = row;
}

/// Pays for a seat, and fails.
fn pay(seat: &str) {
    #[cfg(feature = "log")]
    {
        log::info!("about to pay");
        log::error!(seat; "not paid");
    }
    #[cfg(not(feature = "log"))]
    let _ = seat;
}

#[function_component]
fn App() -> Html {
    let seat = use_state(|| 0_usize);
    let next = {
        let seat = seat.clone();
        Callback::from(move |_| {
            did("the next seat");
            seat.set(*seat + 1);
        })
    };
    let look_up = Callback::from(|_| {
        did("look up");
        spawn_local(ask());
    });
    let chosen = *seat;
    let book = Callback::from(move |_| book(SEATS[chosen]));
    let pay = Callback::from(move |_| pay(SEATS[chosen]));
    html! {
        <main>
            <h1>{ "Seats" }</h1>
            // There are three of them.
            <p id="seat">{ SEATS[*seat] }</p>
            <button id="next" onclick={next}>{ "Next" }</button>
            <button id="look-up" onclick={look_up}>{ "Look up" }</button>
            <button id="book" onclick={book}>{ "Book" }</button>
            <button id="pay" onclick={pay}>{ "Pay" }</button>
        </main>
    }
}

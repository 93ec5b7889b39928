//! A small Leptos application, rendered in the browser: seats to book. What goes wrong in it is what goes wrong in
//! applications.

use std::num::ParseIntError;
use std::panic;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tailcone::{Breadcrumb, InferIp};
use thiserror::Error;
use tracing_subscriber::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

const SEATS: [&str; 3] = ["12A", "12B", "12C"];

/// Starts the recorder, and the application.
///
/// # Errors
/// When the DSN is not one.
#[wasm_bindgen]
pub fn start(dsn: &str, strict: bool) -> Result<(), JsError> {
    // The application's own hook: it tells the user. The recorder calls it after its own.
    panic::set_hook(Box::new(|_| document().set_title("Something went wrong")));
    let options = tailcone::Options::new(dsn)?
        .release(tailcone::release_name!())
        .modules(tailcone::modules!())
        .environment("demo")
        .infer_ip(if strict { InferIp::Unsaid } else { InferIp::Never })
        .debug(true);
    drop(tailcone::init(options));
    tracing_subscriber::registry().with(tailcone::tracing::layer()).init();
    mount_to_body(App);
    Ok(())
}

/// What the user did.
fn did(what: &str) {
    tailcone::add_breadcrumb(Breadcrumb::new(what).category("ui").level(tailcone::Level::Info));
}

/// Asks a server that is not there.
async fn ask() {
    let answer = JsFuture::from(window().fetch_with_str("http://127.0.0.1:9/seats")).await;
    if let Err(error) = answer {
        tailcone::capture_js(&error);
    }
}

#[derive(Debug, Error)]
#[error("the booking failed")]
struct BookingFailed {
    #[from]
    source: NoSuchRow,
}

#[derive(Debug, Error)]
#[error("there is no row {row}")]
struct NoSuchRow {
    row: String,
    source: ParseIntError,
}

/// The row of a seat. The seats of this aeroplane have it behind the letter.
fn row(seat: &str) -> Result<u32, NoSuchRow> {
    let row = &seat[1..];
    row.parse().map_err(|source| NoSuchRow { row: row.into(), source })
}

fn book(seat: &str) -> Result<u32, BookingFailed> {
    Ok(row(seat)?)
}

/// Gives a seat back that nobody has.
fn give_back(booked: &[&str]) {
    let last = booked.last().expect("no seat is booked");
    did(last);
}

#[component]
fn App() -> impl IntoView {
    let seat = RwSignal::new(0_usize);
    let next = move |_| {
        did("the next seat");
        *seat.write() += 1;
    };
    let look_up = |_| {
        did("look up");
        spawn_local(ask());
    };
    let book = move |_| {
        if let Err(error) = book(SEATS[seat.get_untracked()]) {
            tailcone::capture_error(&error);
        }
    };
    let pay = move |_| {
        tracing::info!("about to pay");
        tracing::error!(seat = SEATS[seat.get_untracked()], "not paid");
    };
    view! {
        <main>
            <h1>"Seats"</h1>
            // There are three of them.
            <p id="seat">{move || SEATS[seat.get()]}</p>
            <button id="next" on:click=next>"Next"</button>
            <button id="look-up" on:click=look_up>"Look up"</button>
            <button id="book" on:click=book>"Book"</button>
            <button id="pay" on:click=pay>"Pay"</button>
            <button id="give-back" on:click=|_| give_back(&[])>"Give back"</button>
        </main>
    }
}

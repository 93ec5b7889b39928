//! A small Cloudflare Worker: seats to book. Each path is something that a worker does or suffers.

use std::fmt;
use std::time::Duration;

use tailcone::worker::{Incoming, wrap};
use tailcone::{Breadcrumb, InferIp, Level, Options};
use worker::{Context, Delay, Env, Error, Fetch, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let incoming = Incoming::new(request.method(), request.inner().url());
    wrap(|| options(&env), incoming, &context, route(request)).await
}

/// Without a DSN nothing is recorded.
fn options(env: &Env) -> Result<Options, tailcone::Error> {
    if log::set_boxed_logger(Box::new(tailcone::log::Logger::new().metadata(["row"]))).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
    let dsn = env.var("DSN").map(|dsn| dsn.to_string()).unwrap_or_default();
    // workers-rs prints panics by itself.
    let options = Options::new(&dsn)?.panic_console(false);
    // Some servers refuse fields that they do not know.
    let infer_ip = if env.var("STRICT").is_ok() { InferIp::Unsaid } else { InferIp::Never };
    let options = options.infer_ip(infer_ip);
    Ok(options.release(tailcone::release_name!()).environment("demo").modules(tailcone::modules!()))
}

async fn route(request: Request) -> Result<Response> {
    let url = request.url()?;
    if let Some((_, guest)) = url.query_pairs().find(|(key, _)| key == "guest") {
        tailcone::configure_scope(|scope| {
            scope.set_tag("guest", guest);
        });
    }
    tailcone::add_breadcrumb(Breadcrumb::new(url.path()).category("route").level(Level::Info));
    match url.path() {
        "/fine" => Response::ok("12A"),
        "/error" => Err(booking_failed()),
        "/log" => {
            let error = SeatTaken;
            log::error!(error:err = error, row = 12; "no booking");
            Response::ok("logged")
        }
        "/panic" => Response::ok(last_seat(SEATS.len())),
        // A server that is not there.
        "/ask" => Fetch::Url("http://127.0.0.1:9/seats".parse()?).send().await,
        // Others are served while this waits.
        "/slow" => {
            Delay::from(Duration::from_millis(200)).await;
            tailcone::capture_message(format!("slow: {url}"), Level::Warning);
            Response::ok("slow")
        }
        _ => Response::error("no such path", 404),
    }
}

const SEATS: [&str; 2] = ["12A", "12B"];

/// There are two of them.
fn last_seat(number: usize) -> &'static str {
    SEATS[number]
}

fn booking_failed() -> Error {
    Error::Io(std::io::Error::other(SeatTaken))
}

#[derive(Debug)]
struct SeatTaken;

impl fmt::Display for SeatTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seat 12A is taken")
    }
}

impl std::error::Error for SeatTaken {}

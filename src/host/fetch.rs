//! The transport of a page or worker: its `fetch`.

use std::cell::Cell;

use js_sys::Function;
use tailcone_core::Reply;
use wasm_bindgen::prelude::*;

use super::answer::{Answer, Thenable};
#[cfg(feature = "worker")]
use super::clock;
use super::send::{Sent, post};
use super::{Done, Once, Request, Transport, once, page, timer};

/// A server that does not answer within this time does not answer.
const PATIENCE_MS: u32 = 30_000;

pub(crate) struct Fetch;

struct UnderWay {
    number: u32,
    #[cfg(feature = "worker")]
    since: tailcone_core::Timestamp,
    done: Done,
}

thread_local! {
    /// `(number, response)`, or anything else in its place: no answer. It is made once and lives as long as the module: one
    /// that were freed while a request is under way would throw into the page when it is called.
    static SETTLED: Once<Function> = const { Cell::new(None) };
    static UNDER_WAY: Cell<Vec<UnderWay>> = const { Cell::new(Vec::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

impl Transport for Fetch {
    fn send(&self, request: Request<'_>, done: Done) {
        let answer = match post(&request) {
            Sent::Fetch(answer) => answer,
            Sent::Beacon => return done(&Reply::HandedOver),
            Sent::Refused => return done(&Reply::Failed),
        };
        #[cfg(feature = "worker")]
        super::keep::hold(&answer);
        let number = LAST.get().wrapping_add(1);
        LAST.set(number);
        let request = UnderWay {
            number,
            #[cfg(feature = "worker")]
            since: clock::now(),
            done,
        };
        under_way(|all| all.push(request));
        let leak = || Closure::<dyn Fn(u32, JsValue)>::new(settled).into_js_value().unchecked_into::<Function>();
        let settled = once(&SETTLED, leak).bind1(&JsValue::NULL, &number.into()).unchecked_into();
        match answer.unchecked_ref::<Thenable>().settle(&settled, &settled) {
            // A timer would be one of the request that is being handled, and keep it alive.
            Ok(_) if page::is_server() => {}
            // What comes after the end of patience is not listened to any more.
            Ok(_) => timer::after(PATIENCE_MS, &settled),
            Err(_) => tell(number, &Reply::Failed),
        }
    }
}

#[allow(clippy::needless_pass_by_value)] // The closure hands the value over.
fn settled(number: u32, response: JsValue) {
    let answer = Answer::read(&response);
    tell(number, &answer.as_ref().map_or(Reply::Failed, Answer::reply));
}

/// Ends patience where no timer does: a server that ends a request takes what is under way from there with it.
#[cfg(feature = "worker")]
pub(crate) fn expire() {
    let now = clock::now();
    let is_late = |request: &&UnderWay| request.since.plus(u64::from(PATIENCE_MS)) <= now;
    while let Some(number) = under_way(|all| all.iter().find(is_late).map(|request| request.number)) {
        tell(number, &Reply::Failed);
    }
}

fn under_way<T>(look: impl FnOnce(&mut Vec<UnderWay>) -> T) -> T {
    let mut all = UNDER_WAY.take();
    let result = look(&mut all);
    UNDER_WAY.set(all);
    result
}

/// Tells what became of a request, if that has not been told.
fn tell(number: u32, reply: &Reply<'_>) {
    // The end of patience tells it once more.
    #[cfg(feature = "stack")]
    if super::stack::is_low() {
        return;
    }
    let done = under_way(|all| {
        let at = all.iter().position(|request| request.number == number)?;
        Some(all.swap_remove(at).done)
    });
    if let Some(done) = done {
        done(reply);
    }
}

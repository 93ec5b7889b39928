//! The face that the npm package's shim talks to: handles, numbers, and text in one buffer; no call fails, none panics
//! on bad input. The shim has its other side in `src/js/core.ts`.
//!
//! It is a plain WebAssembly interface. wasm-bindgen's would bring its table of references and a generated glue, three
//! times the size of ours, for values that never cross here; and a new instance in the place of a dead one is one line.
//!
//! No borrow of the clients is held while anything of the host's is called: the host may call back.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use tailcone_core::signal::Signal;
use tailcone_core::{Action, Client, Options, Outcome, Outgoing, Reply, Timestamp};

/// talc, the smallest of the allocators that were tried, is 494 bytes more of the compressed module.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: memory::Blocks = memory::Blocks::new();

/// Memory in blocks of 16 bytes, 32, 64 and so on. A block that is given back waits for the next use of its size; it is
/// neither divided nor joined with others. The largest texts are bounded, so what waits is, too.
#[cfg(target_family = "wasm")]
mod memory {
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::cell::Cell;
    use core::ptr::null_mut;

    /// Pages of 64 KiB above which an instance is not kept for long.
    const LARGE: usize = 256;

    pub fn is_large() -> bool {
        memory_size::<0>() > LARGE
    }

    pub struct Blocks {
        /// The first free block of each size, by the size's logarithm. A free block holds the address of the next one.
        free: [Cell<*mut u8>; 32],
        /// Where memory that has never been used begins, and how many bytes it has.
        rest: Cell<(usize, usize)>,
    }

    // SAFETY: there is no second thread to share it with.
    unsafe impl Sync for Blocks {}

    impl Blocks {
        pub const fn new() -> Self {
            Self { free: [const { Cell::new(null_mut()) }; 32], rest: Cell::new((0, 0)) }
        }

        /// The list for blocks of that layout, and their size.
        fn list(&self, layout: Layout) -> (&Cell<*mut u8>, usize) {
            let log = usize::BITS.wrapping_sub((layout.size().wrapping_sub(1) | 15).leading_zeros());
            // SAFETY: a layout has less than 2 to the 31 bytes.
            (unsafe { self.free.get_unchecked(log as usize) }, 1 << log)
        }
    }

    // SAFETY: a block is given to one caller until it comes back, has the size that was asked for or more, and begins at
    // a multiple of 16, which is enough for whatever the module has.
    #[allow(clippy::cast_ptr_alignment)] // Every block begins at a multiple of 16.
    unsafe impl GlobalAlloc for Blocks {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let (list, size) = self.list(layout);
            let free = list.get();
            if !free.is_null() {
                // SAFETY: `dealloc` has written it.
                list.set(unsafe { free.cast::<*mut u8>().read() });
                return free;
            }
            let (mut start, mut left) = self.rest.get();
            if left < size {
                // Some of it is left for the small blocks that follow.
                let pages = size.wrapping_shr(16).wrapping_add(1);
                let first = memory_grow::<0>(pages);
                if first == usize::MAX {
                    return null_mut();
                }
                (start, left) = (first << 16, pages << 16);
            }
            self.rest.set((start.wrapping_add(size), left.wrapping_sub(size)));
            start as *mut u8
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let (list, _) = self.list(layout);
            // SAFETY: it has 16 bytes at least, and nobody uses them any more.
            unsafe { block.cast::<*mut u8>().write(list.get()) };
            list.set(block);
        }
    }
}

/// What the shim does for the module. Its functions outlive the instance, never throw, and read texts at once.
mod shim {
    #[link(wasm_import_module = "tailcone")]
    unsafe extern "C" {
        /// Post this, and tell the answer by `replied`. `ticket`: that of the capture in it, or 0. `attached`: whether
        /// its attachments go with it.
        #[link_name = "s"]
        pub safe fn send(
            client: u32,
            id: u32,
            text: *const u8,
            len: usize,
            keepalive: bool,
            hidden: bool,
            ticket: u32,
            attached: bool,
        );
        /// Call `tick` after so many milliseconds.
        #[link_name = "w"]
        pub safe fn wake(client: u32, delay: u32);
        /// A capture that had a ticket is done with: sent, when there is no reason. After a limit of the server's, the
        /// time when it ends, in milliseconds.
        #[link_name = "e"]
        pub safe fn settled(client: u32, ticket: u32, reason: *const u8, len: usize, until: f64);
        /// A flush is over.
        #[link_name = "u"]
        pub safe fn flushed(client: u32, ticket: u32, all: bool);
        /// An event is prepared for the hooks.
        #[link_name = "p"]
        pub safe fn prepared(text: *const u8, len: usize);
    }
}

/// A panic in here is our own failure, and nobody else has a hook in this module. It traps, and the shim tells of the
/// trap: texts and places would be half a kilobyte for the few panics that the allocator has.
#[cfg(all(target_family = "wasm", not(feature = "app")))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// What only one thread ever sees: the module is built without threads.
struct Local<T>(T);

// SAFETY: there is no second thread to share it with.
unsafe impl<T> Sync for Local<T> {}

/// A handle is a place here, counted from 1.
static CLIENTS: Local<RefCell<Vec<Option<Client>>>> = Local(RefCell::new(Vec::new()));

/// Where the shim writes the texts of the call that follows.
static INPUT: Local<Cell<Vec<u8>>> = Local(Cell::new(Vec::new()));

/// Gives `visit` the place of a client. It is not called when there is no such place, or when the places are in use
/// further up the stack.
fn place(client: u32, visit: &mut dyn FnMut(&mut Option<Client>)) {
    if let Ok(mut clients) = CLIENTS.0.try_borrow_mut()
        && let Ok(handle) = usize::try_from(client)
        && let Some(place) = clients.get_mut(handle.wrapping_sub(1))
    {
        visit(place);
    }
}

/// Runs `step` on a client, if there is one.
fn with(client: u32, step: &mut dyn FnMut(&mut Client)) {
    place(client, &mut |place| place.as_mut().into_iter().for_each(&mut *step));
}

/// The shim's milliseconds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and takes NaN for 0.
fn time(milliseconds: f64) -> Timestamp {
    Timestamp(milliseconds as u64)
}

/// Runs `step` on a client, and carries out what the client wants done.
fn run(client: u32, now: f64, step: &mut dyn FnMut(&mut Client, Timestamp)) {
    let now = time(now);
    with(client, &mut |client| step(client, now));
    loop {
        let (mut action, mut hidden) = (None, false);
        with(client, &mut |client| {
            action = client.next_action();
            hidden = client.is_hidden();
        });
        match action {
            None => return,
            Some(Action::Send(outgoing)) => {
                let Outgoing { id, body, keepalive, ticket, attached } = outgoing;
                shim::send(client, id, body.as_ptr(), body.len(), keepalive, hidden, ticket, attached > 0);
            }
            Some(Action::Wake(delay)) => shim::wake(client, delay),
            Some(Action::Settled { ticket, lost, until }) => {
                let reason = lost.unwrap_or_default();
                #[allow(clippy::cast_precision_loss)] // A time of this age of the world has 41 bits.
                shim::settled(client, ticket, reason.as_ptr(), reason.len(), until.0 as f64);
            }
            Some(Action::Flushed { ticket, all }) => shim::flushed(client, ticket, all),
        }
    }
}

/// Takes what the shim has written.
fn text() -> String {
    // SAFETY: the shim writes nothing but what a TextEncoder makes of texts.
    unsafe { String::from_utf8_unchecked(INPUT.0.take()) }
}

/// Two texts that the shim has written one behind the other.
fn parts(text: &str, split: usize) -> (&str, &str) {
    text.split_at_checked(split).unwrap_or((text, ""))
}

/// Makes room for texts of so many bytes; the shim writes them there before its next call, which takes them.
#[unsafe(export_name = "r")]
pub extern "C" fn room(len: usize) -> *mut u8 {
    let mut input = vec![0; len];
    let place = input.as_mut_ptr();
    INPUT.0.set(input);
    place
}

/// Starts a client with the header of its envelopes, as `tailcone_core::Options::header`, and with the options of these
/// names. 0: not now.
#[unsafe(export_name = "b")]
pub extern "C" fn start(send_max_attempts: u32, retry_on_5xx: bool) -> u32 {
    let options = Options::of_header(text(), send_max_attempts, retry_on_5xx);
    let Ok(mut clients) = CLIENTS.0.try_borrow_mut() else { return 0 };
    let free = clients.iter().position(Option::is_none).unwrap_or(clients.len());
    if free == clients.len() {
        clients.push(None);
    }
    if let Some(place) = clients.get_mut(free) {
        *place = Some(Client::new(options));
    }
    u32::try_from(free).map_or(0, |place| place.saturating_add(1))
}

/// Captures a signal (see the core's `signal`); its breadcrumbs begin at `split`. `ticket`, if not 0, is answered by
/// `settled`. `attached`: bytes of its attachments, which the shim keeps. `prepare`: the event is not sent, but given to
/// `prepared` with its scopes and stacks; it comes back as another signal when the hooks have seen it. Answers an
/// [`Outcome`].
#[unsafe(export_name = "c")]
pub extern "C" fn capture(client: u32, ticket: u32, prepare: bool, split: usize, attached: usize, now: f64) -> u32 {
    let input = text();
    let (text, breadcrumbs) = parts(&input, split);
    let mut signal = Signal::read(text, breadcrumbs.to_owned());
    let mut outcome = if signal.is_some() { Outcome::Disabled } else { Outcome::Invalid };
    let mut prepared = None;
    run(client, now, &mut |client, now| {
        let Some(signal) = signal.take() else { return };
        let (kind, event) = (signal.kind, signal.into_event());
        if prepare {
            outcome = Outcome::Queued;
            prepared = Some(event.to_json());
        } else {
            outcome = client.submit(kind, event, ticket, attached, now);
        }
    });
    if let Some(text) = prepared {
        shim::prepared(text.as_ptr(), text.len());
    }
    outcome as u32
}

/// The status that the server answered with. 0: nothing; 1: the browser took it as a beacon; 2: there is no network, and
/// it was not tried; 3: the transport keeps it. And until when errors, feedback and attachments are limited, which the
/// shim has read, for a sender of its own. Answers whether this instance should be replaced: memory never shrinks.
#[unsafe(export_name = "a")]
pub extern "C" fn replied(
    client: u32,
    id: u32,
    status: u16,
    error: f64,
    feedback: f64,
    attachment: f64,
    now: f64,
) -> bool {
    let reply = match status {
        0 => Reply::Failed,
        1 | 3 => Reply::HandedOver,
        2 => Reply::Offline,
        _ => Reply::Http { status, limits: "", retry_after: "" },
    };
    let limits = [error, feedback, attachment].map(time);
    run(client, now, &mut |client, now| client.on_status(id, &reply, limits, now));
    memory::is_large() && CLIENTS.0.try_borrow().is_ok_and(|clients| clients.iter().flatten().all(Client::is_idle))
}

/// Time has passed, as asked for by `wake`.
#[unsafe(export_name = "t")]
pub extern "C" fn tick(client: u32, now: f64) {
    run(client, now, &mut Client::on_tick);
}

/// Waits for everything; answered by `flushed`.
#[unsafe(export_name = "f")]
pub extern "C" fn flush(client: u32, ticket: u32, timeout: u32, now: f64) {
    run(client, now, &mut |client, now| client.flush(ticket, timeout, now));
}

/// The page is being hidden, for good perhaps (`going`), or is back.
#[unsafe(export_name = "h")]
pub extern "C" fn hide(client: u32, hidden: bool, going: bool, now: f64) {
    run(client, now, &mut |client, now| {
        if going {
            client.on_leave();
        }
        client.on_visibility(hidden, now);
    });
}

/// Counts what the shim lost: a reason and, from `split` on, a category.
#[unsafe(export_name = "d")]
pub extern "C" fn discard(client: u32, split: usize, quantity: usize) {
    let input = text();
    let (reason, category) = parts(&input, split);
    with(client, &mut |client| client.discard(reason, category, quantity));
}

/// Forgets a client.
#[unsafe(export_name = "x")]
pub extern "C" fn stop(client: u32) {
    place(client, &mut |place| *place = None);
}

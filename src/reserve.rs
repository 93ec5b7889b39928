//! Memory for the worst moment: what is left when an application has used up all it can have.

use std::cell::Cell;

/// Enough for an event with a long stack and its breadcrumbs, and for the request.
const BYTES: usize = 128 * 1024;

thread_local! {
    static KEPT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// While this lives, what was kept may be used by whoever asks for memory.
pub(crate) struct Lent;

/// Keeps the memory back, as far as there is any.
pub(crate) fn keep() {
    let mut kept = Vec::new();
    let _ = kept.try_reserve_exact(BYTES);
    KEPT.set(kept);
}

/// Gives it back until the end of the scope.
pub(crate) fn lend() -> Lent {
    drop(KEPT.take());
    Lent
}

impl Drop for Lent {
    fn drop(&mut self) {
        keep();
    }
}

//! Gives free memory back to the operating system when large calls are over.
//!
//! The allocator leaves what another thread has freed with the thread that allocated it, until that thread allocates
//! again; so does the rest that it caches. An idle server would keep what its largest calls have needed.

use std::sync::Arc;
use std::time::Duration;

use super::observer::Observer;
use super::workers::EventLoops;
use crate::call::Budget;

/// Memory is given back when nothing large was freed for so long: what is used again soon should stay.
const QUIET: Duration = Duration::from_secs(1);

/// Gives back what the allocator keeps for the current thread. It takes up to some milliseconds.
#[expect(unsafe_code, reason = "a function of the allocator, which is written in C")]
pub fn give_back_memory() {
    // SAFETY: it has no preconditions, and concerns only memory that is free.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

/// Has each thread give back its memory whenever large calls are over. Never ends.
pub(super) async fn give_back_when_quiet(budget: Arc<Budget>, loops: Arc<EventLoops>, observer: Arc<dyn Observer>) {
    loop {
        budget.quiet_after_release(QUIET).await;
        for event_loop in loops.all() {
            event_loop.spawn(async { give_back_memory() });
        }
        observer.large_calls_are_over();
    }
}

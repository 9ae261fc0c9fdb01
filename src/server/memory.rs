//! Keeps free memory for a while, and gives it back to the operating system when large calls are over.
//!
//! The allocator leaves what another thread has freed with the thread that allocated it, until that thread allocates
//! again; so does the rest that it caches. An idle server would keep what its largest calls have needed.

use std::ffi::c_long;
use std::sync::Arc;
use std::time::Duration;

use libmimalloc_sys::{mi_option_eager_commit_delay, mi_option_t, mi_option_use_numa_nodes};

use super::observer::Observer;
use super::workers::EventLoops;
use crate::call::Budget;

/// Memory is given back when nothing large was freed for so long: what is used again soon should stay.
const QUIET: Duration = Duration::from_secs(1);

/// mimalloc's option of the milliseconds after which it gives back what is free, by itself. The crate has no name for
/// it; in mimalloc's header it stands between these two.
const PURGE_DELAY: mi_option_t = mi_option_eager_commit_delay + 1;
const _: () = assert!(PURGE_DELAY == mi_option_use_numa_nodes - 1, "mimalloc's options have changed");

/// Keeps free memory for [`QUIET`], and whole arenas for ten times that: mimalloc's factor. By default it is 10 ms, and
/// the next large message would ask for memory anew: the system zeroes each page when it is first written.
/// [`give_back_when_quiet`] does not wait for it. The environment variable `MIMALLOC_PURGE_DELAY` wins.
#[expect(unsafe_code, reason = "a function of the allocator, which is written in C")]
pub(super) fn keep_free_memory() {
    let delay = QUIET.as_millis().try_into().unwrap_or(c_long::MAX);
    // SAFETY: it writes a number that the allocator reads later, and ignores an option that does not exist.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, delay) }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Set in the process that the test starts: the allocator reads its environment once.
    const VARIABLE: &str = "MIMALLOC_PURGE_DELAY";

    #[expect(unsafe_code, reason = "a function of the allocator, which is written in C")]
    fn purge_delay() -> c_long {
        // SAFETY: it reads a number.
        unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) }
    }

    #[test]
    fn free_memory_is_kept_for_a_second_unless_the_environment_says_otherwise() {
        keep_free_memory();
        if let Ok(wanted) = std::env::var(VARIABLE) {
            assert_eq!(purge_delay().to_string(), wanted);
            return;
        }
        assert_eq!(purge_delay(), 1_000);
        let (_, module) = module_path!().split_once("::").expect("a module of the crate");
        let test = format!("{module}::free_memory_is_kept_for_a_second_unless_the_environment_says_otherwise");
        let program = std::env::current_exe().expect("a path");
        let output = std::process::Command::new(program).args(["--exact", &test]).env(VARIABLE, "77").output();
        let output = output.expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test was found");
    }
}

//! The JavaScript threads that serve the calls of a server.
//!
//! Today there is one. All that a call needs of its thread is its [`Inbox`], so that more threads would only change
//! which inbox [`JsThreads::choose`] returns.

use std::sync::{Arc, OnceLock};

use super::bell::Bell;
use super::inbox::Inbox;

/// One JavaScript thread, as Rust reaches it.
pub struct JsThread {
    /// The queue of its calls.
    pub inbox: Arc<Inbox>,
    /// Its doorbell.
    pub bell: Arc<Bell>,
}

/// The threads that have been attached to a server.
#[derive(Default)]
pub struct JsThreads(OnceLock<JsThread>);

impl JsThreads {
    /// Adds a thread; false when there is one already.
    pub fn attach(&self, thread: JsThread) -> bool {
        self.0.set(thread).is_ok()
    }

    /// The threads have ended: what they have not taken is forgotten.
    pub fn close(&self) {
        if let Some(thread) = self.0.get() {
            thread.inbox.close();
        }
    }

    /// The thread for the next call; `None` before one was attached.
    pub fn choose(&self) -> Option<&JsThread> {
        self.0.get()
    }
}

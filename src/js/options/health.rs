//! The options of built-in health, as JavaScript gives them.

use std::time::Duration;

use napi_derive::napi;

use crate::js::crossing::layout::HEALTH_REMOVED;
use crate::services::health::{EventLoopLimits, Status};

/// The endpoints of health over plain HTTP, and the limits of the event loop's delay.
#[napi(object, object_to_js = false)]
pub struct NativeHealthOptions {
    /// Paths of plain HTTP endpoints, matched exactly; `/livez`, `/readyz` and `/startupz` have their own meanings.
    pub http_paths: Vec<String>,
    /// The server is not ready when its event loop is this late, in milliseconds.
    pub event_loop_timeout: f64,
    /// The process is not alive when its event loop is this late, in milliseconds.
    pub liveness_timeout: f64,
}

impl NativeHealthOptions {
    /// [`Self::http_paths`].
    pub(in crate::js) fn http_paths(&self) -> Vec<String> {
        self.http_paths.clone()
    }

    /// The limits of the event loop's delay.
    pub(in crate::js) fn limits(&self) -> EventLoopLimits {
        let duration = |ms: f64| Duration::try_from_secs_f64(ms / 1e3).unwrap_or(Duration::MAX);
        EventLoopLimits { ready: duration(self.event_loop_timeout), live: duration(self.liveness_timeout) }
    }
}

/// The status of a number; `None` for [`HEALTH_REMOVED`], or any other negative number: the entry was removed.
pub fn status(number: i32) -> Option<Status> {
    (number > HEALTH_REMOVED).then(|| Status::from_number(number))
}

//! The log of a server, for tests that read it.

use std::sync::Arc;

use connectum_native::server::{LogLevel, Observer};
use parking_lot::Mutex;

/// Collects what an observer receives.
#[derive(Clone, Default)]
pub struct LogLines(Arc<Mutex<Vec<(LogLevel, String)>>>);

impl LogLines {
    /// What has come until now.
    pub fn all(&self) -> Vec<(LogLevel, String)> {
        self.0.lock().clone()
    }

    /// As an observer.
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(self.clone())
    }
}

impl Observer for LogLines {
    fn log(&self, level: LogLevel, message: String) {
        self.0.lock().push((level, message));
    }
}

//! The log of one server: what `tracing` reports at level WARN and above on the server's own threads, for its
//! [`Observer`].
//!
//! The subscriber is scoped to threads, so each of several servers in a process receives only its own messages. Nothing
//! else subscribes, so h2 and hyper, which trace every frame, compare a level and do nothing more.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use super::observer::{LogLevel, Observer};

/// Messages passed on in each [`WINDOW`]; more are only counted. A client can cause one with each connection.
const MAX_IN_WINDOW: u32 = 64;
const WINDOW: Duration = Duration::from_secs(1);

/// The messages of one server on their way to its observer.
pub struct Log {
    observer: Arc<dyn Observer>,
    window: Mutex<Window>,
    /// Notified of the first message that is dropped.
    dropping: Notify,
}

struct Window {
    begin: Instant,
    passed: u32,
    /// Messages dropped that the observer does not know of.
    dropped: u64,
}

impl Log {
    /// A log that `observer` receives.
    pub fn new(observer: Arc<dyn Observer>) -> Arc<Self> {
        let window = Mutex::new(Window { begin: Instant::now(), passed: 0, dropped: 0 });
        Arc::new(Self { observer, window, dropping: Notify::new() })
    }

    /// The subscriber of `tracing` for the server's threads.
    pub fn dispatch(self: &Arc<Self>) -> Dispatch {
        Dispatch::new(ToLog(Arc::clone(self)))
    }

    /// Reports dropped messages when their window is over. Never ends.
    pub async fn report_dropped_later(&self) {
        loop {
            self.dropping.notified().await;
            tokio::time::sleep(WINDOW).await;
            self.report_dropped();
        }
    }

    /// Reports how many messages were dropped since the last report, if any.
    pub fn report_dropped(&self) {
        let dropped = std::mem::take(&mut self.window.lock().dropped);
        if dropped > 0 {
            let text = format!("{dropped} more warnings and errors came within a second, and were dropped");
            self.observer.log(LogLevel::Warn, text);
        }
    }

    /// Whether one more message may pass now; otherwise it is counted as dropped.
    fn admits_one(&self) -> bool {
        let mut window = self.window.lock();
        if window.begin.elapsed() >= WINDOW {
            window.begin = Instant::now();
            window.passed = 0;
        }
        if window.passed < MAX_IN_WINDOW {
            window.passed += 1;
            return true;
        }
        window.dropped += 1;
        if window.dropped == 1 {
            self.dropping.notify_one();
        }
        false
    }
}

/// Takes events, and knows no spans: those of h2 and hyper are below its level.
struct ToLog(Arc<Log>);

impl Subscriber for ToLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        if self.0.admits_one() {
            let level = if *event.metadata().level() == Level::ERROR { LogLevel::Error } else { LogLevel::Warn };
            let mut text = Text::default();
            event.record(&mut text);
            self.0.observer.log(level, text.finish());
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event as text: its message, then its fields in parentheses.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = if field.name() == "message" {
            self.message.write_fmt(value)
        } else {
            let separator = if self.fields.is_empty() { "" } else { ", " };
            write!(self.fields, "{separator}{}: {value}", field.name())
        };
    }

    fn finish(self) -> String {
        if self.fields.is_empty() { self.message } else { format!("{} ({})", self.message, self.fields) }
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }
}

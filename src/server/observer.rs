//! The interface to the operator's log.

/// The level of a message for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something was refused or lost; the server goes on as before.
    Warn,
    /// A bug, or a failure that somebody has to look at.
    Error,
}

/// Receives the warnings and errors of one server.
pub trait Observer: Send + Sync + 'static {
    /// Takes a message for the log. Called on the threads of the server, so it must not block.
    fn log(&self, level: LogLevel, message: String);
}

/// Drops all messages.
impl Observer for () {
    fn log(&self, _: LogLevel, _: String) {}
}

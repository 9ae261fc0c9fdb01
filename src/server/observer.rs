//! The interface from a server to the threads that use it.

use super::pem::TlsError;

/// The level of a message for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something was refused or lost; the server goes on as before.
    Warn,
    /// A bug, or a failure that somebody has to look at.
    Error,
}

/// Receives the warnings and errors of one server, what came of changed certificates, and a hint.
pub trait Observer: Send + Sync + 'static {
    /// Takes a message for the log. Called on the threads of the server, so it must not block.
    fn log(&self, level: LogLevel, message: String);

    /// Hears that the files of certificates of the listener at this position have changed: what they have now is used,
    /// or cannot be used. Called on a thread of the server, so it must not block.
    fn tls_reloaded(&self, listener: usize, result: Result<(), &TlsError>) {
        let _ = (listener, result);
    }

    /// Hears that large calls are over: a thread that has allocated for them may
    /// [give memory back](super::give_back_memory). Called on the threads of the server, so it must not block.
    fn large_calls_are_over(&self) {}
}

/// Drops all messages.
impl Observer for () {
    fn log(&self, _: LogLevel, _: String) {}
}

//! What the operator of a server should know of clients that never got to make a call.

/// Is told. Called on the threads of the server: it must not block.
pub trait Observer: Send + Sync + 'static {
    /// A client was refused; `reason` says which and why.
    fn refused(&self, reason: String);
}

/// For those who do not want to know.
impl Observer for () {
    fn refused(&self, _: String) {}
}

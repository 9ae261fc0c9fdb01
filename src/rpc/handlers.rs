//! Which handler serves which method.

use std::sync::Arc;

use super::{Error, Handler, HandlerFuture, Request};

/// Several handlers as one: each method has its own.
pub struct Handlers(Vec<Arc<dyn Handler>>);

impl Handlers {
    /// Serves the method with index `i` by `handlers[i]`.
    #[must_use]
    pub fn new(handlers: Vec<Arc<dyn Handler>>) -> Self {
        Self(handlers)
    }
}

impl Handler for Handlers {
    fn call(&self, request: Request) -> HandlerFuture {
        match self.0.get(request.method.index as usize) {
            Some(handler) => handler.call(request),
            // The router knows no other methods than those the handlers were made for.
            None => Box::pin(async { Err(Error::internal().into()) }),
        }
    }
}

//! Dispatches calls to the handler of their method.

use std::sync::Arc;

use crate::call::{Error, Handler, HandlerFuture, Request};

/// A handler for each method.
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
            // The router only has methods that the handlers were made for.
            None => Box::pin(async { Err(Error::internal().into()) }),
        }
    }
}

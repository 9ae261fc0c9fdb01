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
        let Some(handler) = self.0.get(request.method.index as usize) else {
            let error = Error::internal(format!("{} has no handler", request.method.path));
            return Box::pin(async { Err(error.into()) });
        };
        handler.call(request)
    }
}

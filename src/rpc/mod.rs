//! The journey of a request: from its head to its response, the same for every protocol.

mod cors;
mod handlers;
mod head_size;
mod http_handler;
mod lingering;
mod metered;
mod router;
mod service;
mod url;

pub use cors::{Cors, CorsOptions};
pub use handlers::Handlers;
pub use http_handler::{HttpHandler, HttpHandlerFuture};
pub(crate) use lingering::discard_rest;
pub use metered::Metered;
pub(crate) use metered::STREAM_WINDOW_BYTES;
pub use router::Router;
pub use service::{AdmittedRequest, RpcService};
pub(crate) use url::path_and_query;
#[cfg(any(test, fuzzing))]
pub(crate) use url::{is_framing_known, url};

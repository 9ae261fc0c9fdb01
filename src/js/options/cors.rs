//! The options of CORS, as JavaScript gives them: it has checked them and filled in the defaults.

use napi_derive::napi;

use crate::rpc::{Cors, CorsOptions};

/// Which pages of other origins may call the server.
#[napi(object, object_to_js = false, use_nullable = true)]
#[derive(Clone)]
pub struct NativeCorsOptions {
    /// The origins that are allowed, compared byte by byte; null for any.
    pub origins: Option<Vec<String>>,
    /// Whether pages may send cookies and client certificates along.
    pub credentials: bool,
    /// How long a browser may remember the response to a preflight, in seconds.
    pub max_age: u32,
    /// Request header fields in addition to those of the protocols, in lower case.
    pub allow_headers: Vec<String>,
    /// Response header fields in addition to those of the protocols, in lower case.
    pub expose_headers: Vec<String>,
    /// Whether all of that also holds for plain HTTP and health endpoints.
    pub all: bool,
}

impl NativeCorsOptions {
    /// The policy.
    ///
    /// # Errors
    ///
    /// Names an option that no header field can carry.
    pub(in crate::js) fn into_cors(self) -> Result<Cors, String> {
        let Self { origins, credentials, max_age, allow_headers, expose_headers, all } = self;
        Cors::new(CorsOptions { origins, credentials, max_age, allow_headers, expose_headers, all })
    }
}

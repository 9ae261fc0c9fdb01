//! A method, as JavaScript registers it.

use std::time::Duration;

use napi_derive::napi;

use crate::call::{Cardinality, Encoding, Method, MethodOptions};

/// A method that the server serves.
#[napi(object, object_to_js = false, use_nullable = true)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a method, as JavaScript says them by name")]
pub struct NativeMethod {
    /// `/<package>.<Service>/<Method>`.
    pub path: String,
    /// Whether the client sends a stream.
    pub request_stream: bool,
    /// Whether the server sends a stream.
    pub response_stream: bool,
    /// Whether Connect clients may use GET.
    pub side_effect_free: bool,
    /// Largest request message after decompression, in bytes.
    pub read_max_bytes: u32,
    /// Smallest response message that is compressed, in bytes.
    pub compress_min_bytes: u32,
    /// `gzip`, `br`, `zstd`, in order of preference.
    pub accept_compression: Vec<String>,
    /// Longest timeout that a client may ask for, in milliseconds; null for no limit.
    pub max_timeout_ms: Option<f64>,
    /// Whether Connect clients must say which version they speak.
    pub require_connect_protocol_header: bool,
    /// The built-in service that serves it, `health` or `reflection`; null when JavaScript does.
    pub built_in: Option<String>,
}

impl NativeMethod {
    /// The method at `index` of the list. Its request messages have at most `max_request_bytes`, or as many as the
    /// options say if that is less.
    ///
    /// # Errors
    ///
    /// Names a compression that does not exist.
    pub(in crate::js) fn into_method(self, index: u32, max_request_bytes: usize) -> Result<Method, String> {
        let accept_compression = self
            .accept_compression
            .iter()
            .map(|name| {
                Encoding::from_name(name)
                    .ok_or_else(|| format!("unknown compression \"{name}\": there are gzip, br and zstd"))
            })
            .collect::<Result<_, _>>()?;
        let cardinality = |stream| {
            if stream { Cardinality::Stream } else { Cardinality::One }
        };
        let max_timeout = self.max_timeout_ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
        Ok(Method {
            path: self.path,
            index,
            request: cardinality(self.request_stream),
            response: cardinality(self.response_stream),
            side_effect_free: self.side_effect_free,
            options: MethodOptions {
                read_max_bytes: max_request_bytes.min(self.read_max_bytes as usize),
                compress_min_bytes: self.compress_min_bytes as usize,
                accept_compression,
                max_timeout,
                require_connect_protocol_header: self.require_connect_protocol_header,
            },
        })
    }
}

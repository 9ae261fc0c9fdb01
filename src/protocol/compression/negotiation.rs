//! Chooses the encodings of a call.

use http::header::GetAll;
use http::{HeaderName, HeaderValue};

use crate::call::{Code, Encoding, Error};

/// The encodings of a request and its response.
#[derive(Clone, Copy, Debug, Default)]
pub struct Negotiated {
    /// The request's encoding; `None` is identity.
    pub request: Option<Encoding>,
    /// The encoding for the response; `None` is identity.
    pub response: Option<Encoding>,
}

/// Chooses the encodings of a call by the names in its headers.
///
/// The response has the first encoding of `accepted` that is available, or the request's own when the client names none
/// (<https://github.com/grpc/grpc/blob/master/doc/compression.md>).
///
/// # Errors
///
/// `unimplemented` for a request in an encoding that is not `available`; the header `accept` then lists those that are.
pub fn negotiate(
    available: &[Encoding],
    requested: Option<&[u8]>,
    accepted: &GetAll<'_, HeaderValue>,
    accept: &HeaderName,
) -> (Negotiated, Result<(), Error>) {
    let find = |name: &[u8]| available.iter().copied().find(|encoding| encoding.name().as_bytes() == name);
    let (request, verdict) = match requested {
        None | Some(b"identity" | b"") => (None, Ok(())),
        Some(name) => match find(name) {
            Some(encoding) => (Some(encoding), Ok(())),
            None => (None, Err(unknown_encoding(available, name, accept))),
        },
    };
    // A list may be spread over several fields (RFC 9110 section 5.3).
    let lists = || accepted.iter().map(HeaderValue::as_bytes);
    let response = if lists().all(<[u8]>::is_empty) {
        request
    } else {
        let mut names = lists().flat_map(|names| names.split(|byte| *byte == b','));
        names.find_map(|name| find(name.trim_ascii()))
    };
    (Negotiated { request, response }, verdict)
}

/// The compression of a response.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponseCompression {
    /// The encoding that the client reads; `None` is identity.
    pub encoding: Option<Encoding>,
    /// Smaller messages are not compressed.
    pub min_bytes: usize,
}

impl ResponseCompression {
    /// The encoding for a message.
    pub fn encoding_for(self, message: &[u8]) -> Option<Encoding> {
        self.encoding.filter(|_| message.len() >= self.min_bytes)
    }
}

fn unknown_encoding(available: &[Encoding], name: &[u8], accept: &HeaderName) -> Error {
    let names = available.iter().map(|encoding| encoding.name()).collect::<Vec<_>>().join(",");
    let mut error = Error::new(
        Code::Unimplemented,
        format!("unknown compression \"{}\": supported encodings are {names}", String::from_utf8_lossy(name)),
    );
    if let Ok(value) = HeaderValue::from_str(&names) {
        error.metadata.push((accept.clone(), value));
    }
    error
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn the_response_takes_the_first_acceptable_encoding() {
        let accept = HeaderName::from_static("accept-encoding");
        let cases: [(Option<&[u8]>, &[&[u8]], Option<Encoding>); 7] = [
            (None, &[], None),
            (Some(b"gzip"), &[], Some(Encoding::Gzip)),
            (Some(b"gzip"), &[b"br, gzip"], Some(Encoding::Brotli)),
            (None, &[b"deflate, zstd"], Some(Encoding::Zstd)),
            (None, &[b"deflate", b"identity, zstd"], Some(Encoding::Zstd)),
            (Some(b"gzip"), &[b"identity"], None),
            (Some(b"gzip"), &[b""], Some(Encoding::Gzip)),
        ];
        for (requested, accepted, expected) in cases {
            let fields = accepted.iter().map(|list| (accept.clone(), HeaderValue::from_bytes(list).expect("a value")));
            let fields = fields.collect::<HeaderMap>();
            let (negotiated, verdict) = negotiate(&Encoding::ALL, requested, &fields.get_all(&accept), &accept);
            assert!(verdict.is_ok());
            assert_eq!(negotiated.response, expected);
        }
    }
}

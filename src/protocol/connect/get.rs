//! A unary call by GET: message, codec and compression are in the query.
//!
//! <https://connectrpc.com/docs/protocol#unary-get-request>

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::request::Parts;
use percent_encoding::percent_decode;

use crate::protocol::Codec;
use crate::rpc::Error;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);

/// The parameters of a GET; of repeated ones the first counts.
#[derive(Debug, Default)]
pub struct Query {
    message: Option<Vec<u8>>,
    encoding: Option<Vec<u8>>,
    base64: Option<Vec<u8>>,
    compression: Option<Vec<u8>>,
    connect: Option<Vec<u8>>,
}

impl Query {
    /// Reads the query of a request.
    pub fn of(parts: &Parts) -> Self {
        let mut query = Self::default();
        for pair in parts.uri.query().unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match form_decode(name).as_slice() {
                b"message" => &mut query.message,
                b"encoding" => &mut query.encoding,
                b"base64" => &mut query.base64,
                b"compression" => &mut query.compression,
                b"connect" => &mut query.connect,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(form_decode(value));
            }
        }
        query
    }

    /// The `compression` parameter.
    pub fn compression(&self) -> Option<&[u8]> {
        self.compression.as_deref()
    }

    /// The `connect` parameter.
    pub fn version(&self) -> Option<&[u8]> {
        self.connect.as_deref()
    }

    /// Whether the client says it speaks Connect.
    pub fn says_connect_v1(&self) -> bool {
        self.version() == Some(b"v1")
    }

    /// The bytes of the message, not yet decompressed; empty when there is no such parameter.
    ///
    /// # Errors
    ///
    /// `invalid_argument` when it says to be base64 and is not.
    pub fn message(&mut self) -> Result<Bytes, Error> {
        let message = self.message.take().unwrap_or_default();
        if self.base64.as_deref() != Some(b"1") {
            return Ok(Bytes::from(message));
        }
        let engine =
            if message.iter().any(|byte| matches!(byte, b'+' | b'/')) { &STANDARD_LENIENT } else { &URL_SAFE_LENIENT };
        engine.decode(&message).map(Bytes::from).map_err(|reason| {
            Error::invalid_argument(format!("protocol error: the message parameter is not base64: {reason}"))
        })
    }
}

/// The codec of a GET, by its `encoding` parameter.
pub fn codec(parts: &Parts) -> Option<Codec> {
    match Query::of(parts).encoding.as_deref() {
        Some(b"json") => Some(Codec::Json),
        Some(b"proto") => Some(Codec::Proto),
        _ => None,
    }
}

/// `application/x-www-form-urlencoded`: plus is a blank, the rest is percent-encoded.
fn form_decode(text: &str) -> Vec<u8> {
    let blanks: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode(blanks.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        let request = http::Request::get(format!("/a.B/C?{text}")).body(()).expect("a request");
        Query::of(&request.into_parts().0)
    }

    #[test]
    fn messages_come_as_text_or_base64() {
        let cases: [(&str, Option<&[u8]>); 8] = [
            ("message=%7B%7D", Some(b"{}")),
            ("message=a+b", Some(b"a b")),
            ("message=%ff", Some(b"\xff")),
            ("", Some(b"")),
            ("base64=1&message=_-8", Some(b"\xff\xef")),
            ("base64=1&message=_-8%3D", Some(b"\xff\xef")),
            ("base64=1&message=%2F%2B8%3D", Some(b"\xff\xef")),
            ("base64=1&message=*", None),
        ];
        for (text, expected) in cases {
            assert_eq!(query(text).message().ok().as_deref(), expected, "{text}");
        }
    }
}

//! A unary call by GET: its query has the message, the codec and the compression.
//!
//! <https://connectrpc.com/docs/protocol#unary-get-request>

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::request::Parts;
use percent_encoding::percent_decode;

use crate::call::{Codec, Error};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);

/// The parameters of a GET. The first of several with one name counts.
#[derive(Debug, Default)]
pub struct Query {
    message: Option<Vec<u8>>,
    encoding: Option<Vec<u8>>,
    base64: Option<Vec<u8>>,
    compression: Option<Vec<u8>>,
    connect: Option<Vec<u8>>,
}

impl Query {
    /// Parses the query of a request.
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

    /// The codec that the `encoding` parameter names.
    pub fn codec(&self) -> Option<Codec> {
        match self.encoding.as_deref() {
            Some(b"json") => Some(Codec::Json),
            Some(b"proto") => Some(Codec::Proto),
            _ => None,
        }
    }

    /// The bytes of the message, not yet decompressed; empty without the parameter.
    ///
    /// # Errors
    ///
    /// `invalid_argument` when it is not base64, although `base64=1` says so.
    pub fn into_message(self) -> Result<Bytes, Error> {
        let message = self.message.unwrap_or_default();
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

/// `application/x-www-form-urlencoded`: `+` is a space, other characters may be percent-encoded.
fn form_decode(text: &str) -> Vec<u8> {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode(spaced.as_bytes()).collect()
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
            assert_eq!(query(text).into_message().ok().as_deref(), expected, "{text}");
        }
    }
}

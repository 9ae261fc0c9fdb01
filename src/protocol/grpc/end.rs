//! The trailers that end a gRPC response: `grpc-status`, `grpc-message`, `grpc-status-details-bin`, metadata.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use crate::call::{Error, Metadata, truncate};
use crate::protocol::metadata;

/// The status, a number.
pub const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// The message, percent-encoded.
pub const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// A `google.rpc.Status` with the details.
pub const GRPC_STATUS_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// Trailers have to fit into the header list that a client accepts. Node's clients, at some 64 KiB, hang with all calls
/// of their connection when they do not; others accept 8 or 16 KiB. So an error's text is truncated, and large details
/// and metadata are left out.
const MAX_MESSAGE_BYTES: usize = 8 * 1024;
const MAX_DETAILS_BYTES: usize = 16 * 1024;
/// Trailers, which JavaScript bounds, and with them the metadata of an error.
const MAX_METADATA_BYTES: usize = 24 * 1024;

/// The characters to percent-encode: all but printable ASCII, and the percent sign itself.
const MESSAGE_ESCAPES: &AsciiSet = &CONTROLS.add(b'%');

/// The trailer block of a call that ended, with `error` or without.
pub fn trailers(trailer: Metadata, error: Option<&Error>) -> HeaderMap {
    let mut block = HeaderMap::with_capacity(trailer.len() + 3);
    match error {
        None => {
            block.insert(GRPC_STATUS, HeaderValue::from_static("0"));
        }
        Some(error) => {
            block.insert(GRPC_STATUS, HeaderValue::from(error.code.number()));
            if let Ok(value) = HeaderValue::try_from(escape_within(&error.message, MAX_MESSAGE_BYTES)) {
                block.insert(GRPC_MESSAGE, value);
            }
            if !error.details.is_empty()
                && let Some(value) = details_value(error)
            {
                block.insert(GRPC_STATUS_DETAILS, value);
            }
        }
    }
    let size =
        |metadata: &Metadata| metadata.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    let of_trailer = size(&trailer);
    metadata::append(&mut block, trailer);
    if let Some(error) = error {
        let bytes = of_trailer + size(&error.metadata);
        if bytes <= MAX_METADATA_BYTES {
            metadata::append(&mut block, error.metadata.clone());
        } else {
            tracing::warn!(bytes, "trailers and metadata of an error are too large together: the metadata is left out");
        }
    }
    block
}

/// The beginning of a message, encoded, as much as fits into `limit` bytes.
fn escape_within(message: &str, limit: usize) -> String {
    let mut taken = truncate(message, limit);
    loop {
        let escaped = escape(taken);
        if escaped.len() <= limit {
            return escaped;
        }
        // Proportionally less, and less in any case.
        taken = truncate(taken, (taken.len() * limit / escaped.len()).min(taken.len() - 1));
    }
}

/// The details as a header value, unless they are larger than clients accept.
fn details_value(error: &Error) -> Option<HeaderValue> {
    let value = STANDARD_NO_PAD.encode(status_message(error));
    if value.len() > MAX_DETAILS_BYTES {
        tracing::warn!(
            bytes = value.len(),
            "the details of an error are too large for gRPC's trailers, and are left out"
        );
        return None;
    }
    HeaderValue::try_from(value).ok()
}

/// A message as the value of a header field, which must not begin or end with a space (RFC 9113 section 8.2.1).
fn escape(message: &str) -> String {
    let inner = message.trim_matches(' ');
    let before = message.len() - message.trim_start_matches(' ').len();
    let after = message.len() - before - inner.len();
    let spaces = |count| "%20".repeat(count);
    format!("{}{}{}", spaces(before), percent_encode(inner.as_bytes(), MESSAGE_ESCAPES), spaces(after))
}

/// `google.rpc.Status`: `int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3`, where `Any` is
/// `string type_url = 1; bytes value = 2`. Generated code is not worth it for three fields.
fn status_message(error: &Error) -> Vec<u8> {
    let mut status = Vec::new();
    status.push(0x08);
    put_varint(&mut status, u64::from(error.code.number()));
    put_bytes(&mut status, 0x12, truncate(&error.message, MAX_MESSAGE_BYTES).as_bytes());
    for detail in &error.details {
        let mut any = Vec::new();
        put_bytes(&mut any, 0x0a, format!("type.googleapis.com/{}", detail.type_name).as_bytes());
        put_bytes(&mut any, 0x12, &detail.value);
        put_bytes(&mut status, 0x1a, &any);
    }
    status
}

/// A length-delimited field; proto3 leaves out an empty one.
fn put_bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        out.push(tag);
        put_varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "smaller than 0x80 here")]
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Code, Detail};

    #[test]
    fn a_message_is_percent_encoded_and_nothing_else_is() {
        let error = Error::new(Code::NotFound, "50% \u{e9}\r\n\u{1f600} ok~");
        let block = trailers(Metadata::new(), Some(&error));
        assert_eq!(block[GRPC_STATUS], "5");
        assert_eq!(block[GRPC_MESSAGE], "50%25 %C3%A9%0D%0A%F0%9F%98%80 ok~");
        assert!(!block.contains_key(GRPC_STATUS_DETAILS));
    }

    #[test]
    fn spaces_at_the_ends_of_a_message_are_encoded() {
        for (message, expected) in [(" a b  ", "%20a b%20%20"), ("  ", "%20%20"), ("a", "a"), ("", "")] {
            assert_eq!(escape(message), expected);
        }
    }

    #[test]
    fn details_travel_as_a_status_message() {
        let mut error = Error::new(Code::Internal, "m");
        error.details.push(Detail { type_name: "a.B".into(), value: vec![1, 2].into(), debug: None });
        let block = trailers(Metadata::new(), Some(&error));
        let bytes = STANDARD_NO_PAD.decode(&block[GRPC_STATUS_DETAILS]).expect("base64");
        let any = [b"\x0a\x17type.googleapis.com/a.B".as_slice(), b"\x12\x02\x01\x02"].concat();
        let expected = [b"\x08\x0d\x12\x01m\x1a\x1d".as_slice(), &any].concat();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_handler_cannot_forge_the_status() {
        let forged = vec![
            (GRPC_STATUS, HeaderValue::from_static("0")),
            (HeaderName::from_static("x-a"), "1".parse().expect("value")),
        ];
        let block = trailers(forged, Some(&Error::internal("a cause")));
        assert_eq!(block.get_all(GRPC_STATUS).iter().collect::<Vec<_>>(), ["13"]);
        assert_eq!(block["x-a"], "1");
    }

    #[test]
    fn an_error_is_truncated_to_what_clients_accept() {
        let mut error = Error::new(Code::Internal, format!("{}é", "m".repeat(MAX_MESSAGE_BYTES - 1)));
        error.details.push(Detail { type_name: "a.B".into(), value: vec![7; 64].into(), debug: None });
        let block = trailers(Metadata::new(), Some(&error));
        assert_eq!(block[GRPC_MESSAGE].len(), MAX_MESSAGE_BYTES - 1, "truncated between characters");
        assert!(block.contains_key(GRPC_STATUS_DETAILS));
        error.details[0].value = vec![7; MAX_DETAILS_BYTES].into();
        assert!(!trailers(Metadata::new(), Some(&error)).contains_key(GRPC_STATUS_DETAILS));
    }

    #[test]
    fn the_limit_of_a_message_is_that_of_its_encoded_form() {
        for message in
            ["\u{1}".repeat(MAX_MESSAGE_BYTES), format!("{}{}", "a".repeat(MAX_MESSAGE_BYTES - 1), "\u{1}".repeat(9))]
        {
            let block = trailers(Metadata::new(), Some(&Error::new(Code::Internal, message)));
            let length = block[GRPC_MESSAGE].len();
            assert!((MAX_MESSAGE_BYTES - 10..=MAX_MESSAGE_BYTES).contains(&length), "{length} bytes");
        }
    }

    #[test]
    fn the_metadata_of_an_error_has_room_beside_the_trailers_or_is_left_out() {
        let field = |name, bytes: usize| (HeaderName::from_static(name), "v".repeat(bytes).parse().expect("a value"));
        for (bytes, is_sent) in [(10_000, true), (20_000, false)] {
            let mut error = Error::new(Code::Internal, "m");
            error.metadata.push(field("x-error", bytes));
            let block = trailers(vec![field("x-trailer", 10_000)], Some(&error));
            assert!(block.contains_key("x-trailer"));
            assert_eq!(block.contains_key("x-error"), is_sent, "{bytes}");
        }
    }
}

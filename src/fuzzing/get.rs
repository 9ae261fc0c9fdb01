//! The query of a Connect GET.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use form_urlencoded::byte_serialize;
use http::request::Parts;

use super::internals::Query;
use crate::call::{Code, Codec};

/// An input is a query, and a message.
///
/// # Panics
///
/// When a query is read differently from how the crate `form_urlencoded` reads it, or when a message in a query does
/// not come back.
pub fn get(data: &[u8]) {
    if let Some(parts) = std::str::from_utf8(data).ok().and_then(request) {
        check_parameters(&parts);
    }
    let plain: String = byte_serialize(data).collect();
    let forms = [
        format!("encoding=proto&message={plain}"),
        format!("message={}&base64=1", URL_SAFE_NO_PAD.encode(data)),
        format!("base64=1&connect=v1&message={}", URL_SAFE.encode(data)),
        format!("base64=1&message={}", byte_serialize(STANDARD.encode(data).as_bytes()).collect::<String>()),
    ];
    for form in forms {
        let parts = request(&form).expect("an encoded query is valid");
        let message = Query::of(&parts).into_message();
        assert_eq!(message.ok().as_deref(), Some(data), "{form}");
    }
}

/// A GET with this query, if it is one.
fn request(query: &str) -> Option<Parts> {
    let request = http::Request::get(format!("/a.B/C?{query}")).body(()).ok()?;
    Some(request.into_parts().0)
}

fn check_parameters(parts: &Parts) {
    let text = parts.uri.query().unwrap_or_default();
    let given: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let first = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let lossy = |value: &[u8]| String::from_utf8_lossy(value).into_owned();

    let query = Query::of(parts);
    assert_eq!(query.compression().map(lossy), first("compression"), "{text}");
    assert_eq!(query.version().map(lossy), first("connect"), "{text}");
    let codec = match first("encoding").as_deref() {
        Some("json") => Some(Codec::Json),
        Some("proto") => Some(Codec::Proto),
        _ => None,
    };
    assert_eq!(query.codec(), codec, "{text}");

    let is_base64 = first("base64").as_deref() == Some("1");
    let message = first("message").unwrap_or_default();
    match query.into_message() {
        Ok(bytes) if is_base64 => {
            let digits = message.trim_end_matches('=').replace('+', "-").replace('/', "_");
            assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), digits, "{text}");
        }
        Ok(bytes) => assert_eq!(lossy(&bytes), message, "{text}"),
        Err(error) => {
            assert!(is_base64, "{text}");
            assert_eq!(error.code, Code::InvalidArgument, "{text}");
        }
    }
}

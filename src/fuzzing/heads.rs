//! Request heads: URL, content type, and the headers that steer a call.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb, StatusCode, Uri, Version};

use super::internals::{ProtocolHeaders, Query, Wire, is_framing_known, not_found, refuse, url, wire};
use crate::call::{Cardinality, Code, Encoding, Method, MethodOptions};

const MAX_TIMEOUT: Duration = Duration::from_secs(5);

/// The content types of requests, without those that name a charset.
const CONTENT_TYPES: [&str; 13] = [
    "application/json",
    "application/proto",
    "application/connect+json",
    "application/connect+proto",
    "application/grpc",
    "application/grpc+json",
    "application/grpc+proto",
    "application/grpc-web",
    "application/grpc-web+json",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+json",
    "application/grpc-web-text+proto",
];

/// An input is a head as HTTP/1.1 writes it; its version may be HTTP/2.0. Lines that are no fields are skipped.
///
/// # Panics
///
/// When a head stands for a URL that it does not have, for a wire that the method or the content type does not allow,
/// for a deadline or an encoding that the method does not allow, or when the response to it is malformed.
pub fn heads(data: &[u8]) {
    let Some(parts) = parse(data) else { return };
    check_url(&parts);
    check_content_type(&parts.headers);
    assert!(is_framing_known(&parts) || parts.headers.contains_key(TRANSFER_ENCODING));
    assert!(matches!(not_found(&parts).status(), StatusCode::OK | StatusCode::NOT_FOUND));
    for method in methods() {
        match wire(&parts, &method) {
            Ok((wire, query)) => check_call(&parts, &method, wire, query.as_deref()),
            Err(status) if parts.method == Verb::POST => assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Err(status) if parts.method == Verb::GET && method.side_effect_free => {
                assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
            Err(status) => assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED),
        }
    }
}

/// Methods of three kinds; one of them may be called by GET, and limits what a client may ask for.
fn methods() -> [Method; 3] {
    let method = |request, response, side_effect_free, options| Method {
        path: "/a.B/C".into(),
        index: 0,
        request,
        response,
        side_effect_free,
        options,
    };
    let limited = MethodOptions {
        accept_compression: vec![Encoding::Gzip],
        max_timeout: Some(MAX_TIMEOUT),
        require_connect_protocol_header: true,
        ..MethodOptions::default()
    };
    [
        method(Cardinality::One, Cardinality::One, true, limited),
        method(Cardinality::One, Cardinality::Stream, false, MethodOptions::default()),
        method(Cardinality::Stream, Cardinality::Stream, false, MethodOptions::default()),
    ]
}

fn parse(data: &[u8]) -> Option<Parts> {
    let mut lines = data.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next()?.splitn(3, |byte| *byte == b' ');
    let (verb, target, version) = (words.next()?, words.next()?, words.next()?);
    let version = match version {
        b"HTTP/1.0" => Version::HTTP_10,
        b"HTTP/1.1" => Version::HTTP_11,
        b"HTTP/2.0" => Version::HTTP_2,
        _ => return None,
    };
    let mut request = http::Request::builder().method(verb).uri(target).version(version).body(()).ok()?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").map(<[u8]>::trim_ascii).map(HeaderValue::from_bytes);
        if let (Ok(name), Some(Ok(value))) = (HeaderName::from_bytes(name), value) {
            request.headers_mut().try_append(name, value).ok()?;
        }
    }
    Some(request.into_parts().0)
}

fn check_url(parts: &Parts) {
    let Some(url) = url(parts) else { return };
    let hosts: Vec<&HeaderValue> = parts.headers.get_all(HOST).iter().collect();
    assert!(hosts.len() <= 1, "{url}: there are two hosts");
    assert!(parts.version != Version::HTTP_11 || hosts.len() == 1, "{url}: there is no host");
    assert!(!url.chars().any(|letter| letter.is_whitespace() || letter.is_control()), "{url:?}");
    // `*` and the authority of a CONNECT are no paths.
    let target = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    if !target.starts_with('/') {
        return;
    }
    let parsed: Uri = url.parse().unwrap_or_else(|error| panic!("{url:?}: {error}"));
    assert_eq!(parsed.path_and_query().map(PathAndQuery::as_str), Some(target), "{url}");
    let authority = parsed.authority().map(Authority::as_str).unwrap_or_default();
    let named = match (parts.uri.authority(), hosts.first()) {
        (Some(authority), _) => authority.as_str().as_bytes(),
        (None, Some(host)) => host.as_bytes(),
        (None, None) => b"127.0.0.1:80",
    };
    assert_eq!(authority.as_bytes(), named, "{url}");
    assert!(!authority.contains('@'), "{url}: no user is part of it");
}

/// What a content type stands for, by a list of all.
fn check_content_type(headers: &HeaderMap) {
    let wire = Wire::of_content_type(headers);
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_ascii_lowercase);
    let (essence, parameters) = match value.as_deref().map(|value| value.split_once(';').ok_or(value)) {
        Some(Ok((essence, parameters))) => (essence.trim_end(), Some(parameters.trim())),
        Some(Err(essence)) => (essence.trim_end(), None),
        None => ("", None),
    };
    let is_json_charset = essence.ends_with("json") && matches!(parameters, Some("charset=utf-8" | "charset=utf8"));
    let is_known = CONTENT_TYPES.contains(&essence) && (parameters.is_none() || is_json_charset);
    assert_eq!(wire.is_some(), is_known, "{value:?}");
    if let Some(wire) = wire {
        // That of the response has the format in its name, always.
        let has_format = essence.contains('+') || wire.framing().is_none();
        let whole = if has_format { essence.to_owned() } else { format!("{essence}+proto") };
        assert_eq!(wire.content_type(), whole);
    }
}

fn check_call(parts: &Parts, method: &Method, wire: Wire, query: Option<&Query>) {
    match wire {
        Wire::ConnectUnary { .. } => assert!(method.is_unary()),
        Wire::ConnectStream { .. } => assert!(!method.is_unary()),
        Wire::Grpc { .. } | Wire::GrpcWeb { .. } => assert_eq!(parts.method, Verb::POST),
    }
    assert_eq!(query.is_some(), parts.method == Verb::GET);
    assert!(query.is_none() || method.side_effect_free && method.is_unary());

    let ProtocolHeaders { deadline, compression, rejection } = ProtocolHeaders::read(wire, query, parts, method);
    let options = &method.options;
    for encoding in [compression.request, compression.response].into_iter().flatten() {
        assert!(options.accept_compression.contains(&encoding), "{encoding:?}");
    }
    if let (Some(left), Some(maximum)) = (deadline.remaining(), options.max_timeout) {
        assert!(left <= maximum, "{left:?} left, of {maximum:?}");
    }
    let Some(error) = rejection else { return };
    assert!(matches!(error.code, Code::InvalidArgument | Code::Unimplemented), "{error:?}");
    let number = error.code.number();
    let response = refuse(wire, parts, error);
    let content_type = response.headers().get(CONTENT_TYPE);
    match wire {
        Wire::ConnectUnary { .. } => {
            assert!(response.status().is_client_error() || response.status().is_server_error());
            assert_eq!(content_type, Some(&HeaderValue::from_static("application/json")));
        }
        Wire::ConnectStream { .. } | Wire::Grpc { .. } | Wire::GrpcWeb { .. } => {
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(content_type, Some(&wire.content_type()));
        }
    }
    if matches!(wire, Wire::Grpc { .. }) {
        assert_eq!(response.headers().get("grpc-status"), Some(&HeaderValue::from(number)));
    }
}

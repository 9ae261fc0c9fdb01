//! The URL of a request, and the checks of HTTP that hyper leaves to its user.

use std::borrow::Cow;

use http::header::{HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{Method as Verb, Version};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::call::Peer;

/// Path and query of a request target, in ASCII: what a client sends as UTF-8 all the same is percent-encoded, as the
/// URL standard does it. The path of CONNECT, which names a host only, is `/`.
pub(crate) fn path_and_query(uri: &Uri) -> Cow<'_, str> {
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    // It has no control characters.
    let target: Cow<'_, str> = utf8_percent_encode(target, CONTROLS).into();
    // RFC 9110 section 4.2.3: `http://host?query` has the path `/`.
    if target.starts_with('?') { format!("/{target}").into() } else { target }
}

/// The absolute URL of a request; `None` when it does not name one valid host and one path.
///
/// RFC 9112 section 3.2: HTTP/1.1 must name exactly one host. HTTP/1.0 need not; the listener's address stands in, or
/// `localhost` for a Unix socket.
pub fn url(parts: &Parts, peer: &Peer) -> Option<String> {
    if !is_target_of_server(parts) {
        return None;
    }
    let scheme = if peer.is_secure() { "https" } else { "http" };
    let path = path_and_query(&parts.uri);
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    if host.is_none() && parts.version == Version::HTTP_11 {
        return None;
    }
    let host = match host {
        Some(value) => Some(Authority::try_from(value.as_bytes()).ok().filter(is_host_and_port)?),
        None => None,
    };
    match parts.uri.authority().or(host.as_ref()) {
        Some(authority) if is_host_and_port(authority) => Some(format!("{scheme}://{authority}{path}")),
        None if parts.version < Version::HTTP_11 => Some(format!("{scheme}://{}{path}", peer.host())),
        Some(_) | None => None,
    }
}

/// Whether the request target has a form that the verb allows (RFC 9112 section 3.2): a host alone is for CONNECT, `*`
/// for OPTIONS. A URL is one of HTTP; others are for proxies.
fn is_target_of_server(Parts { method, uri, version, .. }: &Parts) -> bool {
    let is_http = uri.scheme().is_none_or(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    is_http
        && match uri.path_and_query().map(PathAndQuery::as_str) {
            None => method == Verb::CONNECT,
            Some("*") => method == Verb::OPTIONS,
            // RFC 9113 section 8.3.1; over HTTP/1 a URL may have no path.
            Some(path) => path.starts_with('/') || *version < Version::HTTP_2,
        }
}

/// Whether an authority is a host, perhaps with a port (RFC 3986 allows an empty one), and nothing else.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    // `Authority::port` is `None` for a port out of range too, so the text behind the host is checked here.
    let port = authority.as_str().strip_prefix(host);
    let port_is_right = match port.and_then(|rest| rest.strip_prefix(':')) {
        Some(digits) => digits.is_empty() || digits.parse::<u16>().is_ok(),
        None => port == Some(""),
    };
    !host.is_empty() && port_is_right
}

/// Whether the body has no transfer coding other than `chunked`, which hyper decodes. RFC 9112 section 6.1: a body in
/// another coding must not be taken for the message.
pub fn is_framing_known(parts: &Parts) -> bool {
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    // `chunked` twice is not allowed either (RFC 9112 section 7.1), and hyper decodes it once.
    codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked")) && codings.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(version: Version, target: &str, hosts: &[&[u8]]) -> Option<String> {
        let mut request = http::Request::builder().version(version).uri(target).body(()).expect("a request");
        for host in hosts {
            request.headers_mut().append(HOST, http::HeaderValue::from_bytes(host).expect("a value"));
        }
        url(&request.into_parts().0, &Peer::of_test())
    }

    #[test]
    fn a_request_names_one_host() {
        let cases: [(Version, &str, &[&[u8]], Option<&str>); 15] = [
            (Version::HTTP_11, "/a?b", &[b"h:1"], Some("http://h:1/a?b")),
            (Version::HTTP_11, "/a", &[b"[::1]:1"], Some("http://[::1]:1/a")),
            (Version::HTTP_11, "http://other/a", &[b"h"], Some("http://other/a")),
            (Version::HTTP_11, "/a", &[], None),
            (Version::HTTP_11, "/a", &[b"h", b"h"], None),
            (Version::HTTP_11, "/a", &[b""], None),
            (Version::HTTP_11, "/a", &[b"a b<>"], None),
            (Version::HTTP_11, "/a", &[b"h:99999"], None),
            (Version::HTTP_11, "/a", &[b"h:x"], None),
            (Version::HTTP_11, "/a", &[b"h:"], Some("http://h:/a")),
            (Version::HTTP_11, "/a", &[b"u@h"], None),
            (Version::HTTP_11, "/a", &[b"\xff"], None),
            (Version::HTTP_10, "/a", &[], Some("http://127.0.0.1:80/a")),
            (Version::HTTP_2, "http://h/a", &[], Some("http://h/a")),
            (Version::HTTP_2, "/a", &[], None),
        ];
        for (version, target, hosts, expected) in cases {
            assert_eq!(url_of(version, target, hosts).as_deref(), expected, "{version:?} {target} {hosts:?}");
        }
    }

    #[test]
    fn a_request_target_has_the_form_that_its_verb_allows() {
        let cases: [(Version, Verb, &str, Option<&str>); 13] = [
            (Version::HTTP_11, Verb::GET, "/", Some("http://h/")),
            (Version::HTTP_11, Verb::GET, "http://h", Some("http://h/")),
            (Version::HTTP_11, Verb::GET, "HTTPS://h/a", Some("http://h/a")),
            (Version::HTTP_11, Verb::GET, "/caf\u{e9}?\u{20ac}=%c3%a9", Some("http://h/caf%C3%A9?%E2%82%AC=%c3%a9")),
            (Version::HTTP_11, Verb::CONNECT, "h:443", Some("http://h:443/")),
            (Version::HTTP_11, Verb::OPTIONS, "*", Some("http://h*")),
            (Version::HTTP_11, Verb::GET, "h", None),
            (Version::HTTP_11, Verb::POST, "h:443", None),
            (Version::HTTP_11, Verb::GET, "*", None),
            (Version::HTTP_11, Verb::GET, "ftp://h/a", None),
            (Version::HTTP_11, Verb::CONNECT, "/a", Some("http://h/a")),
            (Version::HTTP_11, Verb::GET, "http://h?x=1", Some("http://h/?x=1")),
            (Version::HTTP_2, Verb::GET, "http://h?x=1", None),
        ];
        let peer = Peer::of_test();
        for (version, verb, target, expected) in cases {
            let request =
                http::Request::builder().version(version).method(&verb).uri(target).header(HOST, "h").body(());
            let parts = request.expect("a request").into_parts().0;
            assert_eq!(url(&parts, &peer).as_deref(), expected, "{version:?} {verb} {target}");
        }
    }

    #[test]
    fn the_host_of_a_unix_socket_is_localhost() {
        let request = http::Request::builder().version(Version::HTTP_10).uri("/a").body(()).expect("a request");
        let peer = Peer { listener: None, ..Peer::of_test() };
        let url = url(&request.into_parts().0, &peer);
        assert_eq!(url.as_deref(), Some("http://localhost/a"));
    }
}

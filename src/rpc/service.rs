//! A request's whole journey, from its head to the response, the same for every protocol.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::header::{EXPECT, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::Authority;
use http::{Method as Verb, Response as HttpResponse, StatusCode, Version};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::{Budget, Error, Failure, Handler, HttpHandler, Input, Method, Peer, Request, Response, Router};
use crate::protocol::{Head, Output, RequestBody, ResponseBody, Wire, not_found, read_head, read_input};

/// Marks calls that never left the process. It must not be forged from outside.
const INTERNAL_TRANSPORT: &str = "connectum-internal-transport";

/// How much of a request is read away, at most, after it was answered early over HTTP/1.1.
const LEFTOVER_BYTES: usize = 16 * 1024 * 1024;
/// And for how long.
const LEFTOVER_TIME: Duration = Duration::from_secs(5);

/// Serves the methods of one server.
pub struct RpcService {
    router: Router,
    handler: Arc<dyn Handler>,
    fallback: Option<Arc<dyn HttpHandler>>,
    budget: Arc<Budget>,
}

impl RpcService {
    /// Serves the methods of `router` with `handler`, holding bytes against `budget`.
    pub fn new(router: Router, handler: Arc<dyn Handler>, budget: Arc<Budget>) -> Self {
        Self { router, handler, fallback: None, budget }
    }

    /// Asks `fallback` about requests for paths that no method has.
    #[must_use]
    pub fn with_http_handler(self, fallback: Arc<dyn HttpHandler>) -> Self {
        Self { fallback: Some(fallback), ..self }
    }

    /// Answers one request.
    pub async fn serve(&self, request: http::Request<Incoming>, peer: Peer) -> HttpResponse<ResponseBody> {
        let (mut parts, body) = request.into_parts();
        let body = RequestBody::new(body, parts.version);
        if !is_framing_known(&parts) {
            return plain_response(StatusCode::NOT_IMPLEMENTED, "Not Implemented");
        }
        let Some(url) = url(&parts, peer) else {
            return plain_response(StatusCode::BAD_REQUEST, "Bad Request");
        };
        parts.headers.remove(INTERNAL_TRANSPORT);
        let Some(method) = self.router.find(parts.uri.path()) else {
            return self.fall_back(&parts, body, peer).await;
        };
        let method = Arc::clone(method);
        let wire = match Wire::of(&parts, &method) {
            Ok(wire) => wire,
            Err(response) => {
                leave_rest(&parts, body);
                return *response;
            }
        };
        let Head { deadline, compression, verdict } = read_head(wire, &parts, &method);
        let output = Output {
            wire,
            version: parts.version,
            encoding: compression.response,
            compress_min_bytes: method.options.compress_min_bytes,
            deadline,
        };
        if let Err(error) = verdict {
            leave_rest(&parts, body);
            return output.write(Err(error.into())).await;
        }
        if deadline.has_passed() {
            leave_rest(&parts, body);
            return output.write(Err(Error::deadline_exceeded().into())).await;
        }
        let answer = deadline.bound(guard(async {
            let input = match read_input(wire, &parts, body, &method, compression, &self.budget).await {
                Ok(input) => input,
                Err((error, rest)) => {
                    if let Some(rest) = rest {
                        leave_rest(&parts, rest);
                    }
                    return Err(Failure::from(error));
                }
            };
            self.call(wire, parts, method, url, deadline, input).await
        }));
        let answer = answer.await.unwrap_or_else(|expired| Err(expired.into()));
        match AssertUnwindSafe(output.write(answer)).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => {
                tracing::error!(reason = panic_text(&*panic), "an answer panicked");
                output.write(Err(Error::internal().into())).await
            }
        }
    }

    /// Answers a request for a path that no method has.
    async fn fall_back(&self, parts: &Parts, body: RequestBody, peer: Peer) -> HttpResponse<ResponseBody> {
        let Some(fallback) = &self.fallback else {
            leave_rest(parts, body);
            return not_found(parts);
        };
        match AssertUnwindSafe(fallback.call(parts, body, peer)).catch_unwind().await {
            Ok(answer) => answer.unwrap_or_else(|| not_found(parts)),
            Err(panic) => {
                tracing::error!(reason = panic_text(&*panic), "a request panicked");
                plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }

    async fn call(
        &self,
        wire: Wire,
        parts: Parts,
        method: Arc<Method>,
        url: String,
        deadline: super::Deadline,
        input: Input,
    ) -> Result<Response, Failure> {
        let request = Request {
            method,
            protocol: wire.protocol(),
            codec: wire.codec(),
            get: parts.method == Verb::GET,
            http1: parts.version < Version::HTTP_2,
            url,
            headers: parts.headers,
            deadline,
            input,
        };
        self.handler.call(request).await
    }
}

/// Turns a panic into `internal`: a fault of ours costs the call it happens in, nothing else.
async fn guard(call: impl Future<Output = Result<Response, Failure>>) -> Result<Response, Failure> {
    AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|panic| {
        tracing::error!(reason = panic_text(&*panic), "a call panicked");
        Err(Error::internal().into())
    })
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(not a text)")
}

/// The absolute URL of a request; `None` when its authority is none.
///
/// RFC 9112 section 3.2: HTTP/1.1 must name exactly one host. HTTP/1.0 need not; the listener's address stands in.
fn url(parts: &Parts, peer: Peer) -> Option<String> {
    let scheme = if peer.secure { "https" } else { "http" };
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
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
        None if parts.version < Version::HTTP_11 => Some(format!("{scheme}://{}{path}", peer.local)),
        Some(_) | None => None,
    }
}

/// A host, perhaps a port (RFC 3986 allows an empty one), and nothing else.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    // `Authority::port` says `None` for a port out of range too, so what follows the host is looked at here.
    let port = authority.as_str().strip_prefix(host);
    let port_is_right = match port.and_then(|rest| rest.strip_prefix(':')) {
        Some(digits) => digits.is_empty() || digits.parse::<u16>().is_ok(),
        None => port == Some(""),
    };
    !host.is_empty() && port_is_right
}

/// Whether the body is in no transfer coding but `chunked`, which hyper undoes. RFC 9112 section 6.1: what is in another
/// one must not be taken for the message.
fn is_framing_known(parts: &Parts) -> bool {
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    // `chunked` twice is no coding either (RFC 9112 section 7.1), and hyper undoes it once.
    codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked")) && codings.next().is_none()
}

/// An answer below any protocol.
pub(crate) fn plain_response(status: StatusCode, text: &'static str) -> HttpResponse<ResponseBody> {
    let mut response = HttpResponse::new(ResponseBody::full(text));
    *response.status_mut() = status;
    response
}

/// Reads the rest of an HTTP/1.1 request away while its answer is sent.
///
/// Most clients send all before they read. A connection closed under them is reset, and the answer that would have told
/// them why is lost. HTTP/2 ends the stream with `NO_ERROR` instead.
pub(crate) fn leave_rest(parts: &Parts, body: RequestBody) {
    let waits_for_permission = parts.headers.contains_key(EXPECT);
    if parts.version >= Version::HTTP_2 || body.is_end_stream() || waits_for_permission {
        return;
    }
    tokio::spawn(read_away(body));
}

/// Reads a body to its end, or until it has cost enough.
pub(crate) async fn read_away(mut body: RequestBody) {
    let reading = async {
        let mut left = LEFTOVER_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, bytes::Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    // Too slow or too long: the connection is closed under the client after all.
    let _ = tokio::time::timeout(LEFTOVER_TIME, reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(version: Version, target: &str, hosts: &[&[u8]]) -> Option<String> {
        let mut request = http::Request::builder().version(version).uri(target).body(()).expect("a request");
        for host in hosts {
            request.headers_mut().append(HOST, http::HeaderValue::from_bytes(host).expect("a value"));
        }
        let peer = Peer { secure: false, local: ([127, 0, 0, 1], 80).into(), remote: ([127, 0, 0, 1], 40_000).into() };
        url(&request.into_parts().0, peer)
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
}

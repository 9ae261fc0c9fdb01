//! Has JavaScript answer requests that are no RPCs: bytes in, bytes out.

use http::header::TRANSFER_ENCODING;
use http::request::Parts;
use http::{Response, StatusCode, Version};
use http_body::Body as _;

use super::call::{CallHead, ResponseStart};
use super::handler::JsHandler;
use super::head::head;
use super::open_call::CallGuard;
use crate::protocol::{BodyReader, RequestBody, ResponseBody};
use crate::rpc::{Code, Deadline, HttpHandler, HttpHandlerFuture, Peer, plain_response};

impl HttpHandler for JsHandler {
    fn call<'a>(&'a self, parts: &'a Parts, body: RequestBody, peer: Peer) -> HttpHandlerFuture<'a> {
        Box::pin(async move {
            let opening = CallHead {
                method: None,
                flags: 0,
                head: head(&first_lines(parts, peer), &parts.headers),
                streams_responses: true,
            };
            let http1 = parts.version < Version::HTTP_2;
            let opened = if body.is_end_stream() {
                self.open(opening, Deadline::none(), None).inspect(|open| open.call().deliver(Vec::new(), Some(Ok(()))))
            } else {
                let source = BodyReader::new(body, self.budget().open());
                self.open_stream(opening, Deadline::none(), source, http1)
            };
            let Ok(open) = opened else {
                return Some(plain_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"));
            };
            match open.answer().await {
                Ok(begun) => Some(response(begun, open)),
                Err(failure) if failure.error.code == Code::Unimplemented => None,
                Err(_) => Some(plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
            }
        })
    }
}

/// What the request is, a line each: verb, target, HTTP version, scheme, authority (empty over HTTP/1), address and port of the client.
fn first_lines(parts: &Parts, peer: Peer) -> String {
    let target = parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |target| target.as_str());
    let version = match parts.version {
        Version::HTTP_2 => "2.0",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    let scheme = if peer.secure { "https" } else { "http" };
    let authority = parts.uri.authority().map_or("", |authority| authority.as_str());
    let (address, port) = (peer.remote.ip(), peer.remote.port());
    format!("{}\n{target}\n{version}\n{scheme}\n{authority}\n{address}\n{port}", parts.method)
}

/// The answer, its body to come.
fn response(begun: ResponseStart, open: CallGuard) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::raw(Box::new(open)));
    *response.status_mut() = begun.status;
    // Each value is one more, also of a repeated name.
    response.headers_mut().extend(begun.header);
    // How a body of unknown length is framed is the connection's matter.
    response.headers_mut().remove(TRANSFER_ENCODING);
    response
}

//! Has JavaScript serve plain HTTP requests: bytes in, bytes out.

use std::sync::Arc;

use http::header::{TE, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Response, StatusCode, Version};
use http_body::Body as _;

use super::guard::CallGuard;
use super::handler::JsHandler;
use super::state::{CallHead, Opening, ResponseStart};
use crate::call::{Activity, Code, ConnectionBudget, Deadline, Peer, RequestBody};
use crate::js::crossing::layout::{FLAG_NO_BODY, FLAG_RPC_CLIENT};
use crate::js::crossing::request_head::request_head;
use crate::protocol::{BodyReader, ResponseBody, is_rpc_client, plain_response};
use crate::rpc::{HttpHandler, HttpHandlerFuture, path_and_query};

impl HttpHandler for JsHandler {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        body: RequestBody,
        peer: &'a Arc<Peer>,
        budget: &'a Arc<ConnectionBudget>,
        activity: Activity,
    ) -> HttpHandlerFuture<'a> {
        Box::pin(async move {
            let head = CallHead {
                method: None,
                flags: flags(parts, &body),
                streams_responses: true,
                // The first read lets the client send its body, which a handler may want to refuse.
                reads_on_demand: body.awaits_continue(),
                peer: Arc::clone(peer),
            };
            let text = request_head(&first_lines(parts, peer), &parts.headers);
            let (deadline, budget) = (Deadline::none(), Arc::clone(budget));
            let opened = if body.is_end_stream() {
                let opening = Opening { head: text, message: None };
                self.open(head, deadline, opening, budget).inspect(CallGuard::deliver_end)
            } else {
                let source = BodyReader::new(body, budget.empty_reservation());
                self.open_stream(head, deadline, text, Box::new(source), budget)
            };
            let Ok(mut guard) = opened else {
                return Some(plain_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"));
            };
            guard.set_activity(activity);
            match guard.response_start().await {
                Ok(start) => Some(response(start, guard)),
                Err(failure) if failure.error.code == Code::Unimplemented => None,
                Err(_) => Some(plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
            }
        })
    }
}

/// The facts that a handler of the Fetch standard needs, and that JavaScript cannot tell from the head.
fn flags(parts: &Parts, body: &RequestBody) -> u32 {
    let mut flags = 0;
    if body.is_end_stream() {
        flags |= FLAG_NO_BODY;
    }
    if is_rpc_client(parts) {
        flags |= FLAG_RPC_CLIENT;
    }
    flags
}

/// The first eight lines of the head: verb, target, HTTP version, scheme, authority (empty over HTTP/1, unless the
/// target is a URL), address and
/// port of the client (both empty for one of a Unix socket), host of the listener.
fn first_lines(parts: &Parts, peer: &Peer) -> String {
    let target = path_and_query(&parts.uri);
    let version = match parts.version {
        Version::HTTP_2 => "2.0",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    let scheme = if peer.is_secure() { "https" } else { "http" };
    let authority = parts.uri.authority().map_or("", |authority| authority.as_str());
    let client = peer.remote().map_or_else(|| "\n".to_owned(), |remote| format!("{}\n{}", remote.ip(), remote.port()));
    let host = peer.host();
    format!("{}\n{target}\n{version}\n{scheme}\n{authority}\n{client}\n{host}", parts.method)
}

/// The response, whose body follows as JavaScript writes it.
fn response(start: ResponseStart, guard: CallGuard) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::raw(Box::new(guard)));
    *response.status_mut() = start.status;
    // `extend` appends the values of a repeated name.
    response.headers_mut().extend(start.header);
    // The connection decides how a body of unknown length is framed.
    response.headers_mut().remove(TRANSFER_ENCODING);
    // RFC 9113, section 8.2.2: hyper removes the other fields of a connection itself.
    response.headers_mut().remove(TE);
    response
}

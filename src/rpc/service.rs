//! A request's whole journey, from its head to the response, the same for every protocol.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::request::Parts;
use http::{Method as Verb, Response as HttpResponse, StatusCode};
use hyper::body::Incoming;

use super::head_size::head_size;
use super::http_handler::HttpHandler;
use super::lingering::{discard_rest, lingering_close};
use super::router::Router;
use super::url::{is_framing_known, url};
use crate::call::{
    ActiveCall, Activity, Budget, Code, ConnectionBudget, Deadline, Error, Failure, Handler, Method, Peer, Request,
    RequestBody, RequestMessages, Reservation, Response,
};
use crate::protocol::{
    ProtocolHeaders, ResponseBody, ResponseCompression, ResponseWriter, Wire, not_found, plain_response, read_messages,
    refused,
};

/// Marks calls within one process. It must not be forged from outside.
const INTERNAL_TRANSPORT: &str = "connectum-internal-transport";

/// A request whose head is reserved.
pub struct AdmittedRequest {
    /// Large, and handed on several times.
    parts: Box<Parts>,
    body: RequestBody,
    /// Until the response is sent.
    reservation: Reservation,
}

impl AdmittedRequest {
    /// Reserves the head of a request in `budget`. To be called before anything else waits: what waits is held. Its
    /// client may send nothing for `timeout` before the rest has arrived.
    ///
    /// # Errors
    ///
    /// The response when the budget has no room.
    pub fn new(
        request: http::Request<Incoming>,
        budget: &Arc<ConnectionBudget>,
        timeout: Option<Duration>,
    ) -> Result<Self, Box<HttpResponse<ResponseBody>>> {
        let (parts, body) = request.into_parts();
        let body = RequestBody::new(body, &parts, timeout);
        match budget.reserve(head_size(&parts)) {
            Ok(reservation) => Ok(Self { parts: Box::new(parts), body, reservation }),
            Err(error) => {
                lingering_close(body);
                Err(Box::new(refused(&parts, &error, budget)))
            }
        }
    }
}

/// Serves the methods of one server.
pub struct RpcService {
    router: Router,
    /// Serves every method; on a server of JavaScript it is [`Handlers`](super::Handlers).
    handler: Arc<dyn Handler>,
    http_handler: Option<Arc<dyn HttpHandler>>,
    budget: Arc<Budget>,
}

impl RpcService {
    /// Serves the methods of `router` with `handler`. Connections reserve their memory in `budget`.
    pub fn new(router: Router, handler: Arc<dyn Handler>, budget: Arc<Budget>) -> Self {
        Self { router, handler, http_handler: None, budget }
    }

    /// Hands requests for paths that no method has to `http_handler`.
    #[must_use]
    pub fn with_http_handler(self, http_handler: Arc<dyn HttpHandler>) -> Self {
        Self { http_handler: Some(http_handler), ..self }
    }

    /// The memory of all connections.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Responds to one request of the connection that `budget` is for. When `call` is aborted, the response says so.
    pub fn serve(
        &self,
        request: AdmittedRequest,
        peer: Peer,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
    ) -> impl Future<Output = HttpResponse<ResponseBody>> {
        let AdmittedRequest { parts, body, reservation } = request;
        let response = self.respond(parts, body.of_call(call), peer, budget, call);
        response.map(|response| response.map(|body| body.holding(reservation)))
    }

    async fn respond(
        &self,
        mut parts: Box<Parts>,
        body: RequestBody,
        peer: Peer,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
    ) -> HttpResponse<ResponseBody> {
        if !is_framing_known(&parts) {
            return plain_response(StatusCode::NOT_IMPLEMENTED, "Not Implemented");
        }
        let Some(url) = url(&parts, peer) else {
            return plain_response(StatusCode::BAD_REQUEST, "Bad Request");
        };
        parts.headers.remove(INTERNAL_TRANSPORT);
        let Some(method) = self.router.find(parts.uri.path()) else {
            return self.serve_http(&parts, body, peer, budget, call).await;
        };
        let method = Arc::clone(method);
        call.set_method(&method);
        let (wire, query) = match Wire::of(&parts, &method) {
            Ok(accepted) => accepted,
            Err(response) => {
                discard_rest(body).await;
                return *response;
            }
        };
        let ProtocolHeaders { deadline, compression, rejection } =
            ProtocolHeaders::read(wire, query.as_deref(), &parts, &method);
        let writer = ResponseWriter {
            wire,
            version: parts.version,
            compression: ResponseCompression {
                encoding: compression.response,
                min_bytes: method.options.compress_min_bytes,
            },
            deadline,
            budget: Arc::clone(budget),
        };
        let expired = || deadline.has_passed().then(Error::deadline_exceeded);
        if let Some(error) = rejection.or_else(expired) {
            discard_rest(body).await;
            return writer.write(Err(error.into())).await;
        }
        let mut body = Some(body);
        let result = {
            let activity = call.activity().clone();
            let mut work = pin!(deadline.bound(catch_panics(async {
                let encoding = compression.request;
                let messages = read_messages(wire, query, &parts, &mut body, &method, encoding, budget).await?;
                self.call(wire, *parts, method, url, deadline, messages, budget, activity).await
            })));
            poll_fn(|cx| match work.as_mut().poll(cx) {
                Poll::Pending => call.poll_aborted(cx).map(|error| Err(error.into())),
                Poll::Ready(result) => Poll::Ready(result.unwrap_or_else(|expired| Err(expired.into()))),
            })
            .await
        };
        if result.as_ref().is_err_and(|failure| failure.error.code == Code::Canceled) {
            call.was_reset();
        }
        // Of a message that could not be read, or not in time. After an abort the connection is closed, with what it
        // still receives.
        if let Some(rest) = body.filter(|_| call.aborted().is_none()) {
            lingering_close(rest);
        }
        match AssertUnwindSafe(writer.write(result)).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => writer.write(Err(Error::panicked("writing a response", &*panic).into())).await,
        }
    }

    /// Responds to a plain HTTP request: one for a path that no method has.
    async fn serve_http(
        &self,
        parts: &Parts,
        body: RequestBody,
        peer: Peer,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
    ) -> HttpResponse<ResponseBody> {
        let Some(http_handler) = &self.http_handler else {
            discard_rest(body).await;
            return not_found(parts, budget);
        };
        let mut work = pin!(AssertUnwindSafe(http_handler.call(parts, body, peer, budget)).catch_unwind());
        let result = poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Pending => call.poll_aborted(cx).map(|_| None),
            Poll::Ready(result) => Poll::Ready(Some(result)),
        });
        match result.await {
            None => plain_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Some(Ok(response)) => response.unwrap_or_else(|| not_found(parts, budget)),
            Some(Err(panic)) => {
                Error::panicked("an HTTP handler", &*panic).log();
                plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the facts of a request, each of which a Request has")]
    fn call(
        &self,
        wire: Wire,
        parts: Parts,
        method: Arc<Method>,
        url: String,
        deadline: Deadline,
        messages: RequestMessages,
        budget: &Arc<ConnectionBudget>,
        activity: Activity,
    ) -> impl Future<Output = Result<Response, Failure>> {
        let request = Request {
            method,
            protocol: wire.protocol(),
            codec: wire.codec(),
            get: parts.method == Verb::GET,
            version: parts.version,
            url,
            headers: parts.headers,
            deadline,
            messages,
            budget: Arc::clone(budget),
            activity,
        };
        self.handler.call(request)
    }
}

/// Turns a panic into `internal`: a bug of ours fails the call that it happens in, and nothing else.
fn catch_panics(
    call: impl Future<Output = Result<Response, Failure>>,
) -> impl Future<Output = Result<Response, Failure>> {
    let result = AssertUnwindSafe(call).catch_unwind();
    result.map(|result| result.unwrap_or_else(|panic| Err(Error::panicked("a call", &*panic).into())))
}

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

use super::cors::{Cors, CrossOrigin};
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

/// Serves the methods of one server.
pub struct RpcService {
    router: Router,
    /// Serves every method; on a server of JavaScript it is [`Handlers`](super::Handlers).
    handler: Arc<dyn Handler>,
    http_handler: Option<Arc<dyn HttpHandler>>,
    cors: Option<Cors>,
    budget: Arc<Budget>,
}

impl RpcService {
    /// Serves the methods of `router` with `handler`. Connections reserve their memory in `budget`.
    pub fn new(router: Router, handler: Arc<dyn Handler>, budget: Arc<Budget>) -> Self {
        Self { router, handler, http_handler: None, cors: None, budget }
    }

    /// Hands requests for paths that no method has to `http_handler`.
    #[must_use]
    pub fn with_http_handler(self, http_handler: Arc<dyn HttpHandler>) -> Self {
        Self { http_handler: Some(http_handler), ..self }
    }

    /// Lets pages of other origins call the methods.
    #[must_use]
    pub fn with_cors(self, cors: Cors) -> Self {
        Self { cors: Some(cors), ..self }
    }

    /// The memory of all connections.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Reserves the head of a request in `budget`. To be called before anything else waits: what waits is held. Its
    /// client may send nothing for `timeout` before the rest has arrived.
    ///
    /// # Errors
    ///
    /// The response when the budget has no room.
    pub fn admit(
        &self,
        request: http::Request<Incoming>,
        budget: &Arc<ConnectionBudget>,
        timeout: Option<Duration>,
    ) -> Result<AdmittedRequest, Box<HttpResponse<ResponseBody>>> {
        let (parts, body) = request.into_parts();
        let body = RequestBody::new(body, &parts, timeout);
        match budget.reserve(head_size(&parts)) {
            Ok(reservation) => Ok(AdmittedRequest { parts: Box::new(parts), body, reservation }),
            Err(error) => {
                lingering_close(body);
                let mut response = refused(&parts, &error, budget);
                if let Some(cors) = &self.cors {
                    cors.request(&parts.headers).add_to(&mut response);
                }
                Err(Box::new(response))
            }
        }
    }

    /// Responds to one request of the connection that `budget` is for. When `call` is aborted, the response says so.
    pub async fn serve(
        &self,
        request: AdmittedRequest,
        peer: &Arc<Peer>,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
    ) -> HttpResponse<ResponseBody> {
        let AdmittedRequest { parts, body, reservation } = request;
        let mut cross_origin = self.cors.as_ref().map(|cors| cors.request(&parts.headers));
        let mut response = self.respond(parts, body.of_call(call), peer, budget, call, &mut cross_origin).await;
        if let Some(cross_origin) = cross_origin {
            cross_origin.add_to(&mut response);
        }
        response.map(|body| body.holding(reservation))
    }

    /// The response, to which CORS adds what is left in `cross_origin`.
    async fn respond(
        &self,
        mut parts: Box<Parts>,
        body: RequestBody,
        peer: &Arc<Peer>,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
        cross_origin: &mut Option<CrossOrigin<'_>>,
    ) -> HttpResponse<ResponseBody> {
        if !is_framing_known(&parts) {
            return plain_response(StatusCode::NOT_IMPLEMENTED, "Not Implemented");
        }
        let Some(url) = url(&parts, peer) else {
            return plain_response(StatusCode::BAD_REQUEST, "Bad Request");
        };
        parts.headers.remove(INTERNAL_TRANSPORT);
        let method = self.router.find(parts.uri.path());
        if let Some(cross_origin) = &*cross_origin
            && let Some(response) = cross_origin.preflight(&parts, method.map(|method| &**method))
        {
            discard_rest(body).await;
            return response;
        }
        let Some(method) = method else {
            return self.serve_http(&parts, body, peer, budget, call, cross_origin).await;
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
                self.call(wire, *parts, method, url, deadline, messages, budget, activity, Arc::clone(peer)).await
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

    /// Responds to a plain HTTP request: one for a path that no method has. Whoever serves it decides about CORS,
    /// unless the policy is for all.
    async fn serve_http(
        &self,
        parts: &Parts,
        body: RequestBody,
        peer: &Arc<Peer>,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
        cross_origin: &mut Option<CrossOrigin<'_>>,
    ) -> HttpResponse<ResponseBody> {
        let response = self.ask_http_handler(parts, body, peer, budget, call).await;
        if let Some(response) = response {
            *cross_origin = cross_origin.take().filter(CrossOrigin::is_for_handlers);
            return response;
        }
        let preflight = cross_origin.as_ref().and_then(|cross_origin| cross_origin.preflight_of_nobody(parts));
        preflight.unwrap_or_else(|| not_found(parts, budget))
    }

    /// The response of the HTTP handler, or for its failure; `None` if nobody serves the path.
    async fn ask_http_handler(
        &self,
        parts: &Parts,
        body: RequestBody,
        peer: &Arc<Peer>,
        budget: &Arc<ConnectionBudget>,
        call: &mut ActiveCall,
    ) -> Option<HttpResponse<ResponseBody>> {
        let Some(http_handler) = &self.http_handler else {
            discard_rest(body).await;
            return None;
        };
        let mut work = pin!(
            AssertUnwindSafe(http_handler.call(parts, body, peer, budget, call.activity().clone())).catch_unwind()
        );
        let result = poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Pending => call.poll_aborted(cx).map(|_| None),
            Poll::Ready(result) => Poll::Ready(Some(result)),
        });
        match result.await {
            None => Some(plain_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")),
            Some(Ok(response)) => response,
            Some(Err(panic)) => {
                Error::panicked("an HTTP handler", &*panic).log();
                Some(plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
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
        peer: Arc<Peer>,
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
            peer,
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

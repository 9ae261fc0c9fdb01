//! Health over plain HTTP, for load balancers and orchestrators.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method as Verb, Response, StatusCode};
use serde::Serialize;

use super::{Health, Status};
use crate::call::{Activity, ConnectionBudget, Peer, RequestBody};
use crate::protocol::{ResponseBody, plain_response};
use crate::rpc::{HttpHandler, HttpHandlerFuture, discard_rest};

/// The status may change at any moment.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The question that a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Whether the event loop is alive.
    Live,
    /// Whether the server, or the service of the query, is ready for calls.
    Ready,
    /// Whether the server has ever been ready.
    Started,
    /// Whether the server, or the service of the query, is serving, even if the event loop is late.
    Health,
}

impl Probe {
    /// The probe at a path; any but the three well-known ones is [`Self::Health`].
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path {
            "/livez" => Self::Live,
            "/readyz" => Self::Ready,
            "/startupz" => Self::Started,
            _ => Self::Health,
        }
    }

    /// The result of the probe, for one service if it is about one.
    fn result(self, health: &Health, service: Option<&str>) -> Status {
        match (self, service.filter(|name| !name.is_empty())) {
            (Self::Live, _) => Status::of(health.is_alive()),
            (Self::Started, _) => Status::of(health.has_been_ready()),
            (Self::Ready, None) => Status::of(health.is_ready()),
            (Self::Health, None) => Status::of(health.all_serve()),
            (Self::Ready, Some(name)) => match health.check(name) {
                Some(Status::Serving) => Status::of(!health.is_late()),
                status => status.unwrap_or(Status::ServiceUnknown),
            },
            (Self::Health, Some(name)) => health.check(name).unwrap_or(Status::ServiceUnknown),
        }
    }
}

/// Serves the paths of the endpoints, and leaves others to the next handler.
pub struct HealthEndpoints {
    health: Arc<Health>,
    probes: HashMap<String, Probe>,
    next: Option<Arc<dyn HttpHandler>>,
}

impl HealthEndpoints {
    /// Serves `paths`, each matched exactly; others are for `next`.
    #[must_use]
    pub fn new(health: Arc<Health>, paths: Vec<String>, next: Option<Arc<dyn HttpHandler>>) -> Self {
        let probes = paths
            .into_iter()
            .map(|path| {
                let probe = Probe::of(&path);
                (path, probe)
            })
            .collect();
        Self { health, probes, next }
    }
}

impl HttpHandler for HealthEndpoints {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        body: RequestBody,
        peer: &'a Arc<Peer>,
        budget: &'a Arc<ConnectionBudget>,
        activity: Activity,
    ) -> HttpHandlerFuture<'a> {
        match (self.probes.get(parts.uri.path()), &self.next) {
            (Some(probe), _) => Box::pin(async {
                discard_rest(body).await;
                Some(respond(*probe, &self.health, parts))
            }),
            (None, Some(next)) => next.call(parts, body, peer, budget, activity),
            (None, None) => Box::pin(async {
                discard_rest(body).await;
                None
            }),
        }
    }
}

/// The body of a response, its keys in this order.
#[derive(Serialize)]
struct Report<'a> {
    status: &'static str,
    service: &'a str,
    timestamp: String,
    /// Of a server that is not ready: the entries that are not serving.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<Vec<String>>,
}

/// The most entries that a response names.
const MAX_FAILING: usize = 20;

fn respond(probe: Probe, health: &Health, parts: &Parts) -> Response<ResponseBody> {
    if parts.method != Verb::GET && parts.method != Verb::HEAD {
        let mut response = plain_response(StatusCode::METHOD_NOT_ALLOWED, "");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        return response;
    }
    let service = match probe {
        // These are about the process as a whole. The response must not look as if it were about the service of the
        // query.
        Probe::Live | Probe::Started => None,
        Probe::Ready | Probe::Health => service(parts.uri.query().unwrap_or_default()),
    };
    let is_about_the_server = probe == Probe::Ready && service.as_deref().unwrap_or_default().is_empty();
    let status = probe.result(health, service.as_deref());
    let report = Report {
        status: status.name(),
        service: service.as_deref().unwrap_or("overall"),
        timestamp: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
        failing: (is_about_the_server && status != Status::Serving).then(|| health.failing(MAX_FAILING)),
    };
    let Ok(body) = serde_json::to_vec(&report) else {
        return plain_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let mut response = Response::new(ResponseBody::full(body));
    *response.status_mut() = match status {
        Status::Serving => StatusCode::OK,
        Status::ServiceUnknown => StatusCode::NOT_FOUND,
        Status::Unknown | Status::NotServing | Status::Other(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

/// The first `service` of a query, decoded.
fn service(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == "service").then(|| value.into_owned()))
}

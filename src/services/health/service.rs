//! Serves `grpc.health.v1.Health`.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::messages::{HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse};
use super::{Health, MAX_WATCHERS, Watch};
use crate::call::{
    Code, Codec, ConnectionBudget, Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages,
    Reservation, ReservedBytes, Response, ResponseEvent, ResponseMessages, ResponseStream,
};
use crate::services::MessageCodec;
use crate::services::long_work::LongWork;

/// The largest request message: a name, and room for what a client of another version may add.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The most entries that `List` returns; with more, clients have to ask for single ones.
const MOST_LISTED: usize = 1000;

/// Larger requests are long work, and so is a `List` of more entries.
const SHORT_REQUEST_BYTES: usize = 4 * 1024;
const SHORT_LIST: usize = 100;

/// The memory of one `Watch` besides the name that it is for: its stream and its place among the watchers.
const WATCH_BYTES: usize = 1024;

const CHECK_REQUEST: &str = "grpc.health.v1.HealthCheckRequest";
const CHECK_RESPONSE: &str = "grpc.health.v1.HealthCheckResponse";
const LIST_REQUEST: &str = "grpc.health.v1.HealthListRequest";
const LIST_RESPONSE: &str = "grpc.health.v1.HealthListResponse";

/// The handler of `Check`, `List` and `Watch`.
pub struct HealthService {
    health: Arc<Health>,
    messages: Arc<MessageCodec>,
    long_work: LongWork,
}

impl HealthService {
    /// Serves `health`, with messages serialized by `messages`.
    #[must_use]
    pub fn new(health: Arc<Health>, messages: Arc<MessageCodec>) -> Self {
        Self { health, messages, long_work: LongWork::of("health") }
    }

    fn open(&self, request: Request) -> Result<Call, Error> {
        let misregistered = || Error::internal(format!("{} is no method of health", request.method.path));
        let RequestMessages::One(message) = request.messages else {
            return Err(misregistered());
        };
        let method = match request.method.path.rsplit('/').next() {
            Some("Check") => Method::Check,
            Some("List") => Method::List,
            Some("Watch") => Method::Watch,
            _ => return Err(misregistered()),
        };
        Ok(Call {
            method,
            codec: request.codec,
            message,
            health: Arc::clone(&self.health),
            messages: Arc::clone(&self.messages),
            budget: request.budget,
        })
    }
}

impl Handler for HealthService {
    fn call(&self, request: Request) -> HandlerFuture {
        let (call, long_work) = (self.open(request), self.long_work.clone());
        Box::pin(async move {
            let call = call?;
            if call.is_long() { long_work.run(|| call.serve()).await? } else { call.serve() }
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Check,
    List,
    Watch,
}

/// One call, with all that it takes to serve it on any thread.
struct Call {
    method: Method,
    codec: Codec,
    message: ReservedBytes,
    health: Arc<Health>,
    messages: Arc<MessageCodec>,
    budget: Arc<ConnectionBudget>,
}

impl Call {
    /// Whether to serve it would take long.
    fn is_long(&self) -> bool {
        self.message.len() > SHORT_REQUEST_BYTES
            || (self.method == Method::List && self.health.entry_count() > SHORT_LIST)
    }

    fn serve(self) -> Result<Response, Failure> {
        let messages = match self.method {
            Method::Check => self.check()?,
            Method::List => self.list()?,
            Method::Watch => ResponseMessages::Stream(Box::new(self.watch()?)),
        };
        Ok(Response { header: Metadata::new(), messages })
    }

    fn check(&self) -> Result<ResponseMessages, Error> {
        let HealthCheckRequest { service } = self.read(CHECK_REQUEST)?;
        let Some(status) = self.health.check(&service) else {
            return Err(Error::new(Code::NotFound, format!("Service '{service}' not found")));
        };
        let bytes = self.messages.write(self.codec, CHECK_RESPONSE, &HealthCheckResponse::from(status))?;
        Ok(ResponseMessages::One(ReservedBytes::new(bytes, self.budget.empty_reservation()), Metadata::new()))
    }

    fn list(&self) -> Result<ResponseMessages, Error> {
        let HealthListRequest {} = self.read(LIST_REQUEST)?;
        let count = self.health.entry_count();
        if count > MOST_LISTED {
            let text = format!(
                "{count} health entries are more than the {MOST_LISTED} that List returns: ask Check for single ones"
            );
            return Err(Error::new(Code::ResourceExhausted, text));
        }
        let statuses = self.health.list().into_iter().map(|(name, status)| (String::from(&*name), status.into()));
        let response = HealthListResponse { statuses: statuses.collect() };
        let bytes = self.messages.write(self.codec, LIST_RESPONSE, &response)?;
        let reservation = self.budget.reserve(bytes.len())?;
        Ok(ResponseMessages::One(ReservedBytes::new(bytes, reservation), Metadata::new()))
    }

    fn watch(self) -> Result<Statuses, Error> {
        let HealthCheckRequest { service } = self.read(CHECK_REQUEST)?;
        // Both are kept for as long as the client watches.
        let memory = self.budget.reserve(WATCH_BYTES + service.len())?;
        let Some(watch) = self.health.watch(&service) else {
            let text = format!("{MAX_WATCHERS} clients watch the health of this server already: ask Check instead");
            return Err(Error::new(Code::ResourceExhausted, text));
        };
        let Self { codec, messages, budget, .. } = self;
        Ok(Statuses { watch, codec, messages, budget, _memory: memory })
    }

    fn read<M: prost::Message + Default>(&self, name: &str) -> Result<M, Error> {
        self.messages.read(self.codec, name, &self.message)
    }
}

/// The responses of a `Watch`.
struct Statuses {
    watch: Watch,
    codec: Codec,
    messages: Arc<MessageCodec>,
    budget: Arc<ConnectionBudget>,
    _memory: Reservation,
}

impl ResponseStream for Statuses {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.watch.poll_next(cx).map(|status| {
            let Some(status) = status else {
                return ResponseEvent::End(Metadata::new(), None);
            };
            match self.messages.write(self.codec, CHECK_RESPONSE, &HealthCheckResponse::from(status)) {
                Ok(bytes) => ResponseEvent::Message(ReservedBytes::new(bytes, self.budget.empty_reservation())),
                Err(error) => ResponseEvent::End(Metadata::new(), Some(error)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;
    use std::time::Duration;

    use http::HeaderMap;
    use prost::Message as _;

    use super::*;
    use crate::call::{Activity, Budget, Cardinality, Deadline, Limits, MethodOptions, Peer, Protocol, Window};
    use crate::services::JsonOptions;
    use crate::services::health::{EventLoopLimits, FILES, Status};

    /// A service, what it serves, and a budget of `bytes`.
    fn service(bytes: usize) -> (HealthService, Arc<Health>, Arc<ConnectionBudget>) {
        let limits = EventLoopLimits { ready: Duration::from_secs(60), live: Duration::from_secs(60) };
        let health = Health::new(limits);
        let budget = Budget::new(Limits { total: bytes, connection: bytes, own: 0 });
        let budget = budget.connection(Window { stream_bytes: 0, full_streams: 0 });
        let messages = Arc::new(MessageCodec::new(FILES, JsonOptions::default()));
        (HealthService::new(Arc::clone(&health), messages), health, budget)
    }

    fn request(method: &str, codec: Codec, message: Vec<u8>, budget: &Arc<ConnectionBudget>) -> Request {
        let path = format!("/grpc.health.v1.Health/{method}");
        let (url, options) = (format!("http://h{path}"), MethodOptions::default());
        let (request, response) = (Cardinality::One, Cardinality::One);
        let method = crate::call::Method { path, index: 0, request, response, side_effect_free: false, options };
        Request {
            method: Arc::new(method),
            protocol: Protocol::Grpc,
            codec,
            get: false,
            version: http::Version::HTTP_2,
            url,
            headers: HeaderMap::new(),
            deadline: Deadline::none(),
            // The message is not what these tests count.
            messages: RequestMessages::One(ReservedBytes::new(message.into(), budget.empty_reservation())),
            budget: Arc::clone(budget),
            activity: Activity::default(),
            peer: Arc::new(Peer::of_test()),
        }
    }

    /// A request about a service with a name of this length.
    fn about(method: &str, length: usize, budget: &Arc<ConnectionBudget>) -> Request {
        request(method, Codec::Proto, HealthCheckRequest { service: "x".repeat(length) }.encode_to_vec(), budget)
    }

    fn code(result: Result<Response, Failure>) -> Option<Code> {
        result.err().map(|failure| failure.error.code)
    }

    #[tokio::test]
    async fn a_watch_reserves_its_name_and_a_flat_price_until_it_ends() {
        let each = 1000 + WATCH_BYTES;
        let (service, _, budget) = service(3 * each);
        let mut watches = Vec::new();
        for _ in 0..3 {
            watches.push(service.call(about("Watch", 1000, &budget)).await.expect("there is room"));
        }
        assert_eq!(budget.used(), 3 * each);
        assert_eq!(code(service.call(about("Watch", 0, &budget)).await), Some(Code::ResourceExhausted), "no more");
        drop(watches);
        assert_eq!(budget.used(), 0, "given back");
    }

    // contract: HC-35
    #[tokio::test]
    async fn only_so_many_clients_may_watch_a_server() {
        let (service, _, budget) = service(1 << 30);
        let mut watches = Vec::new();
        for count in 0..MAX_WATCHERS {
            watches.push(service.call(about("Watch", count % 2, &budget)).await.expect("there is room"));
        }
        let used = budget.used();
        assert_eq!(code(service.call(about("Watch", 0, &budget)).await), Some(Code::ResourceExhausted));
        assert_eq!(budget.used(), used, "the refused one holds nothing");
        watches.pop();
        let again = service.call(about("Watch", 0, &budget)).await;
        assert_eq!(code(again), None, "a place is given back");
    }

    #[tokio::test]
    async fn what_takes_long_leaves_the_thread_and_the_rest_does_not() {
        let (service, health, budget) = service(1 << 30);
        let named = |count: usize| (0..count).map(|number| (format!("service {number}"), Some(Status::Serving)));
        let json = |length: usize| format!(r#"{{"service":"","other":"{}"}}"#, "x".repeat(length)).into_bytes();
        health.report(named(SHORT_LIST));
        let short = [
            about("Check", 0, &budget),
            about("Watch", SHORT_REQUEST_BYTES / 2, &budget),
            request("Check", Codec::Json, json(SHORT_REQUEST_BYTES / 2), &budget),
            request("List", Codec::Json, b"{}".to_vec(), &budget),
        ];
        // A piece of long work that others wait for.
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn(service.long_work.run(move || ended.recv().is_err()));
        tokio::task::yield_now().await;
        let mut cx = Context::from_waker(Waker::noop());
        for request in short {
            let path = request.method.path.clone();
            assert!(service.call(request).as_mut().poll(&mut cx).is_ready(), "{path} is served at once");
        }
        health.report(named(SHORT_LIST + 1));
        let long = [
            about("Watch", SHORT_REQUEST_BYTES, &budget),
            request("Check", Codec::Json, json(SHORT_REQUEST_BYTES), &budget),
            request("List", Codec::Proto, Vec::new(), &budget),
        ];
        let mut waiting = Vec::new();
        for request in long {
            let path = request.method.path.clone();
            let mut response = service.call(request);
            assert!(response.as_mut().poll(&mut cx).is_pending(), "{path} is served elsewhere");
            waiting.push(response);
        }
        drop(end);
        assert!(first.await.expect("no panic").expect("a result"));
        for response in waiting {
            assert_eq!(code(response.await), None);
        }
    }

    #[tokio::test]
    async fn a_list_counts_against_the_budget_until_it_is_sent() {
        let (service, health, budget) = service(1 << 20);
        health.report((0..1000).map(|number| (format!("service {number}"), Some(Status::Serving))));
        let response = service.call(request("List", Codec::Proto, Vec::new(), &budget)).await.expect("a list");
        assert!(budget.used() > 10_000, "{} bytes", budget.used());
        drop(response);
        assert_eq!(budget.used(), 0);
    }
}

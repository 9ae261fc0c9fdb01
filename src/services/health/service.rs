//! Serves `grpc.health.v1.Health`.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::messages::{HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse};
use super::{Health, Watch};
use crate::call::{
    Code, Codec, ConnectionBudget, Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages,
    Reservation, ReservedBytes, Response, ResponseEvent, ResponseMessages, ResponseStream,
};
use crate::services::MessageCodec;

/// The most entries that `List` returns; with more, clients have to ask for single ones.
const MOST_LISTED: usize = 1000;

const CHECK_REQUEST: &str = "grpc.health.v1.HealthCheckRequest";
const CHECK_RESPONSE: &str = "grpc.health.v1.HealthCheckResponse";
const LIST_REQUEST: &str = "grpc.health.v1.HealthListRequest";
const LIST_RESPONSE: &str = "grpc.health.v1.HealthListResponse";

/// The handler of `Check`, `List` and `Watch`.
pub struct HealthService {
    health: Arc<Health>,
    messages: Arc<MessageCodec>,
}

impl HealthService {
    /// Serves `health`, with messages serialized by `messages`.
    #[must_use]
    pub fn new(health: Arc<Health>, messages: Arc<MessageCodec>) -> Self {
        Self { health, messages }
    }

    fn serve(&self, request: Request) -> Result<Response, Failure> {
        let (codec, budget) = (request.codec, &request.budget);
        let misregistered = || Error::internal(format!("{} is no method of health", request.method.path));
        let RequestMessages::One(message) = request.messages else {
            return Err(misregistered().into());
        };
        let messages = match request.method.path.rsplit('/').next() {
            Some("Check") => self.one(codec, CHECK_RESPONSE, &self.check(codec, &message)?, budget)?,
            Some("List") => self.one(codec, LIST_RESPONSE, &self.list(codec, &message)?, budget)?,
            Some("Watch") => ResponseMessages::Stream(Box::new(self.watch(codec, &message, budget)?)),
            _ => return Err(misregistered().into()),
        };
        Ok(Response { header: Metadata::new(), messages })
    }

    fn check(&self, codec: Codec, message: &[u8]) -> Result<HealthCheckResponse, Error> {
        let HealthCheckRequest { service } = self.read(codec, CHECK_REQUEST, message)?;
        match self.health.check(&service) {
            Some(status) => Ok(status.into()),
            None => Err(Error::new(Code::NotFound, format!("Service '{service}' not found"))),
        }
    }

    fn list(&self, codec: Codec, message: &[u8]) -> Result<HealthListResponse, Error> {
        let HealthListRequest {} = self.read(codec, LIST_REQUEST, message)?;
        let entries = self.health.list();
        // The first is the server as a whole.
        let count = entries.len() - 1;
        if count > MOST_LISTED {
            let text = format!(
                "{count} health entries are more than the {MOST_LISTED} that List returns: ask Check for single ones"
            );
            return Err(Error::new(Code::ResourceExhausted, text));
        }
        Ok(HealthListResponse { statuses: entries.into_iter().map(|(name, status)| (name, status.into())).collect() })
    }

    fn watch(&self, codec: Codec, message: &[u8], budget: &Arc<ConnectionBudget>) -> Result<Statuses, Error> {
        let HealthCheckRequest { service } = self.read(codec, CHECK_REQUEST, message)?;
        // The name is kept for as long as the client watches.
        let name = budget.reserve(service.len())?;
        let (messages, budget) = (Arc::clone(&self.messages), Arc::clone(budget));
        Ok(Statuses { watch: self.health.watch(service), codec, messages, budget, _name: name })
    }

    fn read<M: prost::Message + Default>(&self, codec: Codec, name: &str, message: &[u8]) -> Result<M, Error> {
        self.messages.read(codec, name, message)
    }

    fn one(
        &self,
        codec: Codec,
        name: &str,
        message: &impl prost::Message,
        budget: &Arc<ConnectionBudget>,
    ) -> Result<ResponseMessages, Error> {
        let bytes = self.messages.write(codec, name, message)?;
        let reservation = budget.reserve(bytes.len())?;
        Ok(ResponseMessages::One(ReservedBytes::new(bytes, reservation), Metadata::new()))
    }
}

impl Handler for HealthService {
    fn call(&self, request: Request) -> HandlerFuture {
        let result = self.serve(request);
        Box::pin(async { result })
    }
}

/// The responses of a `Watch`.
struct Statuses {
    watch: Watch,
    codec: Codec,
    messages: Arc<MessageCodec>,
    budget: Arc<ConnectionBudget>,
    /// The memory of the service's name.
    _name: Reservation,
}

impl ResponseStream for Statuses {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.watch.poll_next(cx).map(|status| {
            let Some(status) = status else {
                return ResponseEvent::End(Metadata::new(), None);
            };
            match self.messages.write(self.codec, CHECK_RESPONSE, &HealthCheckResponse::from(status)) {
                Ok(bytes) => ResponseEvent::Message(ReservedBytes::unchecked(bytes, &self.budget)),
                Err(error) => ResponseEvent::End(Metadata::new(), Some(error)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::call::{Budget, Limits, Window};
    use crate::services::JsonOptions;
    use crate::services::health::{EventLoopLimits, FILES};

    #[test]
    fn the_names_that_clients_watch_are_reserved_in_the_budget() {
        let limits = EventLoopLimits { ready: Duration::from_secs(1), live: Duration::from_secs(30) };
        let budget = Budget::new(Limits { total: 3000, connection: 3000, own: 0 });
        let connection = budget.connection(Window { stream_bytes: 0, full_streams: 0 });
        let messages = Arc::new(MessageCodec::new(FILES, JsonOptions::default()));
        let service = HealthService::new(Health::new(limits), messages);
        let request = HealthCheckRequest { service: "x".repeat(1000) };
        let bytes = prost::Message::encode_to_vec(&request);
        let watch = || service.watch(Codec::Proto, &bytes, &connection);
        let watches: Vec<_> = (0..3).map(|_| watch().expect("there is room")).collect();
        assert_eq!(budget.used(), 3000);
        assert_eq!(watch().err().map(|error| error.code), Some(Code::ResourceExhausted), "no more");
        drop(watches);
        assert_eq!(budget.used(), 0, "given back");
    }
}

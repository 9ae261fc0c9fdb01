//! Serves `ServerReflectionInfo`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

use super::PATHS;
use super::respond::{refusal, respond};
use crate::call::{
    Codec, ConnectionBudget, Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages, ReservedBytes,
    Response, ResponseEvent, ResponseMessages, ResponseStream,
};
use crate::rpc::Metered;
use crate::schema::Schema;
use crate::services::MessageCodec;

/// The handler of the methods at [`PATHS`].
pub struct ReflectionService {
    schema: Arc<Schema>,
    messages: Arc<MessageCodec>,
    ended: watch::Sender<bool>,
}

impl ReflectionService {
    /// Serves `schema`. `messages` is the codec of [`FILES`](super::FILES).
    #[must_use]
    pub fn new(schema: Arc<Schema>, messages: Arc<MessageCodec>) -> Self {
        Self { schema, messages, ended: watch::Sender::new(false) }
    }

    /// Ends all streams that wait for a request, now and later: the server is draining, and clients keep streams open.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }

    fn open(&self, request: Request) -> Result<Response, Failure> {
        let RequestMessages::Stream(reader) = request.messages else {
            let path = &request.method.path;
            let text = format!("a method of reflection was registered without request stream (path: {path})");
            return Err(Error::internal(text).into());
        };
        let requests = Metered::new(reader, &request.budget)?;
        let mut ended = self.ended.subscribe();
        let responses = Responses {
            requests,
            names: Names::of(&request.method.path),
            codec: request.codec,
            sent: vec![0; self.schema.file_count()],
            schema: Arc::clone(&self.schema),
            messages: Arc::clone(&self.messages),
            budget: request.budget,
            ended: Box::pin(async move {
                // An error means that the service itself is gone.
                let _ = ended.wait_for(|has_ended| *has_ended).await;
            }),
        };
        Ok(Response { header: Metadata::new(), messages: ResponseMessages::Stream(Box::new(responses)) })
    }
}

impl Handler for ReflectionService {
    fn call(&self, request: Request) -> HandlerFuture {
        Box::pin(std::future::ready(self.open(request)))
    }
}

/// The full names of the messages in one version.
struct Names {
    request: &'static str,
    response: &'static str,
}

impl Names {
    /// The names in the version of the method at `path`.
    fn of(path: &str) -> Self {
        if path == PATHS[1] {
            Self {
                request: "grpc.reflection.v1alpha.ServerReflectionRequest",
                response: "grpc.reflection.v1alpha.ServerReflectionResponse",
            }
        } else {
            Self {
                request: "grpc.reflection.v1.ServerReflectionRequest",
                response: "grpc.reflection.v1.ServerReflectionResponse",
            }
        }
    }
}

/// The responses of one stream. The next request is only read when the client has room for its response.
struct Responses {
    requests: Metered,
    names: Names,
    codec: Codec,
    sent: Vec<u8>,
    schema: Arc<Schema>,
    messages: Arc<MessageCodec>,
    budget: Arc<ConnectionBudget>,
    /// Ready when the server is draining.
    ended: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Responses {
    fn respond(&mut self, request: &[u8]) -> Result<ReservedBytes, Error> {
        let response = match self.messages.read(self.codec, self.names.request, request) {
            Ok(request) => respond(&self.schema, request, &mut self.sent),
            Err(error) => {
                error.log();
                refusal(error.message)
            }
        };
        let bytes = self.messages.write(self.codec, self.names.response, &response)?;
        let reservation = self.budget.reserve(bytes.len())?;
        Ok(ReservedBytes::new(bytes, reservation))
    }
}

impl ResponseStream for Responses {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        let end = |error| Poll::Ready(ResponseEvent::End(Metadata::new(), error));
        let response = match self.requests.poll_next(cx) {
            Poll::Ready(Some(Ok(request))) => self.respond(&request),
            Poll::Ready(Some(Err(error))) => Err(error),
            Poll::Ready(None) => return end(None),
            Poll::Pending if self.ended.as_mut().poll(cx).is_ready() => {
                Err(Error::unavailable("the server is shutting down"))
            }
            Poll::Pending => return Poll::Pending,
        };
        match response {
            Ok(message) => {
                self.requests.pause();
                Poll::Ready(ResponseEvent::Message(message))
            }
            Err(error) => end(Some(error)),
        }
    }
}

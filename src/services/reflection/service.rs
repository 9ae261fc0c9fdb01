//! Answers `ServerReflectionInfo`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

use super::PATHS;
use super::answer::{answer, refusal};
use crate::call::{
    Budget, Codec, Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages, ReservedBytes, Response,
    ResponseEvent, ResponseMessages, ResponseStream,
};
use crate::rpc::Metered;
use crate::schema::Schema;
use crate::services::MessageCodec;

/// The handler of the methods at [`PATHS`].
pub struct ReflectionService {
    schema: Arc<Schema>,
    messages: Arc<MessageCodec>,
    budget: Arc<Budget>,
    over: watch::Sender<bool>,
}

impl ReflectionService {
    /// Answers from `schema`, with messages as `messages`, made of [`FILES`](super::FILES), writes them.
    #[must_use]
    pub fn new(schema: Arc<Schema>, messages: Arc<MessageCodec>, budget: Arc<Budget>) -> Self {
        Self { schema, messages, budget, over: watch::Sender::new(false) }
    }

    /// Ends the streams that wait for a question, those to come too: clients keep them open, and the server is going away.
    pub fn end(&self) {
        self.over.send_replace(true);
    }

    fn open(&self, request: Request) -> Result<Response, Failure> {
        let RequestMessages::Stream(reader) = request.messages else {
            tracing::error!(path = request.method.path, "a method of reflection was registered without request stream");
            return Err(Error::internal().into());
        };
        let questions = Metered::new(reader, &self.budget)?;
        let mut over = self.over.subscribe();
        let answers = Answers {
            questions,
            names: Names::of(&request.method.path),
            codec: request.codec,
            sent: vec![0; self.schema.file_count()],
            schema: Arc::clone(&self.schema),
            messages: Arc::clone(&self.messages),
            budget: Arc::clone(&self.budget),
            over: Box::pin(async move {
                // An error means that the service itself is gone.
                let _ = over.wait_for(|is_over| *is_over).await;
            }),
        };
        Ok(Response { header: Metadata::new(), messages: ResponseMessages::Stream(Box::new(answers)) })
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
    /// Those of the version that the method at `path` belongs to.
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

/// The answers of one stream. Each is made when the client has room for it, and only then the next request is read.
struct Answers {
    questions: Metered,
    names: Names,
    codec: Codec,
    sent: Vec<u8>,
    schema: Arc<Schema>,
    messages: Arc<MessageCodec>,
    budget: Arc<Budget>,
    /// Ready when the server goes away.
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Answers {
    fn answer(&mut self, request: &[u8]) -> Result<ReservedBytes, Error> {
        let response = match self.messages.read(self.codec, self.names.request, request) {
            Ok(request) => answer(&self.schema, request, &mut self.sent),
            Err(error) => refusal(error.message),
        };
        let bytes = self.messages.write(self.codec, self.names.response, &response)?;
        let reservation = self.budget.reserve(bytes.len())?;
        Ok(ReservedBytes::new(bytes, reservation))
    }
}

impl ResponseStream for Answers {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        let end = |error| Poll::Ready(ResponseEvent::End(Metadata::new(), error));
        let answer = match self.questions.poll_next(cx) {
            Poll::Ready(Some(Ok(request))) => self.answer(&request),
            Poll::Ready(Some(Err(error))) => Err(error),
            Poll::Ready(None) => return end(None),
            Poll::Pending if self.over.as_mut().poll(cx).is_ready() => {
                Err(Error::unavailable("the server is shutting down"))
            }
            Poll::Pending => return Poll::Pending,
        };
        match answer {
            Ok(message) => {
                self.questions.pause();
                Poll::Ready(ResponseEvent::Message(message))
            }
            Err(error) => end(Some(error)),
        }
    }
}

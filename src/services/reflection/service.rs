//! Serves `ServerReflectionInfo`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::watch;

use super::responder::{Names, Responder};
use crate::call::{
    Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages, ReservedBytes, Response, ResponseEvent,
    ResponseMessages, ResponseStream,
};
use crate::rpc::Metered;
use crate::schema::Schema;
use crate::services::MessageCodec;
use crate::services::long_work::{LongWork, LongWorkFuture};

/// The handler of the methods at [`PATHS`](super::PATHS).
pub struct ReflectionService {
    schema: Arc<Schema>,
    messages: Arc<MessageCodec>,
    long_work: LongWork,
    ended: watch::Sender<bool>,
}

impl ReflectionService {
    /// Serves `schema`. `messages` is the codec of [`FILES`](super::FILES).
    #[must_use]
    pub fn new(schema: Arc<Schema>, messages: Arc<MessageCodec>) -> Self {
        Self { schema, messages, long_work: LongWork::of("reflection"), ended: watch::Sender::new(false) }
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
        let budget = request.budget;
        let requests = Metered::new(reader, &budget)?;
        let mut ended = self.ended.subscribe();
        let responder = Responder {
            schema: Arc::clone(&self.schema),
            messages: Arc::clone(&self.messages),
            names: Names::of(&request.method.path),
            codec: request.codec,
            budget,
        };
        let responses = Responses {
            requests,
            responder: Arc::new(responder),
            sent: vec![0; self.schema.file_count()],
            long_work: self.long_work.clone(),
            underway: None,
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

/// The responses of one stream. The next request is only read when the client has room for its response.
struct Responses {
    requests: Metered,
    responder: Arc<Responder>,
    /// The files sent on the stream. Long work that is under way has them, and gives them back.
    sent: Vec<u8>,
    long_work: LongWork,
    /// The response to the last request, if it takes long.
    underway: Option<LongWorkFuture<(Vec<u8>, Result<ReservedBytes, Error>)>>,
    /// Ready when the server is draining.
    ended: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Responses {
    fn poll_response(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        if self.underway.is_none() {
            let request = match self.requests.poll_next(cx) {
                Poll::Ready(Some(request)) => request?,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending if self.ended.as_mut().poll(cx).is_ready() => {
                    return Poll::Ready(Some(Err(Error::shutting_down())));
                }
                Poll::Pending => return Poll::Pending,
            };
            // Until the client has taken the response.
            self.requests.pause();
            if !self.responder.takes_long(&request) {
                return Poll::Ready(Some(self.responder.respond(&request, &mut self.sent)));
            }
            let (responder, mut sent) = (Arc::clone(&self.responder), std::mem::take(&mut self.sent));
            self.underway = Some(self.long_work.run(move || {
                let response = responder.respond(&request, &mut sent);
                (sent, response)
            }));
        }
        let Some(underway) = &mut self.underway else {
            return Poll::Pending;
        };
        let (sent, response) = ready!(underway.as_mut().poll(cx))?;
        self.underway = None;
        self.sent = sent;
        Poll::Ready(Some(response))
    }
}

impl ResponseStream for Responses {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.poll_response(cx).map(|response| match response {
            Some(Ok(message)) => ResponseEvent::Message(message),
            Some(Err(error)) => ResponseEvent::End(Metadata::new(), Some(error)),
            None => ResponseEvent::End(Metadata::new(), None),
        })
    }
}

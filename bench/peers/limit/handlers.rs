//! Handlers of the benchmark's service, which respond with the bytes of the request.

use std::sync::Arc;

use bytes::Bytes;
use connectum_native::call::{
    Code, ConnectionBudget, Detail, Error, Failure, Handler, HandlerFuture, Metadata, Request, RequestMessages,
    ReservedBytes, Response, ResponseMessages, Source,
};
use http::{HeaderName, HeaderValue};

use super::output_streams::{Each, Repeated};

/// Response messages of a server stream.
const STREAM_LENGTH: usize = 1_000;

pub struct Handlers;

impl Handler for Handlers {
    fn call(&self, request: Request) -> HandlerFuture {
        let method = request.method.path.rsplit('/').next().unwrap_or_default();
        match (method, request.messages) {
            ("Check", RequestMessages::One(_)) => answer(Metadata::new(), serving(&request.budget)),
            ("Fail", RequestMessages::One(message)) => fail(&message),
            ("Context", RequestMessages::One(message)) => {
                let token = request.headers.get("x-bench-token").cloned();
                let header = token.map(|token| (HeaderName::from_static("x-bench-answer"), token));
                answer(header.into_iter().collect(), message)
            }
            ("ServerStream", RequestMessages::One(message)) => {
                let budget = request.budget;
                let repeated = Repeated { message: Bytes::clone(&message), remaining: STREAM_LENGTH, budget };
                Box::pin(std::future::ready(Ok(stream(ResponseMessages::Stream(Box::new(repeated))))))
            }
            ("BidiStream", RequestMessages::Stream(reader)) => {
                Box::pin(std::future::ready(Ok(stream(ResponseMessages::Stream(Box::new(Each(reader)))))))
            }
            (_, RequestMessages::One(message)) => answer(Metadata::new(), message),
            (_, RequestMessages::Stream(reader)) => Box::pin(last(reader)),
        }
    }
}

/// `SERVING`, for every request.
fn serving(budget: &Arc<ConnectionBudget>) -> ReservedBytes {
    ReservedBytes::new(Bytes::from_static(&[8, 1]), budget.empty_reservation())
}

fn stream(messages: ResponseMessages) -> Response {
    Response { header: Metadata::new(), messages }
}

fn answer(header: Metadata, message: ReservedBytes) -> HandlerFuture {
    let messages = ResponseMessages::One(message, Metadata::new());
    Box::pin(std::future::ready(Ok(Response { header, messages })))
}

/// Fails with the request as a detail, and one field of metadata.
fn fail(message: &Bytes) -> HandlerFuture {
    let mut error = Error::new(Code::NotFound, "there is no such thing");
    error.details.push(Detail { type_name: "connectum.bench.v1.Small".into(), value: message.clone(), debug: None });
    error.metadata.push((HeaderName::from_static("x-bench-answer"), HeaderValue::from_static("failed")));
    Box::pin(std::future::ready(Err(error.into())))
}

/// Responds with the last message.
async fn last(mut reader: Box<dyn Source>) -> Result<Response, Failure> {
    let mut last = None;
    while let Some(message) = reader.next().await {
        last = Some(message?);
    }
    let last = last.ok_or_else(|| Error::invalid_argument("the stream has no message"))?;
    Ok(stream(ResponseMessages::One(last, Metadata::new())))
}

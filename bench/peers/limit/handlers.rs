//! How the methods of the benchmark's service are served, all by the bytes that came.

use std::sync::Arc;

use bytes::Bytes;
use connectum_native::protocol::MessageReader;
use connectum_native::rpc::{
    Budget, Code, Detail, Error, Failure, Handler, HandlerFuture, Input, Metadata, Output, Request, ReservedBytes,
    Response,
};
use http::{HeaderName, HeaderValue};

use super::output_streams::{Each, Repeated};

/// Response messages of a server stream.
const STREAM_LENGTH: usize = 1_000;

pub struct Handlers(pub Arc<Budget>);

impl Handler for Handlers {
    fn call(&self, request: Request) -> HandlerFuture {
        let method = request.method.path.rsplit('/').next().unwrap_or_default();
        match (method, request.input) {
            ("Check", Input::One(_)) => answer(Metadata::new(), serving(&self.0)),
            ("Fail", Input::One(message)) => fail(&message),
            ("Context", Input::One(message)) => {
                let token = request.headers.get("x-bench-token").cloned();
                let header = token.map(|token| (HeaderName::from_static("x-bench-answer"), token));
                answer(header.into_iter().collect(), message)
            }
            ("ServerStream", Input::One(message)) => {
                let budget = Arc::clone(&self.0);
                let repeated = Repeated { message: Bytes::clone(&message), left: STREAM_LENGTH, budget };
                Box::pin(std::future::ready(Ok(stream(Output::Stream(Box::new(repeated))))))
            }
            ("BidiStream", Input::Stream(reader)) => {
                Box::pin(std::future::ready(Ok(stream(Output::Stream(Box::new(Each(reader)))))))
            }
            (_, Input::One(message)) => answer(Metadata::new(), message),
            (_, Input::Stream(reader)) => Box::pin(last(reader)),
        }
    }
}

/// `SERVING`, whatever was asked.
fn serving(budget: &Arc<Budget>) -> ReservedBytes {
    ReservedBytes::new(Bytes::from_static(&[8, 1]), budget.open())
}

fn stream(output: Output) -> Response {
    Response { header: Metadata::new(), output }
}

fn answer(header: Metadata, message: ReservedBytes) -> HandlerFuture {
    let output = Output::One(message, Metadata::new());
    Box::pin(std::future::ready(Ok(Response { header, output })))
}

/// Fails with what came as a detail, and one field of metadata.
fn fail(message: &Bytes) -> HandlerFuture {
    let mut error = Error::new(Code::NotFound, "there is no such thing");
    error.details.push(Detail { type_name: "connectum.bench.v1.Small".into(), value: message.clone(), debug: None });
    error.metadata.push((HeaderName::from_static("x-bench-answer"), HeaderValue::from_static("failed")));
    Box::pin(std::future::ready(Err(error.into())))
}

/// Answers with the last message.
async fn last(mut reader: Box<MessageReader>) -> Result<Response, Failure> {
    let mut last = None;
    while let Some(message) = reader.next().await {
        last = Some(message?);
    }
    let last = last.ok_or_else(|| Error::invalid_argument("the stream has no message"))?;
    Ok(stream(Output::One(last, Metadata::new())))
}

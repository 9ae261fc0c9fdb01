//! The messages of a request, decompressed and unframed.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::request::Parts;

use super::compression::decompress;
use super::connect::Query;
use super::message_reader::{MAX_INITIAL_CAPACITY, MessageReader, poll_data, too_large};
use super::wire::Wire;
use crate::call::{
    Cardinality, Code, ConnectionBudget, Encoding, Error, Method, RequestBody, RequestMessages, ReservedBytes,
    Source as _,
};

/// Reads the messages that the handler gets: the only one, or a stream of them.
///
/// `query` is that of a Connect GET. An error comes with the body, unless all of it was read.
pub async fn read_messages(
    wire: Wire,
    query: Option<Box<Query>>,
    parts: &Parts,
    mut body: RequestBody,
    method: &Method,
    encoding: Option<Encoding>,
    budget: &Arc<ConnectionBudget>,
) -> Result<RequestMessages, (Error, Option<RequestBody>)> {
    let limit = method.options.read_max_bytes;
    if let Some(framing) = wire.framing() {
        let mut reader = MessageReader::new(body, framing.is_text(), encoding, limit, budget.empty_reservation());
        if method.request == Cardinality::Stream {
            return Ok(RequestMessages::Stream(Box::new(reader)));
        }
        return match read_only(&mut reader, method).await {
            Ok(message) => Ok(RequestMessages::One(message)),
            Err(error) => Err((error, Some(Box::new(reader).into_body()))),
        };
    }
    let read = match query {
        Some(query) => read_query(*query, limit, budget),
        None => read_whole(parts, &mut body, limit, budget).await,
    };
    let message = match read {
        Ok(message) => message,
        Err(error) => return Err((error, Some(body))),
    };
    match encoding {
        None => Ok(RequestMessages::One(message)),
        Some(encoding) => match decompress(encoding, message, limit).await {
            Ok(message) => Ok(RequestMessages::One(message)),
            Err(error) => Err((error, None)),
        },
    }
}

/// The one message of a body that must have exactly one.
async fn read_only(reader: &mut MessageReader, method: &Method) -> Result<ReservedBytes, Error> {
    let Some(message) = reader.next().await else {
        let text = format!("protocol error: missing input message for {} method", method.kind());
        return Err(Error::new(Code::Unimplemented, text));
    };
    let message = message?;
    match reader.next().await {
        None => Ok(message),
        Some(Err(error)) => Err(error),
        Some(Ok(_)) => {
            let text = format!("protocol error: received extra input message for {} method", method.kind());
            Err(Error::new(Code::Unimplemented, text))
        }
    }
}

/// The message in the query of a GET.
fn read_query(query: Query, limit: usize, budget: &Arc<ConnectionBudget>) -> Result<ReservedBytes, Error> {
    let message = query.into_message()?;
    if message.len() > limit {
        return Err(too_large(message.len(), limit));
    }
    let reservation = budget.reserve(message.len())?;
    Ok(ReservedBytes::new(message, reservation))
}

/// The whole body as one message.
async fn read_whole(
    parts: &Parts,
    body: &mut RequestBody,
    limit: usize,
    budget: &Arc<ConnectionBudget>,
) -> Result<ReservedBytes, Error> {
    let promised = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(size) = promised.filter(|size| *size > limit) {
        return Err(too_large(size, limit));
    }
    let mut reservation = budget.empty_reservation();
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    let mut size = 0;
    while let Some(chunk) = poll_fn(|cx| poll_data(body, cx)).await? {
        size += chunk.len();
        if size > limit {
            return Err(Error::new(
                Code::ResourceExhausted,
                format!("message size is larger than configured readMaxBytes {limit}"),
            ));
        }
        reservation.grow(chunk.len())?;
        if size == chunk.len() {
            first = chunk;
        } else {
            if joined.is_empty() {
                joined.reserve(promised.unwrap_or(0).clamp(size, MAX_INITIAL_CAPACITY.max(size)));
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&chunk);
        }
    }
    let message = if joined.is_empty() { first } else { joined.freeze() };
    Ok(ReservedBytes::new(message, reservation))
}

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
    Cardinality, Code, ConnectionBudget, Encoding, Error, Method, RequestBody, RequestMessages, Reservation,
    ReservedBytes,
};

/// Reads the messages that the handler gets: the only one, or a stream of them.
///
/// `query` is that of a Connect GET. A stream takes `body`; otherwise it stays, for the caller to read its rest if it
/// has one: after an error, or when the caller waits no longer.
pub async fn read_messages(
    wire: Wire,
    query: Option<Box<Query>>,
    parts: &Parts,
    body: &mut Option<RequestBody>,
    method: &Method,
    encoding: Option<Encoding>,
    budget: &Arc<ConnectionBudget>,
) -> Result<RequestMessages, Error> {
    let limit = method.options.read_max_bytes;
    let reservation = budget.empty_reservation();
    let message = match (wire.framing(), query) {
        (Some(framing), _) if method.request == Cardinality::Stream => {
            let body = body.take().ok_or_else(without_body)?;
            let reader = MessageReader::new(body, framing.is_text(), encoding, limit, reservation).of_stream();
            return Ok(RequestMessages::Stream(Box::new(reader)));
        }
        (Some(framing), _) => {
            let body = body.as_mut().ok_or_else(without_body)?;
            read_only(MessageReader::new(body, framing.is_text(), encoding, limit, reservation), method).await?
        }
        (None, query) => {
            let message = match query {
                Some(query) => read_query(*query, limit, budget)?,
                None => read_whole(parts, body.as_mut().ok_or_else(without_body)?, limit, reservation).await?,
            };
            match encoding {
                None => message,
                Some(encoding) => decompress(encoding, message, limit).await?,
            }
        }
    };
    Ok(RequestMessages::One(message))
}

/// The error for a body that was taken before, which nothing here does.
fn without_body() -> Error {
    Error::internal("the body of a request was read twice")
}

/// The one message of a body that must have exactly one.
async fn read_only(mut reader: MessageReader<&mut RequestBody>, method: &Method) -> Result<ReservedBytes, Error> {
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
    mut reservation: Reservation,
) -> Result<ReservedBytes, Error> {
    let promised = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(size) = promised.filter(|size| *size > limit) {
        return Err(too_large(size, limit));
    }
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

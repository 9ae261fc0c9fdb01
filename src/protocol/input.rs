//! The inward half of a call: headers that steer it, and its messages, decompressed and unframed.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use std::future::poll_fn;

use super::compression::{Negotiated, decompress, negotiate};
use super::message_reader::{MOST_RESERVED, MessageReader, poll_data, too_large};
use super::request_body::RequestBody;
use super::source::Source as _;
use super::wire::Wire;
use super::{connect, grpc};
use crate::rpc::{Budget, Cardinality, Code, Deadline, Error, Input, Method, ReservedBytes};
use std::sync::Arc;

/// What the headers of a request say about the call.
#[derive(Debug)]
pub struct Head {
    /// When it must be over.
    pub deadline: Deadline,
    /// How it is compressed.
    pub compression: Negotiated,
    /// The first thing wrong with it: said in the protocol's own way, in an encoding the client reads.
    pub verdict: Result<(), Error>,
}

/// Reads version, timeout and compression of a request for `method`.
pub fn read_head(wire: Wire, parts: &Parts, method: &Method) -> Head {
    let names = wire.headers();
    let options = &method.options;
    let header = |name| parts.headers.get(name).map(http::HeaderValue::as_bytes);
    let query = matches!(wire, Wire::ConnectUnary { get: true, .. }).then(|| connect::Query::of(parts));
    let requested = match &query {
        Some(query) => query.compression(),
        None => header(&names.encoding),
    };
    let (compression, encoding_verdict) =
        negotiate(&options.accept_compression, requested, header(&names.accept_encoding), &names.accept_encoding);
    let is_connect = matches!(wire, Wire::ConnectUnary { .. } | Wire::ConnectStream { .. });
    let parse_timeout = if is_connect { connect::parse_timeout } else { grpc::parse_timeout };
    let timeout = header(&names.timeout).map(parse_timeout).transpose();
    let deadline = timeout.and_then(|timeout| Deadline::negotiate(timeout, options.max_timeout));
    let version_verdict = if is_connect && options.require_connect_protocol_header {
        connect::require_version(parts, query.as_ref())
    } else {
        Ok(())
    };
    let (deadline, timeout_verdict) = match deadline {
        Ok(deadline) => (deadline, Ok(())),
        Err(error) => (Deadline::none(), Err(error)),
    };
    Head { deadline, compression, verdict: version_verdict.and(encoding_verdict).and(timeout_verdict) }
}

/// Reads what the handler gets: the message, or a stream of them.
///
/// With an error comes the body, when something of it may be left to read.
pub async fn read_input(
    wire: Wire,
    parts: &Parts,
    body: RequestBody,
    method: &Method,
    compression: Negotiated,
    budget: &Arc<Budget>,
) -> Result<Input, (Error, Option<RequestBody>)> {
    let limit = method.options.read_max_bytes;
    let encoding = compression.request;
    match wire {
        Wire::ConnectUnary { get, .. } => {
            let mut body = body;
            let read =
                if get { read_query(parts, limit, budget) } else { read_whole(parts, &mut body, limit, budget).await };
            let message = match read {
                Ok(message) => message,
                Err(error) => return Err((error, Some(body))),
            };
            let message = match encoding {
                None => message,
                Some(encoding) => {
                    decompress_whole(encoding, message, limit, budget).await.map_err(|error| (error, None))?
                }
            };
            Ok(Input::One(message))
        }
        Wire::ConnectStream { .. } | Wire::Grpc { .. } | Wire::GrpcWeb { .. } => {
            let text = matches!(wire, Wire::GrpcWeb { text: true, .. });
            let mut reader = MessageReader::new(body, text, encoding, limit, budget.open());
            if method.request == Cardinality::Stream {
                return Ok(Input::Stream(Box::new(reader)));
            }
            match read_only(&mut reader, method).await {
                Ok(message) => Ok(Input::One(message)),
                Err(error) => Err((error, Some(reader.into_body()))),
            }
        }
    }
}

/// The one message of a stream that must have exactly one.
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

fn read_query(parts: &Parts, limit: usize, budget: &Arc<Budget>) -> Result<ReservedBytes, Error> {
    let message = connect::Query::of(parts).message()?;
    if message.len() > limit {
        return Err(too_large(message.len(), limit));
    }
    let mut hold = budget.open();
    hold.grow(message.len())?;
    Ok(ReservedBytes::new(message, hold))
}

/// The whole body as one message.
async fn read_whole(
    parts: &Parts,
    body: &mut RequestBody,
    limit: usize,
    budget: &Arc<Budget>,
) -> Result<ReservedBytes, Error> {
    let promised = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(size) = promised.filter(|size| *size > limit) {
        return Err(too_large(size, limit));
    }
    let mut hold = budget.open();
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
        hold.grow(chunk.len())?;
        if size == chunk.len() {
            first = chunk;
        } else {
            if joined.is_empty() {
                joined.reserve(promised.unwrap_or(0).clamp(size, MOST_RESERVED.max(size)));
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&chunk);
        }
    }
    let message = if joined.is_empty() { first } else { joined.freeze() };
    Ok(ReservedBytes::new(message, hold))
}

async fn decompress_whole(
    encoding: super::Encoding,
    message: ReservedBytes,
    limit: usize,
    budget: &Arc<Budget>,
) -> Result<ReservedBytes, Error> {
    let bytes = decompress(encoding, Bytes::clone(&message), limit).await?;
    let mut hold = budget.open();
    hold.grow(bytes.len())?;
    Ok(ReservedBytes::new(bytes, hold))
}

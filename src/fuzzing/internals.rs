//! Everything that the fuzz targets call, in a form that stays when an internal signature changes.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::{Body, Frame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};

use crate::call::{
    Budget, Code, ConnectionBudget, Encoding, Ends, Error, Limits, Method, Peer, ReservedBytes, TimedBody, Window,
};
use crate::protocol::{self, MessageReader, ResponseBody, ResponseWriter, TextDecoder};
use crate::rpc;
use crate::server::{Forwarded, Networks, TrustedProxies, read_proxy_header};

pub(super) use crate::protocol::{ProtocolHeaders, Query, Wire, encode_text};
pub(super) use crate::rpc::is_framing_known;

/// A body that arrives in these pieces, all of which are there already.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

impl TimedBody for Pieces {
    fn time_reads(&mut self, _: bool) {}
}

/// The messages in a body, and the code of the error that they end with, if they do.
///
/// Panics when anything follows an error, and when memory is still reserved at the end.
pub fn read_messages(
    pieces: Vec<Bytes>,
    text: bool,
    encoding: Option<Encoding>,
    limit: usize,
) -> Vec<Result<Bytes, Code>> {
    let budget = unlimited();
    let mut reader = MessageReader::new(Pieces(pieces.into()), text, encoding, limit, budget.empty_reservation());
    let mut messages = Vec::new();
    block_on(async {
        while let Some(message) = reader.next().await {
            assert!(!matches!(messages.last(), Some(Err(_))), "an error is the last thing that is read");
            messages.push(message.map(|message| Bytes::clone(&message)).map_err(|error| error.code));
        }
    });
    drop(reader);
    assert_eq!(budget.used(), 0, "every reservation was given back");
    messages
}

/// Compresses a message.
pub fn compress(encoding: Encoding, message: &[u8]) -> Bytes {
    let budget = unlimited();
    let message = ReservedBytes::unchecked(message.to_vec(), &budget);
    let compressed = block_on(protocol::compress(encoding, message)).expect("encoders take every message");
    assert_eq!(budget.used(), compressed.message.len(), "reserved in place of the message");
    Bytes::clone(&compressed.message)
}

/// Decompresses a message of at most `limit` bytes.
///
/// Panics when anything but the message is reserved in the end.
pub fn decompress(encoding: Encoding, bytes: &[u8], limit: usize) -> Result<Bytes, Code> {
    let budget = unlimited();
    let compressed = ReservedBytes::unchecked(bytes.to_vec(), &budget);
    let message = block_on(protocol::decompress(encoding, compressed, limit));
    assert_eq!(budget.used(), message.as_ref().map_or(0, |message| message.len()));
    message.map(|message| Bytes::clone(&message)).map_err(|error| error.code)
}

/// Decodes a base64 body that arrives in pieces; `None` if it is none.
pub fn decode_text(pieces: &[Bytes]) -> Option<Vec<u8>> {
    let mut decoder = TextDecoder::default();
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend_from_slice(&decoder.decode(piece).ok()?);
    }
    bytes.extend_from_slice(&decoder.finish().ok()?);
    Some(bytes)
}

/// The value of a `grpc-timeout`.
pub fn grpc_timeout(value: &[u8]) -> Result<Duration, Code> {
    protocol::parse_grpc_timeout(value).map_err(|error| error.code)
}

/// The value of a `connect-timeout-ms`.
pub fn connect_timeout(value: &[u8]) -> Result<Duration, Code> {
    protocol::parse_connect_timeout(value).map_err(|error| error.code)
}

/// The URL of a request to a plaintext listener.
pub fn url(parts: &Parts) -> Option<String> {
    rpc::url(parts, &Peer::of_test())
}

/// The ends that a PROXY header tells, and the bytes behind it; `None` if it is no header. The bytes come in pieces of
/// this size.
pub fn proxy_header(bytes: &[u8], piece: usize) -> Option<(Option<Ends>, Vec<u8>)> {
    block_on(async {
        let (mut client, mut server) = tokio::io::duplex(piece);
        let reading = async move {
            let header = read_proxy_header(&mut server).await.ok()?;
            let mut rest = header.rest.to_vec();
            server.read_to_end(&mut rest).await.expect("reads");
            Some((header.ends, rest))
        };
        let sending = async move {
            // An error says that no more is read.
            let _ = client.write_all(bytes).await;
        };
        tokio::join!(reading, sending).0
    })
}

/// The client that a trusted proxy at 10.0.0.1 tells by `forwarded` and `x-forwarded-for`.
pub fn client_behind(standard: &[String], legacy: &[String]) -> Option<String> {
    let networks = Networks::parse(&["10.0.0.0/8".into()]).expect("a network");
    let client = TrustedProxies::new(networks).client(Some([10, 0, 0, 1].into()), Forwarded { standard, legacy });
    client.map(|client| client.to_string())
}

/// The wire of a request, and the query of a Connect GET; or the status of the response to a request that has none.
pub fn wire(parts: &Parts, method: &Method) -> Result<(Wire, Option<Box<Query>>), StatusCode> {
    Wire::of(parts, method).map_err(|response| response.status())
}

/// The response to a call that fails before its handler is called.
pub fn refuse(wire: Wire, parts: &Parts, error: Error) -> Response<ResponseBody> {
    let writer = ResponseWriter::for_error(wire, parts.version, &unlimited());
    block_on(writer.write(Err(error.into())))
}

/// The response to a request whose path no method has.
pub fn not_found(parts: &Parts) -> Response<ResponseBody> {
    protocol::not_found(parts, &unlimited())
}

/// The memory of a connection that may hold as much as it likes.
fn unlimited() -> Arc<ConnectionBudget> {
    let limits = Limits { total: usize::MAX, connection: usize::MAX, own: 0 };
    Budget::new(limits).connection(Window { stream_bytes: 0, full_streams: 0 })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

//! The layout of what crosses between Rust and JavaScript: columns, kinds, flags and sizes, each written down here
//! once.
//!
//! JavaScript imports these constants from the addon, so both sides read the same numbers by the same names.
//! `docs/boundary.md` explains them. Each is a `number` in JavaScript.

use napi_derive::napi;

// Inbound, written by `NativeCalls.take`: records of numbers, and the bytes of the records.

/// Numbers of one record of `NativeCalls.take`.
#[napi]
pub const INBOUND_RECORD: u32 = 7;
/// Column of an inbound record: its kind, one of the `KIND_` constants.
#[napi]
pub const INBOUND_KIND: u32 = 0;
/// Column of an inbound record: the number of its call; 0 for `KIND_LOG` and `KIND_TLS`.
#[napi]
pub const INBOUND_CALL: u32 = 1;
/// Column of `KIND_CALL`: the method's index in the list that `NativeServer` was made with.
#[napi]
pub const INBOUND_METHOD: u32 = 2;
/// Column of `KIND_ABORTED`: the status code.
#[napi]
pub const INBOUND_CODE: u32 = 2;
/// Column of `KIND_LOG`: its level, `LOG_WARN` or `LOG_ERROR`.
#[napi]
pub const INBOUND_LEVEL: u32 = 2;
/// Column of `KIND_TLS`: the position of the listener in the options.
#[napi]
pub const INBOUND_LISTENER: u32 = 2;
/// Column of `KIND_CALL` and `KIND_HTTP_REQUEST`: bits of the `FLAG_` constants; of a call also the protocol, from bit
/// `PROTOCOL_SHIFT` on.
#[napi]
pub const INBOUND_FLAGS: u32 = 3;
/// Column of `KIND_CALL`: milliseconds until the deadline; `NO_DEADLINE` without one.
#[napi]
pub const INBOUND_TIMEOUT: u32 = 4;
/// Column of an inbound record: the length of its text: a request head, the reason of an abort, a log message, or the
/// code and the text of an error, on two lines. Or `LENGTH_ABSENT`, or `LENGTH_OVERSIZED`.
#[napi]
pub const INBOUND_TEXT_LENGTH: u32 = 5;
/// Column of `KIND_CALL`: the length of its message, which stands behind its head; `LENGTH_ABSENT` when the client
/// sends a stream, and with an oversized head.
#[napi]
pub const INBOUND_MESSAGE_LENGTH: u32 = 6;
/// Numbers behind the last record of `NativeCalls.take`.
#[napi]
pub const INBOUND_END: u32 = 2;
/// Column behind the last record: 1 when more waits than was taken, else 0.
#[napi]
pub const INBOUND_END_MORE: u32 = 0;
/// Column behind the last record: how many bytes were written for all records.
#[napi]
pub const INBOUND_END_BYTES: u32 = 1;

/// Kind of an inbound record: a new call. Its message is missing when the client sends a stream, and when the call has
/// ended meanwhile.
#[napi]
pub const KIND_CALL: u32 = 0;
/// Kind of an inbound record: `NativeCalls.read` found nothing earlier, and would find something now.
#[napi]
pub const KIND_READABLE: u32 = 1;
/// Kind of an inbound record: a response stream was full, and has room now.
#[napi]
pub const KIND_WRITABLE: u32 = 2;
/// Kind of an inbound record: a call was reset, ran into its deadline, or was closed. Its number is invalid now.
#[napi]
pub const KIND_ABORTED: u32 = 3;
/// Kind of an inbound record: a warning or an error of the core, for the log.
#[napi]
pub const KIND_LOG: u32 = 4;
/// Kind of an inbound record: a plain HTTP request, for a path that no method has.
#[napi]
pub const KIND_HTTP_REQUEST: u32 = 5;
/// Kind of an inbound record: the files of certificates of a listener have changed, and what they have now is used.
/// With a text it is not used, as the text says.
#[napi]
pub const KIND_TLS: u32 = 6;

/// Flag of a call: its messages are JSON.
#[napi]
pub const FLAG_JSON: u32 = 1;
/// The first bit of the protocol in the flags of a call.
#[napi]
pub const PROTOCOL_SHIFT: u32 = 1;
/// The bits of the protocol, once shifted down.
#[napi]
pub const PROTOCOL_MASK: u32 = 3;
/// Flag of a call: the request is a GET. Its bit is the one behind the protocol.
#[napi]
pub const FLAG_GET: u32 = (PROTOCOL_MASK + 1) << PROTOCOL_SHIFT;
/// Flag of a call: it came over HTTP/1.1. Without this flag and `FLAG_HTTP10` it came over HTTP/2.
#[napi]
pub const FLAG_HTTP11: u32 = FLAG_GET << 1;
/// Flag of a call: it came over HTTP/1.0.
#[napi]
pub const FLAG_HTTP10: u32 = FLAG_GET << 2;
/// Flag of a plain HTTP request: it has no body.
#[napi]
pub const FLAG_NO_BODY: u32 = FLAG_GET << 3;
/// Flag of a plain HTTP request: its client speaks gRPC, gRPC-Web or Connect.
#[napi]
pub const FLAG_RPC_CLIENT: u32 = FLAG_GET << 4;
/// Protocol of a call: Connect.
#[napi]
pub const PROTOCOL_CONNECT: u32 = 0;
/// Protocol of a call: gRPC.
#[napi]
pub const PROTOCOL_GRPC: u32 = 1;
/// Protocol of a call: gRPC-Web.
#[napi]
pub const PROTOCOL_GRPC_WEB: u32 = 2;

/// Level of a log message: a warning.
#[napi]
pub const LOG_WARN: u32 = 0;
/// Level of a log message: an error.
#[napi]
pub const LOG_ERROR: u32 = 1;

/// The timeout of a call without a deadline.
#[napi]
pub const NO_DEADLINE: i32 = -1;
/// The length of something that is absent.
#[napi]
pub const LENGTH_ABSENT: i32 = -1;
/// The length of something too large to cross with others: `NativeCalls.oversizedCall` or
/// `NativeCalls.oversizedMessage` returns it.
#[napi]
pub const LENGTH_OVERSIZED: i32 = -2;
/// The most bytes that one record, or one message of a stream, adds to a batch. Anything larger is oversized.
#[napi]
pub const MAX_INLINE_BYTES: u32 = 16 * 1024;

// Inbound, written by `NativeCalls.read`: the state of the stream, the lengths of its messages, and their bytes.

/// Result of `NativeCalls.read`: nothing has arrived, and `KIND_READABLE` will follow.
#[napi]
pub const READ_NOTHING: i32 = -1;
/// Column of a read: the state of the stream, one of `STREAM_OPEN`, `STREAM_ENDED` and `STREAM_FAILED`.
#[napi]
pub const READ_STATE: u32 = 0;
/// Column of a read: the status code of a stream that failed.
#[napi]
pub const READ_CODE: u32 = 1;
/// Column of a read: the length of the text that says why the stream failed. The text stands behind the messages.
#[napi]
pub const READ_TEXT_LENGTH: u32 = 2;
/// The first column of a read that is the length of a message.
#[napi]
pub const READ_LENGTHS: u32 = 3;
/// State of a request stream: more may come.
#[napi]
pub const STREAM_OPEN: u32 = 0;
/// State of a request stream: it has ended, and these messages are its last.
#[napi]
pub const STREAM_ENDED: u32 = 1;
/// State of a request stream: it failed behind these messages.
#[napi]
pub const STREAM_FAILED: u32 = 2;

// Outbound, read by `NativeCalls.submit`: records of numbers, and the messages of the records.

/// Numbers of one record of `NativeCalls.submit`.
#[napi]
pub const OUTBOUND_RECORD: u32 = 3;
/// Column of an outbound record: its kind. `submit` overwrites it: 1 if the stream is full and the next message has to
/// wait for `KIND_WRITABLE`, else 0.
#[napi]
pub const OUTBOUND_KIND: u32 = 0;
/// Column of an outbound record: the number of its call.
#[napi]
pub const OUTBOUND_CALL: u32 = 1;
/// Column of an outbound record: the length of its message.
#[napi]
pub const OUTBOUND_LENGTH: u32 = 2;
/// Kind of an outbound record: the only message of a unary response, which ends its call.
#[napi]
pub const KIND_ONLY_MESSAGE: u32 = 0;
/// Kind of an outbound record: one message of a response stream.
#[napi]
pub const KIND_MESSAGE: u32 = 1;
/// Kind of an outbound record: the end of a response stream.
#[napi]
pub const KIND_END: u32 = 2;

/// The status that `NativeServer.reportHealth` takes for an entry that was removed.
#[napi]
pub const HEALTH_REMOVED: i32 = -1;

/// TLS 1.2, in `NativeTlsOptions`.
#[napi]
pub const TLS_1_2: u32 = 12;
/// TLS 1.3, in `NativeTlsOptions`.
#[napi]
pub const TLS_1_3: u32 = 13;

/// A column as an index.
pub(super) const fn column(column: u32) -> usize {
    column as usize
}

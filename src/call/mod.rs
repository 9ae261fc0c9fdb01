//! A call, whatever its protocol: method, handler, messages, deadline, errors, the memory that it may use.
//!
//! Nothing here knows how a call is written on the wire ([`crate::protocol`]) or how it finds its handler
//! ([`crate::rpc`]).

mod activity;
mod budget;
mod codec;
mod deadline;
mod encoding;
mod error;
mod handler;
mod metadata;
mod method;
mod peer;
mod protocol;
mod request_body;
mod reservation;
mod source;
mod text;

pub use activity::{ActiveCall, Activity, InFlight, Unwritten};
pub use budget::{Budget, ConnectionBudget, Limits, UnreadStream, Window};
pub use codec::Codec;
pub use deadline::Deadline;
pub use encoding::Encoding;
pub use error::{Code, Detail, Error, Failure};
pub use handler::{
    Handler, HandlerFuture, Request, RequestMessages, Response, ResponseEvent, ResponseMessages, ResponseStream,
};
pub use metadata::Metadata;
pub use method::{Cardinality, Method, MethodOptions};
pub use peer::{Credentials, Ends, Peer, PeerTls};
pub use protocol::Protocol;
pub use request_body::{BrokenRequest, RequestBody, TimedBody};
pub use reservation::{Reservation, ReservedBytes};
pub use source::Source;
pub(crate) use text::truncate;

//! The methods of the test server, one for each behaviour that tests need.

use std::sync::Arc;

use connectum_native::call::{Cardinality, HandlerFuture, Request};

use super::handlers;
use super::probe::Probe;
use Cardinality::{One, Stream};

/// A method and its handler.
#[derive(Clone, Copy)]
pub struct Rpc {
    pub path: &'static str,
    pub request: Cardinality,
    pub response: Cardinality,
    pub side_effect_free: bool,
    pub serve: fn(Request, Arc<Probe>) -> HandlerFuture,
}

impl Rpc {
    pub fn is_unary(&self) -> bool {
        self.request == Cardinality::One && self.response == Cardinality::One
    }
}

const fn rpc(
    path: &'static str,
    request: Cardinality,
    response: Cardinality,
    serve: fn(Request, Arc<Probe>) -> HandlerFuture,
) -> Rpc {
    Rpc { path, request, response, side_effect_free: false, serve }
}

/// Responds with its message. `x-meta` is returned as header `x-header` and trailer `x-trailer`, and the number of
/// headers that only this process may set as `x-forged`.
pub const ECHO: Rpc = rpc("/test.v1.Test/Echo", One, One, handlers::echo);
/// The same, free of side effects.
pub const ECHO_GET: Rpc = Rpc { side_effect_free: true, ..rpc("/test.v1.Test/EchoGet", One, One, handlers::echo) };
/// Responds to each message with itself, and fails if its request stream fails.
pub const ECHO_EACH: Rpc = rpc("/test.v1.Test/EchoEach", Stream, Stream, handlers::echo_each);
/// Responds with all messages, joined by `,`.
pub const COLLECT: Rpc = rpc("/test.v1.Test/Collect", Stream, One, handlers::collect);
/// Responds with as many messages as its message says: `0`, `1`, …
pub const COUNT: Rpc = rpc("/test.v1.Test/Count", One, Stream, handlers::count);
/// Fails with [`handlers::failure`], or with the code whose number is in `x-code`.
pub const FAIL: Rpc = rpc("/test.v1.Test/Fail", One, One, handlers::fail);
/// Fails with [`handlers::failure`], after it has set header `x-header` and trailer `x-trailer`.
pub const FAIL_LATE: Rpc = rpc("/test.v1.Test/FailLate", One, One, handlers::fail_late);
/// Responds with `0` and `1`, then fails with [`handlers::failure`].
pub const FAIL_STREAM: Rpc = rpc("/test.v1.Test/FailStream", One, Stream, handlers::fail_stream);
/// Panics when it is called.
pub const PANIC: Rpc = rpc("/test.v1.Test/Panic", One, One, |_, _| panic!("a test's panic"));
/// Panics after it has yielded.
pub const PANIC_LATER: Rpc = rpc("/test.v1.Test/PanicLater", One, One, handlers::panic_later);
/// Responds with `0`, then panics.
pub const PANIC_IN_STREAM: Rpc = rpc("/test.v1.Test/PanicInStream", One, Stream, handlers::panic_in_stream);
/// Panics after it has read one message.
pub const PANIC_READING: Rpc = rpc("/test.v1.Test/PanicReading", Stream, One, handlers::panic_reading);
/// Never responds.
pub const NEVER: Rpc = rpc("/test.v1.Test/Never", One, One, handlers::never);
/// Never responds, and never reads.
pub const NEVER_READ: Rpc = rpc("/test.v1.Test/NeverRead", Stream, One, handlers::never);
/// Responds with `0`, then with nothing more.
pub const NEVER_ENDING: Rpc = rpc("/test.v1.Test/NeverEnding", One, Stream, handlers::never_ending);
/// [`ECHO`], after a permit of the test.
pub const GATED: Rpc = rpc("/test.v1.Test/Gated", One, One, handlers::gated);
/// [`COUNT`], where each message and the end need a permit of the test.
pub const GATED_COUNT: Rpc = rpc("/test.v1.Test/GatedCount", One, Stream, handlers::gated_count);
/// Responds with its message for ever.
pub const FLOOD: Rpc = rpc("/test.v1.Test/Flood", One, Stream, handlers::flood);

pub const ALL: [Rpc; 18] = [
    ECHO,
    ECHO_GET,
    ECHO_EACH,
    COLLECT,
    COUNT,
    FAIL,
    FAIL_LATE,
    FAIL_STREAM,
    PANIC,
    PANIC_LATER,
    PANIC_IN_STREAM,
    PANIC_READING,
    NEVER,
    NEVER_READ,
    NEVER_ENDING,
    GATED,
    GATED_COUNT,
    FLOOD,
];

//! A server with Rust handlers, and clients that speak to it over real sockets.
//!
//! [`server`] starts it, [`rpcs`] are its methods, [`handlers`] and [`response_streams`] serve them, [`probe`] observes
//! them. [`call`] is an RPC in any protocol over any HTTP version, [`outcome`] its result. [`http1`], [`http2`],
//! [`frames`] and [`grpc_client`], with its [`raw_codec`], are for tests that look closer; [`log_lines`] is the log
//! of a server.

pub mod answer;
pub mod call;
pub mod encodings;
pub mod envelopes;
pub mod frames;
pub mod grpc_client;
pub mod handlers;
pub mod http1;
pub mod http2;
pub mod log_lines;
pub mod outcome;
pub mod probe;
pub mod raw_codec;
pub mod response_streams;
pub mod rpcs;
pub mod server;

use std::future::Future;
use std::time::Duration;

/// The longest that a test may take; most take milliseconds.
const TEST_TIME: Duration = Duration::from_secs(30);

/// Runs a test on a runtime of its own, for a bounded time.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { within(TEST_TIME, "the test", test).await });
}

/// The output of `work`, which must be ready in time.
pub async fn within<T>(time: Duration, what: &str, work: impl Future<Output = T>) -> T {
    let Ok(output) = tokio::time::timeout(time, work).await else {
        panic!("{what} took longer than {time:?}");
    };
    output
}

/// [`within`] a few seconds: for one step of a test.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    within(Duration::from_secs(5), what, work).await
}

/// Waits until `condition` holds, for conditions without an event.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            // Polled, because it changes on a thread of the server that sends no event.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    soon(what, holds).await;
}

//! tonic's client under restarts: unary calls in a few lanes, and streams that are opened again. Its argument is the
//! port. It ends when its input does, and prints its report as JSON.
//!
//! hyper's client gives a request back that it has not sent, when GOAWAY comes at the same moment, from whatever
//! server. tonic does not try it again: a program that uses it has to, as this one does.

#[path = "../../tests/support/raw_codec.rs"]
mod raw_codec;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use parking_lot::Mutex;
use raw_codec::Raw;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

const LANES: usize = 4;
const STREAMS: usize = 2;
/// A call that takes longer is never answered.
const MOST: Duration = Duration::from_secs(10);
/// Between two calls of a lane.
const PAUSE: Duration = Duration::from_millis(4);
/// A stream that ends at once is not opened again at once.
const STREAM_PAUSE: Duration = Duration::from_millis(50);
const ECHO: PathAndQuery = PathAndQuery::from_static("/connectum.test.v1.EchoService/Echo");
const WATCH: PathAndQuery = PathAndQuery::from_static("/connectum.test.v1.EchoService/EchoServerStream");
/// An `EchoRequest` with a text, and the `EchoResponse` to it.
const REQUEST: Bytes = Bytes::from_static(b"\x0a\x05hello");

#[derive(Default)]
struct Report {
    calls: AtomicU64,
    /// Calls that were made again, as they had not been sent.
    retried: AtomicU64,
    failures: Mutex<BTreeMap<String, u64>>,
    streams: Mutex<BTreeMap<String, u64>>,
}

fn main() {
    let port = std::env::args().nth(1).expect("the port is the argument");
    let (end, ended) = oneshot::channel();
    std::thread::spawn(move || {
        // It says nothing: only its end counts.
        let _ = std::io::stdin().read(&mut [0]);
        let _ = end.send(());
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let report = Arc::new(Report::default());
    runtime.block_on(async {
        let channel = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).expect("an address").connect_lazy();
        for _ in 0..LANES {
            tokio::spawn(call(channel.clone(), Arc::clone(&report)));
        }
        for _ in 0..STREAMS {
            tokio::spawn(watch(channel.clone(), Arc::clone(&report)));
        }
        // An error means that nobody will ever say it.
        let _ = ended.await;
    });
    let report = serde_json::json!({
        "client": "tonic",
        "calls": report.calls.load(Ordering::Relaxed),
        "retried": report.retried.load(Ordering::Relaxed),
        "failures": *report.failures.lock(),
        "streams": *report.streams.lock(),
    });
    println!("{report}");
}

async fn call(channel: Channel, report: Arc<Report>) {
    let mut client = Grpc::new(channel);
    loop {
        let mut outcome = echo(&mut client).await;
        while outcome.as_ref().is_err_and(was_not_sent) {
            report.retried.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE).await;
            outcome = echo(&mut client).await;
        }
        report.calls.fetch_add(1, Ordering::Relaxed);
        let why = match outcome {
            Ok(response) if *response.get_ref() == REQUEST => None,
            Ok(response) => Some(format!("an answer to another call: {:?}", response.get_ref())),
            Err(status) => Some(format!("{:?}: {}", status.code(), chain(&status))),
        };
        if let Some(why) = why {
            *report.failures.lock().entry(why).or_default() += 1;
        }
        sleep(PAUSE).await;
    }
}

async fn echo(client: &mut Grpc<Channel>) -> Result<Response<Bytes>, Status> {
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    let answered = timeout(MOST, client.unary(Request::new(REQUEST), ECHO, Raw)).await;
    answered.unwrap_or_else(|_| Err(Status::deadline_exceeded(format!("no answer within {MOST:?}"))))
}

/// Whether the connection was refused, or had ended before the request was sent.
fn was_not_sent(status: &Status) -> bool {
    causes(status).any(|error| {
        let is_refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        error.downcast_ref().is_some_and(is_refused) || error.downcast_ref().is_some_and(hyper::Error::is_canceled)
    })
}

async fn watch(channel: Channel, report: Arc<Report>) {
    let mut client = Grpc::new(channel);
    loop {
        let code = match open(&mut client).await {
            Ok(()) => Code::Ok,
            Err(status) => status.code(),
        };
        *report.streams.lock().entry(format!("{code:?}").to_lowercase()).or_default() += 1;
        sleep(STREAM_PAUSE).await;
    }
}

/// Opens a stream, and reads it to its end.
async fn open(client: &mut Grpc<Channel>) -> Result<(), Status> {
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let mut stream = client.server_streaming(Request::new(REQUEST), WATCH, Raw).await?.into_inner();
    while stream.message().await?.is_some() {}
    Ok(())
}

fn causes(status: &Status) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = status.source();
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The message of an error, and those of its causes.
fn chain(status: &Status) -> String {
    causes(status).fold(status.message().to_owned(), |text, error| format!("{text}: {error}"))
}

//! The time that built-in services take on the thread of a connection: at the sizes from which on work is long.
//!
//! `cargo test --release costs:: -- --ignored --nocapture` prints it. The constants `SHORT_` were chosen by that.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto};

use super::health::messages::{HealthCheckRequest, HealthListResponse};
use super::health::{self, EventLoopLimits, Health, MAX_WATCHERS, Status};
use super::reflection::messages::{MessageRequest, ServerReflectionRequest};
use super::reflection::responder::{Names, Responder, SHORT_JSON_BYTES, SHORT_PROTO_BYTES, SHORT_REQUEST_BYTES};
use super::reflection::{self, PATHS};
use super::{JsonOptions, MessageCodec};
use crate::call::{Codec, ConnectionBudget};
use crate::schema::Schema;

/// The shortest of many runs, as whatever else the machine does only adds to them.
fn shortest(what: &str, mut work: impl FnMut() -> Duration) -> Duration {
    let time = (0..50).map(|_| work()).min().unwrap_or_default();
    println!("{time:>12.1?}  {what}");
    time
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    let result = work();
    let time = begin.elapsed();
    drop(result);
    time
}

/// A schema of `count` files with `bytes` together, each of which imports the next ones.
fn schema(bytes: usize, count: usize) -> Arc<Schema> {
    let file = |number: usize| {
        let message = DescriptorProto { name: Some("M".repeat(bytes / count)), ..Default::default() };
        let dependency = (number + 1..count.min(number + 4)).map(|other| format!("{other}.proto")).collect();
        let name = Some(format!("{number}.proto"));
        let file = FileDescriptorProto { name, dependency, message_type: vec![message], ..Default::default() };
        file.encode_to_vec().into()
    };
    Arc::new(Schema::new((0..count).map(file).collect(), Vec::new()).expect("a schema"))
}

fn responder(schema: Arc<Schema>, codec: Codec) -> Responder {
    let messages = Arc::new(MessageCodec::new(reflection::FILES, JsonOptions::default()));
    Responder { schema, messages, names: Names::of(PATHS[0]), codec, budget: ConnectionBudget::unlimited() }
}

/// The largest file set.
fn everything(codec: Codec) -> Bytes {
    match codec {
        Codec::Proto => {
            let message_request = Some(MessageRequest::FileByFilename("0.proto".into()));
            ServerReflectionRequest { host: String::new(), message_request }.encode_to_vec().into()
        }
        Codec::Json => Bytes::from_static(br#"{"fileByFilename":"0.proto"}"#),
    }
}

/// A request of `bytes` that takes as long as any.
fn dense(codec: Codec, bytes: usize) -> Bytes {
    match codec {
        // The same field again and again.
        Codec::Proto => [0x1a, 1, b'a'].repeat(bytes / 3).into(),
        Codec::Json => {
            let fields: Vec<_> = (0..bytes / 9).map(|number| format!("\"{}\":1", number % 100_000)).collect();
            format!("{{{}}}", fields.join(",")).into()
        }
    }
}

fn respond(responder: &Responder, request: &[u8]) -> Duration {
    let mut sent = vec![0; responder.schema.file_count()];
    timed(|| responder.respond(request, &mut sent).expect("a response"))
}

const KIB: usize = 1024;

#[test]
#[ignore = "measures, which other tests at the same time disturb"]
fn reflection_takes_long_only_elsewhere() {
    for (codec, short) in [(Codec::Proto, SHORT_PROTO_BYTES), (Codec::Json, SHORT_JSON_BYTES)] {
        for (size, files) in [(short - KIB, 1), (short / 2, 200), (16 * short, 1), (5 << 20, 500)] {
            let responder = responder(schema(size, files), codec);
            let what = format!("{codec:?}: {files} files of {size} bytes together");
            let time = shortest(&what, || respond(&responder, &everything(codec)));
            assert!(responder.takes_long(&everything(codec)) || time < Duration::from_millis(1), "{what}: {time:?}");
        }
        for size in [SHORT_REQUEST_BYTES, 4 * KIB, 16 * KIB, reflection::MAX_REQUEST_BYTES] {
            let responder = responder(schema(100, 1), codec);
            let request = dense(codec, size);
            let what = format!("{codec:?}: a request of {} bytes", request.len());
            let time = shortest(&what, || respond(&responder, &request));
            assert!(responder.takes_long(&request) || time < Duration::from_millis(1), "{what}: {time:?}");
        }
    }
}

#[test]
#[ignore = "measures, which other tests at the same time disturb"]
fn health_takes_long_only_elsewhere() {
    let messages = MessageCodec::new(health::FILES, JsonOptions::default());
    for codec in [Codec::Proto, Codec::Json] {
        for size in [KIB, health::MAX_REQUEST_BYTES] {
            let request = match codec {
                Codec::Proto => [0x0a, 1, b'a'].repeat(size / 3).into(),
                Codec::Json => dense(codec, size),
            };
            let name = "grpc.health.v1.HealthCheckRequest";
            shortest(&format!("{codec:?}: a request of {} bytes", request.len()), || {
                timed(|| messages.read::<HealthCheckRequest>(codec, name, &request).expect("a request"))
            });
        }
        for count in [100, 1000] {
            let health = health_of(count);
            shortest(&format!("{codec:?}: a list of {count}"), || {
                timed(|| {
                    let statuses =
                        health.list().into_iter().map(|(name, status)| (String::from(&*name), status.into()));
                    let list = HealthListResponse { statuses: statuses.collect() };
                    messages.write(codec, "grpc.health.v1.HealthListResponse", &list).expect("a list")
                })
            });
        }
    }
}

fn health_of(count: usize) -> Arc<Health> {
    let health = Health::new(EventLoopLimits { ready: Duration::from_secs(60), live: Duration::from_secs(60) });
    let name = |number| format!("company.product.v1.Service{number}");
    health.report((0..count).map(|number| (name(number), Some(Status::Serving))));
    health
}

struct Quiet;

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {}
}

#[test]
#[ignore = "measures, which other tests at the same time disturb"]
fn a_report_does_not_take_long_however_many_watch() {
    let names: [(&str, fn(usize) -> String); 2] =
        [("the server", |_| String::new()), ("a service each", |number| format!("s{number}"))];
    for (what, name) in names {
        let health = health_of(100);
        let mut watches: Vec<_> =
            (0..MAX_WATCHERS).map(|number| health.watch(&name(number)).expect("there is room")).collect();
        let wakers: Vec<_> = (0..MAX_WATCHERS).map(|_| Waker::from(Arc::new(Quiet))).collect();
        let mut serving = true;
        let mut run = |service: &str| {
            for (watch, waker) in watches.iter_mut().zip(&wakers) {
                while watch.poll_next(&Context::from_waker(waker)).is_ready() {}
            }
            serving = !serving;
            timed(|| health.report([(service.to_owned(), Some(Status::of(serving)))]))
        };
        let time = shortest(&format!("a report that changes all, to {MAX_WATCHERS} watchers of {what}"), || {
            run("company.product.v1.Service7")
        });
        assert!(time < Duration::from_millis(1), "{time:?}");
        let time = shortest(&format!("a report of an entry that few watch, {MAX_WATCHERS} watch {what}"), || run("s7"));
        assert!(time < Duration::from_millis(1), "{time:?}");
    }
}

#[test]
#[ignore = "measures, which other tests at the same time disturb"]
fn a_report_keeps_its_thread_for_a_short_time_however_many_tasks_it_wakes() {
    let health = health_of(100);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let read = Arc::new(AtomicUsize::new(0));
    // As on the thread of a connection.
    let context = runtime.enter();
    for _ in 0..MAX_WATCHERS {
        let mut watch = health.watch("").expect("there is room");
        let read = Arc::clone(&read);
        runtime.spawn(async move {
            while poll_fn(|cx| watch.poll_next(cx)).await.is_some() {
                read.fetch_add(1, Ordering::AcqRel);
            }
        });
    }
    drop(context);
    std::thread::scope(|scope| {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        scope.spawn(|| drop(runtime.block_on(stopped)));
        let mut serving = true;
        let mut expected = MAX_WATCHERS;
        let time = shortest("a report to the tasks of all watchers on another thread", || {
            while read.load(Ordering::Acquire) < expected {
                std::thread::yield_now();
            }
            // For the last of them to wait again.
            std::thread::sleep(Duration::from_millis(2));
            expected += MAX_WATCHERS;
            serving = !serving;
            timed(|| health.report([("company.product.v1.Service7".to_owned(), Some(Status::of(serving)))]))
        });
        drop(stop);
        assert!(time < Duration::from_millis(1), "{time:?}");
    });
}

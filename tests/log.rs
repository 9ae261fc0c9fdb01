//! Warnings and errors of a server's threads reach its observer, those of no other server, and no flood of them.

use crate::support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectum_native::call::{Activity, ConnectionBudget, Peer, RequestBody, ResponseEvent, ResponseStream};
use connectum_native::protocol::ResponseBody;
use connectum_native::rpc::{HttpHandler, HttpHandlerFuture};
use connectum_native::server::LogLevel::{Error, Warn};
use http::request::Parts;
use http::{Request, Response};
use support::call::{Call, Http, Protocol};
use support::http2::Http2;
use support::log_lines::LogLines;
use support::rpcs::{PANIC, PANIC_IN_STREAM, PANIC_LATER};
use support::server::{Setup, TestServer};
use support::{eventually, run};
use tracing::level_filters::LevelFilter;

fn server(log: &LogLines) -> TestServer {
    TestServer::with(Setup { observer: log.observer(), ..Setup::default() })
}

#[test]
fn a_panic_is_heard_by_the_server_it_happens_in() {
    run(async {
        let (log, silence) = (LogLines::default(), LogLines::default());
        let (server, other) = (server(&log), server(&silence));
        for (rpc, text) in [
            (PANIC, "a call panicked (reason: a test's panic)"),
            (PANIC_LATER, "a call panicked (reason: a test's panic)"),
            (PANIC_IN_STREAM, "a response stream panicked (reason: a test's panic)"),
        ] {
            let before = log.all().len();
            let call = Call::new(Protocol::Grpc, rpc).message("m");
            assert_eq!(call.send(Http::Two, server.address()).await.code, "internal");
            assert_eq!(log.all()[before..], [(Error, text.to_owned())], "{}", rpc.path);
        }
        assert_eq!(silence.all(), []);
        let call = Call::new(Protocol::Grpc, PANIC).message("m");
        assert_eq!(call.send(Http::Two, other.address()).await.code, "internal");
        assert_eq!((log.all().len(), silence.all().len()), (3, 1));
    });
}

/// Panics where it is called, or in the body it has given.
struct Panics;

impl HttpHandler for Panics {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        _: RequestBody,
        _: &'a Arc<Peer>,
        _: &'a Arc<ConnectionBudget>,
        _: Activity,
    ) -> HttpHandlerFuture<'a> {
        assert_eq!(parts.uri.path(), "/body", "only the body panics");
        Box::pin(async { Some(Response::new(ResponseBody::raw(Box::new(Self)))) })
    }
}

impl ResponseStream for Panics {
    fn poll_next(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<ResponseEvent> {
        panic!("in a body")
    }
}

#[test]
fn a_panic_in_a_plain_http_response_is_heard() {
    run(async {
        let log = LogLines::default();
        let http_handler: Option<Arc<dyn HttpHandler>> = Some(Arc::new(Panics));
        let server = TestServer::with(Setup { observer: log.observer(), http_handler, ..Setup::default() });
        let request = Request::get("http://test/body").body(()).expect("a request");
        Http2::connect(server.address()).await.exchange(request, Bytes::new()).await.expect_err("is reset");
        assert_eq!(log.all(), [(Error, "the body of an HTTP response panicked (reason: in a body)".to_owned())]);
    });
}

#[test]
fn warnings_and_errors_of_all_threads_are_heard_and_nothing_else() {
    run(async {
        let log = LogLines::default();
        let server = server(&log);
        server.server().spawn(async {
            tracing::info!("not worth a line");
            tracing::error_span!("a span is no event")
                .in_scope(|| tracing::warn!(number = 1, text = "a", reason = %"shown", "on a worker"));
            let blocking = tokio::task::spawn_blocking(|| {
                tracing::debug!("not worth a line either");
                tracing::error!("on a thread that blocks");
            });
            blocking.await.expect("no panic");
        });
        eventually("both lines", || log.all().len() >= 2).await;
        tracing::error!("on a thread that is not the server's");
        let expected = [
            (Warn, "on a worker (number: 1, text: a, reason: shown)".to_owned()),
            (Error, "on a thread that blocks".to_owned()),
        ];
        assert_eq!(log.all(), expected);
        // h2 and hyper trace every frame: no more than the comparison of this level may be left of that.
        assert_eq!(LevelFilter::current(), LevelFilter::WARN);
    });
}

#[test]
fn a_flood_of_warnings_is_cut_off_and_counted() {
    const MOST: usize = 64;
    run(async {
        let log = LogLines::default();
        let server = server(&log);
        let flood = || async {
            for number in 0..1_000 {
                tracing::warn!("warning {number}");
            }
        };
        server.server().spawn(flood());
        eventually("the flood", || log.all().len() >= MOST).await;
        // The report comes a second later; a flood that crosses the end of a window passes twice as many.
        eventually("the report", || log.all().iter().any(|(_, text)| text.contains("were dropped"))).await;
        let lines = log.all();
        let (_, report) = lines.last().expect("a line");
        let passed = lines.len() - 1;
        assert!(passed <= 2 * MOST, "{passed}");
        assert_eq!(
            *report,
            format!("{} more warnings and errors came within a second, and were dropped", 1_000 - passed)
        );

        // The next second is like the first; closing the server does not wait for the report.
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.server().spawn(flood());
        eventually("the second flood", || log.all().len() >= lines.len() + MOST).await;
        drop(server);
        let (_, report) = log.all().last().cloned().expect("a line");
        assert!(report.ends_with("were dropped"), "{report}");
    });
}

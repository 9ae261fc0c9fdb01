//! Draining: idle connections close at once, calls in flight finish, and nothing else delays the end.

use crate::support;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use connectum_native::call::{Error, Handler, HandlerFuture, Request};
use connectum_native::server::{DrainOptions, Endpoint, ListenerOptions, LogLevel, ServerOptions};
use support::answer::{Answer, text};
use support::call::{Call, Http, PROTOCOLS, Protocol, everywhere};
use support::envelopes::envelope;
use support::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, PING, PREFACE, WINDOW_UPDATE, frame, grpc_block,
};
use support::http1::Http1;
use support::http2::{Exchange, Http2, next_data};
use support::log_lines::LogLines;
use support::probe::Probe;
use support::rpcs::{COLLECT, ECHO, GATED, GATED_COUNT, NEVER, NEVER_ENDING, Rpc};
use support::server::{Setup, TestServer};
use support::{run, soon};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Longer than any test: a drain that ends earlier did not time out.
const LONG: Duration = Duration::from_secs(20);
/// The most that "at once" may take: a connection gets half a second to react.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Begins to drain; the future says whether all connections ended in time.
fn drain(server: &TestServer, timeout: Duration) -> impl Future<Output = bool> + use<> {
    drain_with(server, DrainOptions { timeout, abort: false })
}

/// [`drain`], which may abort what is left.
fn drain_with(server: &TestServer, options: DrainOptions) -> impl Future<Output = bool> + use<> {
    let (done, drained) = oneshot::channel();
    let finished = move |all_ended| {
        // The receiver is gone once the test has ended.
        let _ = done.send(all_ended);
    };
    server.server().drain(options, || {}, finished);
    async { soon("the drain", drained).await.expect("the drain reports its end") }
}

/// Drains a server on which no call is in flight.
async fn drains_at_once(server: &TestServer) {
    let begun = Instant::now();
    assert!(drain(server, LONG).await);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}

/// Starts a call of a gated method, and waits until its handler has it.
async fn in_flight(client: &Http2, call: &Call, server: &TestServer) -> Exchange {
    let begun = server.probe.begun.get();
    let mut exchange = client.open(call.http2()).await;
    exchange.body.send_data(call.bytes(), true).expect("sends");
    soon("the handler", server.probe.begun.reaches(begun + 1)).await;
    exchange
}

async fn is_refused(address: SocketAddr) -> bool {
    // Listening ends on a thread of the server; a connection the kernel took before is closed unserved.
    for _ in 0..100 {
        if TcpStream::connect(address).await.is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[test]
fn a_server_without_connections_is_drained_at_once_and_stops_listening() {
    run(async {
        let server = TestServer::start();
        drains_at_once(&server).await;
        assert!(is_refused(server.address()).await);
    });
}

#[test]
fn idle_connections_close_at_once() {
    run(async {
        let server = TestServer::start();
        let http2 = Http2::connect(server.address()).await;
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&http2).await.code, "ok");
        let unused = Http2::connect(server.address()).await;
        let mut http1 = Http1::connect(server.address()).await;
        http1.send(Call::new(Protocol::Connect, ECHO).message("m").http1()).await;
        assert_eq!(http1.answer().await.status, 200);

        drains_at_once(&server).await;
        assert!(http1.closes().await);
        http2.ends().await;
        unused.ends().await;
    });
}

#[test]
fn an_unresponsive_client_does_not_delay_the_drain() {
    run(async {
        let server = TestServer::start();
        // It responds neither to GOAWAY nor to PING, and keeps its end of the connection open.
        let mut frames = Frames::handshake(server.address()).await;
        drains_at_once(&server).await;
        let goaway = frames.until(|frame| frame.kind == GOAWAY).await;
        assert_eq!(goaway.payload[4..8], [0, 0, 0, 0], "NO_ERROR");
    });
}

#[test]
fn a_call_that_crosses_the_goaway_is_served() {
    run(async {
        let server = TestServer::start();
        let mut frames = Frames::handshake(server.address()).await;
        let drained = drain(&server, LONG);
        let goaway = frames.until(|frame| frame.kind == GOAWAY).await;
        assert_eq!(goaway.payload[..4], [0x7f, 0xff, 0xff, 0xff], "no stream is refused");
        let ping = frames.until(|frame| frame.kind == PING).await;
        frames.send(frame(HEADERS, END_HEADERS, 1, &grpc_block(ECHO.path))).await;
        frames.send(frame(DATA, END_STREAM, 1, &envelope(0, b"m"))).await;
        // It was sent before the client had read what it acknowledges now.
        frames.send(frame(PING, ACK, 0, &ping.payload)).await;
        let mut received = Vec::new();
        while let Some(frame) = frames.next().await {
            received.push((frame.kind, frame.payload));
        }
        let of = |wanted| received.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, payload)| &**payload);
        assert_eq!(of(DATA).collect::<Vec<_>>().concat(), envelope(0, b"m"));
        assert_eq!(of(GOAWAY).map(|payload| &payload[..4]).collect::<Vec<_>>(), [[0, 0, 0, 1]], "later streams only");
        assert!(drained.await);
    });
}

#[test]
fn connections_that_sent_nothing_or_half_a_head_do_not_delay_the_drain() {
    let cases: [&[u8]; 5] = [b"", b"P", &PREFACE[..20], b"POST /a HTTP/1.1\r\nhost: te", PREFACE];
    run(async {
        for bytes in cases {
            let server = TestServer::start();
            let mut client = Http1::connect(server.address()).await;
            client.send(bytes).await;
            // The other connection was accepted before the one of this call.
            let echo = Call::new(Protocol::Connect, ECHO).message("m");
            assert_eq!(echo.send(Http::One, server.address()).await.code, "ok");
            drains_at_once(&server).await;
            client.rest().await;
        }
    });
}

#[test]
fn a_call_on_a_connection_that_waits_to_be_accepted_is_answered() {
    run(async {
        // Accepting and draining race; both orders have to work.
        for round in 0..50 {
            let server = TestServer::start();
            let call = Call::new(Protocol::Connect, ECHO).message("m");
            let mut clients = Vec::new();
            for _ in 0..4 {
                let mut client = Http1::connect(server.address()).await;
                client.send(call.http1()).await;
                clients.push(client);
            }
            let drained = drain(&server, LONG);
            for mut client in clients {
                let answer = client.answer().await;
                assert_eq!((answer.status, call.outcome(answer).joined().as_str()), (200, "m"), "round {round}");
                assert!(client.closes().await, "round {round}");
            }
            assert!(drained.await, "round {round}");
        }
    });
}

#[test]
fn an_http1_client_in_the_midst_of_many_calls_learns_of_the_drain_by_a_response() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Connect, ECHO).message("m");
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1()).await;
        assert_eq!(text(&client.answer().await.headers, "connection"), "");
        let drained = drain(&server, LONG);
        // Its next request, sent before it can know of the drain.
        tokio::time::sleep(Duration::from_millis(20)).await;
        client.send(call.http1()).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, text(&answer.headers, "connection")), (200, "close"));
        assert!(client.closes().await);
        assert!(drained.await);
    });
}

#[test]
fn http2_calls_in_flight_finish_after_goaway() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut exchanges = Vec::new();
        for protocol in PROTOCOLS {
            for rpc in [GATED, GATED_COUNT] {
                let call = Call::new(protocol, rpc).message("2");
                let exchange = in_flight(&client, &call, &server).await;
                exchanges.push((call, exchange));
            }
        }
        let drained = drain(&server, LONG);
        // Longer than idle connections are kept.
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.probe.gate.add_permits(4 + 4 * 3);
        for (call, exchange) in exchanges {
            let outcome = call.outcome(exchange.answer().await.expect("an answer"));
            let expected = if call.rpc.is_unary() { "2" } else { "0 1" };
            assert_eq!((outcome.code.as_str(), outcome.joined().as_str()), ("ok", expected), "{:?}", call.protocol);
        }
        assert!(drained.await);
        client.ends().await;
    });
}

#[test]
fn http1_calls_in_flight_finish_and_say_that_the_connection_closes() {
    run(async {
        let server = TestServer::start();
        let mut clients = Vec::new();
        for protocol in PROTOCOLS {
            let call = Call::new(protocol, GATED).message("m");
            let mut client = Http1::connect(server.address()).await;
            client.send(call.http1()).await;
            clients.push((call, client));
        }
        soon("the handlers", server.probe.begun.reaches(4)).await;
        let drained = drain(&server, LONG);
        // Longer than idle connections are kept.
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.probe.gate.add_permits(4);
        for (call, mut client) in clients {
            let answer = client.answer().await;
            assert_eq!(text(&answer.headers, "connection"), "close", "{:?}", call.protocol);
            assert_eq!(call.outcome(answer).joined(), "m", "{:?}", call.protocol);
            assert!(client.closes().await, "{:?}", call.protocol);
        }
        assert!(drained.await);
    });
}

#[test]
fn a_stream_whose_head_was_sent_finishes_and_its_connection_closes() {
    run(async {
        let server = TestServer::start();
        for (count, protocol) in PROTOCOLS.into_iter().enumerate() {
            let call = Call::new(protocol, GATED_COUNT).message("2");
            let server = if count == 0 { &server } else { &TestServer::start() };
            let mut client = Http1::connect(server.address()).await;
            client.send(call.http1()).await;
            soon("the handler", server.probe.begun.reaches(1)).await;
            server.probe.gate.add_permits(1);
            let head = client.head().await;
            let first = client.chunk().await.expect("a message");
            let drained = drain(server, LONG);
            server.probe.gate.add_permits(2);
            let mut body = first.to_vec();
            while let Some(chunk) = client.chunk().await {
                body.extend_from_slice(&chunk);
            }
            let trailers = client.fields().await;
            let (status, headers) = (head.status, head.headers);
            let answer = support::answer::Answer { status, headers, body: body.into(), trailers };
            assert_eq!(call.outcome(answer).joined(), "0 1", "{protocol:?}");
            assert!(client.closes().await, "{protocol:?}");
            assert!(drained.await);
        }
    });
}

#[test]
fn an_upload_in_flight_finishes() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, COLLECT).message("a");
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(call.bytes(), false).expect("sends");
        soon("the first message", server.probe.read.reaches(1)).await;
        let mut http1 = Http1::connect(server.address()).await;
        http1.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
        http1.send_chunk(&call.bytes()).await;
        soon("the first message", server.probe.read.reaches(2)).await;

        let drained = drain(&server, LONG);
        // Longer than idle connections are kept.
        tokio::time::sleep(Duration::from_secs(1)).await;
        exchange.body.send_data(call.bytes(), true).expect("sends");
        http1.send_chunk(&call.bytes()).await;
        http1.send("0\r\n\r\n").await;
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).joined(), "a,a");
        assert_eq!(call.outcome(http1.answer().await).joined(), "a,a");
        assert!(drained.await);
    });
}

#[test]
fn after_goaway_no_new_call_begins_on_a_connection() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, GATED_COUNT).message("2");
        let mut exchange = in_flight(&client, &call, &server).await;
        server.probe.gate.add_permits(1);
        let mut body = soon("the head", &mut exchange.response).await.expect("a head").into_body();
        next_data(&mut body).await.expect("a message").expect("a message");
        let drained = drain(&server, LONG);
        // The client is told to go; from then on `h2` opens no more streams.
        let refused = async {
            loop {
                let mut sender = match client.sender().ready().await {
                    Ok(sender) => sender,
                    Err(error) => return error,
                };
                let late = Call::new(Protocol::Grpc, NEVER).message("late");
                let (response, _) = sender.send_request(late.http2(), true).expect("a request");
                // If it was sent before GOAWAY arrived it gets a response: its request ends without a message.
                if let Err(error) = response.await {
                    return error;
                }
            }
        };
        let error = soon("the refusal of new calls", refused).await;
        assert!(error.is_go_away() || error.is_reset(), "{error}");
        assert_eq!(server.probe.begun.get(), 1);
        server.probe.gate.add_permits(2);
        while let Some(data) = next_data(&mut body).await {
            data.expect("the rest of the stream");
        }
        assert!(drained.await);
    });
}

#[test]
fn a_drain_that_times_out_says_so_and_closing_aborts_the_remaining_calls() {
    run(async {
        for (protocol, http) in everywhere() {
            for rpc in [NEVER, NEVER_ENDING] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                let server = TestServer::start();
                let call = Call::new(protocol, rpc).message("m");
                let mut http1 = Http1::connect(server.address()).await;
                let http2 = Http2::connect(server.address()).await;
                let mut exchanges = Vec::new();
                if http == Http::One {
                    http1.send(call.http1()).await;
                    soon("the handler", server.probe.begun.reaches(1)).await;
                } else {
                    exchanges.push(in_flight(&http2, &call, &server).await);
                }
                let begun = Instant::now();
                assert!(!drain(&server, Duration::from_millis(50)).await, "{case}");
                assert!(begun.elapsed() >= Duration::from_millis(50), "{case}");
                assert_eq!(server.probe.released.get(), 0, "{case}: the call continues until it is aborted");
                let probe = std::sync::Arc::clone(&server.probe);
                drop(server);
                assert_eq!((probe.released.get(), probe.budget.used()), (1, 0), "{case}");
                http1.rest().await;
                http2.ends().await;
            }
        }
    });
}

#[test]
fn calls_that_are_left_at_the_timeout_are_told() {
    run(async {
        for (protocol, http) in everywhere() {
            for (rpc, messages) in [(NEVER, ""), (NEVER_ENDING, "0")] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                let log = LogLines::default();
                let server = TestServer::with(Setup { observer: log.observer(), ..Setup::default() });
                let call = Call::new(protocol, rpc).message("m");
                let (address, sent) = (server.address(), call.clone());
                let outcome = tokio::spawn(async move { sent.send(http, address).await });
                soon("the handler", server.probe.begun.reaches(1)).await;
                let options = DrainOptions { timeout: Duration::from_millis(100), abort: true };
                assert!(!drain_with(&server, options).await, "{case}");
                let outcome = soon("the response", outcome).await.expect("no panic");
                let expected = ("unavailable", "the server is shutting down");
                assert_eq!((outcome.error(), outcome.joined().as_str()), (expected, messages), "{case}");
                assert_eq!((server.probe.released.get(), server.probe.budget.used()), (1, 0), "{case}");
                let line = format!("calls were aborted, as they did not end in time: 1 of {}", rpc.path);
                assert_eq!(log.all(), [(LogLevel::Warn, line)], "{case}");
            }
        }
    });
}

#[test]
fn a_call_whose_request_is_half_there_at_the_timeout_is_told() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Grpc, ECHO).message("m");
        let client = Http2::connect(server.address()).await;
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(call.bytes().slice(..3), false).expect("sends");
        let mut http1 = Http1::connect(server.address()).await;
        http1.send(Call::new(Protocol::Connect, ECHO).http1_head("content-length: 5\r\n")).await;
        http1.send("ab").await;
        // The heads have arrived when a later call is answered.
        assert_eq!(call.send_on(&client).await.code, "ok");
        assert_eq!(call.send(Http::One, server.address()).await.code, "ok");
        let options = DrainOptions { timeout: Duration::from_millis(200), abort: true };
        assert!(!drain_with(&server, options).await);
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).code, "unavailable");
        assert_eq!(http1.answer().await.status, 503);
    });
}

/// A response that waits in h2, as the client has given it no room, and then in the kernel.
const LARGE: usize = 3 * 1024 * 1024;
/// Longer than idle connections are kept.
const PAUSE: Duration = Duration::from_millis(1500);

#[test]
fn a_response_that_is_read_late_is_whole() {
    run(async {
        for protocol in PROTOCOLS {
            let server = TestServer::start();
            let call = Call::new(protocol, ECHO).message(vec![b'x'; LARGE]);
            let client = Http2::connect(server.address()).await;
            let mut exchange = client.open(call.http2()).await;
            exchange.body.send_data(call.bytes(), true).expect("sends");
            let head = soon("the head", &mut exchange.response).await.expect("a head");
            let mut http1 = Http1::connect(server.address()).await;
            http1.send(call.http1()).await;
            soon("the handlers", server.probe.begun.reaches(2)).await;

            let drained = drain(&server, LONG);
            tokio::time::sleep(PAUSE).await;
            let (parts, mut body) = head.into_parts();
            let mut all = BytesMut::new();
            while let Some(data) = next_data(&mut body).await {
                all.extend_from_slice(&data.expect("the rest of the response"));
            }
            let trailers = soon("the trailers", body.trailers()).await.expect("the end").unwrap_or_default();
            let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body: all.freeze(), trailers };
            for (http, answer) in [(Http::Two, answer), (Http::One, http1.answer().await)] {
                let outcome = call.outcome(answer);
                assert_eq!((outcome.code.as_str(), outcome.joined().len()), ("ok", LARGE), "{protocol:?} {http:?}");
            }
            assert!(drained.await, "{protocol:?}");
        }
    });
}

#[test]
fn a_client_that_answers_nothing_for_a_while_gets_its_response() {
    run(async {
        let server = TestServer::start();
        let mut frames = Frames::handshake(server.address()).await;
        frames.send(frame(HEADERS, END_HEADERS, 1, &grpc_block(ECHO.path))).await;
        let message = envelope(0, &vec![b'x'; 200 * 1024]);
        for piece in message.chunks(16 * 1024) {
            frames.send(frame(DATA, 0, 1, piece)).await;
        }
        frames.send(frame(DATA, END_STREAM, 1, &[])).await;
        // The server may send 65,535 bytes. It waits with the others, and their handler has ended.
        let mut received = frames.until(|frame| frame.kind == DATA).await.payload.len();
        let drained = drain(&server, LONG);
        tokio::time::sleep(PAUSE).await;
        frames.send(frame(WINDOW_UPDATE, 0, 0, &0x100_0000_u32.to_be_bytes())).await;
        frames.send(frame(WINDOW_UPDATE, 0, 1, &0x100_0000_u32.to_be_bytes())).await;
        let trailers = loop {
            let frame = frames.next().await.expect("the rest of the response");
            match frame.kind {
                DATA => received += frame.payload.len(),
                HEADERS => break frame,
                _ => {}
            }
        };
        assert_eq!((received, trailers.flags & END_STREAM), (message.len(), END_STREAM));
        // It never acknowledges the PING, and never closes.
        assert!(drained.await);
    });
}

#[test]
fn closing_without_a_drain_releases_everything() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut exchanges = Vec::new();
        for protocol in PROTOCOLS {
            for rpc in [NEVER, NEVER_ENDING] {
                exchanges.push(in_flight(&client, &Call::new(protocol, rpc).message("m"), &server).await);
            }
        }
        let (probe, address) = (std::sync::Arc::clone(&server.probe), server.address());
        let begun = Instant::now();
        drop(server);
        assert!(begun.elapsed() < AT_ONCE);
        assert_eq!((probe.released.get(), probe.budget.used()), (8, 0));
        assert!(TcpStream::connect(address).await.is_err());
        client.ends().await;
    });
}

#[test]
fn a_server_starts_on_the_port_of_one_that_was_closed() {
    run(async {
        let first = TestServer::start();
        let call = Call::new(Protocol::Connect, ECHO).message("m");
        assert_eq!(call.send(Http::One, first.address()).await.code, "ok");
        let port = first.address().port();
        drop(first);
        let endpoint = Endpoint::Tcp { host: "127.0.0.1".into(), port, reuse_port: false };
        let server = ServerOptions::from(ListenerOptions { endpoint, ..ListenerOptions::default() });
        let again = TestServer::with(support::server::Setup { server, ..Default::default() });
        assert_eq!(call.send(Http::One, again.address()).await.code, "ok");
    });
}

#[test]
fn a_thread_that_is_stuck_does_not_stop_the_clock() {
    /// Keeps the only thread of its server.
    const STUCK: Rpc = Rpc {
        path: "/test.v1.Test/Stuck",
        serve: |_, probe| {
            probe.begun.add();
            std::thread::sleep(Duration::from_secs(2));
            Box::pin(async { Err(Error::internal("it was stuck").into()) })
        },
        ..ECHO
    };
    struct Stuck(Arc<Probe>);
    impl Handler for Stuck {
        fn call(&self, request: Request) -> HandlerFuture {
            (STUCK.serve)(request, Arc::clone(&self.0))
        }
    }
    run(async {
        let server = ServerOptions { threads: 1, ..ServerOptions::default() };
        let server =
            TestServer::serving(&[STUCK], Setup { server, ..Setup::default() }, |probe| Arc::new(Stuck(probe)));
        let call = Call::new(Protocol::Connect, STUCK).message("m");
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1()).await;
        soon("the handler", server.probe.begun.reaches(1)).await;
        let begun = Instant::now();
        assert!(!drain(&server, Duration::from_millis(200)).await);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    });
}

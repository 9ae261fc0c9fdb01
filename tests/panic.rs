//! A panic fails the call that it happens in, and nothing else: not its connection, not the process.

use crate::support;

use support::call::{Call, HTTPS, Http, PROTOCOLS, Protocol, everywhere};
use support::http1::Http1;
use support::http2::Http2;
use support::rpcs::{ECHO, GATED, PANIC, PANIC_IN_STREAM, PANIC_LATER, PANIC_READING};
use support::server::TestServer;
use support::{run, soon};

#[test]
fn a_handler_that_panics_before_its_answer_is_an_internal_error() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            for rpc in [PANIC, PANIC_LATER, PANIC_READING] {
                let outcome = Call::new(protocol, rpc).message("m").send(http, server.address()).await;
                assert_eq!(outcome.error(), ("internal", "internal error"), "{protocol:?} {http:?} {}", rpc.path);
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_stream_that_panics_ends_with_an_internal_error_after_what_it_sent() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let outcome = Call::new(protocol, PANIC_IN_STREAM).message("m").send(http, server.address()).await;
            assert_eq!(outcome.joined(), "0", "{protocol:?} {http:?}");
            assert_eq!(outcome.error(), ("internal", "internal error"), "{protocol:?} {http:?}");
        }
        server.holds_nothing().await;
    });
}

#[test]
fn other_calls_on_the_connection_continue() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let waiting = Call::new(Protocol::Grpc, GATED).message("still here");
        let mut exchange = client.open(waiting.http2()).await;
        exchange.body.send_data(waiting.bytes(), true).expect("sends");
        soon("the waiting call", server.probe.begun.reaches(1)).await;

        for protocol in PROTOCOLS {
            for rpc in [PANIC, PANIC_LATER, PANIC_IN_STREAM, PANIC_READING] {
                assert_eq!(Call::new(protocol, rpc).message("m").send_on(&client).await.code, "internal");
            }
        }
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("new").send_on(&client).await.joined(), "new");

        server.probe.gate.add_permits(1);
        let outcome = waiting.outcome(exchange.answer().await.expect("an answer"));
        assert_eq!((outcome.joined().as_str(), outcome.code.as_str()), ("still here", "ok"));
    });
}

#[test]
fn an_http1_connection_is_used_again_after_a_panic() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            let mut client = Http1::connect(server.address()).await;
            for rpc in [PANIC, PANIC_LATER, PANIC_IN_STREAM, PANIC_READING] {
                let panicking = Call::new(protocol, rpc).message("m");
                client.send(panicking.http1()).await;
                assert_eq!(panicking.outcome(client.answer().await).code, "internal", "{protocol:?} {}", rpc.path);
            }
            let echo = Call::new(protocol, ECHO).message("m");
            client.send(echo.http1()).await;
            assert_eq!(echo.outcome(client.answer().await).joined(), "m", "{protocol:?}");
        }
    });
}

#[test]
fn a_handler_that_panics_while_its_client_still_sends_answers_at_once() {
    run(async {
        let server = TestServer::start();
        for http in HTTPS {
            let call = Call::new(Protocol::Connect, PANIC_READING).message("first");
            let answer = match http {
                Http::One => {
                    let mut client = Http1::connect(server.address()).await;
                    client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
                    client.send_chunk(&call.bytes()).await;
                    client.answer().await
                }
                Http::Two => {
                    let client = Http2::connect(server.address()).await;
                    let mut exchange = client.open(call.http2()).await;
                    exchange.body.send_data(call.bytes(), false).expect("sends");
                    exchange.answer().await.expect("an answer")
                }
            };
            assert_eq!(call.outcome(answer).code, "internal", "{http:?}");
        }
        server.holds_nothing().await;
    });
}

//! A client that goes away: its handler is dropped, and its memory is given back.

use crate::support;

use bytes::Bytes;
use h2::Reason;
use support::call::{Call, PROTOCOLS, Protocol};
use support::frames::{ACK, END_HEADERS, Frames, GOAWAY, HEADERS, PING, RST_STREAM, frame, grpc_block};
use support::http1::Http1;
use support::http2::{Exchange, Http2};
use support::rpcs::{COLLECT, ECHO, ECHO_EACH, GATED_COUNT, NEVER, NEVER_ENDING, NEVER_READ};
use support::server::TestServer;
use support::{eventually, run, soon};

/// Sends a call: all of it, or all but its end.
async fn begin(client: &Http2, call: &Call, whole: bool) -> Exchange {
    let mut exchange = client.open(call.http2()).await;
    exchange.body.send_data(call.bytes(), whole).expect("sends");
    exchange
}

/// Every handler was dropped, or saw `canceled`; none saw the end of its request messages.
fn assert_no_clean_end(server: &TestServer) {
    assert_eq!(server.probe.input_ended.get(), 0);
    assert!(server.probe.input_error.borrow().as_deref().is_none_or(|code| code == "canceled"));
}

#[test]
fn a_reset_releases_a_handler_that_has_not_answered() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut count = 0;
        for protocol in PROTOCOLS {
            for reason in [Reason::CANCEL, Reason::NO_ERROR, Reason::INTERNAL_ERROR] {
                // A message of some size, so that something is reserved.
                for (rpc, whole) in [(NEVER, true), (NEVER_READ, true), (NEVER_READ, false)] {
                    count += 1;
                    let exchange = begin(&client, &Call::new(protocol, rpc).message(vec![7; 30_000]), whole).await;
                    soon("the handler", server.probe.begun.reaches(count)).await;
                    assert!(rpc.path == NEVER_READ.path || server.probe.budget.used() > 0, "the message is reserved");
                    exchange.reset(reason);
                    soon("the handler's release", server.probe.released.reaches(count)).await;
                }
            }
        }
        server.holds_nothing().await;
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.code, "ok");
    });
}

#[test]
fn a_reset_releases_a_stream_that_has_begun_to_answer() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut count = 0;
        for protocol in PROTOCOLS {
            for reason in [Reason::CANCEL, Reason::NO_ERROR] {
                count += 1;
                let call = Call::new(protocol, NEVER_ENDING).message("m");
                let mut exchange = begin(&client, &call, true).await;
                let response = soon("the head", &mut exchange.response).await.expect("a head");
                exchange.reset(reason);
                soon("the handler's release", server.probe.released.reaches(count)).await;
                drop(response);
            }
        }
        server.holds_nothing().await;
    });
}

// contract: DEC-reset
#[test]
fn a_reset_before_the_end_of_the_request_is_not_a_clean_end() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        for protocol in PROTOCOLS {
            for reason in [Reason::CANCEL, Reason::NO_ERROR, Reason::INTERNAL_ERROR] {
                let (read, released) = (server.probe.read.get(), server.probe.released.get());
                let exchange = begin(&client, &Call::new(protocol, COLLECT).message("m"), false).await;
                soon("the first message", server.probe.read.reaches(read + 1)).await;
                exchange.reset(reason);
                soon("the handler's release", server.probe.released.reaches(released + 1)).await;
            }
        }
        assert_no_clean_end(&server);
        server.holds_nothing().await;
    });
}

#[test]
fn a_unary_request_that_is_reset_half_way_never_reaches_its_handler() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        for protocol in PROTOCOLS {
            let call = Call::new(protocol, ECHO).message(vec![7; 9_000]);
            for reason in [Reason::CANCEL, Reason::NO_ERROR] {
                for bytes in [call.bytes(), call.bytes().slice(..call.bytes().len() / 2)] {
                    let mut exchange = client.open(call.http2()).await;
                    exchange.body.send_data(bytes, false).expect("sends");
                    eventually("reading a part of the message", || server.probe.budget.used() > 0).await;
                    exchange.reset(reason);
                    server.holds_nothing().await;
                }
            }
        }
        // Served after the resets, on the same connection: if one of them had reached its handler, it would be counted.
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.code, "ok");
        assert_eq!(server.probe.begun.get(), 1);
    });
}

#[test]
fn a_connection_that_closes_releases_every_handler_on_it() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut exchanges = Vec::new();
        for protocol in PROTOCOLS {
            for (rpc, whole) in [(NEVER, true), (NEVER_READ, false), (NEVER_ENDING, true), (ECHO_EACH, false)] {
                exchanges.push(begin(&client, &Call::new(protocol, rpc).message("m"), whole).await);
            }
        }
        soon("the handlers", server.probe.begun.reaches(16)).await;
        client.close().await;
        soon("the handlers' release", server.probe.released.reaches(16)).await;
        server.holds_nothing().await;
    });
}

#[test]
fn an_http1_connection_that_closes_releases_its_handler() {
    run(async {
        let server = TestServer::start();
        let mut count = 0;
        for protocol in PROTOCOLS {
            for rpc in [NEVER, NEVER_ENDING, COLLECT, ECHO_EACH] {
                count += 1;
                let call = Call::new(protocol, rpc).message("m");
                let mut client = Http1::connect(server.address()).await;
                if rpc.request == NEVER.request {
                    client.send(call.http1()).await;
                } else {
                    client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
                    client.send_chunk(&call.bytes()).await;
                }
                soon("the handler", server.probe.begun.reaches(count)).await;
                drop(client);
                let what = format!("release over {protocol:?} of {}", rpc.path);
                soon(&what, server.probe.released.reaches(count)).await;
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn an_http1_client_that_left_bytes_behind_its_request_is_missed_too() {
    run(async {
        let server = TestServer::start();
        let mut count = 0;
        for rpc in [NEVER, NEVER_ENDING] {
            // The first byte of another request, and a whole one.
            for behind in [b"X".to_vec(), Call::new(Protocol::Connect, rpc).message("m").http1()] {
                count += 1;
                let call = Call::new(Protocol::Connect, rpc).message("m");
                let mut client = Http1::connect(server.address()).await;
                client.send([call.http1(), behind].concat()).await;
                soon("the handler", server.probe.begun.reaches(count)).await;
                drop(client);
                soon(&format!("release of {}", rpc.path), server.probe.released.reaches(count)).await;
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn an_http1_body_that_stops_half_way_is_not_a_clean_end() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            for framing in ["transfer-encoding: chunked\r\n", "content-length: 1000\r\n"] {
                let begun = server.probe.begun.get();
                let call = Call::new(protocol, COLLECT).message("m");
                let mut client = Http1::connect(server.address()).await;
                client.send(call.http1_head(framing)).await;
                if framing.starts_with('t') {
                    client.send_chunk(&call.bytes()).await;
                } else {
                    client.send(call.bytes()).await;
                }
                soon("the handler", server.probe.begun.reaches(begun + 1)).await;
                client.finish().await;
                soon("the handler's release", server.probe.released.reaches(begun + 1)).await;
                let rest = client.rest().await;
                assert!(!rest.windows(2).any(|two| two == b"m\0"), "no response of a handler: {rest:?}");
            }
        }
        assert_no_clean_end(&server);
        server.holds_nothing().await;
    });
}

#[test]
fn a_unary_body_that_stops_half_way_never_reaches_its_handler() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            let call = Call::new(protocol, ECHO).message(vec![7; 2_000]);
            let mut client = Http1::connect(server.address()).await;
            let request = call.http1();
            client.send(&request[..request.len() - 1_000]).await;
            eventually("reading a part of the message", || server.probe.budget.used() > 0).await;
            drop(client);
            server.holds_nothing().await;
        }
        assert_eq!(server.probe.begun.get(), 0);
    });
}

/// Opens `count` calls of a handler that never answers, each reset in the packet that opened it.
fn calls_reset_at_once(count: u32) -> Vec<u8> {
    let block = grpc_block(NEVER_READ.path);
    let calls = (0..count).flat_map(|number| {
        let stream = number * 2 + 1;
        [frame(HEADERS, END_HEADERS, stream, &block), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    });
    calls.collect()
}

#[test]
fn a_reset_in_the_packet_of_its_request_leaves_nothing_behind() {
    run(async {
        let server = TestServer::start();
        let mut frames = Frames::handshake(server.address()).await;
        frames.send(calls_reset_at_once(15)).await;
        frames.send(frame(PING, 0, 0, b"all seen")).await;
        frames.until(|frame| frame.kind == PING && frame.flags == ACK).await;
        eventually("letting go", || server.probe.begun.get() == server.probe.released.get()).await;
        server.holds_nothing().await;
    });
}

#[test]
fn a_flood_of_resets_ends_its_own_connection_and_no_other() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut frames = Frames::handshake(server.address()).await;
        // In pieces: few of them wait to be accepted at a time.
        for calls in calls_reset_at_once(2000).chunks(4096) {
            frames.send(calls).await;
        }
        let goaway = frames.until(|frame| frame.kind == GOAWAY).await;
        // ENHANCE_YOUR_CALM, RFC 9113 section 7.
        assert_eq!(goaway.payload[4..8], [0, 0, 0, 0xb]);
        eventually("letting go", || server.probe.begun.get() == server.probe.released.get()).await;
        server.holds_nothing().await;
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.code, "ok");
    });
}

#[test]
fn calls_that_are_canceled_in_bulk_once_they_have_begun_are_no_flood() {
    const AT_A_TIME: usize = 200;
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        // Those of `NEVER` have reached their handler; those of `ECHO` wait for the rest of their message.
        for (rpc, whole) in [(NEVER, true), (ECHO, false)] {
            let call = Call::new(Protocol::Grpc, rpc).message("m");
            for _ in 0..3 {
                let mut exchanges = Vec::new();
                for _ in 0..AT_A_TIME {
                    let mut exchange = client.open(call.http2()).await;
                    let bytes = if whole { call.bytes() } else { call.bytes().slice(..3) };
                    exchange.body.send_data(bytes, whole).expect("sends");
                    exchanges.push(exchange);
                }
                let echo = Call::new(Protocol::Grpc, ECHO).message("all seen").send_on(&client).await;
                assert_eq!(echo.code, "ok");
                for exchange in exchanges {
                    exchange.reset(Reason::CANCEL);
                }
                server.holds_nothing().await;
            }
        }
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.code, "ok");
    });
}

#[test]
fn a_client_that_disconnects_in_the_middle_of_a_stream_stops_it() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut exchange = begin(&client, &Call::new(Protocol::Grpc, GATED_COUNT).message("9"), true).await;
        server.probe.gate.add_permits(1);
        let response = soon("the head", &mut exchange.response).await.expect("a head");
        let mut body = response.into_body();
        let first: Bytes = soon("a message", body.data()).await.expect("a message").expect("a message");
        assert_eq!(&first[5..], b"0");
        exchange.reset(Reason::CANCEL);
        soon("the handler's release", server.probe.released.reaches(1)).await;
        server.holds_nothing().await;
    });
}

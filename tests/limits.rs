//! Limits of memory: bytes of one message, and bytes reserved for all calls together.

use crate::support;

use std::io::Write as _;

use bytes::Bytes;
use connectum_native::call::Encoding;
use connectum_native::call::MethodOptions;
use support::call::{Call, Http, PROTOCOLS, Protocol, everywhere};
use support::envelopes::lying;
use support::http1::Http1;
use support::http2::Http2;
use support::rpcs::{COLLECT, COUNT, ECHO, ECHO_EACH, NEVER, NEVER_READ};
use support::server::{Setup, TestServer};
use support::{encodings, eventually, run, soon};

const LIMIT: usize = 1000;

fn limited() -> TestServer {
    let method = MethodOptions { read_max_bytes: LIMIT, ..MethodOptions::default() };
    TestServer::with(Setup { method, ..Setup::default() })
}

/// Bytes that compress badly, so that the limit applies before and after.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Roughly what the head of a call takes: at least that, and less than twice that.
const HEAD: usize = 4 * 1024;

#[test]
fn a_message_at_the_limit_passes_and_one_byte_more_does_not() {
    run(async {
        let server = limited();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, COLLECT, ECHO_EACH] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                for (length, code) in [(LIMIT, "ok"), (LIMIT + 1, "resource_exhausted")] {
                    let call = Call::new(protocol, rpc).message(vec![7; length]);
                    let outcome = call.send(http, server.address()).await;
                    assert_eq!(outcome.code, code, "{case} {length}: {}", outcome.text);
                    if code == "ok" {
                        assert_eq!(outcome.messages, [vec![7; length]], "{case}");
                    } else {
                        assert!(outcome.text.ends_with("larger than configured readMaxBytes 1000"), "{}", outcome.text);
                    }
                }
            }
        }
        server.holds_nothing().await;
    });
}

// contract: DEC-read-limit
#[test]
fn the_limit_is_of_the_decompressed_message() {
    run(async {
        let server = limited();
        for (protocol, http) in everywhere() {
            for encoding in Encoding::ALL {
                for rpc in [ECHO, COLLECT] {
                    let case = format!("{protocol:?} {http:?} {encoding:?} {}", rpc.path);
                    let call = |length| Call::new(protocol, rpc).message(vec![7; length]).compressed(encoding);
                    let outcome = call(LIMIT).send(http, server.address()).await;
                    assert_eq!(outcome.messages, [vec![7; LIMIT]], "{case}: {}", outcome.text);
                    let outcome = call(LIMIT + 1).send(http, server.address()).await;
                    assert_eq!(outcome.code, "resource_exhausted", "{case}: {}", outcome.text);
                }
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_bomb_is_refused_and_costs_nothing() {
    run(async {
        let server = TestServer::start();
        let zeros = vec![0; 64 << 20];
        for encoding in Encoding::ALL {
            let bomb = encodings::compress(encoding, &zeros);
            assert!(bomb.len() < 128 << 10, "{encoding:?}: a bomb of {} bytes", bomb.len());
            for (protocol, rpc) in PROTOCOLS.into_iter().flat_map(|protocol| [(protocol, ECHO), (protocol, COLLECT)]) {
                let call = Call::new(protocol, rpc).header(Call::new(protocol, rpc).encoding_header(), encoding.name());
                let body = if call.is_framed() { support::envelopes::envelope(1, &bomb) } else { bomb.clone() };
                let text = protocol == Protocol::GrpcWebText;
                let body = if text { support::envelopes::encode_text(&body) } else { body };
                let outcome = call.body(body).send(Http::Two, server.address()).await;
                assert_eq!(outcome.code, "resource_exhausted", "{encoding:?} {protocol:?}: {}", outcome.text);
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_zstd_frame_that_asks_for_a_huge_window_is_refused() {
    run(async {
        let server = TestServer::start();
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.window_log(27).expect("a window of 128 MiB");
        encoder.write_all(b"small").expect("compresses");
        let frame = encoder.finish().expect("compresses");
        let outcome = Call::new(Protocol::Connect, ECHO)
            .header("content-encoding", "zstd")
            .body(frame)
            .send(Http::One, server.address())
            .await;
        assert_eq!(outcome.code, "invalid_argument", "{}", outcome.text);
        server.holds_nothing().await;
    });
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_its_bytes_come() {
    run(async {
        let server = limited();
        for rpc in [ECHO, COLLECT, COUNT] {
            let call = Call::new(Protocol::Grpc, rpc);
            for length in [1001, u32::MAX] {
                let client = Http2::connect(server.address()).await;
                let mut exchange = client.open(call.http2()).await;
                exchange.body.send_data(lying(0, length, b""), false).expect("sends");
                let outcome = call.outcome(exchange.answer().await.expect("an answer"));
                let text = format!("message size {length} is larger than configured readMaxBytes 1000");
                assert_eq!(outcome.error(), ("resource_exhausted", text.as_str()), "{}", rpc.path);
            }
        }
        // The length of Connect's unary messages is in a header.
        let call = Call::new(Protocol::Connect, ECHO);
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1_head("content-length: 1001\r\n")).await;
        assert_eq!(call.outcome(client.answer().await).code, "resource_exhausted");
        server.holds_nothing().await;
    });
}

// contract: CN-readable-refusal
#[test]
fn an_http1_client_that_sends_all_before_it_reads_can_read_the_refusal() {
    run(async {
        let server = limited();
        // More than sockets buffer, so that the client is still sending when it is refused.
        let message = Bytes::from(noise(9 << 20));
        for protocol in PROTOCOLS {
            // The handler of a request stream has the body, and decides itself whether the rest is read.
            for rpc in [ECHO, COUNT] {
                for chunked in [false, true] {
                    let case = format!("{protocol:?} {} chunked: {chunked}", rpc.path);
                    let call = Call::new(protocol, rpc).message(message.clone());
                    let mut client = Http1::connect(server.address()).await;
                    if chunked {
                        client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
                        for chunk in call.bytes().chunks(1 << 20) {
                            client.send_chunk(chunk).await;
                        }
                        client.send(b"0\r\n\r\n").await;
                    } else {
                        client.send(call.http1()).await;
                    }
                    let outcome = call.outcome(client.answer().await);
                    assert_eq!(outcome.code, "resource_exhausted", "{case}: {}", outcome.text);
                }
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn beyond_the_budget_calls_are_unavailable_until_something_is_given_back() {
    run(async {
        let server = TestServer::with(Setup { budget_bytes: 100_000, ..Setup::default() });
        for (protocol, http) in everywhere() {
            let case = format!("{protocol:?} {http:?}");
            let client = Http2::connect(server.address()).await;
            let begun = server.probe.begun.get();
            let holding = Call::new(Protocol::Grpc, NEVER).message(vec![7; 70_000]);
            let mut exchange = client.open(holding.http2()).await;
            exchange.body.send_data(holding.bytes(), true).expect("sends");
            soon("the handler", server.probe.begun.reaches(begun + 1)).await;

            let large = Call::new(protocol, ECHO).message(noise(60_000));
            let outcome = large.send(http, server.address()).await;
            assert_eq!(outcome.code, "unavailable", "{case}: {}", outcome.text);
            assert!(outcome.text.contains("try again later"), "{case}: {}", outcome.text);
            let collecting = Call::new(protocol, COLLECT).message(noise(60_000));
            assert_eq!(collecting.send(http, server.address()).await.code, "unavailable", "{case}");
            let small = Call::new(protocol, ECHO).message("small");
            assert_eq!(small.send(http, server.address()).await.code, "ok", "{case}");

            exchange.reset(h2::Reason::CANCEL);
            server.holds_nothing().await;
            assert_eq!(large.send(http, server.address()).await.code, "ok", "{case}");
            server.holds_nothing().await;
        }
    });
}

#[test]
fn decompressed_bytes_count_against_the_budget() {
    run(async {
        let server = TestServer::with(Setup { budget_bytes: 100_000, ..Setup::default() });
        for (protocol, rpc) in PROTOCOLS.into_iter().flat_map(|protocol| [(protocol, ECHO), (protocol, COLLECT)]) {
            for encoding in Encoding::ALL {
                let call = Call::new(protocol, rpc).message(vec![7; 200_000]).compressed(encoding);
                let outcome = call.send(Http::Two, server.address()).await;
                assert_eq!(outcome.code, "unavailable", "{protocol:?} {encoding:?}: {}", outcome.text);
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn requests_that_stop_half_way_hold_what_they_sent_and_no_more() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let mut exchanges = Vec::new();
        for _ in 0..20 {
            let call = Call::new(Protocol::Grpc, ECHO).message(vec![7; 20_000]);
            let mut exchange = client.open(call.http2()).await;
            exchange.body.send_data(call.bytes().slice(..10_000), false).expect("sends");
            exchanges.push(exchange);
        }
        eventually("reading what was sent", || {
            let bodies = server.probe.budget.used().saturating_sub(20 * HEAD);
            (200_000..200_000 + 20 * HEAD).contains(&bodies)
        })
        .await;
        client.close().await;
        server.holds_nothing().await;
    });
}

#[test]
fn an_unread_stream_reserves_nothing_unless_it_is_metered() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, NEVER_READ).message(vec![7; 60_000]);
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(call.bytes(), false).expect("sends");
        soon("the handler", server.probe.begun.reaches(1)).await;
        eventually("an upload that was sent", || client.sent_bytes() >= call.bytes().len()).await;
        // Sent behind the upload: the server has received all of it before it answers this.
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.code, "ok");
        eventually("no more than the head, as unread bytes stay in flow control", || {
            server.probe.budget.used() < 2 * HEAD
        })
        .await;
        exchange.reset(h2::Reason::CANCEL);
    });
}

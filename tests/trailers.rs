//! The end of a call: status, message, details and trailers in each protocol's own place.

use crate::support;

use bytes::Bytes;
use serde_json::json;
use support::answer::{all, text};
use support::call::{Call, HTTPS, Http, Protocol, everywhere};
use support::envelopes::split;
use support::handlers::failure;
use support::http1::Http1;
use support::http2::{Http2, next_data};
use support::outcome::Outcome;
use support::rpcs::{COUNT, ECHO, ECHO_EACH, FAIL, FAIL_LATE, FAIL_STREAM, GATED_COUNT};
use support::server::TestServer;
use support::{run, soon};

const ESCAPED: &str = "50%25 of %C3%A9%F0%9F%98%80%0D%0A";

fn assert_failed(outcome: &Outcome, case: &str) {
    assert_eq!(outcome.error(), ("not_found", failure().message.as_str()), "{case}");
    assert_eq!(outcome.details, [("test.v1.Reason".to_owned(), vec![1, 0xff])], "{case}");
}

#[test]
fn metadata_goes_both_ways_and_names_may_repeat() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, COUNT, ECHO_EACH] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                let call = Call::new(protocol, rpc).message("2").header("x-meta", "a").header("X-Meta", "b, c");
                let outcome = call.send(http, server.address()).await;
                assert_eq!(outcome.code, "ok", "{case}");
                assert_eq!(all(&outcome.headers, "x-header"), ["a", "b, c"], "{case}");
                assert_eq!(all(&outcome.trailers, "x-trailer"), ["a", "b, c"], "{case}");
                assert!(
                    !outcome.trailers.contains_key("grpc-status-details-bin"),
                    "{case}: no details without an error"
                );
                assert!(!outcome.trailers.contains_key("grpc-message"), "{case}: no message without an error");
            }
        }
    });
}

#[test]
fn header_values_are_bytes() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Connect, ECHO).message("m");
        let mut client = Http1::connect(server.address()).await;
        let head = call.http1_head("content-length: 1\r\nx-meta: \u{e9}\u{ff}\r\n");
        let head: Vec<u8> = head.chars().map(|char| u8::try_from(u32::from(char)).expect("Latin-1")).collect();
        client.send([&head, b"m".as_slice()].concat()).await;
        let said = client.answer_bytes().await;
        for field in [b"x-header: \xe9\xff\r\n".as_slice(), b"trailer-x-trailer: \xe9\xff\r\n"] {
            assert!(said.windows(field.len()).any(|window| window == field), "{said:?}");
        }
    });
}

// contract: DEC-marker
#[test]
fn the_marker_of_in_process_calls_cannot_be_forged() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let call = Call::new(protocol, ECHO).message("m").header("connectum-internal-transport", "1");
            let outcome = call.send(http, server.address()).await;
            assert_eq!(text(&outcome.headers, "x-forged"), "0", "{protocol:?} {http:?}");
        }
    });
}

#[test]
fn errors_carry_message_details_and_metadata_everywhere() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            for rpc in [FAIL, FAIL_LATE, FAIL_STREAM] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                let call = Call::new(protocol, rpc).message("m").header("x-meta", "v");
                let outcome = call.send(http, server.address()).await;
                assert_failed(&outcome, &case);
                let is_connect_unary = protocol == Protocol::Connect && rpc.is_unary();
                let place = if is_connect_unary { &outcome.headers } else { &outcome.trailers };
                // HTTP/1.1 has to declare trailers in the head, before a stream knows how it will fail.
                let is_lost = protocol == Protocol::Grpc && http == Http::One && !rpc.is_unary();
                assert_eq!(all(place, "x-error"), if is_lost { vec![] } else { vec!["e"] }, "{case}");
                if rpc.path != FAIL.path {
                    assert_eq!(all(&outcome.headers, "x-header"), ["v"], "{case}");
                    assert_eq!(all(&outcome.trailers, "x-trailer"), ["v"], "{case}");
                }
                if !rpc.is_unary() {
                    assert_eq!(outcome.joined(), "0 1", "{case}");
                }
            }
        }
    });
}

#[test]
fn every_code_has_its_number_its_name_and_its_http_status() {
    let table = [
        (1, "canceled", 499),
        (2, "unknown", 500),
        (3, "invalid_argument", 400),
        (4, "deadline_exceeded", 504),
        (5, "not_found", 404),
        (6, "already_exists", 409),
        (7, "permission_denied", 403),
        (8, "resource_exhausted", 429),
        (9, "failed_precondition", 400),
        (10, "aborted", 409),
        (11, "out_of_range", 400),
        (12, "unimplemented", 501),
        (13, "internal", 500),
        (14, "unavailable", 503),
        (15, "data_loss", 500),
        (16, "unauthenticated", 401),
        (17, "unknown", 500),
    ];
    run(async {
        let server = TestServer::start();
        for (number, name, status) in table {
            for (protocol, http) in everywhere() {
                let call = Call::new(protocol, FAIL).message("m").header("x-code", &number.to_string());
                let outcome = call.send(http, server.address()).await;
                assert_eq!(outcome.error(), (name, ""), "{protocol:?} {http:?}");
                assert_eq!(outcome.status, if protocol == Protocol::Connect { status } else { 200 }, "{name}");
            }
        }
    });
}

#[test]
fn grpc_sends_an_error_without_headers_as_trailers_only() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Grpc, FAIL).message("m");
        let client = Http2::connect(server.address()).await;
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(call.bytes(), true).expect("sends");
        let response = soon("the head", exchange.response).await.expect("a head");
        assert!(response.body().is_end_stream(), "Trailers-Only");
        assert_eq!(text(response.headers(), "grpc-status"), "5");
        assert_eq!(text(response.headers(), "grpc-message"), ESCAPED);
        assert_eq!(text(response.headers(), "content-type"), "application/grpc+proto");
        // With headers of its own the response has two blocks.
        let call = Call::new(Protocol::Grpc, FAIL_LATE).message("m").header("x-meta", "v");
        let answer = call.answer(Http::Two, server.address()).await;
        assert!(!answer.headers.contains_key("grpc-status"));
        assert_eq!(text(&answer.trailers, "grpc-message"), ESCAPED);
    });
}

// contract: DEC-http1-trailers, T3
#[test]
fn grpc_over_http1_declares_its_trailers() {
    run(async {
        let server = TestServer::start();
        for (rpc, status) in [(ECHO, "0"), (COUNT, "0"), (FAIL_LATE, "5")] {
            let call = Call::new(Protocol::Grpc, rpc).message("2").header("x-meta", "v");
            let answer = call.answer(Http::One, server.address()).await;
            let declared: Vec<&str> = answer.header("trailer").split(", ").collect();
            for name in answer.trailers.keys() {
                assert!(declared.contains(&name.as_str()), "{name} in {declared:?}");
            }
            assert_eq!(text(&answer.trailers, "grpc-status"), status, "{}", rpc.path);
            assert_eq!(text(&answer.trailers, "x-trailer"), "v", "{}", rpc.path);
        }
    });
}

#[test]
fn grpc_web_puts_its_trailers_into_the_body() {
    run(async {
        let server = TestServer::start();
        for http in HTTPS {
            let call = Call::new(Protocol::GrpcWeb, ECHO).message("m").header("x-meta", "v");
            let answer = call.answer(http, server.address()).await;
            assert!(answer.trailers.is_empty() && !answer.headers.contains_key("grpc-status"), "{http:?}");
            let envelopes = split(&answer.body);
            assert_eq!(envelopes[0], (0, Bytes::from_static(b"m")), "{http:?}");
            assert_eq!(envelopes[1], (0x80, Bytes::from_static(b"grpc-status: 0\r\nx-trailer: v\r\n")), "{http:?}");
            let call = Call::new(Protocol::GrpcWeb, FAIL).message("m");
            let answer = call.answer(http, server.address()).await;
            let block = String::from_utf8(split(&answer.body)[0].1.to_vec()).expect("ASCII");
            assert!(block.contains(&format!("grpc-message: {ESCAPED}\r\n")), "{block:?}");
        }
    });
}

#[test]
fn a_connect_stream_ends_with_a_message_of_json() {
    run(async {
        let server = TestServer::start();
        let error = json!({
            "code": "not_found",
            "message": failure().message,
            "details": [{ "type": "test.v1.Reason", "value": "Af8" }],
        });
        for http in HTTPS {
            for (rpc, meta, expected) in [
                (COUNT, None, json!({})),
                (COUNT, Some("v"), json!({ "metadata": { "x-trailer": ["v"] } })),
                (FAIL_STREAM, None, json!({ "error": error, "metadata": { "x-error": ["e"] } })),
            ] {
                let mut call = Call::new(Protocol::Connect, rpc).message("2");
                if let Some(meta) = meta {
                    call = call.header("x-meta", meta);
                }
                let answer = call.answer(http, server.address()).await;
                assert!(answer.trailers.is_empty(), "{http:?}");
                let envelopes = split(&answer.body);
                let (flags, end) = envelopes.last().expect("an end");
                let end: serde_json::Value = serde_json::from_slice(end).expect("JSON");
                assert_eq!((*flags, end), (2, expected), "{http:?} {}", rpc.path);
            }
        }
    });
}

#[test]
fn a_unary_connect_error_is_json_and_its_trailers_are_headers() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Connect, FAIL_LATE).message("m").header("x-meta", "v");
        let answer = call.answer(Http::Two, server.address()).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/json"));
        assert_eq!(answer.header("trailer-x-trailer"), "v");
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        let details = json!([{ "type": "test.v1.Reason", "value": "Af8" }]);
        assert_eq!(body, json!({ "code": "not_found", "message": failure().message, "details": details }));
    });
}

/// Waits until the gate's permits are used up, so that the next call takes none of them.
async fn gate_is_closed(server: &TestServer) {
    support::eventually("the end of the stream", || server.probe.gate.available_permits() == 0).await;
}

#[test]
fn each_message_of_a_stream_is_sent_when_it_is_written() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let case = format!("{protocol:?} {http:?}");
            let call = Call::new(protocol, GATED_COUNT).message("3");
            match http {
                Http::One => {
                    let mut client = Http1::connect(server.address()).await;
                    client.send(call.http1()).await;
                    server.probe.gate.add_permits(1);
                    assert_eq!(client.head().await.status, 200, "{case}");
                    for _ in 0..2 {
                        assert!(!client.chunk().await.expect("a message").is_empty(), "{case}");
                        server.probe.gate.add_permits(1);
                    }
                    assert!(client.chunk().await.is_some(), "{case}");
                }
                Http::Two => {
                    let client = Http2::connect(server.address()).await;
                    let mut exchange = client.open(call.http2()).await;
                    exchange.body.send_data(call.bytes(), true).expect("sends");
                    server.probe.gate.add_permits(1);
                    let mut body = soon("the head", exchange.response).await.expect("a head").into_body();
                    for _ in 0..2 {
                        assert!(next_data(&mut body).await.expect("a message").is_ok(), "{case}");
                        server.probe.gate.add_permits(1);
                    }
                    assert!(next_data(&mut body).await.expect("a message").is_ok(), "{case}");
                }
            }
            // For the end of the handler, which this client does not wait for.
            server.probe.gate.add_permits(1);
            gate_is_closed(&server).await;
        }
    });
}

//! Messages in envelopes: truncated, false or superfluous ones are errors, and bytes may be split anywhere.

use crate::support;

use bytes::Bytes;
use support::answer::Answer;
use support::call::{Call, HTTPS, Http, Protocol};
use support::envelopes::{encode_text, envelope, lying};
use support::http1::Http1;
use support::http2::Http2;
use support::rpcs::{COLLECT, COUNT, ECHO, ECHO_EACH, Rpc};
use support::run;
use support::server::TestServer;

/// A call of `rpc` in every protocol that has envelopes.
fn framed(rpc: Rpc) -> impl Iterator<Item = Call> {
    let calls = support::call::PROTOCOLS.into_iter().map(move |protocol| Call::new(protocol, rpc));
    calls.filter(Call::is_framed)
}

/// `call` with this body, in base64 if its protocol is text.
fn with_body(call: &Call, body: &[u8]) -> Call {
    let text = call.protocol == Protocol::GrpcWebText;
    call.clone().body(if text { encode_text(body) } else { Bytes::copy_from_slice(body) })
}

/// Sends each piece by itself: as a frame of HTTP/2, or as a chunk of HTTP/1.1.
async fn send_pieces(call: &Call, pieces: &[&[u8]], http: Http, server: &TestServer) -> Answer {
    match http {
        Http::One => {
            let mut client = Http1::connect(server.address()).await;
            client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
            for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
                client.send_chunk(piece).await;
            }
            client.send("0\r\n\r\n").await;
            client.answer().await
        }
        Http::Two => {
            let client = Http2::connect(server.address()).await;
            let mut exchange = client.open(call.http2()).await;
            for piece in pieces {
                exchange.body.send_data(Bytes::copy_from_slice(piece), false).expect("sends");
            }
            exchange.body.send_data(Bytes::new(), true).expect("sends");
            exchange.answer().await.expect("an answer")
        }
    }
}

// contract: CN-cut-envelope, CN-flags, CN-end-flag
#[test]
fn a_malformed_envelope_is_rejected_with_the_reason() {
    let cut = "protocol error: incomplete envelope";
    let cases: [(&str, Bytes, &str, &str); 12] = [
        ("cut after one byte", Bytes::from_static(&[0]), "invalid_argument", cut),
        ("cut in the length", Bytes::from_static(&[0, 0, 0, 0]), "invalid_argument", cut),
        ("a head without its bytes", lying(0, 9, b""), "invalid_argument", cut),
        ("cut in the message", lying(0, 9, b"12345678"), "invalid_argument", cut),
        ("longer than it says", lying(0, 1, b"12"), "invalid_argument", cut),
        ("as long as can be", lying(0, u32::MAX, b"12"), "resource_exhausted", "message size 4294967295 is"),
        ("compressed without an encoding", envelope(1, b"m"), "internal", "received compressed envelope"),
        ("compressed and empty", envelope(1, b""), "internal", "received compressed envelope"),
        ("Connect's end of a stream", envelope(2, b"{}"), "invalid_argument", "protocol error: invalid envelope flags"),
        ("gRPC-Web's trailers", envelope(0x80, b""), "invalid_argument", "protocol error: invalid envelope flags"),
        ("an unknown flag", envelope(0x40, b"m"), "invalid_argument", "protocol error: invalid envelope flags"),
        ("every flag", envelope(0xff, b"m"), "invalid_argument", "protocol error: invalid envelope flags"),
    ];
    run(async {
        let server = TestServer::start();
        for rpc in [ECHO, COUNT, COLLECT, ECHO_EACH] {
            for call in framed(rpc) {
                for http in HTTPS {
                    for (name, body, code, text) in &cases {
                        let case = format!("{name}: {:?} {http:?} {}", call.protocol, rpc.path);
                        let outcome = with_body(&call, body).send(http, server.address()).await;
                        assert_eq!(&outcome.code, code, "{case}: {}", outcome.text);
                        assert!(outcome.text.starts_with(text), "{case}: {}", outcome.text);
                    }
                }
            }
        }
        assert_eq!(server.probe.input_ended.get(), 0, "none of them was a clean end");
        server.holds_nothing().await;
    });
}

#[test]
fn messages_of_a_stream_before_the_fault_are_served() {
    run(async {
        let server = TestServer::start();
        for call in framed(ECHO_EACH) {
            for fault in [lying(0, 9, b"cut"), envelope(0x40, b"m")] {
                let body = [envelope(0, b"a"), envelope(0, b"b"), fault].concat();
                let outcome = with_body(&call, &body).send(Http::Two, server.address()).await;
                assert_eq!((outcome.joined().as_str(), outcome.code.as_str()), ("a b", "invalid_argument"));
            }
        }
    });
}

#[test]
fn a_method_with_one_request_message_takes_exactly_one() {
    run(async {
        let server = TestServer::start();
        for (rpc, kind) in [(ECHO, "unary"), (COUNT, "server-streaming")] {
            for call in framed(rpc) {
                for http in HTTPS {
                    let case = format!("{:?} {http:?} {}", call.protocol, rpc.path);
                    let none = call.clone().send(http, server.address()).await;
                    let missing = format!("protocol error: missing input message for {kind} method");
                    assert_eq!(none.error(), ("unimplemented", missing.as_str()), "{case}");
                    let two = call.clone().message("1").message("2").send(http, server.address()).await;
                    let extra = format!("protocol error: received extra input message for {kind} method");
                    assert_eq!(two.error(), ("unimplemented", extra.as_str()), "{case}");
                    let one = call.clone().message("1").send(http, server.address()).await;
                    assert_eq!(one.code, "ok", "{case}: {}", one.text);
                }
            }
        }
        // A message, and then a truncated one.
        let body = [envelope(0, b"1"), lying(0, 9, b"")].concat();
        for call in framed(ECHO) {
            let outcome = with_body(&call, &body).send(Http::Two, server.address()).await;
            assert_eq!(outcome.code, "invalid_argument", "{:?}: {}", call.protocol, outcome.text);
        }
    });
}

#[test]
fn an_empty_message_is_a_message_and_no_message_is_an_empty_stream() {
    run(async {
        let server = TestServer::start();
        for http in HTTPS {
            for call in framed(ECHO) {
                let outcome = call.clone().message("").send(http, server.address()).await;
                assert_eq!((outcome.code.as_str(), outcome.messages), ("ok", vec![Bytes::new()]));
            }
            for call in framed(ECHO_EACH) {
                let none = call.clone().send(http, server.address()).await;
                assert_eq!((none.code.as_str(), none.messages), ("ok", vec![]));
                let two = call.clone().message("").message("").send(http, server.address()).await;
                assert_eq!((two.code.as_str(), two.messages), ("ok", vec![Bytes::new(), Bytes::new()]));
            }
            // Connect's unary message has no envelope: no body is the empty message.
            let outcome = Call::new(Protocol::Connect, ECHO).send(http, server.address()).await;
            assert_eq!((outcome.code.as_str(), outcome.messages), ("ok", vec![Bytes::new()]));
        }
    });
}

#[test]
fn messages_survive_being_split_at_any_byte() {
    run(async {
        let server = TestServer::start();
        for call in framed(ECHO_EACH) {
            let call = call.message("first").message("").message("third");
            let body = call.bytes();
            for http in HTTPS {
                for cut in 0..=body.len() {
                    let (front, back) = body.split_at(cut);
                    let outcome = call.outcome(send_pieces(&call, &[front, back], http, &server).await);
                    let case = format!("{:?} {http:?} cut at {cut}", call.protocol);
                    assert_eq!((outcome.joined().as_str(), outcome.code.as_str()), ("first  third", "ok"), "{case}");
                }
                let bytes: Vec<&[u8]> = body.chunks(1).collect();
                let outcome = call.outcome(send_pieces(&call, &bytes, http, &server).await);
                assert_eq!(outcome.joined(), "first  third", "{:?} {http:?} byte by byte", call.protocol);
            }
        }
    });
}

#[test]
fn unary_messages_survive_being_split_at_any_byte() {
    run(async {
        let server = TestServer::start();
        for protocol in support::call::PROTOCOLS {
            let call = Call::new(protocol, ECHO).message("a message");
            let body = call.bytes();
            for cut in 0..=body.len() {
                let (front, back) = body.split_at(cut);
                let outcome = call.outcome(send_pieces(&call, &[front, back], Http::Two, &server).await);
                assert_eq!(outcome.joined(), "a message", "{protocol:?} cut at {cut}");
            }
        }
    });
}

#[test]
fn text_may_be_padded_wherever_a_piece_ends_and_not_at_its_very_end() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::GrpcWebText, ECHO_EACH);
        let body = [envelope(0, b"one"), envelope(0, b"two!")].concat();
        for cut in 0..=body.len() {
            let (front, back) = body.split_at(cut);
            let pieces = [encode_text(front), encode_text(back)].concat();
            let outcome = call.clone().body(pieces).send(Http::Two, server.address()).await;
            assert_eq!(outcome.joined(), "one two!", "padded after {cut} bytes");
        }
        let bare = encode_text(&body);
        let bare = Bytes::copy_from_slice(bare.strip_suffix(b"=").expect("padding"));
        let outcome = call.clone().body(bare).send(Http::Two, server.address()).await;
        assert_eq!(outcome.joined(), "one two!", "without padding at the end");
        for (name, text) in [("no base64", "!!!!"), ("a lone character", "AAAAA"), ("padding first", "====")] {
            let outcome = call.clone().body(text).send(Http::Two, server.address()).await;
            assert_eq!(outcome.code, "invalid_argument", "{name}: {}", outcome.text);
        }
    });
}

#[test]
fn text_is_answered_in_text_and_binary_in_binary() {
    run(async {
        let server = TestServer::start();
        for (protocol, content_type) in [
            (Protocol::GrpcWebText, "application/grpc-web-text+proto"),
            (Protocol::GrpcWeb, "application/grpc-web+proto"),
        ] {
            for rpc in [ECHO, ECHO_EACH, COUNT] {
                let outcome = Call::new(protocol, rpc).message("3").send(Http::One, server.address()).await;
                assert_eq!(support::answer::text(&outcome.headers, "content-type"), content_type);
                assert_eq!(outcome.code, "ok");
            }
        }
    });
}

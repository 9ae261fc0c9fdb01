//! Compression of requests and responses in every protocol.

use crate::support;

use bytes::Bytes;
use connectum_native::call::Encoding;
use connectum_native::call::MethodOptions;
use support::answer::text;
use support::call::{Call, Http, PROTOCOLS, Protocol, everywhere};
use support::encodings::compress;
use support::envelopes::{encode_text, envelope};
use support::handlers::failure;
use support::rpcs::{COLLECT, COUNT, ECHO, ECHO_EACH, FAIL, FAIL_STREAM};
use support::run;
use support::server::{Setup, TestServer};

fn compressing(options: MethodOptions) -> TestServer {
    TestServer::with(Setup { method: options, ..Setup::default() })
}

/// Compresses every message, even if that makes it larger.
fn always() -> TestServer {
    compressing(MethodOptions { compress_min_bytes: 0, ..MethodOptions::default() })
}

/// The encoding of a response; empty without one.
fn encoding_of<'a>(call: &Call, headers: &'a http::HeaderMap) -> &'a str {
    text(headers, call.encoding_header())
}

#[test]
fn every_encoding_works_both_ways() {
    run(async {
        let server = always();
        for (protocol, http) in everywhere() {
            for (request, response) in Encoding::ALL.into_iter().flat_map(|a| Encoding::ALL.map(|b| (a, b))) {
                for rpc in [ECHO, ECHO_EACH, COLLECT] {
                    let case = format!("{protocol:?} {http:?} {request:?} {response:?} {}", rpc.path);
                    let call = Call::new(protocol, rpc).message("hello").compressed(request);
                    let call = call.accepting(response.name());
                    let outcome = call.send(http, server.address()).await;
                    assert_eq!((outcome.code.as_str(), outcome.joined().as_str()), ("ok", "hello"), "{case}");
                    assert_eq!(outcome.compressed, [true], "{case}");
                    assert_eq!(encoding_of(&call, &outcome.headers), response.name(), "{case}");
                }
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn large_messages_are_compressed_as_well() {
    run(async {
        let server = always();
        let message: Bytes = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        for (protocol, rpc) in PROTOCOLS.into_iter().flat_map(|protocol| [(protocol, ECHO), (protocol, ECHO_EACH)]) {
            for encoding in Encoding::ALL {
                let call = Call::new(protocol, rpc).message(message.clone()).compressed(encoding);
                let outcome = call.send(Http::Two, server.address()).await;
                assert_eq!((outcome.compressed.as_slice(), &outcome.messages[0]), ([true].as_slice(), &message));
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn the_response_is_in_an_encoding_that_the_client_accepts() {
    // The encoding of the request, the accepted ones, the one of the response.
    let cases = [
        (None, None, ""),
        (None, Some("gzip"), "gzip"),
        (None, Some("br"), "br"),
        (None, Some("zstd"), "zstd"),
        (None, Some("deflate,zstd , gzip"), "zstd"),
        (None, Some("identity"), ""),
        (None, Some("nonsense"), ""),
        (None, Some(""), ""),
        (Some(Encoding::Brotli), None, "br"),
        (Some(Encoding::Brotli), Some("identity"), ""),
        (Some(Encoding::Brotli), Some("zstd"), "zstd"),
    ];
    run(async {
        let server = always();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, ECHO_EACH] {
                for (request, accepted, expected) in cases {
                    let mut call = Call::new(protocol, rpc).message("hello");
                    if let Some(encoding) = request {
                        call = call.compressed(encoding);
                    }
                    if let Some(names) = accepted {
                        call = call.accepting(names);
                    }
                    let outcome = call.send(http, server.address()).await;
                    let case = format!("{protocol:?} {http:?} {} {request:?} {accepted:?}", rpc.path);
                    assert_eq!(encoding_of(&call, &outcome.headers), expected, "{case}");
                    assert_eq!(outcome.compressed, [!expected.is_empty()], "{case}");
                    assert_eq!(outcome.joined(), "hello", "{case}");
                }
            }
        }
    });
}

#[test]
fn small_messages_are_not_compressed() {
    run(async {
        let server = compressing(MethodOptions { compress_min_bytes: 100, ..MethodOptions::default() });
        for (protocol, http) in everywhere() {
            for (length, expected) in [(0, false), (99, false), (100, true)] {
                for rpc in [ECHO, COLLECT] {
                    let call = Call::new(protocol, rpc).message(vec![7; length]).accepting("gzip");
                    let outcome = call.send(http, server.address()).await;
                    assert_eq!(outcome.compressed, [expected], "{protocol:?} {http:?} {} {length}", rpc.path);
                }
            }
            // In a stream the size of each message counts by itself.
            let call = Call::new(protocol, ECHO_EACH).message("s").message(vec![7; 100]).message("s");
            let outcome = call.accepting("gzip").send(http, server.address()).await;
            assert_eq!(outcome.compressed, [false, true, false], "{protocol:?} {http:?}");
        }
    });
}

#[test]
fn an_unknown_encoding_is_refused_and_the_known_ones_are_named() {
    run(async {
        let server = TestServer::start();
        let options = MethodOptions { accept_compression: vec![Encoding::Zstd], ..MethodOptions::default() };
        let only_zstd = compressing(options);
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, COLLECT, COUNT, ECHO_EACH] {
                for (server, name, known) in [
                    (&server, "nonsense", "gzip,br,zstd"),
                    (&server, "GZIP", "gzip,br,zstd"),
                    (&only_zstd, "gzip", "zstd"),
                ] {
                    let call = Call::new(protocol, rpc).message("1");
                    let name_of_header = call.encoding_header();
                    let outcome = call.header(name_of_header, name).send(http, server.address()).await;
                    let expected = format!("unknown compression \"{name}\": supported encodings are {known}");
                    assert_eq!(outcome.error(), ("unimplemented", expected.as_str()), "{protocol:?} {http:?}");
                    let accept = match (protocol, rpc.is_unary()) {
                        (Protocol::Connect, true) => "accept-encoding",
                        (Protocol::Connect, false) => "connect-accept-encoding",
                        _ => "grpc-accept-encoding",
                    };
                    let place = if outcome.headers.contains_key(accept) { &outcome.headers } else { &outcome.trailers };
                    assert_eq!(text(place, accept), known, "{protocol:?} {http:?} {}", rpc.path);
                }
            }
        }
        assert_eq!(server.probe.begun.get() + only_zstd.probe.begun.get(), 0);
    });
}

// contract: CN-cut-compression
#[test]
fn bytes_that_are_not_in_their_encoding_are_refused() {
    run(async {
        let server = TestServer::start();
        for (protocol, rpc) in PROTOCOLS.into_iter().flat_map(|protocol| [(protocol, ECHO), (protocol, COLLECT)]) {
            for encoding in Encoding::ALL {
                let whole = compress(encoding, &[1; 5000]);
                let cut = whole.slice(..whole.len() - whole.len() / 3);
                let mut flipped = whole.to_vec();
                flipped[0] ^= 0xff;
                for (name, bytes) in
                    [("cut", cut), ("no such thing", "certainly not compressed".into()), ("flipped", flipped.into())]
                {
                    let call = Call::new(protocol, rpc);
                    let body = if call.is_framed() { envelope(1, &bytes) } else { bytes };
                    let body = if protocol == Protocol::GrpcWebText { encode_text(&body) } else { body };
                    let header = call.encoding_header();
                    let call = call.header(header, encoding.name()).body(body);
                    let outcome = call.send(Http::Two, server.address()).await;
                    let case = format!("{protocol:?} {} {encoding:?} {name}", rpc.path);
                    assert_eq!(outcome.code, "invalid_argument", "{case}: {}", outcome.text);
                    assert!(outcome.text.contains(encoding.name()), "{case}: {}", outcome.text);
                }
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_message_may_be_uncompressed_although_an_encoding_is_named() {
    run(async {
        let server = TestServer::start();
        for protocol in [Protocol::Grpc, Protocol::GrpcWeb] {
            for encoding in Encoding::ALL {
                let body =
                    [envelope(0, b"plain"), envelope(1, &compress(encoding, b"squeezed")), envelope(1, b"")].concat();
                let call = Call::new(protocol, ECHO_EACH).header("grpc-encoding", encoding.name()).body(body);
                let outcome = call.send(Http::Two, server.address()).await;
                assert_eq!((outcome.code.as_str(), outcome.joined().as_str()), ("ok", "plain squeezed "));
            }
        }
    });
}

#[test]
fn errors_can_be_read_whatever_the_client_accepts() {
    run(async {
        let server = always();
        for (protocol, http) in everywhere() {
            for rpc in [FAIL, FAIL_STREAM] {
                for encoding in Encoding::ALL {
                    let call = Call::new(protocol, rpc).message("m").accepting(encoding.name());
                    let outcome = call.send(http, server.address()).await;
                    assert_eq!(outcome.error(), ("not_found", failure().message.as_str()), "{protocol:?} {http:?}");
                }
            }
        }
    });
}

#[test]
fn two_encodings_are_refused_and_lists_in_two_fields_are_one_list() {
    run(async {
        let server = always();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, ECHO_EACH] {
                let case = format!("{protocol:?} {http:?} {}", rpc.path);
                let call = Call::new(protocol, rpc).message("m").compressed(Encoding::Gzip);
                let name = call.encoding_header();
                let outcome = call.header(name, "zstd").send(http, server.address()).await;
                assert_eq!(outcome.code, "invalid_argument", "{case}: {}", outcome.text);
                assert!(outcome.text.contains("more than one"), "{case}: {}", outcome.text);

                let call = Call::new(protocol, rpc).message("m").accepting("deflate").accepting("zstd");
                let answer = call.answer(http, server.address()).await;
                assert_eq!(encoding_of(&call, &answer.headers), "zstd", "{case}");
            }
        }
    });
}

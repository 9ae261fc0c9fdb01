//! One port for HTTP/1.1 and HTTP/2, distinguished by the first bytes.

use crate::support;

use connectum_native::server::{ListenerOptions, ServerOptions};
use support::call::{Call, Http, Protocol, everywhere};
use support::frames::{
    ACK, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, frame, header_block,
};
use support::http1::Http1;
use support::rpcs::ECHO;
use support::run;
use support::server::{Setup, TestServer};

// contract: DEC-one-port
#[test]
fn one_port_speaks_every_protocol_over_both_versions() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let outcome = Call::new(protocol, ECHO).message("m").send(http, server.address()).await;
            assert_eq!((outcome.code.as_str(), outcome.joined().as_str()), ("ok", "m"), "{protocol:?} {http:?}");
        }
    });
}

#[test]
fn the_version_is_detected_however_the_first_bytes_arrive() {
    run(async {
        let server = TestServer::start();
        let mut frames = Frames::connect(server.address()).await;
        for byte in PREFACE {
            frames.send([*byte]).await;
            // Long enough for most of the bytes to be read alone; the test is right without it.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        frames.send(frame(SETTINGS, 0, 0, &[])).await;
        frames.until(|frame| frame.kind == SETTINGS && frame.flags == ACK).await;

        let request = Call::new(Protocol::Connect, ECHO).message("m").http1();
        let mut client = Http1::connect(server.address()).await;
        for byte in request {
            client.send([byte]).await;
        }
        assert_eq!(client.answer().await.text(), "m");

        // HTTP/1.1 that begins like the preface of HTTP/2.
        for begin in ["PR", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "PRI * HTTP/1.1\r\nhost: h\r\n\r\n"] {
            let mut client = Http1::connect(server.address()).await;
            client.send(begin).await;
            client.finish().await;
            let said = client.rest().await;
            assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 4"), "{begin:?}: {said:?}");
        }
    });
}

// contract: CN-authority
#[test]
fn an_http2_request_has_an_authority() {
    run(async {
        let server = TestServer::start();
        for authority in ["[", "a b<>", "test:99999", "", "user@test"] {
            let mut frames = Frames::handshake(server.address()).await;
            let block = header_block(&[
                (":method", "POST"),
                (":scheme", "http"),
                (":authority", authority),
                (":path", ECHO.path),
                ("content-type", "application/proto"),
            ]);
            frames.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block)).await;
            let answer = frames.until(|frame| frame.stream == 1).await;
            // 0x8c is `:status: 400`, entry 12 of HPACK's static table; a stream error (RFC 9113 section 8.1.1) is
            // right too.
            let is_400 = answer.kind == HEADERS && answer.payload.first() == Some(&0x8c);
            let is_reset = answer.kind == RST_STREAM;
            assert!(is_400 || is_reset, "{authority:?}: {answer:?}");
        }
        let outcome = Call::new(Protocol::Grpc, ECHO).message("m").send(Http::Two, server.address()).await;
        assert_eq!(outcome.code, "ok");
    });
}

// contract: O-allowHTTP1, DEC-allow-h2c
#[test]
fn a_disabled_http_version_is_refused_in_that_version() {
    run(async {
        let only_h2 = ServerOptions::from(ListenerOptions { allow_http1: false, ..ListenerOptions::default() });
        let server = TestServer::with(Setup { server: only_h2, ..Setup::default() });
        let answer = Call::new(Protocol::Connect, ECHO).message("m").answer(Http::One, server.address()).await;
        assert_eq!((answer.status, answer.header("connection")), (505, "close"));
        assert_eq!(answer.text(), "This port speaks HTTP/2 only");
        let outcome = Call::new(Protocol::Grpc, ECHO).message("m").send(Http::Two, server.address()).await;
        assert_eq!(outcome.code, "ok");

        let only_http1 = ServerOptions::from(ListenerOptions { allow_h2c: false, ..ListenerOptions::default() });
        let server = TestServer::with(Setup { server: only_http1, ..Setup::default() });
        let mut frames = Frames::connect(server.address()).await;
        frames.send([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
        let settings = frames.next().await.expect("settings come first");
        assert_eq!(settings.kind, SETTINGS);
        let goaway = frames.next().await.expect("then the connection ends");
        assert_eq!((goaway.kind, &goaway.payload[..]), (GOAWAY, [0, 0, 0, 0, 0, 0, 0, 13].as_slice()));
        assert!(frames.next().await.is_none());
        let outcome = Call::new(Protocol::Connect, ECHO).message("m").send(Http::One, server.address()).await;
        assert_eq!(outcome.code, "ok");
    });
}

#[test]
fn a_client_with_a_large_request_can_read_that_its_version_is_disabled() {
    run(async {
        let only_h2 = ServerOptions::from(ListenerOptions { allow_http1: false, ..ListenerOptions::default() });
        let server = TestServer::with(Setup { server: only_h2, ..Setup::default() });
        let request = Call::new(Protocol::Connect, ECHO).message(vec![7; 3 << 20]).http1();
        let mut client = Http1::connect(server.address()).await;
        client.try_send(request).await;
        assert_eq!(client.answer().await.status, 505);
    });
}

//! A request that its head alone decides is answered early, but over HTTP/2 the frames right behind its head are read
//! first.

use crate::support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use connectum_native::services::health::{EventLoopLimits, Health, HealthEndpoints};
use support::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, Frame, Frames, HEADERS, PING, RST_STREAM, frame, header_block,
};
use support::rpcs::{ECHO, ECHO_EACH};
use support::run;
use support::server::{Setup, TestServer};

const NO_ERROR: &[u8] = &[0, 0, 0, 0];
const PROTOCOL_ERROR: &[u8] = &[0, 0, 0, 1];

/// Verb, path and content type of requests that are answered by their head.
const EARLY: [(&str, &str, &str); 7] = [
    ("POST", "/nowhere", "text/plain"),
    ("POST", "/nowhere", "application/grpc"),
    ("PUT", ECHO.path, "application/proto"),
    ("POST", ECHO.path, "text/plain"),
    ("POST", ECHO.path, "application/grpc+thrift"),
    ("POST", ECHO_EACH.path, "application/proto"),
    ("POST", "/healthz", "text/plain"),
];

fn server() -> TestServer {
    let limits = EventLoopLimits { ready: Duration::from_secs(1), live: Duration::from_secs(30) };
    let endpoints = HealthEndpoints::new(Health::new(limits), vec!["/healthz".into()], None);
    TestServer::with(Setup { http_handler: Some(Arc::new(endpoints)), ..Setup::default() })
}

/// A connection on which the head of a request was sent, and has arrived.
async fn open(server: &TestServer, (verb, path, content_type): (&str, &str, &str)) -> Frames {
    let mut frames = Frames::handshake(server.address()).await;
    let block = header_block(&[
        (":method", verb),
        (":scheme", "http"),
        (":authority", "test"),
        (":path", path),
        ("content-type", content_type),
        ("content-length", "70000"),
    ]);
    frames.send([frame(HEADERS, END_HEADERS, 1, &block), frame(PING, 0, 0, &[0; 8])].concat()).await;
    frames.until(|frame| frame.kind == PING && frame.flags == ACK).await;
    frames
}

/// The first frame of the stream.
async fn first(frames: &mut Frames) -> Frame {
    frames.until(|frame| frame.stream == 1 && [HEADERS, DATA, RST_STREAM].contains(&frame.kind)).await
}

/// The frame that closes the stream for good.
async fn reset(frames: &mut Frames) -> Frame {
    frames.until(|frame| frame.stream == 1 && frame.kind == RST_STREAM).await
}

#[test]
fn a_malformed_request_is_reset_not_answered() {
    run(async {
        let server = server();
        for early in EARLY {
            let mut frames = open(&server, early).await;
            // Shorter than `content-length` (RFC 9113 section 8.1.1).
            frames.send(frame(DATA, END_STREAM, 1, b"short")).await;
            let frame = first(&mut frames).await;
            assert_eq!((frame.kind, &frame.payload[..]), (RST_STREAM, PROTOCOL_ERROR), "{early:?}");
        }
    });
}

#[test]
fn a_request_that_stays_open_is_answered_and_its_rest_refused() {
    run(async {
        let server = server();
        for early in EARLY {
            let mut frames = open(&server, early).await;
            let begun = Instant::now();
            assert_eq!(first(&mut frames).await.kind, HEADERS, "{early:?}");
            // Generous, for machines that are busy.
            assert!(begun.elapsed() < Duration::from_secs(3), "{early:?}: {:?}", begun.elapsed());
            assert_eq!(&reset(&mut frames).await.payload[..], NO_ERROR, "{early:?}");
        }
    });
}

#[test]
fn a_long_request_is_answered_before_its_end() {
    run(async {
        let server = server();
        for early in EARLY {
            let mut frames = open(&server, early).await;
            for _ in 0..5 {
                frames.send(frame(DATA, 0, 1, &[0; 13_500])).await;
            }
            assert_eq!(first(&mut frames).await.kind, HEADERS, "{early:?}");
            assert_eq!(&reset(&mut frames).await.payload[..], NO_ERROR, "{early:?}");
        }
    });
}

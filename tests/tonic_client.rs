//! tonic's client against this server: the four kinds of call, errors, metadata.

use crate::support;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use support::grpc_client::{Raw, connect};
use support::handlers::failure;
use support::rpcs::{COLLECT, COUNT, ECHO, ECHO_EACH, FAIL, FAIL_STREAM, Rpc};
use support::run;
use support::server::TestServer;
use tonic::{Code, Request};

fn path(rpc: Rpc) -> http::uri::PathAndQuery {
    rpc.path.parse().expect("a path")
}

/// A stream of prepared messages.
struct Messages(std::slice::Iter<'static, &'static str>);

impl Messages {
    fn of(texts: &'static [&'static str]) -> Self {
        Self(texts.iter())
    }
}

impl Stream for Messages {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Poll::Ready(self.0.next().copied().map(Bytes::from))
    }
}

#[test]
fn the_four_kinds_of_call() {
    run(async {
        let server = TestServer::start();
        let mut client = connect(server.address()).await;
        let one = client.unary(Request::new("m".into()), path(ECHO), Raw).await.expect("an answer");
        assert_eq!(one.into_inner(), "m");

        let texts = Request::new(Messages::of(&["a", "b", "c"]));
        let joined = client.client_streaming(texts, path(COLLECT), Raw).await.expect("an answer");
        assert_eq!(joined.into_inner(), "a,b,c");

        let counted = client.server_streaming(Request::new("3".into()), path(COUNT), Raw).await.expect("a stream");
        let mut stream = counted.into_inner();
        for expected in ["0", "1", "2"] {
            assert_eq!(stream.message().await.expect("a message").as_deref(), Some(expected.as_bytes()));
        }
        assert_eq!(stream.message().await.expect("a clean end"), None);

        let texts = Request::new(Messages::of(&["x", "y"]));
        let mut stream = client.streaming(texts, path(ECHO_EACH), Raw).await.expect("a stream").into_inner();
        for expected in ["x", "y"] {
            assert_eq!(stream.message().await.expect("a message").as_deref(), Some(expected.as_bytes()));
        }
        assert_eq!(stream.message().await.expect("a clean end"), None);
    });
}

#[test]
fn errors_with_details_and_metadata() {
    run(async {
        let server = TestServer::start();
        let mut client = connect(server.address()).await;
        let unary = client.unary(Request::new("m".into()), path(FAIL), Raw).await.expect_err("fails");
        let stream = client.server_streaming(Request::new("m".into()), path(FAIL_STREAM), Raw).await;
        let mut stream = stream.expect("a stream").into_inner();
        assert_eq!(stream.message().await.expect("a message").as_deref(), Some(b"0".as_slice()));
        assert_eq!(stream.message().await.expect("a message").as_deref(), Some(b"1".as_slice()));
        let streamed = stream.message().await.expect_err("fails");
        for status in [unary, streamed] {
            assert_eq!((status.code(), status.message()), (Code::NotFound, failure().message.as_str()));
            assert!(status.details().ends_with(b"\x12\x02\x01\xff"), "{:?}", status.details());
            assert_eq!(
                status.metadata().get("x-error").map(tonic::metadata::MetadataValue::as_bytes),
                Some(b"e".as_slice())
            );
        }
    });
}

#[test]
fn a_method_that_does_not_exist() {
    run(async {
        let server = TestServer::start();
        let mut client = connect(server.address()).await;
        let nowhere = http::uri::PathAndQuery::from_static("/test.v1.Test/Nowhere");
        let status = client.unary(Request::new("m".into()), nowhere, Raw).await.expect_err("fails");
        assert_eq!((status.code(), status.message()), (Code::Unimplemented, "no method at /test.v1.Test/Nowhere"));
    });
}

#[test]
fn metadata_both_ways() {
    run(async {
        let server = TestServer::start();
        let mut client = connect(server.address()).await;
        let mut request = Request::new("m".into());
        request.metadata_mut().insert("x-meta", "v".parse().expect("a value"));
        let answer = client.unary(request, path(ECHO), Raw).await.expect("an answer");
        // tonic joins headers and trailers of a unary response.
        for name in ["x-header", "x-trailer"] {
            assert_eq!(
                answer.metadata().get(name).map(tonic::metadata::MetadataValue::as_bytes),
                Some(b"v".as_slice()),
                "{name}"
            );
        }
    });
}

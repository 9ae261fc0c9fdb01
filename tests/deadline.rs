//! A deadline ends its call, whatever the handler does.

use crate::support;

use std::time::{Duration, Instant};

use connectum_native::call::MethodOptions;
use support::answer::Answer;
use support::call::{Call, Http, PROTOCOLS, Protocol, everywhere};
use support::http1::Http1;
use support::http2::Http2;
use support::rpcs::{COLLECT, COUNT, ECHO, ECHO_EACH, NEVER, NEVER_ENDING, NEVER_READ, Rpc};
use support::server::{Setup, TestServer};
use support::{grpc_client, run, soon};

const EXPIRED: (&str, &str) = ("deadline_exceeded", "the operation timed out");

// contract: CN-deadline
#[test]
fn a_call_whose_handler_never_answers_ends_at_the_deadline() {
    run(async {
        let server = TestServer::start();
        for (count, ((protocol, http), rpc)) in
            everywhere().flat_map(|place| [NEVER, NEVER_READ].map(|rpc| (place, rpc))).enumerate()
        {
            let case = format!("{protocol:?} {http:?} {}", rpc.path);
            let begun = Instant::now();
            let outcome = Call::new(protocol, rpc).message("m").timeout_ms(60).send(http, server.address()).await;
            let took = begun.elapsed();
            assert_eq!(outcome.error(), EXPIRED, "{case}");
            assert!(took >= Duration::from_millis(60), "{case}: {took:?}");
            // Generous, for busy machines; the connection's own limits are tens of seconds.
            assert!(took < Duration::from_secs(3), "{case}: {took:?}");
            soon("the handler's release", server.probe.released.reaches(count + 1)).await;
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_stream_that_never_ends_ends_at_the_deadline_with_what_it_sent() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let call = Call::new(protocol, NEVER_ENDING).message("m").timeout_ms(60);
            let outcome = call.send(http, server.address()).await;
            assert_eq!(outcome.joined(), "0", "{protocol:?} {http:?}");
            assert_eq!(outcome.error(), EXPIRED, "{protocol:?} {http:?}");
        }
        soon("the handlers' release", server.probe.released.reaches(8)).await;
        server.holds_nothing().await;
    });
}

#[test]
fn a_request_that_never_ends_is_answered_at_the_deadline() {
    async fn half_sent(call: &Call, http: Http, server: &TestServer) -> Answer {
        let body = call.bytes();
        let half = body.slice(..body.len() / 2);
        match http {
            Http::One => {
                let mut client = Http1::connect(server.address()).await;
                client.send(call.http1_head(&format!("content-length: {}\r\n", body.len()))).await;
                client.send(half).await;
                client.answer().await
            }
            Http::Two => {
                let client = Http2::connect(server.address()).await;
                let mut exchange = client.open(call.http2()).await;
                exchange.body.send_data(half, false).expect("sends");
                exchange.answer().await.expect("an answer")
            }
        }
    }
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, COLLECT, COUNT, ECHO_EACH] {
                let call = Call::new(protocol, rpc).message("a message cut in two").timeout_ms(60);
                let outcome = call.outcome(half_sent(&call, http, &server).await);
                assert_eq!(outcome.error(), EXPIRED, "{protocol:?} {http:?} {}", rpc.path);
            }
        }
        server.holds_nothing().await;
    });
}

// contract: CN-grpc-zero, CN-connect-zero, CN-long-timeout
#[test]
fn invalid_timeouts_are_rejected_and_long_ones_do_not_overflow() {
    const TEXT: &str = "protocol error: invalid";
    // The value of Connect's or gRPC's header, and the beginning of the error; without one the call is served.
    let connect = [
        ("0", Some(("invalid_argument", TEXT))),
        ("", Some(("invalid_argument", TEXT))),
        ("-1", Some(("invalid_argument", TEXT))),
        ("1s", Some(("invalid_argument", TEXT))),
        ("1.5", Some(("invalid_argument", TEXT))),
        ("12345678901", Some(("invalid_argument", TEXT))),
        ("2147483647", None),
        ("2147483648", None),
        ("4294967297", None),
        ("9999999999", None),
    ];
    let grpc = [
        ("0m", Some(EXPIRED)),
        ("0n", Some(EXPIRED)),
        ("1n", Some(EXPIRED)),
        ("", Some(("invalid_argument", TEXT))),
        ("5", Some(("invalid_argument", TEXT))),
        ("m", Some(("invalid_argument", TEXT))),
        ("-1m", Some(("invalid_argument", TEXT))),
        ("1.5S", Some(("invalid_argument", TEXT))),
        ("1s", Some(("invalid_argument", TEXT))),
        ("100000000m", Some(("invalid_argument", TEXT))),
        ("99999999m", None),
        ("2147484S", None),
        ("99999999H", None),
    ];
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            let cases = if protocol == Protocol::Connect { connect.as_slice() } else { grpc.as_slice() };
            for (value, expected) in cases {
                for rpc in [ECHO, ECHO_EACH] {
                    let case = format!("{protocol:?} {http:?} {} {value:?}", rpc.path);
                    let call = Call::new(protocol, rpc).message("m").timeout(value, value);
                    let outcome = call.send(http, server.address()).await;
                    match expected {
                        None => assert_eq!((outcome.code.as_str(), outcome.joined().as_str()), ("ok", "m"), "{case}"),
                        Some((code, text)) => {
                            assert_eq!(&outcome.code, code, "{case}");
                            assert!(outcome.text.starts_with(text), "{case}: {}", outcome.text);
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn two_timeouts_are_refused_even_if_they_agree() {
    run(async {
        let server = TestServer::start();
        for (protocol, http) in everywhere() {
            for rpc in [ECHO, ECHO_EACH] {
                for other in [5_000, 6_000] {
                    let call = Call::new(protocol, rpc).message("m").timeout_ms(5_000).timeout_ms(other);
                    let name = if protocol == Protocol::Connect { "connect-timeout-ms" } else { "grpc-timeout" };
                    let expected = format!("protocol error: more than one {name}");
                    let outcome = call.send(http, server.address()).await;
                    assert_eq!(
                        outcome.error(),
                        ("invalid_argument", expected.as_str()),
                        "{protocol:?} {http:?} {}",
                        rpc.path
                    );
                }
            }
        }
        assert_eq!(server.probe.begun.get(), 0);
    });
}

#[test]
fn a_call_that_comes_too_late_never_reaches_its_handler() {
    run(async {
        let server = TestServer::start();
        for protocol in [Protocol::Grpc, Protocol::GrpcWeb, Protocol::GrpcWebText] {
            let call = Call::new(protocol, ECHO).message("m").timeout("", "0m");
            assert_eq!(call.send(Http::Two, server.address()).await.error(), EXPIRED, "{protocol:?}");
        }
        assert_eq!(server.probe.begun.get(), 0);
    });
}

#[test]
fn a_timeout_beyond_the_maximum_is_refused() {
    fn cases(rpc: Rpc) -> impl Iterator<Item = Call> {
        PROTOCOLS.into_iter().map(move |protocol| Call::new(protocol, rpc).message("m"))
    }
    run(async {
        let method = MethodOptions { max_timeout: Some(Duration::from_secs(2)), ..MethodOptions::default() };
        let server = TestServer::with(Setup { method, ..Setup::default() });
        for call in cases(ECHO).chain(cases(COLLECT)) {
            let at = server.address();
            let case = format!("{:?} {}", call.protocol, call.rpc.path);
            let refused = call.clone().timeout_ms(2001).send(Http::Two, at).await;
            assert_eq!(refused.error(), ("invalid_argument", "timeout 2001ms must be <= 2000"), "{case}");
            assert_eq!(call.clone().timeout_ms(2000).send(Http::Two, at).await.code, "ok", "{case}");
            assert_eq!(call.send(Http::Two, at).await.code, "ok", "{case}: no timeout is no timeout");
        }
    });
}

#[test]
fn tonic_sees_deadline_exceeded() {
    run(async {
        let server = TestServer::start();
        let mut client = grpc_client::connect(server.address()).await;
        let mut request = tonic::Request::new("m".into());
        request.set_timeout(Duration::from_millis(60));
        let answer = client.unary(request, NEVER.path.parse().expect("a path"), grpc_client::Raw);
        let status = soon("the deadline", answer).await.expect_err("never answers");
        assert_eq!((status.code(), status.message()), (tonic::Code::DeadlineExceeded, EXPIRED.1));
    });
}

#[test]
fn an_http1_client_that_still_sends_at_its_deadline_reads_the_response_and_may_go_on() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            let call = Call::new(protocol, ECHO).message(vec![7; 1 << 20]).timeout_ms(100);
            let bytes = call.bytes();
            let mut client = Http1::connect(server.address()).await;
            client.send(call.http1_head(&format!("content-length: {}\r\n", bytes.len()))).await;
            client.send(&bytes[..1000]).await;
            let outcome = call.outcome(client.answer().await);
            assert_eq!(outcome.code, "deadline_exceeded", "{protocol:?}: {}", outcome.text);
            // More than sockets buffer, so that it can only be sent if it is read.
            assert!(client.try_send(&bytes[1000..]).await, "{protocol:?}: the rest is read");
            let next = Call::new(protocol, ECHO).message("m");
            client.send(next.http1()).await;
            assert_eq!(next.outcome(client.answer().await).messages, ["m"], "{protocol:?}: on the same connection");
        }
    });
}

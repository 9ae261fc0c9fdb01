//! What one connection may hold of the server's memory, and what is left to others.

use crate::limits::noise;
use crate::support;

use bytes::Bytes;
use connectum_native::call::Encoding;
use support::call::{Call, Http, PROTOCOLS, Protocol};
use support::http2::{Exchange, Http2};
use support::rpcs::{COUNT, ECHO, NEVER, NEVER_READ};
use support::server::{Setup, TestServer};
use support::{eventually, run, soon};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A server of which a connection may hold a quarter.
fn server(budget_bytes: usize) -> TestServer {
    TestServer::with(Setup { budget_bytes, connection_bytes: budget_bytes / 4, ..Setup::default() })
}

/// Opens calls that do not end, until one is refused or `most` stand: a refusal comes within 50 ms. Returns them, and
/// the status of the refusal.
async fn open_until_refused(client: &Http2, call: &Call, most: usize) -> (Vec<Exchange>, Option<String>) {
    let mut standing = Vec::new();
    for _ in 0..most {
        let mut exchange = client.open(call.http2()).await;
        if !call.bytes().is_empty() {
            exchange.body.send_data(call.bytes(), false).expect("sends");
        }
        tokio::select! {
            biased;
            answer = &mut exchange.response => {
                let answer = answer.expect("an answer");
                let status = answer.headers().get("grpc-status").expect("a refusal");
                return (standing, Some(status.to_str().expect("a number").into()));
            }
            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => standing.push(exchange),
        }
    }
    (standing, None)
}

#[test]
fn heads_of_calls_in_flight_are_reserved_with_a_price_for_each_field() {
    run(async {
        for rpc in [NEVER, NEVER_READ] {
            let server = server(4 * MIB);
            let greedy = Http2::connect(server.address()).await;
            // 1,000 fields of a few bytes take some 150 KiB: seven such heads are a MiB.
            let mut call = Call::new(Protocol::Grpc, rpc);
            for _ in 0..1000 {
                call = call.header("a", "b");
            }
            let (standing, status) = open_until_refused(&greedy, &call, 20).await;
            assert_eq!(status.as_deref(), Some("8"), "{}: resource_exhausted", rpc.path);
            assert!((4..10).contains(&standing.len()), "{}: {} calls", rpc.path, standing.len());
            let other = Http2::connect(server.address()).await;
            assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&other).await.code, "ok");
            drop(standing);
            server.holds_nothing().await;
            assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&greedy).await.code, "ok");
        }
    });
}

#[test]
fn a_connection_that_holds_its_share_is_refused_and_others_are_served() {
    run(async {
        for protocol in PROTOCOLS {
            let server = server(400_000);
            let greedy = Http2::connect(server.address()).await;
            let holding = Call::new(protocol, NEVER).message(vec![7; 70_000]);
            let mut exchange = greedy.open(holding.http2()).await;
            exchange.body.send_data(holding.bytes(), true).expect("sends");
            soon("the handler", server.probe.begun.reaches(1)).await;

            let second = Call::new(protocol, ECHO).message(vec![7; 60_000]);
            let outcome = second.send_on(&greedy).await;
            assert_eq!(outcome.code, "resource_exhausted", "{protocol:?}: {}", outcome.text);
            assert_eq!(second.send(Http::Two, server.address()).await.code, "ok", "{protocol:?}");
            exchange.reset(h2::Reason::CANCEL);
            server.holds_nothing().await;
            assert_eq!(second.send_on(&greedy).await.code, "ok", "{protocol:?}: what it held was given back");
        }
    });
}

#[test]
fn a_connection_that_holds_nothing_may_have_one_message_of_any_size() {
    run(async {
        // Of its own it has enough for the head of a call.
        let own_bytes = 16 * KIB;
        let setup = Setup { budget_bytes: 4 * MIB, connection_bytes: 100 * KIB, own_bytes, ..Setup::default() };
        let server = TestServer::with(setup);
        let client = Http2::connect(server.address()).await;
        let large = Call::new(Protocol::Grpc, NEVER).message(vec![7; MIB]);
        let mut exchange = client.open(large.http2()).await;
        exchange.body.send_data(large.bytes(), true).expect("sends");
        soon("the handler", server.probe.begun.reaches(1)).await;
        let second = Call::new(Protocol::Grpc, ECHO).message(vec![7; 50 * KIB]).send_on(&client).await;
        assert_eq!(second.code, "resource_exhausted", "but nothing beside it: {}", second.text);
    });
}

#[test]
fn a_connection_has_bytes_of_its_own_when_all_others_are_used_up() {
    run(async {
        let setup = Setup { budget_bytes: 200_000, own_bytes: 64 * KIB, ..Setup::default() };
        let server = TestServer::with(setup);
        let greedy = Http2::connect(server.address()).await;
        let holding = Call::new(Protocol::Grpc, NEVER).message(vec![7; 250_000]);
        let mut exchange = greedy.open(holding.http2()).await;
        exchange.body.send_data(holding.bytes(), true).expect("sends");
        soon("the handler", server.probe.begun.reaches(1)).await;
        let other = Http2::connect(server.address()).await;
        let large = Call::new(Protocol::Grpc, ECHO).message(vec![7; 100_000]);
        assert_eq!(large.send_on(&other).await.code, "unavailable", "no room for that");
        let small = Call::new(Protocol::Grpc, ECHO).message(vec![7; 20_000]);
        assert_eq!(small.send_on(&other).await.code, "ok", "its own");
    });
}

#[test]
fn responses_that_are_not_read_are_reserved_in_their_last_form() {
    run(async {
        let noise = Bytes::from(noise(100_000));
        let cases = [
            ("as it is", Call::new(Protocol::Grpc, ECHO).message(noise.clone())),
            ("compressed", Call::new(Protocol::Grpc, ECHO).message(noise.clone()).accepting("gzip")),
            ("compressed, unary", Call::new(Protocol::Connect, ECHO).message(noise.clone()).accepting("zstd")),
            ("joined", Call::new(Protocol::Grpc, ECHO).message(noise.slice(..7_000))),
            ("gathered", Call::new(Protocol::Connect, COUNT).message("3000")),
        ];
        for (name, call) in cases {
            let server = TestServer::start();
            let deaf = Http2::with_window(server.address(), 0).await;
            let mut standing = Vec::new();
            for _ in 0..10 {
                let mut exchange = deaf.open(call.http2()).await;
                exchange.body.send_data(call.bytes(), true).expect("sends");
                standing.push((&mut exchange.response).await.expect("the head of the response"));
            }
            // Without heads, which the response bodies keep only until hyper has taken all of them.
            let least = match name {
                "joined" => 10 * 7_000,
                "gathered" => 10 * 1_100,
                _ => 10 * 90_000,
            };
            let used = || server.probe.budget.used();
            eventually(&format!("{name}: at least {least} bytes"), || used() >= least).await;
            assert!(used() <= 10 * (140_000 + 16 * KIB), "{name}: {} bytes", used());
            drop((standing, deaf));
            server.holds_nothing().await;
        }
    });
}

#[test]
fn decompression_is_reserved_while_it_runs() {
    run(async {
        for encoding in Encoding::ALL {
            let server = TestServer::with(Setup { budget_bytes: 5 * MIB, ..Setup::default() });
            // The message would fit; with the window of brotli's decoder it does not.
            let call = Call::new(Protocol::Grpc, ECHO).message(vec![7; 2 * MIB]).compressed(encoding);
            let outcome = call.send(Http::Two, server.address()).await;
            let expected = if encoding == Encoding::Brotli { "unavailable" } else { "ok" };
            assert_eq!(outcome.code, expected, "{encoding:?}: {}", outcome.text);
            server.holds_nothing().await;
        }
    });
}

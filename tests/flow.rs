//! Back-pressure: messages that a client does not read are not pulled from its handler, and those that a handler does
//! not read stay with its client.

use crate::support;

use bytes::Bytes;
use h2::Reason;
use support::call::{Call, PROTOCOLS, Protocol};
use support::envelopes::envelope;
use support::frames::{ACK, DATA, END_HEADERS, Frames, GOAWAY, HEADERS, PING, frame, grpc_block};
use support::http1::Http1;
use support::http2::{Http2, next_data};
use support::rpcs::{ECHO, ECHO_EACH, FLOOD, NEVER_READ};
use support::server::TestServer;
use support::{eventually, run, soon};

const KIB: usize = 1024;

/// The server's flow control window of a stream.
const STREAM_WINDOW_BYTES: usize = 256 * KIB;

/// The most that an HTTP/2 stream may hold for a client that does not read: the client's window (h2's default is 64 KiB
/// less one), a frame being gathered and one being sent.
const UNREAD_BYTES: usize = 64 * KIB + 2 * 16 * KIB;

#[test]
fn a_client_that_does_not_read_leaves_few_messages_pulled() {
    run(async {
        let server = TestServer::start();
        let mut floods = 0;
        for protocol in PROTOCOLS {
            for size in [100, 4 * KIB, 16 * KIB, 100 * KIB] {
                let case = format!("{protocol:?}, messages of {size} bytes");
                let client = Http2::connect(server.address()).await;
                let call = Call::new(protocol, FLOOD).message(vec![7; size]);
                let before = server.probe.pulled.get();
                let mut exchange = client.open(call.http2()).await;
                exchange.body.send_data(call.bytes(), true).expect("sends");
                let response = soon("the head", &mut exchange.response).await.expect("a head");
                let pulled = server.probe.pulled.settled().await - before;
                let most = UNREAD_BYTES / size + 2;
                assert!((1..=most).contains(&pulled), "{case}: {pulled} pulled, at most {most} expected");
                let held = server.probe.budget.used();
                assert!(held <= UNREAD_BYTES + 2 * size, "{case}: {held} bytes reserved");

                // When the client reads again the handler continues.
                let mut body = response.into_body();
                let mut read = 0;
                while read < 4 * UNREAD_BYTES {
                    read += next_data(&mut body).await.expect("more").expect("data").len();
                }
                exchange.reset(Reason::CANCEL);
                drop(body);
                floods += 1;
                soon("the handler's release", server.probe.released.reaches(floods)).await;
                server.holds_nothing().await;
            }
        }
    });
}

#[test]
fn small_messages_are_sent_together_in_every_protocol() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            let client = Http2::connect(server.address()).await;
            let call = Call::new(protocol, FLOOD).message(vec![7; 100]);
            let mut exchange = client.open(call.http2()).await;
            exchange.body.send_data(call.bytes(), true).expect("sends");
            let mut body = soon("the head", &mut exchange.response).await.expect("a head").into_body();
            // As many frames arrive before the first is read as fit into the client's window.
            server.probe.pulled.settled().await;
            let (mut read, mut frames) = (0, 0);
            while read < 48 * KIB {
                // Clients that limit small frames, as h2 does, would end the connection otherwise.
                let data = next_data(&mut body).await.expect("more").expect("data without complaint");
                (read, frames) = (read + data.len(), frames + 1);
            }
            assert!(frames < 20, "{protocol:?}: {read} bytes in {frames} frames");
        }
    });
}

#[test]
fn an_http1_client_that_does_not_read_stops_the_handler() {
    run(async {
        let server = TestServer::start();
        let mut floods = 0;
        for protocol in PROTOCOLS {
            let size = 64 * KIB;
            let before = server.probe.pulled.get();
            let mut client = Http1::connect(server.address()).await;
            client.send(Call::new(protocol, FLOOD).message(vec![7; size]).http1()).await;
            let pulled = server.probe.pulled.settled().await - before;
            // The kernel's socket buffers, by default up to 4 MiB out and 6 MiB in, and the connection's own.
            assert!((1..200).contains(&pulled), "{protocol:?}: {pulled} pulled");
            assert!(server.probe.budget.used() <= 4 * size, "{protocol:?}: {} reserved", server.probe.budget.used());
            while server.probe.pulled.get() - before < pulled + 50 {
                assert!(client.discard_some().await, "{protocol:?}: the server has closed");
            }
            drop(client);
            floods += 1;
            soon("the handler's release", server.probe.released.reaches(floods)).await;
            server.holds_nothing().await;
        }
    });
}

#[test]
fn an_echo_reads_no_faster_than_its_client() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, ECHO_EACH);
        let mut exchange = client.open(call.http2()).await;
        for _ in 0..1000 {
            exchange.body.send_data(envelope(0, &[7; 16 * KIB]), false).expect("sends");
        }
        let response = soon("the head", &mut exchange.response).await.expect("a head");
        let read = server.probe.read.settled().await;
        assert!((1..=8).contains(&read), "{read} messages read");
        let mut body = response.into_body();
        while server.probe.read.get() < 100 {
            next_data(&mut body).await.expect("more").expect("data");
        }
    });
}

/// Starts uploads that nobody reads, and waits until they have used up their windows.
async fn stand_still(client: &Http2, server: &TestServer, count: usize) -> Vec<support::http2::Exchange> {
    let call = Call::new(Protocol::Grpc, NEVER_READ);
    let mut uploads = Vec::new();
    for _ in 0..count {
        let mut exchange = client.open(call.http2()).await;
        for _ in 0..32 {
            exchange.body.send_data(Bytes::from(vec![7; 16 * KIB]), false).expect("sends");
        }
        uploads.push(exchange);
    }
    soon("the handlers", server.probe.begun.reaches(count)).await;
    // What is sent on this connection from now on is behind them.
    eventually("full windows", || client.sent_bytes() >= count * STREAM_WINDOW_BYTES).await;
    uploads
}

#[test]
fn a_slow_upload_does_not_starve_other_calls_on_its_connection() {
    run(async {
        for count in [1, 2, 3] {
            let server = TestServer::start();
            let client = Http2::connect(server.address()).await;
            let uploads = stand_still(&client, &server, count).await;
            for size in [10, 100 * KIB] {
                for protocol in PROTOCOLS {
                    let call = Call::new(protocol, ECHO).message(vec![7; size]);
                    let outcome = soon("a call beside slow uploads", call.send_on(&client)).await;
                    assert_eq!((outcome.code.as_str(), outcome.messages[0].len()), ("ok", size), "{count} uploads");
                }
            }
            drop(uploads);
        }
    });
}

#[test]
fn sixty_slow_uploads_do_not_starve_other_calls_on_their_connection() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let uploads = stand_still(&client, &server, 60).await;
        let call = Call::new(Protocol::Grpc, ECHO).message("small");
        let outcome = soon("a call beside slow uploads", call.send_on(&client)).await;
        assert_eq!(outcome.joined(), "small");
        drop(uploads);
    });
}

#[test]
fn many_small_messages_that_nobody_reads_stop_their_own_stream_only() {
    run(async {
        let server = TestServer::start();
        let block = grpc_block(NEVER_READ.path);
        // Less than a stream's window in all. Each message is a frame, as gRPC clients send them.
        for count in [1_000, 2_000, 3_000, 8_000] {
            let mut frames = Frames::handshake(server.address()).await;
            frames.send(frame(HEADERS, END_HEADERS, 1, &block)).await;
            frames.send(frame(DATA, 0, 1, &envelope(0, &[7; 10])).repeat(count)).await;
            frames.send(frame(PING, 0, 0, b"all seen")).await;
            let answer = frames.until(|frame| frame.kind == PING && frame.flags == ACK || frame.kind == GOAWAY).await;
            assert_eq!(answer.kind, PING, "{count} unread messages of 10 bytes: {answer:?}");
        }
    });
}

#[test]
fn a_reader_that_stops_does_not_stop_other_calls_on_its_connection() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let flood = Call::new(Protocol::Grpc, FLOOD).message(vec![7; KIB]);
        let mut exchange = client.open(flood.http2()).await;
        exchange.body.send_data(flood.bytes(), true).expect("sends");
        let response = soon("the head", &mut exchange.response).await.expect("a head");
        server.probe.pulled.settled().await;
        // A response without data needs none of the connection's window, which the flood has used up.
        let refused = Call::new(Protocol::Grpc, support::rpcs::FAIL).message("m");
        assert_eq!(soon("a call beside the flood", refused.send_on(&client)).await.code, "not_found");
        drop(response);
        exchange.reset(Reason::CANCEL);
        let call = Call::new(Protocol::Grpc, ECHO).message("after");
        assert_eq!(soon("a call after the flood", call.send_on(&client)).await.joined(), "after");
    });
}

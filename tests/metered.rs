//! A metered request stream: its window is charged while nobody reads it, and its rest is read when it is dropped.

use crate::support;

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use connectum_native::call::{
    Budget, Handler, HandlerFuture, Metadata, Request, RequestMessages, Response, ResponseMessages,
};
use connectum_native::rpc::Metered;
use support::call::{Call, Protocol};
use support::envelopes::envelope;
use support::http1::Http1;
use support::http2::Http2;
use support::probe::Probe;
use support::rpcs::{COLLECT, ECHO};
use support::server::{Setup, TestServer};
use support::{eventually, run, soon};

const KIB: usize = 1024;
const WINDOW: usize = 256 * KIB;

/// Reads a message of a metered stream for each permit of the probe's gate, pauses after each, and answers with the
/// last.
struct Reader(Arc<Probe>);

impl Handler for Reader {
    fn call(&self, request: Request) -> HandlerFuture {
        let probe = Arc::clone(&self.0);
        Box::pin(async move {
            let _guard = probe.guard();
            let RequestMessages::Stream(source) = request.messages else {
                unreachable!("the method has a stream of request messages")
            };
            let mut source = Metered::new(source, &request.budget)?;
            let mut last = Bytes::new();
            loop {
                probe.gate.acquire().await.expect("the gate is never closed").forget();
                let Some(message) = poll_fn(|cx| source.poll_next(cx)).await else { break };
                let message = message?;
                last = Bytes::clone(&message);
                source.pause();
                probe.read.add();
            }
            Ok(Response {
                header: Metadata::new(),
                messages: ResponseMessages::One(probe.reserved(last), Metadata::new()),
            })
        })
    }
}

/// A server whose calls are read as the probe's gate lets them, with a budget of this many bytes.
fn server(budget_bytes: usize) -> TestServer {
    TestServer::serving(&[COLLECT], Setup { budget_bytes, ..Setup::default() }, |probe| Arc::new(Reader(probe)))
}

/// More than the heads of the calls in a test take.
const HEADS: usize = 16 * KIB;

/// Waits until `bytes` are reserved, beside heads.
async fn holds(budget: &Budget, bytes: usize) {
    eventually(&format!("holding {bytes} bytes"), || (bytes..bytes + HEADS).contains(&budget.used())).await;
}

#[test]
fn a_window_is_charged_while_nobody_reads_and_what_has_arrived_while_somebody_does() {
    run(async {
        let server = server(4 * WINDOW);
        let (probe, budget) = (&server.probe, &server.probe.budget);
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, COLLECT);
        let mut exchange = client.open(call.http2()).await;
        holds(budget, WINDOW).await;

        probe.gate.add_permits(1);
        holds(budget, 0).await;
        let message = envelope(0, &vec![7; 100 * KIB]);
        exchange.body.send_data(message.slice(..50 * KIB), false).expect("sends");
        holds(budget, 50 * KIB).await;

        exchange.body.send_data(message.slice(50 * KIB..), false).expect("sends");
        soon("the message", probe.read.reaches(1)).await;
        holds(budget, WINDOW).await;

        probe.gate.add_permits(1);
        holds(budget, 0).await;
        exchange.body.send_data(Bytes::new(), true).expect("ends");
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).messages, [vec![7; 100 * KIB]]);
        server.holds_nothing().await;
    });
}

#[test]
fn a_stream_without_a_window_left_is_refused_and_one_that_pauses_is_not() {
    run(async {
        // A window, and a little for heads and the message itself.
        let server = server(WINDOW + HEADS + KIB);
        let probe = &server.probe;
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, COLLECT).message("m");
        let mut first = client.open(call.http2()).await;
        holds(&probe.budget, WINDOW).await;
        assert_eq!(call.send_on(&client).await.code, "unavailable", "the first has the only window");

        probe.gate.add_permits(1);
        holds(&probe.budget, 0).await;
        let second = client.open(call.http2()).await;
        holds(&probe.budget, WINDOW).await;
        // The first pauses again. Its client may send already, so its window is charged although none is left.
        first.body.send_data(call.bytes(), true).expect("sends");
        soon("the message", probe.read.reaches(1)).await;
        holds(&probe.budget, 2 * WINDOW).await;
        drop((first, second));
        server.holds_nothing().await;
    });
}

#[test]
fn an_http1_client_that_sends_on_can_read_the_response_of_a_stream_that_was_dropped() {
    run(async {
        let server = server(WINDOW + HEADS);
        let probe = &server.probe;
        let call = Call::new(Protocol::Connect, COLLECT).message("m");
        // More than sockets buffer: the client is still sending when its stream is dropped, after the end of the call.
        let rest = envelope(0, &vec![7; 9 << 20]);
        let standing = Http2::connect(server.address()).await;
        let blocker = standing.open(call.http2()).await;
        holds(&probe.budget, WINDOW).await;
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
        client.send_chunk(&rest).await;
        client.send(b"0\r\n\r\n").await;
        let outcome = call.outcome(client.answer().await);
        assert_eq!(outcome.code, "unavailable", "no window is left: {}", outcome.text);
        drop(blocker);
        server.holds_nothing().await;
        // The rest was read to its end, so that the connection is used again.
        probe.gate.add_permits(2);
        client.send(call.http1()).await;
        assert_eq!(call.outcome(client.answer().await).messages, ["m"]);
    });
}

#[test]
fn an_http1_client_that_was_told_to_continue_can_read_its_refusal() {
    run(async {
        let server = TestServer::start();
        for protocol in [Protocol::Connect, Protocol::Grpc] {
            // Larger than the default limit, and than what sockets buffer.
            let call = Call::new(protocol, ECHO).message(vec![7; 9 << 20]);
            let mut client = Http1::connect(server.address()).await;
            client.send(call.http1_head("transfer-encoding: chunked\r\nexpect: 100-continue\r\n")).await;
            assert_eq!(client.head().await.status, 100, "{protocol:?}");
            client.send_chunk(&call.bytes()).await;
            client.send(b"0\r\n\r\n").await;
            assert_eq!(call.outcome(client.answer().await).code, "resource_exhausted", "{protocol:?}");
        }
        server.holds_nothing().await;
    });
}

//! Reads a request stream for JavaScript, as fast as it asks for messages.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;

use super::guard::deliver;
use super::inbox::Inbox;
use super::state::CallState;
use crate::call::{Error, ReservedBytes};
use crate::rpc::Metered;

/// The most messages that are handed over in one batch.
const BATCH_MESSAGES: usize = 128;
/// And the most bytes, unless a single message has more.
const BATCH_BYTES: usize = 64 * 1024;

/// Reads a source in batches while JavaScript asks for them; ends with the body or the call.
///
/// What is not read stays with the client, held back by flow control. A panic ends the stream with `internal`: it is of
/// a bug of ours, and the handler would wait for ever.
pub async fn pump(call: Arc<CallState>, inbox: Arc<Inbox>, mut source: Metered) {
    let reading = poll_fn(|cx| poll_pump(&call, &inbox, &mut source, cx));
    if let Err(panic) = AssertUnwindSafe(reading).catch_unwind().await {
        let error = Error::panicked("reading a request stream", &*panic);
        error.log();
        deliver(&call, &inbox, Vec::new(), Some(Err(error)));
    }
}

/// Polled again when the source has something, and by [`CallState::poll_demand`] when JavaScript asks or the call ends.
fn poll_pump(call: &Arc<CallState>, inbox: &Arc<Inbox>, source: &mut Metered, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        match call.poll_demand(cx) {
            None => return Poll::Ready(()),
            Some(false) => {
                source.pause();
                return Poll::Pending;
            }
            Some(true) => {}
        }
        let mut batch: Vec<ReservedBytes> = Vec::new();
        let mut bytes = 0;
        let mut end = None;
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES {
            match source.poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(message))) => {
                    bytes += message.len();
                    batch.push(message);
                }
                Poll::Ready(Some(Err(error))) => {
                    end = Some(Err(error));
                    break;
                }
                Poll::Ready(None) => {
                    end = Some(Ok(()));
                    break;
                }
            }
        }
        if batch.is_empty() && end.is_none() {
            return Poll::Pending;
        }
        let ended = end.is_some();
        deliver(call, inbox, batch, end);
        if ended {
            return Poll::Ready(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;

    use bytes::Bytes;
    use http_body_util::Empty;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncWriteExt as _;
    use tokio::sync::mpsc;

    use super::super::bell::Bell;
    use super::super::inbox::Event;
    use super::super::state::ReadOutcome;
    use super::*;
    use crate::call::{Code, ConnectionBudget, RequestBody, Source};

    /// A source that panics when it is read.
    #[derive(Debug)]
    struct Panicking(RequestBody);

    impl Source for Panicking {
        fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
            panic!("on purpose")
        }

        fn pause(&mut self) {}

        fn into_body(self: Box<Self>) -> RequestBody {
            self.0
        }
    }

    /// A request body without content, which only hyper can make.
    async fn body() -> RequestBody {
        let (mut client, server) = tokio::io::duplex(1024);
        client.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").await.expect("there is room");
        let (sender, mut bodies) = mpsc::unbounded_channel();
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let (parts, incoming) = request.into_parts();
            let sent = sender.send(RequestBody::new(incoming, &parts, None));
            async move {
                sent.expect("the test waits");
                Ok::<_, Infallible>(http::Response::new(Empty::<Bytes>::new()))
            }
        });
        let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), service);
        tokio::select! {
            body = bodies.recv() => body.expect("a request"),
            ended = serving => unreachable!("the client is still there: {ended:?}"),
        }
    }

    #[tokio::test]
    async fn a_panic_while_a_stream_is_read_ends_it_with_an_internal_error() {
        let inbox = Inbox::new(Arc::new(Bell::silent()), 10);
        let budget = ConnectionBudget::unlimited();
        let call = CallState::of_test(1, true, &budget);
        assert!(call.start());
        assert!(matches!(call.read(|_| true), ReadOutcome::Nothing), "JavaScript waits");
        let source = Metered::new(Box::new(Panicking(body().await)), &budget).expect("there is room");
        // In a task, as a connection runs it.
        tokio::spawn(pump(Arc::clone(&call), Arc::clone(&inbox), source)).await.expect("the panic is caught");
        let mut events = VecDeque::new();
        inbox.take(1, &mut events);
        assert!(matches!(events.make_contiguous(), [Event::Readable(_)]), "JavaScript hears of it");
        let ReadOutcome::Ended(Err(error)) = call.read(|_| true) else {
            panic!("the stream has ended");
        };
        assert_eq!((error.code, error.message.as_str()), (Code::Internal, "internal error"));
        assert_eq!(error.log_text.as_deref(), Some("reading a request stream panicked (reason: on purpose)"));
    }
}

//! An HTTP/2 client on the `h2` crate: streams that a test opens, holds, resets.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::soon;

pub struct Http2 {
    send: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

/// A request that was sent, wholly or in part.
pub struct Exchange {
    pub response: ResponseFuture,
    pub body: SendStream<Bytes>,
}

impl Http2 {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("sends small pieces at once");
        let (send, connection) = h2::client::handshake(stream).await.expect("shakes hands");
        Self { send, connection: tokio::spawn(connection) }
    }

    /// Sends the head of a request.
    pub async fn open(&self, request: Request<()>) -> Exchange {
        let mut send = self.send.clone().ready().await.expect("room for a stream");
        let (response, body) = send.send_request(request, false).expect("a request");
        Exchange { response, body }
    }

    /// A whole request, and its whole answer.
    pub async fn exchange(&self, request: Request<()>, body: Bytes) -> Result<Answer, h2::Error> {
        let mut exchange = self.open(request).await;
        exchange.body.send_data(body, true)?;
        exchange.answer().await
    }

    /// Closes the connection under everything that is open on it.
    pub async fn truncate(self) {
        self.connection.abort();
        // What it ended with does not matter; the socket is closed then.
        let _ = self.connection.await;
    }

    /// Waits until the connection has ended.
    pub async fn ends(self) {
        drop(self.send);
        // By an error or well: it is over.
        let _ = soon("the end of the connection", self.connection).await;
    }

    /// For clients of other crates.
    pub fn sender(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }
}

impl Exchange {
    /// The whole answer.
    pub async fn answer(self) -> Result<Answer, h2::Error> {
        let response = soon("the head of the response", self.response).await?;
        let (parts, mut stream) = response.into_parts();
        let mut body = BytesMut::new();
        while let Some(chunk) = next_data(&mut stream).await {
            body.extend_from_slice(&chunk?);
        }
        let trailers = soon("the trailers", stream.trailers()).await?.unwrap_or_else(HeaderMap::new);
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.freeze(), trailers })
    }

    pub fn reset(mut self, reason: Reason) {
        self.body.send_reset(reason);
    }
}

/// The next piece of a body, the window given back.
pub async fn next_data(stream: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let chunk = soon("the body of the response", stream.data()).await?;
    if let Ok(chunk) = &chunk {
        stream.flow_control().release_capacity(chunk.len()).expect("gives the window back");
    }
    Some(chunk)
}

//! An HTTP/2 client on the `h2` crate, for tests that open, hold and reset streams.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::soon;

pub struct Http2 {
    send: SendRequest<Bytes>,
    written: Arc<AtomicUsize>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

/// A socket that counts what is written.
struct Counted {
    stream: TcpStream,
    written: Arc<AtomicUsize>,
}

impl Counted {
    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        written.map_ok(|bytes| {
            self.written.fetch_add(bytes, Ordering::AcqRel);
            bytes
        })
    }
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A request that was sent, wholly or in part.
pub struct Exchange {
    pub response: ResponseFuture,
    pub body: SendStream<Bytes>,
}

impl Http2 {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::handshake(address, &h2::client::Builder::new()).await
    }

    /// A client that gives each stream a window of `bytes`: it takes no more of a response.
    pub async fn with_window(address: SocketAddr, bytes: u32) -> Self {
        Self::handshake(address, h2::client::Builder::new().initial_window_size(bytes)).await
    }

    async fn handshake(address: SocketAddr, builder: &h2::client::Builder) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("sends small pieces at once");
        let written = Arc::default();
        let stream = Counted { stream, written: Arc::clone(&written) };
        let (send, connection) = builder.handshake(stream).await.expect("shakes hands");
        Self { send, written, connection: tokio::spawn(connection) }
    }

    /// Bytes handed to the socket so far. What is sent later arrives behind them.
    pub fn sent_bytes(&self) -> usize {
        self.written.load(Ordering::Acquire)
    }

    /// Sends the head of a request.
    pub async fn open(&self, request: Request<()>) -> Exchange {
        let mut send = self.send.clone().ready().await.expect("room for a stream");
        let (response, body) = send.send_request(request, false).expect("a request");
        Exchange { response, body }
    }

    /// Sends a whole request, and reads the whole response.
    pub async fn exchange(&self, request: Request<()>, body: Bytes) -> Result<Answer, h2::Error> {
        let mut exchange = self.open(request).await;
        exchange.body.send_data(body, true)?;
        exchange.answer().await
    }

    /// Closes the connection, whatever is open on it.
    pub async fn close(self) {
        self.connection.abort();
        // How it ended does not matter: the socket is closed.
        let _ = self.connection.await;
    }

    /// Waits until the connection has ended.
    pub async fn ends(self) {
        // It may have ended with an error. Without its sender the client would close it by itself.
        let _ = soon("the end of the connection", self.connection).await;
        drop(self.send);
    }

    /// For clients of other crates.
    pub fn sender(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }
}

impl Exchange {
    /// Reads the whole response.
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

/// The next piece of a body, whose window is given back.
pub async fn next_data(stream: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let chunk = soon("the body of the response", stream.data()).await?;
    if let Ok(chunk) = &chunk {
        stream.flow_control().release_capacity(chunk.len()).expect("gives the window back");
    }
    Some(chunk)
}

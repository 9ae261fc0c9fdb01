//! A raw HTTP/1.1 client: it sends exactly the bytes of the test.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::answer::Answer;
use super::soon;

pub struct Http1 {
    stream: TcpStream,
    buffer: BytesMut,
}

/// Status line and headers of a response.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    pub headers: HeaderMap,
}

impl Http1 {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("sends small pieces at once");
        Self { stream, buffer: BytesMut::new() }
    }

    /// Sends bytes in a packet of their own.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sends");
    }

    /// Sends bytes; false if the server has closed.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Sends one chunk of a chunked body.
    pub async fn send_chunk(&mut self, bytes: &[u8]) {
        self.send([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()).await;
    }

    /// Closes the sending half.
    pub async fn finish(&mut self) {
        self.stream.shutdown().await.expect("half-closes");
    }

    /// One response, whole.
    pub async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let (mut body, mut trailers) = (BytesMut::new(), HeaderMap::new());
        if head.headers.get("transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk().await {
                body.extend_from_slice(&chunk);
            }
            trailers = self.fields().await;
        } else if let Some(length) = head.headers.get("content-length") {
            let length = length.to_str().ok().and_then(|text| text.parse().ok()).expect("a length");
            body.extend_from_slice(&self.take(length).await);
        } else {
            while self.fill().await {}
            body = self.buffer.split();
        }
        Answer { status: head.status, headers: head.headers, body: body.freeze(), trailers }
    }

    /// The bytes of a response's head, and those that arrived with it.
    pub async fn answer_bytes(&mut self) -> Bytes {
        while !self.buffer.windows(4).any(|window| window == b"\r\n\r\n") {
            assert!(self.fill().await, "the server closed within a head: {:?}", self.buffer);
        }
        self.buffer.split().freeze()
    }

    /// The head of a response.
    pub async fn head(&mut self) -> Head {
        let line = self.line().await;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("a status line: {line:?}"));
        Head { status, headers: self.fields().await }
    }

    /// The next chunk of a chunked body; `None` after the last, then [`Self::fields`] are its trailers.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        let length = usize::from_str_radix(&self.line().await, 16).expect("the size of a chunk");
        if length == 0 {
            return None;
        }
        let chunk = self.take(length).await;
        assert_eq!(self.line().await, "");
        Some(chunk)
    }

    pub async fn fields(&mut self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        loop {
            let line = self.line().await;
            if line.is_empty() {
                return fields;
            }
            let (name, value) = line.split_once(':').expect("a field");
            let value = HeaderValue::from_str(value.trim()).expect("a value");
            fields.append(HeaderName::try_from(name).expect("a name"), value);
        }
    }

    /// Waits for the server to close. False if it sent something before.
    pub async fn closes(&mut self) -> bool {
        !self.fill().await
    }

    /// Reads and drops some bytes; false if the server has closed.
    pub async fn discard_some(&mut self) -> bool {
        self.buffer.clear();
        self.fill().await
    }

    /// Everything that the server sends until it closes.
    pub async fn rest(&mut self) -> Bytes {
        while self.fill().await {}
        self.buffer.split().freeze()
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line = self.buffer.split_to(end + 2);
                return line[..end].iter().copied().map(char::from).collect();
            }
            assert!(self.fill().await, "the server closed within a line: {:?}", self.buffer);
        }
    }

    async fn take(&mut self, count: usize) -> Bytes {
        while self.buffer.len() < count {
            assert!(self.fill().await, "the server closed after {} of {count} bytes", self.buffer.len());
        }
        self.buffer.split_to(count).freeze()
    }

    /// Reads more; false if the server has closed or reset the connection.
    async fn fill(&mut self) -> bool {
        soon("the server's answer", self.stream.read_buf(&mut self.buffer)).await.unwrap_or(0) > 0
    }
}

/// Sends `request` on a connection of its own, and reads the response.
pub async fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut client = Http1::connect(address).await;
    client.send(request).await;
    client.answer().await
}

//! HTTP/2 frame by frame, for bytes that no client library sends or shows.

use std::net::SocketAddr;

use bytes::Bytes;

use super::soon;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;

pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Bytes,
}

/// The bytes of a frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header block of literal fields, none of them compressed.
pub fn header_block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text"));
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// The header block of a gRPC call of the method at `path`.
pub fn grpc_block(path: &str) -> Vec<u8> {
    header_block(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "test"),
        (":path", path),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

pub struct Frames(TcpStream);

impl Frames {
    /// Connects, and sends nothing.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("sends small pieces at once");
        Self(stream)
    }

    /// Connects, exchanges settings, and waits for the connection's window: until it gets a larger one, a client may
    /// send 65,535 bytes (RFC 9113 section 6.9.2).
    pub async fn handshake(address: SocketAddr) -> Self {
        let mut frames = Self::connect(address).await;
        frames.send([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
        frames.until(|frame| frame.kind == SETTINGS && frame.flags & ACK == 0).await;
        frames.send(frame(SETTINGS, ACK, 0, &[])).await;
        frames.until(|frame| frame.kind == WINDOW_UPDATE && frame.stream == 0).await;
        frames
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("sends");
    }

    /// The next frame; `None` when the server has closed.
    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        soon("a frame", self.0.read_exact(&mut head)).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        soon("the rest of a frame", self.0.read_exact(&mut payload)).await.ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        Some(Frame { kind: head[3], flags: head[4], stream, payload: payload.into() })
    }

    /// The first frame that `is_it`; earlier ones are dropped.
    pub async fn until(&mut self, is_it: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await.expect("a frame before the connection closes");
            if is_it(&frame) {
                return frame;
            }
        }
    }
}

//! Detection of the HTTP version by the first bytes of a connection.
//!
//! HTTP/2 clients with prior knowledge send a preface of 24 bytes first (RFC 9113 section 3.4), which is no valid
//! HTTP/1.1 request.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::rewind::Rewind;

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The HTTP version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0 or HTTP/1.1, or an unknown protocol.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Reads until the version is known, and returns the stream as if nothing had been read.
pub async fn detect<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(HttpVersion, Rewind<S>)> {
    let mut start = [0; PREFACE.len()];
    let mut read = 0;
    let version = loop {
        let count = stream.read(&mut start[read..]).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read += count;
        if start[..read] != PREFACE[..read] {
            break HttpVersion::Http1;
        }
        if read == PREFACE.len() {
            break HttpVersion::Http2;
        }
    };
    Ok((version, Rewind::new(&start[..read], stream)))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    async fn detect_in_pieces(bytes: &[u8], piece: usize) -> (HttpVersion, Vec<u8>) {
        let (mut client, server) = tokio::io::duplex(64);
        let sent = bytes.to_vec();
        let sending = tokio::spawn(async move {
            for chunk in sent.chunks(piece) {
                client.write_all(chunk).await.expect("sends");
                tokio::task::yield_now().await;
            }
        });
        let (version, mut stream) = detect(server).await.expect("detects");
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.expect("reads");
        sending.await.expect("sent");
        (version, all)
    }

    #[tokio::test]
    async fn nothing_is_lost_however_the_first_bytes_come() {
        let http2 = [PREFACE.as_slice(), b"\0\0\0\x04\0\0\0\0\0"].concat();
        let cases: [(&[u8], HttpVersion); 4] = [
            (b"POST /a HTTP/1.1\r\n\r\n", HttpVersion::Http1),
            (b"PRI * HTTP/1.1\r\n\r\n", HttpVersion::Http1),
            (b"X", HttpVersion::Http1),
            (&http2, HttpVersion::Http2),
        ];
        for (bytes, expected) in cases {
            for piece in [1, 3, 24, 64] {
                assert_eq!(detect_in_pieces(bytes, piece).await, (expected, bytes.to_vec()));
            }
        }
    }
}

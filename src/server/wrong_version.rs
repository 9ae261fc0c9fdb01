//! The responses to clients of an HTTP version that the server does not serve.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::request_line::{RequestLine, read_request_line};

/// The time to write a response.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// The response to HTTP/1.x clients of a server that does not serve them.
const HTTP2_ONLY_HEAD: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 28\r\n\
connection: close\r\n\r\n";
const HTTP2_ONLY_BODY: &[u8] = b"This port speaks HTTP/2 only";
/// The response to HTTP/2 clients of a server that does not serve them: SETTINGS, then GOAWAY with `HTTP_1_1_REQUIRED`.
const HTTP1_ONLY: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];

/// Tells an HTTP/1.x client that only HTTP/2 is served. Any other gets no response: an HTTP/2 client with a faulty
/// preface expects no HTTP/1.1 (RFC 9113 section 3.4). Waits for the request line for as long as `detection`.
pub async fn refuse_http1(mut stream: impl AsyncRead + AsyncWrite + Unpin, detection: Duration) {
    match tokio::time::timeout(detection, read_request_line(&mut stream)).await {
        Ok(Some(RequestLine { is_head: true })) => write(stream, &[HTTP2_ONLY_HEAD]).await,
        Ok(Some(_)) => write(stream, &[HTTP2_ONLY_HEAD, HTTP2_ONLY_BODY]).await,
        Ok(None) | Err(_) => {}
    }
}

/// Tells an HTTP/2 client that only HTTP/1.1 is served.
pub async fn refuse_http2(stream: impl AsyncWrite + Unpin) {
    write(stream, &[HTTP1_ONLY]).await;
}

async fn write(mut stream: impl AsyncWrite + Unpin, response: &[&[u8]]) {
    let writing = async {
        stream.write_all(&response.concat()).await?;
        stream.shutdown().await
    };
    // With an error the client is gone already, and one that does not read has no need for a response.
    let _ = tokio::time::timeout(WRITE_TIME, writing).await;
}

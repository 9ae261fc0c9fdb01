//! The lingering close of a connection: nothing more is written, and what the client still sends is read for a while.
//!
//! A socket that is closed while bytes wait in it is reset, and the client may lose the last response.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The most that is read.
const LINGER_BYTES: u64 = 1024 * 1024;
/// The longest time that is spent.
const LINGER_TIME: Duration = Duration::from_millis(500);

/// Closes `stream` so that its client can read what was written.
pub async fn lingering_close(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let closing = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    // However it ends, the connection is over.
    let _ = tokio::time::timeout(LINGER_TIME, closing).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_client_reads_the_end_while_it_still_sends() {
        let (mut client, mut server) = tokio::io::duplex(16);
        let closing = tokio::spawn(async move {
            server.write_all(b"no").await.expect("sends");
            lingering_close(server).await;
        });
        let mut said = [0; 2];
        client.read_exact(&mut said).await.expect("reads");
        assert_eq!(client.read(&mut [0]).await.expect("the end"), 0);
        client.write_all(&[0; 1000]).await.expect("sends more than fits into the pipe");
        drop(client);
        closing.await.expect("closes");
    }

    #[tokio::test]
    async fn a_client_that_never_closes_is_not_waited_for() {
        let (_client, server) = tokio::io::duplex(16);
        lingering_close(server).await;
    }
}

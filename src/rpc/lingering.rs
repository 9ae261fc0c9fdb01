//! Reads the rest of a request that nobody needs any more.
//!
//! Most clients of HTTP/1.1 send everything before they read. If the connection were closed while they send, it would
//! be reset, and the response that says why would be lost. So the rest is read and dropped, which is a lingering close.
//! HTTP/2 ends the one stream with `NO_ERROR` instead.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::runtime::Handle;

use crate::call::RequestBody;

/// The most bytes, and the longest time, that a rest is read over HTTP/1.1.
const MAX_REST_BYTES: usize = 16 * 1024 * 1024;
const MAX_REST_TIME: Duration = Duration::from_secs(5);

/// The most bytes, and the longest time, that a request is read over HTTP/2 before a response that its head decides.
const MAX_EARLY_BYTES: usize = 64 * 1024;
const MAX_EARLY_TIME: Duration = Duration::from_millis(50);

/// Discards the body of a request whose head decides the response. The response waits for it.
///
/// Over HTTP/2 the next frames are read first, for a moment: frames that make the request malformed reset its stream
/// (RFC 9113 section 8.1.1). If the response ended the stream before they came, they would be ignored.
pub(crate) async fn discard_rest(mut body: RequestBody) {
    if body.is_open_stream() {
        // After that time the response is sent although the stream is still open.
        let _ = tokio::time::timeout(MAX_EARLY_TIME, read_up_to(MAX_EARLY_BYTES, &mut body)).await;
    } else {
        lingering_close(body);
    }
}

/// Reads the rest of an HTTP/1.1 request while its response is sent.
pub(crate) fn lingering_close(mut body: RequestBody) {
    // Without a runtime the server is gone, and with it the connection.
    if body.has_rest()
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(async move {
            // If the rest is too slow or too long, the connection is closed after all.
            let _ = tokio::time::timeout(MAX_REST_TIME, read_up_to(MAX_REST_BYTES, &mut body)).await;
        });
    }
}

/// Reads a body to its end, or until it has given `limit` bytes.
async fn read_up_to(limit: usize, body: &mut RequestBody) {
    let mut left = limit;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, bytes::Bytes::len));
        if left == 0 {
            break;
        }
    }
}

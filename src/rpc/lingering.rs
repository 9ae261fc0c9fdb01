//! The lingering close of a request body: an HTTP/1.1 request that is answered early is read to its end, unused.
//!
//! Most clients send everything before they read. If the connection were closed while they send it would be reset, and the
//! response that would have told them why would be lost. HTTP/2 ends the one stream with `NO_ERROR` instead.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::runtime::Handle;

use crate::call::RequestBody;

/// The most that is read of a rest.
const MAX_REST_BYTES: usize = 16 * 1024 * 1024;
/// The longest time that a rest is read.
const MAX_REST_TIME: Duration = Duration::from_secs(5);

/// Reads the rest of a request while its response is sent.
pub(crate) fn lingering_close(body: RequestBody) {
    // Without a runtime the server is gone, and with it the connection.
    if body.has_rest()
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(read_rest(body));
    }
}

/// Reads a body to its end, or up to the limits: the client's connection is then closed nevertheless.
async fn read_rest(mut body: RequestBody) {
    let reading = async {
        let mut left = MAX_REST_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, bytes::Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    // A timeout is not an error: the rest was too slow, and the connection is closed.
    let _ = tokio::time::timeout(MAX_REST_TIME, reading).await;
}

//! The request line of HTTP/1.x, for a server that only needs to know how to refuse the request.

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longer lines are not read.
const MAX_LINE_BYTES: usize = 16 * 1024;

/// The part of a request line that a refusal depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The method is HEAD.
    pub is_head: bool,
}

/// Reads up to the end of the first line; `None` if it is no request line of HTTP/1.x (RFC 9112 section 3).
pub async fn read_request_line(mut stream: impl AsyncRead + Unpin) -> Option<RequestLine> {
    let mut read = Vec::new();
    while read.len() < MAX_LINE_BYTES {
        // An error is the end of the connection, as zero bytes are.
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return None;
        }
        // Section 2.2: empty lines before the request are ignored.
        let blank = read.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let mut line = &read[blank..];
        let end = line.iter().position(|byte| *byte == b'\n');
        if let Some(end) = end {
            line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
        }
        if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\r') {
            return None;
        }
        if end.is_some() {
            return parse(line);
        }
    }
    None
}

fn parse(line: &[u8]) -> Option<RequestLine> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_version = matches!(version, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor] if minor.is_ascii_digit());
    let is_line = is_version && !method.is_empty() && !target.is_empty() && parts.next().is_none();
    is_line.then_some(RequestLine { is_head: method == b"HEAD" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_request_lines_of_http1_are_taken_for_such() {
        const GET: Option<RequestLine> = Some(RequestLine { is_head: false });
        const HEAD: Option<RequestLine> = Some(RequestLine { is_head: true });
        let long = [b"GET /".as_slice(), &[b'a'; MAX_LINE_BYTES], b" HTTP/1.1\r\n"].concat();
        let cases: [(&[u8], Option<RequestLine>); 14] = [
            (b"GET / HTTP/1.1\r\nhost: h\r\n\r\n", GET),
            (b"HEAD / HTTP/1.0\r\n", HEAD),
            (b"PRI * HTTP/1.1\n", GET),
            (b"\r\n\r\nPOST /a?b HTTP/1.1\r\n", GET),
            (b"INVALID CONNECTION PREFACE\r\n\r\n", None),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", None),
            (b"GET /\r\n", None),
            (b"GET / HTTP/1.1 \r\n", None),
            (b" / HTTP/1.1\r\n", None),
            (b"GET  HTTP/1.1\r\n", None),
            (b"GET / HTTP/1.1", None),
            // A client that speaks TLS.
            (b"\x16\x03\x01\x02\x00\x01\x00\x01", None),
            (b"", None),
            (&long, None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read_request_line(bytes).await, expected, "{:?}", bytes.escape_ascii().to_string());
            let (begin, rest) = bytes.split_at(bytes.len() / 2);
            assert_eq!(read_request_line(begin.chain(rest)).await, expected, "in two pieces");
        }
    }

    #[tokio::test]
    async fn what_cannot_become_a_request_line_is_not_waited_for() {
        use tokio::io::AsyncWriteExt as _;
        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(b"\x16\x03\x01").await.expect("sends");
        assert_eq!(read_request_line(server).await, None);
    }
}

//! The head of a request as JavaScript gets it: one Latin-1 string, which it decodes when a handler looks at it.

use http::HeaderMap;

/// Joins `first_lines` and the name and value of each header by line feeds; no header value can have one.
pub fn request_head(first_lines: &str, headers: &HeaderMap) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum::<usize>();
    let mut head = Vec::with_capacity(first_lines.len() + size);
    head.extend_from_slice(first_lines.as_bytes());
    for (name, value) in headers {
        head.push(b'\n');
        head.extend_from_slice(name.as_str().as_bytes());
        head.push(b'\n');
        head.extend_from_slice(value.as_bytes());
    }
    head
}

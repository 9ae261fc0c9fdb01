//! The head of a request as JavaScript gets it: one string, decoded when somebody looks at it.

use http::HeaderMap;

/// `first`, then name and value of each header, a line each: no value of a header can have a line feed.
pub fn head(first: &str, headers: &HeaderMap) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum::<usize>();
    let mut head = Vec::with_capacity(first.len() + size);
    head.extend_from_slice(first.as_bytes());
    for (name, value) in headers {
        head.push(b'\n');
        head.extend_from_slice(name.as_str().as_bytes());
        head.push(b'\n');
        head.extend_from_slice(value.as_bytes());
    }
    head
}

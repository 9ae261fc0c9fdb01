//! An HTTP response, read to its end.

use bytes::Bytes;
use http::HeaderMap;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Answer {
    /// A header as text; empty without one.
    pub fn header(&self, name: &str) -> &str {
        text(&self.headers, name)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The first value of a name as text; empty without one.
pub fn text<'a>(map: &'a HeaderMap, name: &str) -> &'a str {
    map.get(name).map_or("", |value| value.to_str().expect("a value in ASCII"))
}

/// All values of a name as text.
pub fn all<'a>(map: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    map.get_all(name).iter().map(|value| value.to_str().expect("a value in ASCII")).collect()
}

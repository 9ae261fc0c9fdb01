//! The end of a Connect response: trailers are headers of a unary one, and a JSON message at the end of a stream.

use http::header::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::error_json::error_value;
use crate::call::{Error, Metadata};
use crate::protocol::metadata::is_reserved;

/// Unary responses carry trailers as headers prefixed with `trailer-`.
pub fn trailers_as_headers(target: &mut HeaderMap, trailer: Metadata) {
    for (name, value) in trailer {
        if let Ok(prefixed) = HeaderName::try_from(format!("trailer-{name}")) {
            target.append(prefixed, value);
        }
    }
}

/// The message that ends a stream: `{"error", "metadata"}`; both are optional.
///
/// Values of a repeated name stay separate: <https://connectrpc.com/docs/protocol#error-end-stream>.
pub fn end_stream(trailer: &Metadata, error: Option<&Error>) -> String {
    let mut object = Map::new();
    let mut metadata = Map::new();
    if let Some(error) = error {
        object.insert("error".into(), error_value(error));
    }
    let of_error = error.map(|error| &error.metadata);
    for (name, value) in trailer.iter().chain(of_error.into_iter().flatten()).filter(|(name, _)| !is_reserved(name)) {
        let values = metadata.entry(name.as_str()).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(values) = values.as_array_mut() {
            // A header value is Latin-1 in HTTP; JSON has to be Unicode.
            values.push(value.as_bytes().iter().copied().map(char::from).collect::<String>().into());
        }
    }
    if !metadata.is_empty() {
        object.insert("metadata".into(), Value::Object(metadata));
    }
    Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn names_may_repeat_and_bytes_may_be_latin_1() {
        let name = HeaderName::from_static("x-a");
        let trailer = vec![
            (name.clone(), HeaderValue::from_static("1")),
            (name, HeaderValue::from_bytes(b"\xe9").expect("obs-text")),
        ];
        assert_eq!(end_stream(&trailer, None), r#"{"metadata":{"x-a":["1","é"]}}"#);
        assert_eq!(end_stream(&Metadata::new(), None), "{}");
    }
}

//! Headers and trailers as they cross: flat lists, name and value in turn.

use http::{HeaderName, HeaderValue};

use crate::call::Metadata;

/// The fields of a list. JavaScript's `Headers` has validated them; a field that is invalid nevertheless is dropped.
///
/// Each character of a value is one byte, as `Headers` holds Latin-1.
pub fn metadata(list: Vec<String>) -> Metadata {
    let mut fields = Metadata::with_capacity(list.len() / 2);
    let mut items = list.into_iter();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        let bytes: Option<Vec<u8>> = value.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
        let value = bytes.and_then(|bytes| HeaderValue::try_from(bytes).ok());
        if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), value) {
            fields.push((name, value));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_latin_1_and_invalid_fields_are_dropped() {
        let list = ["X-A", "1", "x-b", "\u{e9}", "bad name", "1", "x-c", "\u{20ac}", "x-d"].map(String::from).to_vec();
        let fields = metadata(list);
        let seen: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(seen, [("x-a", b"1".as_slice()), ("x-b", b"\xe9")]);
    }
}

//! Header and trailer lists as they cross: flat, name and value in turn.

use http::{HeaderName, HeaderValue};

use crate::rpc::Metadata;

/// The fields of a list. JavaScript's `Headers` has checked them; one that is none after all is left out.
///
/// A character of a value is a byte: `Headers` holds Latin-1.
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
    fn values_are_latin_1_and_what_is_no_field_is_left_out() {
        let list = ["X-A", "1", "x-b", "\u{e9}", "bad name", "1", "x-c", "\u{20ac}", "x-d"].map(String::from).to_vec();
        let fields = metadata(list);
        let seen: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(seen, [("x-a", b"1".as_slice()), ("x-b", b"\xe9")]);
    }
}

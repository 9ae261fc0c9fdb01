//! Headers and trailers as they cross: flat lists, name and value in turn.

use http::{HeaderName, HeaderValue};

use crate::call::Metadata;

/// The fields of a list. JavaScript's `Headers` has validated them, but allows control characters: a field that HTTP
/// cannot carry is left out, and `left_out` gets its name.
///
/// Each character of a value is one byte, as `Headers` holds Latin-1.
pub fn metadata(list: Vec<String>, left_out: impl Fn(&str)) -> Metadata {
    let mut fields = Metadata::with_capacity(list.len() / 2);
    let mut items = list.into_iter();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        let bytes: Option<Vec<u8>> = value.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
        let value = bytes.and_then(|bytes| HeaderValue::try_from(bytes).ok());
        match (HeaderName::from_bytes(name.as_bytes()), value) {
            (Ok(name), Some(value)) => fields.push((name, value)),
            _ => left_out(&name),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn values_are_latin_1_and_fields_that_http_does_not_allow_are_left_out_by_name() {
        let list =
            ["X-A", "1", "x-b", "\u{e9}", "bad name", "1", "x-c", "\u{20ac}", "x-d", "\u{1}", "x-e", "\t", "x-f"];
        let left_out = RefCell::new(Vec::new());
        let fields = metadata(list.map(String::from).to_vec(), |name| left_out.borrow_mut().push(name.to_owned()));
        let seen: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(seen, [("x-a", b"1".as_slice()), ("x-b", b"\xe9"), ("x-e", b"\t")]);
        assert_eq!(left_out.into_inner(), ["bad name", "x-c", "x-d"]);
    }
}

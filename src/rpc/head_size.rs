//! The memory that a request takes before its body, and for as long as its call lasts.

use http::request::Parts;

/// The state of a call: its stream in h2, its tasks, its future, its objects in JavaScript.
const CALL_BYTES: usize = 4 * 1024;
/// An entry of a header map, with what its allocations take beside the text.
const FIELD_BYTES: usize = 128;

/// The text is held here, and as a string in JavaScript, which V8 keeps for a while after the call.
const COPIES: usize = 3;

/// The bytes to reserve for the call of a head.
pub fn head_size(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let fields = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    CALL_BYTES + parts.headers.len() * FIELD_BYTES + COPIES * (target + fields.sum::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_and_each_call_has_a_price() {
        let size = |count: usize| {
            let mut request = http::Request::builder().uri("/a?b");
            for _ in 0..count {
                request = request.header("name", "value");
            }
            head_size(&request.body(()).expect("a request").into_parts().0)
        };
        assert_eq!(size(0), CALL_BYTES + COPIES * 4);
        assert_eq!(size(3), CALL_BYTES + COPIES * 4 + 3 * (FIELD_BYTES + COPIES * 9));
    }
}

//! Short texts: the beginning of a long one, the message of a panic.

use std::any::Any;

/// The beginning of `text`: at most `max_bytes` of it, truncated between characters.
pub(crate) fn truncate(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The message of a panic.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(not a text)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, max_bytes, expected) in
            [("abc", 5, "abc"), ("abc", 3, "abc"), ("abc", 2, "ab"), ("aé", 2, "a"), ("\u{1f600}", 3, ""), ("", 0, "")]
        {
            assert_eq!(truncate(text, max_bytes), expected, "{text:?} {max_bytes}");
        }
    }

    #[test]
    fn a_panic_has_a_text_whatever_it_was_raised_with() {
        let text = String::from("formatted");
        let cases: [(Box<dyn Any + Send>, &str); 3] =
            [(Box::new("literal"), "literal"), (Box::new(text), "formatted"), (Box::new(1), "(not a text)")];
        for (panic, expected) in cases {
            assert_eq!(panic_text(&*panic), expected);
        }
    }
}

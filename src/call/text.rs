//! Texts that have to fit somewhere.

/// The beginning of `text`: at most `max_bytes` of it, cut between characters.
pub(crate) fn truncate(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
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
}

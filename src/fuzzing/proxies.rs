//! What proxies tell about their clients: PROXY headers, and the fields `forwarded` and `x-forwarded-for`.

use super::internals::{client_behind, proxy_header};

/// What a trusted proxy appends, and the client that it tells by that.
const CLIENT: &str = "192.0.2.9";

/// An input is what a client sends: the first bytes of its connection, and the values of its fields.
///
/// # Panics
///
/// When a PROXY header depends on the pieces in which it comes, or when a client can change what a trusted proxy tells.
pub fn proxies(data: &[u8]) {
    let whole = proxy_header(data, data.len().max(1));
    for piece in [1, 5] {
        assert_eq!(proxy_header(data, piece), whole, "in pieces of {piece}");
    }
    if let Some((_, rest)) = whole {
        assert!(data.ends_with(&rest), "the bytes behind a header are lost");
    }
    // As Node and hyper read header values: every byte is a character, without line ends.
    let sent: String = data.iter().map(|&byte| char::from(byte)).filter(|c| !matches!(c, '\r' | '\n')).collect();
    for (appended, is_standard) in [(CLIENT.to_owned(), false), (format!("for={CLIENT}"), true)] {
        let (joined, apart) = (vec![format!("{sent}, {appended}")], vec![sent.clone(), appended]);
        for values in [joined, apart] {
            let fields = if is_standard { (&values[..], &[][..]) } else { (&[][..], &values[..]) };
            let told = client_behind(fields.0, fields.1);
            // A quoted string that a client leaves open may end in what the proxy has appended: then nobody is told.
            let may_be_open = is_standard && values.len() == 1;
            assert!(told.as_deref().map_or(may_be_open, |client| client == CLIENT), "{told:?} {values:?}");
            // The other field is the client's own.
            let other = std::slice::from_ref(&sent);
            let both = if is_standard { (fields.0, other) } else { (other, fields.1) };
            assert!(client_behind(both.0, both.1).is_none_or(|client| client == CLIENT), "{values:?}");
        }
    }
}

//! The client behind proxies, as the proxies that are trusted tell it: `forwarded` (RFC 7239) and `x-forwarded-for`.

use std::net::{IpAddr, SocketAddr};

use super::networks::Networks;

/// The proxies whose word counts.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Networks);

/// The fields of a request, in the order in which they came.
#[derive(Clone, Copy, Debug)]
pub struct Forwarded<'a> {
    /// The values of `forwarded`.
    pub standard: &'a [String],
    /// The values of `x-forwarded-for`.
    pub legacy: &'a [String],
}

impl TrustedProxies {
    /// Those in `networks`.
    #[must_use]
    pub fn new(networks: Networks) -> Self {
        Self(networks)
    }

    /// Whether a client with this address is such a proxy; `None` is one of a Unix socket.
    #[must_use]
    pub fn trusts(&self, address: Option<IpAddr>) -> bool {
        self.0.contains(address)
    }

    /// The client of a request whose connection comes from `proxy`; `None` there is a Unix socket. Each proxy appends
    /// the address that it sees, so the lists are read from the end, for as long as those who wrote them are trusted.
    ///
    /// `None` if the proxy is not trusted, tells nothing, or tells what is no address. Also if the two fields differ: a
    /// proxy that sets one of them passes on the other as the client has sent it.
    #[must_use]
    pub fn client(&self, proxy: Option<IpAddr>, forwarded: Forwarded<'_>) -> Option<IpAddr> {
        if !self.trusts(proxy) {
            return None;
        }
        let standard = self.walk(forwarded.standard, |value| split(value, ','), forwarded_for);
        let legacy = self.walk(forwarded.legacy, |value| Some(value.split(',').collect()), address);
        match (forwarded.standard.is_empty(), forwarded.legacy.is_empty()) {
            (false, true) => standard,
            (true, false) => legacy,
            (true, true) => None,
            (false, false) => standard.filter(|_| standard == legacy),
        }
    }

    /// The last address that is not a trusted proxy's; the first one if all are. `elements` gives those of a value, and
    /// `None` for one that is malformed: then nobody knows which of it a client has written.
    fn walk<'a>(
        &self,
        values: &'a [String],
        elements: impl Fn(&'a str) -> Option<Vec<&'a str>>,
        read: impl Fn(&str) -> Option<IpAddr>,
    ) -> Option<IpAddr> {
        let mut client = None;
        for value in values.iter().rev() {
            // RFC 9110, section 5.6.1: empty elements do not count.
            for element in elements(value)?.into_iter().rev().filter(|element| !element.trim().is_empty()) {
                let address = read(element)?;
                client = Some(address);
                if !self.trusts(Some(address)) {
                    return client;
                }
            }
        }
        client
    }
}

/// Splits at each separator outside quoted strings (RFC 9110 section 5.6.4). `None` if a string has no end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.push(&text[begin..at]);
                begin = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    (!is_quoted).then_some(parts)
}

/// The address in the parameter `for` of an element (RFC 7239 section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut values = split(element, ';')?.into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    });
    // Each parameter at most once.
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let value = value.trim();
    match value.strip_prefix('"') {
        Some(quoted) => address(quoted.strip_suffix('"')?),
        None => address(value),
    }
}

/// An address, perhaps with a port; of IPv6 then in brackets, which RFC 7239 has always (section 6).
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let obfuscated = text.rsplit_once(':').filter(|(_, port)| is_obfuscated(port));
    let host = obfuscated.map_or(text, |(host, _)| host);
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address = match (in_brackets, obfuscated) {
        (Some(address), _) => address.parse().map(IpAddr::V6).ok(),
        (None, Some(_)) => host.parse().map(IpAddr::V4).ok(),
        (None, None) => host.parse().ok().or_else(|| host.parse::<SocketAddr>().map(|address| address.ip()).ok()),
    };
    address.map(|address| address.to_canonical())
}

/// Whether it stands for a port that the proxy does not tell (RFC 7239 section 6.3).
fn is_obfuscated(port: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    port.strip_prefix('_').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client that a proxy at 10.0.0.1 tells; 10.0.0.0/8 and Unix sockets are trusted.
    fn client_behind(proxy: Option<&str>, standard: &[&str], legacy: &[&str]) -> Option<String> {
        let networks = Networks::parse(&["10.0.0.0/8".into(), "unix".into()]).expect("networks");
        let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
        let (standard, legacy) = (owned(standard), owned(legacy));
        let proxy = proxy.map(|proxy| proxy.parse().expect("an address"));
        let forwarded = Forwarded { standard: &standard, legacy: &legacy };
        TrustedProxies::new(networks).client(proxy, forwarded).map(|client| client.to_string())
    }

    #[test]
    fn a_trusted_proxy_tells_the_client() {
        let cases: [(&[&str], &[&str], Option<&str>); 38] = [
            (&[r#"for="192.0.2.9:_obf""#], &[], Some("192.0.2.9")),
            (&[r#"for="[2001:db8::9]:_o.b-f_1""#], &[], Some("2001:db8::9")),
            (&[r#"for="[2001:db8::9]:_""#], &[], None),
            (&[r#"for="192.0.2.9:_a b""#], &[], None),
            (&[r#"for="192.0.2.9:42:_obf""#], &[], None),
            (&[r#"for="2001:db8::9:_obf""#], &[], None),
            (&["for=2001:db8::_obf"], &[], None),
            (&["for=_obf"], &[], None),
            (&[], &[], None),
            (&[], &["192.0.2.9"], Some("192.0.2.9")),
            (&[], &["192.0.2.9:4242"], Some("192.0.2.9")),
            (&[], &["2001:db8::9"], Some("2001:db8::9")),
            (&[], &["[2001:db8::9]:4242"], Some("2001:db8::9")),
            (&[], &["::ffff:192.0.2.9"], Some("192.0.2.9")),
            // What the client itself has sent stands further to the left.
            (&[], &["6.6.6.6, 192.0.2.9"], Some("192.0.2.9")),
            (&[], &["6.6.6.6", "192.0.2.9, 10.0.0.7"], Some("192.0.2.9")),
            (&[], &["garbage, 192.0.2.9 ,10.0.0.7,,"], Some("192.0.2.9")),
            (&[], &["10.0.0.8, 10.0.0.7"], Some("10.0.0.8")),
            (&[], &["192.0.2.9, garbage"], None),
            (&[], &["192.0.2.9, 10.0.0.7, unknown"], None),
            (&[], &[" , "], None),
            (&["for=192.0.2.9"], &[], Some("192.0.2.9")),
            (&["For=\"192.0.2.9:4242\"; proto=https ;by=10.0.0.1"], &[], Some("192.0.2.9")),
            (&["for=\"[2001:db8::9]:4242\""], &[], Some("2001:db8::9")),
            (&["for=\"[2001:db8::9]\""], &[], Some("2001:db8::9")),
            (&["for=6.6.6.6, for=192.0.2.9", "for=10.0.0.7"], &[], Some("192.0.2.9")),
            (&["for=_hidden"], &[], None),
            (&["for=unknown"], &[], None),
            (&["proto=https"], &[], None),
            (&["for=192.0.2.9;for=6.6.6.6"], &[], None),
            // A quote that the client has left open, so that nobody knows what is whose.
            (&["for=6.6.6.6;by=\", for=192.0.2.9"], &[], None),
            (&["for=6.6.6.6;by=\"", "for=192.0.2.9"], &[], Some("192.0.2.9")),
            // A host that the client has chosen, which the proxy quotes.
            (&["for=192.0.2.9;host=\"a,for=6.6.6.6;b=\""], &[], Some("192.0.2.9")),
            (&["by=10.0.0.1;host=\"a,for=6.6.6.6;\";for=192.0.2.9"], &[], Some("192.0.2.9")),
            (&["host=\"\\\",for=6.6.6.6,\";for=192.0.2.9"], &[], Some("192.0.2.9")),
            (&["for=\"192.0.2.9"], &[], None),
            (&["for=192.0.2.9"], &["192.0.2.9"], Some("192.0.2.9")),
            // The proxy has set one of them only.
            (&["for=6.6.6.6"], &["192.0.2.9"], None),
        ];
        for (standard, legacy, expected) in cases {
            let told = client_behind(Some("10.0.0.1"), standard, legacy);
            assert_eq!(told.as_deref(), expected, "{standard:?} {legacy:?}");
        }
    }

    #[test]
    fn nobody_else_tells_it() {
        assert_eq!(client_behind(Some("11.0.0.1"), &["for=192.0.2.9"], &["192.0.2.9"]), None);
        assert_eq!(client_behind(Some("::ffff:10.0.0.1"), &[], &["192.0.2.9"]).as_deref(), Some("192.0.2.9"));
        assert_eq!(client_behind(None, &[], &["192.0.2.9"]).as_deref(), Some("192.0.2.9"));
        let forwarded = Forwarded { standard: &[], legacy: &["192.0.2.9".to_owned()] };
        assert_eq!(TrustedProxies::default().client(None, forwarded), None);
    }
}

//! Addresses and networks, as options name them.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// The name of all clients of Unix sockets, which have no address.
const UNIX: &str = "unix";

/// A set of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    nets: Vec<IpNet>,
    has_unix: bool,
    is_all: bool,
}

impl Networks {
    /// Every client.
    #[must_use]
    pub fn all() -> Self {
        Self { is_all: true, ..Self::default() }
    }

    /// Those that are named: by an address, a network in CIDR notation (RFC 4632), or as `unix`.
    ///
    /// # Errors
    ///
    /// The first name that is none of these.
    pub fn parse(names: &[String]) -> Result<Self, String> {
        let mut networks = Self::default();
        for name in names {
            if name == UNIX {
                networks.has_unix = true;
            } else {
                networks.nets.push(parse(name).ok_or_else(|| name.clone())?);
            }
        }
        Ok(networks)
    }

    /// Whether a client with this address is among them; `None` is one of a Unix socket.
    #[must_use]
    pub fn contains(&self, client: Option<IpAddr>) -> bool {
        self.is_all
            || client.map_or(self.has_unix, |address| {
                // The same client may come over IPv4 and as ::ffff:1.2.3.4.
                let address = address.to_canonical();
                self.nets.iter().any(|net| net.contains(&address))
            })
    }
}

fn parse(name: &str) -> Option<IpNet> {
    let net = name.parse::<IpNet>().or_else(|_| name.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(match net {
        // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.addr().to_ipv4_mapped() {
            Some(v4) => Ipv4Net::new(v4, v6.prefix_len() - 96).ok()?.into(),
            None => net,
        },
        IpNet::V4(_) | IpNet::V6(_) => net,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(names: &[&str]) -> Result<Networks, String> {
        Networks::parse(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_client_is_found_by_its_address() {
        let some = networks(&["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::ffff:172.16.0.0/108"]).expect("networks");
        let cases = [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("172.31.0.1", true),
            ("172.32.0.1", false),
        ];
        for (address, expected) in cases {
            assert_eq!(some.contains(Some(address.parse().expect("an address"))), expected, "{address}");
        }
        assert!(!some.contains(None), "nobody has named Unix sockets");
        assert!(networks(&["unix"]).expect("a name").contains(None));
        assert!(!networks(&["unix"]).expect("a name").contains(Some([127, 0, 0, 1].into())));
        assert!(Networks::all().contains(None) && Networks::all().contains(Some([10, 0, 0, 1].into())));
        assert!(!Networks::default().contains(None));
    }

    #[test]
    fn what_is_no_network_is_returned() {
        for name in ["", "10.0.0.0/33", "10.0.0/8", "localhost", "::1/129", "10.0.0.1:80", "unix:/run/a"] {
            assert_eq!(networks(&["10.0.0.0/8", name]), Err(name.to_owned()));
        }
    }
}

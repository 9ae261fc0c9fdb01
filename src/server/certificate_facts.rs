//! What a certificate says (RFC 5280): that of a client, or of the server itself.

use std::fmt::Write as _;
use std::net::IpAddr;

use x509_parser::asn1_rs::ToDer as _;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::objects::oid2abbrev;
use x509_parser::prelude::{FromDer as _, X509Certificate, oid_registry};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The content of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The distinguished name as RFC 4514 writes it: the most specific part first.
    pub subject: String,
    /// The issuer's in the same form.
    pub issuer: String,
    /// Alternative names: DNS.
    pub dns: Vec<String>,
    /// Alternative names: URIs.
    pub uri: Vec<String>,
    /// Alternative names: IP addresses.
    pub ip: Vec<IpAddr>,
    /// Alternative names: addresses of mail.
    pub email: Vec<String>,
    /// The serial number in hexadecimal digits, upper case.
    pub serial_number: String,
    /// When it becomes valid, in seconds since 1970.
    pub valid_from: i64,
    /// Until when it is valid, in seconds since 1970.
    pub valid_to: i64,
    /// Whether it may sign certificates or revocation lists.
    pub signs_others: bool,
}

impl CertificateFacts {
    /// Of a certificate in DER; `None` unless all of it can be read.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let (facts, is_whole) = Self::of(&certificate);
        // A name that cannot be read must not be taken for one that is not there.
        is_whole.then_some(facts)
    }

    /// What can be read of a certificate, and whether that is all.
    pub(super) fn of(certificate: &X509Certificate<'_>) -> (Self, bool) {
        let mut facts = Self {
            subject: rfc4514(certificate.subject()),
            issuer: rfc4514(certificate.issuer()),
            serial_number: hex(trimmed(certificate.raw_serial())),
            valid_from: certificate.validity().not_before.timestamp(),
            valid_to: certificate.validity().not_after.timestamp(),
            ..Self::default()
        };
        let mut is_whole = true;
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => {
                    names.general_names.iter().for_each(|name| is_whole &= facts.add(name));
                }
                ParsedExtension::BasicConstraints(constraints) => facts.signs_others |= constraints.ca,
                ParsedExtension::KeyUsage(usage) => {
                    facts.signs_others |= usage.key_cert_sign() || usage.crl_sign();
                }
                ParsedExtension::ParseError { .. } => is_whole = false,
                _ => {}
            }
        }
        (facts, is_whole)
    }

    /// The subject, or the alternative names of one without a subject, as SPIFFE has them.
    #[must_use]
    pub fn shown_name(&self) -> String {
        if !self.subject.is_empty() {
            return self.subject.clone();
        }
        let names: Vec<_> = self.names().collect();
        if names.is_empty() { "without a name".to_owned() } else { names.join(", ") }
    }

    /// All alternative names.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let Self { dns, uri, ip, email, .. } = self;
        let addresses = ip.iter().map(ToString::to_string);
        dns.iter().cloned().chain(addresses).chain(uri.iter().cloned()).chain(email.iter().cloned())
    }

    /// False for a name that cannot be read.
    fn add(&mut self, name: &GeneralName<'_>) -> bool {
        match name {
            GeneralName::DNSName(name) => self.dns.push((*name).to_owned()),
            GeneralName::URI(uri) => self.uri.push((*uri).to_owned()),
            GeneralName::RFC822Name(address) => self.email.push((*address).to_owned()),
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(address) => self.ip.push(address),
                None => return false,
            },
            GeneralName::Invalid(..) => return false,
            _ => {}
        }
        true
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// A number without the zeros in front, of which DER has one for the sign.
fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros.min(number.len().saturating_sub(1))..]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// RFC 4514: from the last part to the first, and so that no value can look like another part.
pub(super) fn rfc4514(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let parts = parts.iter().rev().map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+"));
    parts.collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type();
    let name = oid2abbrev(oid, oid_registry()).ok();
    if let (Some(name), Ok(value)) = (name, attribute.as_str()) {
        return format!("{name}={}", escaped(value));
    }
    // Section 2.4: what has no name, or is no string, is the hexadecimal form of its DER.
    let der = attribute.attr_value().to_der_vec().unwrap_or_default();
    format!("{}=#{}", oid.to_id_string(), hex(&der))
}

/// Section 2.4, and every control character too.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    value.chars().enumerate().fold(String::with_capacity(value.len()), |mut text, (at, character)| {
        let is_special = match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => true,
            '#' => at == 0,
            ' ' => at == 0 || at == last,
            _ => false,
        };
        if character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                // Writing to a String does not fail.
                let _ = write!(text, "\\{byte:02X}");
            }
        } else {
            if is_special {
                text.push('\\');
            }
            text.push(character);
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn read(pem: &str) -> CertificateFacts {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        CertificateFacts::read(&der).expect("X.509")
    }

    #[test]
    fn names_of_a_certificate_are_apart() {
        let facts = read(include_str!("../../__test__/certificates/workload.crt"));
        assert_eq!(facts.subject, r"CN=orders,OU=\+a,O=Example\, Inc. #1");
        assert_eq!(facts.issuer, "CN=ca");
        assert_eq!(facts.uri, ["spiffe://example.org/orders"]);
        assert_eq!(facts.dns, ["orders.example.org"]);
        assert_eq!(facts.email, ["orders@example.org"]);
        assert_eq!(facts.ip.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.7", "2001:db8::7"]);
        assert!(facts.serial_number.len() >= 38, "{}", facts.serial_number);
        assert!(facts.valid_from > 1_700_000_000 && facts.valid_to > facts.valid_from + 3_000_000_000);
        assert!(!facts.signs_others);
    }

    #[test]
    fn an_authority_signs_others() {
        assert!(read(include_str!("../../__test__/certificates/ca.crt")).signs_others);
        assert!(read(include_str!("../../__test__/certificates/intermediate.crt")).signs_others);
        assert!(!read(include_str!("../../__test__/certificates/client.crt")).signs_others);
    }

    #[test]
    fn what_is_no_certificate_has_no_facts() {
        let der = CertificateDer::from_pem_slice(include_bytes!("../../__test__/certificates/workload.crt"));
        let der = der.expect("a certificate");
        for bytes in [&b""[..], b"abc", &der[..der.len() - 1]] {
            assert_eq!(CertificateFacts::read(bytes), None);
        }
    }

    #[test]
    fn a_value_cannot_look_like_another_part() {
        let cases = [
            ("a", "a"),
            ("a,CN=admin", r"a\,CN\=admin"),
            ("#a#", r"\#a#"),
            (" a b ", r"\ a b\ "),
            (" ", r"\ "),
            ("a\"+;<>\\", r#"a\"\+\;\<\>\\"#),
            ("a\nb\0\u{85}", r"a\0Ab\00\C2\85"),
            ("Zoë", "Zoë"),
            ("", ""),
        ];
        for (value, expected) in cases {
            assert_eq!(escaped(value), expected);
        }
        assert_eq!(
            (hex(trimmed(&[0, 0x9f])), hex(trimmed(&[0])), hex(trimmed(&[]))),
            ("9F".into(), "00".into(), String::new())
        );
    }
}

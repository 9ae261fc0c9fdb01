//! What a certificate says, as JavaScript sees it: that of a client, or of the server itself.

use napi_derive::napi;

use crate::server::{CertificateFacts, Expiration, TlsWarnings};

/// The content of a certificate.
#[napi(object, object_from_js = false)]
pub struct NativeCertificate {
    /// The subject as RFC 4514 writes it.
    pub subject: String,
    /// The issuer in the same form.
    pub issuer: String,
    /// Alternative names: DNS.
    pub dns: Vec<String>,
    /// Alternative names: URIs.
    pub uri: Vec<String>,
    /// Alternative names: IP addresses.
    pub ip: Vec<String>,
    /// Alternative names: addresses of mail.
    pub email: Vec<String>,
    /// The serial number in hexadecimal digits, upper case.
    pub serial_number: String,
    /// When it becomes valid, in milliseconds since 1970.
    pub valid_from: f64,
    /// Until when it is valid, in milliseconds since 1970.
    pub valid_to: f64,
    /// Whether it may sign certificates or revocation lists.
    pub signs_others: bool,
}

/// A certificate that a listener shows to its clients.
#[napi(object, object_from_js = false)]
pub struct NativeServerCertificate {
    /// The position of the listener in the options.
    pub listener: u32,
    /// The subject as RFC 4514 writes it.
    pub subject: String,
    /// The issuer in the same form.
    pub issuer: String,
    /// The serial number in hexadecimal digits, upper case.
    pub serial_number: String,
    /// The alternative names of the subject: DNS names, IP addresses, URIs, and addresses of mail.
    pub names: Vec<String>,
    /// When it becomes valid, in milliseconds since 1970.
    pub valid_from: f64,
    /// Until when it is valid, in milliseconds since 1970.
    pub valid_to: f64,
}

/// What operators are to know of the TLS of a listener, though it can be used.
#[napi(object, object_from_js = false)]
pub struct NativeTlsWarnings {
    /// What is wrong as it is, each with the name of the option or file.
    pub texts: Vec<String>,
    /// When each certificate ends, and each list of revoked ones.
    pub expirations: Vec<NativeExpiration>,
}

/// Something that is valid until a certain time.
#[napi(object, object_from_js = false)]
pub struct NativeExpiration {
    /// `the certificate CN=example, serial number 1F`, for example.
    pub what: String,
    /// From when it is valid, in milliseconds since 1970.
    pub valid_from: f64,
    /// Until when it is valid, in milliseconds since 1970.
    pub valid_to: f64,
    /// Whether it is a list of revoked certificates, which is renewed shortly before its end.
    pub is_revocation_list: bool,
}

/// Reads a certificate in DER; null if it is none.
#[napi(catch_unwind)]
pub fn read_certificate(der: &[u8]) -> Option<NativeCertificate> {
    CertificateFacts::read(der).map(NativeCertificate::from)
}

impl From<CertificateFacts> for NativeCertificate {
    fn from(facts: CertificateFacts) -> Self {
        Self {
            subject: facts.subject,
            issuer: facts.issuer,
            dns: facts.dns,
            uri: facts.uri,
            ip: facts.ip.iter().map(ToString::to_string).collect(),
            email: facts.email,
            serial_number: facts.serial_number,
            valid_from: milliseconds(facts.valid_from),
            valid_to: milliseconds(facts.valid_to),
            signs_others: facts.signs_others,
        }
    }
}

impl NativeServerCertificate {
    /// The certificate of the listener at this position.
    pub fn new(facts: &CertificateFacts, listener: u32) -> Self {
        Self {
            listener,
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial_number: facts.serial_number.clone(),
            names: facts.names().collect(),
            valid_from: milliseconds(facts.valid_from),
            valid_to: milliseconds(facts.valid_to),
        }
    }
}

impl From<TlsWarnings> for NativeTlsWarnings {
    fn from(TlsWarnings { texts, expirations }: TlsWarnings) -> Self {
        Self { texts, expirations: expirations.into_iter().map(NativeExpiration::from).collect() }
    }
}

impl From<Expiration> for NativeExpiration {
    fn from(Expiration { what, valid_from, valid_to, is_revocation_list }: Expiration) -> Self {
        Self { what, valid_from: milliseconds(valid_from), valid_to: milliseconds(valid_to), is_revocation_list }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the years of a certificate have four digits")]
fn milliseconds(seconds: i64) -> f64 {
    seconds as f64 * 1e3
}

//! A certificate of the server as JavaScript sees it.

use std::time::SystemTime;

use napi_derive::napi;

use crate::server::CertificateFacts;

/// A certificate that a listener shows to its clients.
#[napi(object, object_from_js = false)]
pub struct NativeCertificate {
    /// The position of the listener in the options.
    pub listener: u32,
    /// The subject, as in `CN=localhost, O=Example`.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// The serial number in hexadecimal digits.
    pub serial_number: String,
    /// The alternative names of the subject: DNS names, addresses, URIs, and addresses of mail.
    pub names: Vec<String>,
    /// When it begins to be valid, in milliseconds since 1970.
    pub valid_from: f64,
    /// When it ceases to be valid, in milliseconds since 1970.
    pub valid_to: f64,
}

impl NativeCertificate {
    /// The certificate of the listener at this position.
    pub fn new(facts: &CertificateFacts, listener: u32) -> Self {
        Self {
            listener,
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial_number: facts.serial_number.clone(),
            names: facts.names.clone(),
            valid_from: milliseconds(facts.valid_from),
            valid_to: milliseconds(facts.valid_to),
        }
    }
}

fn milliseconds(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64() * 1e3,
        Err(before) => before.duration().as_secs_f64() * -1e3,
    }
}

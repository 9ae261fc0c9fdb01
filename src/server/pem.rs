//! PEM text from an option or a file, and the error that names its source.

use std::fmt;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// PEM text with the name of its source, an option or a file, for errors.
#[derive(Clone, Debug)]
pub struct Pem {
    /// `tls.cert`, for example.
    pub name: String,
    /// The text.
    pub text: Vec<u8>,
}

/// An error of the TLS configuration; names the option or file.
#[derive(Debug)]
pub struct TlsError(pub(super) String);

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

/// All certificates of a PEM text, at least one.
pub(super) fn certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(&pem.text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError(format!("{}: not PEM: {error}", pem.name)))?;
    if certificates.is_empty() {
        return Err(TlsError(format!("{}: has no certificate; expected -----BEGIN CERTIFICATE-----", pem.name)));
    }
    Ok(certificates)
}

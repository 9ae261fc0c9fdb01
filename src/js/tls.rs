//! The TLS options of a server as JavaScript gives them: files are read, defaults are settled.
#![allow(clippy::needless_pass_by_value, reason = "what napi makes of arguments is owned, used up or not")]

use std::time::Duration;

use napi_derive::napi;

use crate::server::{ClientCertificates, Pem, Tls, TlsError, TlsOptions};

const TLS12: u32 = 12;
const TLS13: u32 = 13;

/// PEM text, and the name that errors call it by.
#[napi(object, object_to_js = false)]
pub struct NativePem {
    /// An option, or the path of a file.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// Certificate, key and clients of a TLS server.
#[napi(object, object_to_js = false)]
pub struct NativeTlsOptions {
    /// The server's certificate, then those that lead to its root.
    pub cert: NativePem,
    /// The key of the first certificate.
    pub key: NativePem,
    /// What the certificates of clients must lead to. Without it any certificate will do.
    pub ca: Option<NativePem>,
    /// Whether clients are asked for a certificate.
    pub request_client_cert: bool,
    /// Whether they must show one.
    pub require_client_cert: bool,
    /// The oldest version spoken: 12 or 13.
    pub min_version: u32,
    /// The newest.
    pub max_version: u32,
    /// How long a client may take for its handshake, in milliseconds.
    pub handshake_timeout: u32,
}

impl NativeTlsOptions {
    /// Reads and checks everything.
    pub fn into_tls(self, allow_http1: bool) -> Result<Tls, TlsError> {
        let clients = match self.ca {
            _ if !self.request_client_cert => ClientCertificates::None,
            Some(ca) if self.require_client_cert => ClientCertificates::Required(ca.into()),
            Some(ca) => ClientCertificates::Requested(ca.into()),
            None => ClientCertificates::Unverified,
        };
        let options = TlsOptions {
            cert: self.cert.into(),
            key: self.key.into(),
            clients,
            tls12: self.min_version <= TLS12,
            tls13: self.max_version >= TLS13,
            handshake_timeout: Duration::from_millis(self.handshake_timeout.into()),
        };
        Tls::new(&options, allow_http1)
    }
}

impl From<NativePem> for Pem {
    fn from(NativePem { name, text }: NativePem) -> Self {
        Self { name, text: text.into_bytes() }
    }
}

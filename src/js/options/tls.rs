//! The TLS options of a server, as JavaScript gives them: it has read the files and filled in the defaults.

use std::path::PathBuf;
use std::time::Duration;

use napi_derive::napi;

use crate::js::crossing::layout::{TLS_1_2, TLS_1_3};
use crate::server::{ClientCertificates, Pem, Tls, TlsError, TlsOptions};

/// PEM text, and its name in errors.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativePem {
    /// The option, or the path of the file, that it comes from.
    pub name: String,
    /// The text.
    pub text: String,
    /// The path of the file that it was read from; null if there is none.
    pub path: Option<String>,
}

/// Certificate, key and clients of a TLS server.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeTlsOptions {
    /// The server's certificate, then those that lead to its root.
    pub cert: NativePem,
    /// The key of the first certificate.
    pub key: NativePem,
    /// Authorities that the certificates of clients must lead to; null accepts any certificate.
    pub ca: Option<Vec<NativePem>>,
    /// Whether clients are asked for a certificate.
    pub request_client_cert: bool,
    /// Whether they must show one.
    pub require_client_cert: bool,
    /// The oldest version: `TLS_1_2` or `TLS_1_3`.
    pub min_version: u32,
    /// The newest version: `TLS_1_2` or `TLS_1_3`.
    pub max_version: u32,
    /// The longest that a handshake may take, in milliseconds.
    pub handshake_timeout: u32,
    /// Whether the files are watched, and read again when they change.
    pub watch: bool,
}

impl NativeTlsOptions {
    /// Reads and checks everything.
    pub(super) fn into_tls(self, allow_http1: bool) -> Result<Tls, TlsError> {
        Tls::new(self.into_options(), allow_http1)
    }

    /// The options, not checked yet.
    pub(in crate::js) fn into_options(self) -> TlsOptions {
        let ca = self.ca.map(|ca| ca.into_iter().map(Pem::from).collect());
        let clients = match ca {
            _ if !self.request_client_cert => ClientCertificates::None,
            Some(ca) if self.require_client_cert => ClientCertificates::Required(ca),
            Some(ca) => ClientCertificates::Requested(ca),
            None => ClientCertificates::Unverified,
        };
        TlsOptions {
            cert: self.cert.into(),
            key: self.key.into(),
            clients,
            tls12: self.min_version <= TLS_1_2,
            tls13: self.max_version >= TLS_1_3,
            handshake_timeout: Duration::from_millis(self.handshake_timeout.into()),
            watch: self.watch,
        }
    }
}

impl From<NativePem> for Pem {
    fn from(NativePem { name, text, path }: NativePem) -> Self {
        Self { name, text: text.into_bytes(), path: path.map(PathBuf::from) }
    }
}

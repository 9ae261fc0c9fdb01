//! The TLS options of a server, as JavaScript gives them: it has read the files and filled in the defaults.

use std::path::PathBuf;
use std::time::Duration;

use napi_derive::napi;

use crate::js::crossing::layout::{TLS_1_2, TLS_1_3};
use crate::server::{ClientCertificates, IdentityOptions, Pem, Tls, TlsError, TlsOptions, Trusted};

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

/// A certificate of a TLS server.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeIdentity {
    /// The server's certificate, then those that lead to its root.
    pub cert: NativePem,
    /// The key of the first certificate.
    pub key: NativePem,
    /// What opens the key; null if it is not encrypted.
    pub passphrase: Option<String>,
    /// The names in SNI for which it is used; empty for those of the certificate.
    pub names: Vec<String>,
}

/// Certificates, keys and clients of a TLS server.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeTlsOptions {
    /// The server's certificates; the first is the default.
    pub identities: Vec<NativeIdentity>,
    /// Authorities that the certificates of clients must lead to; null accepts any certificate.
    pub ca: Option<Vec<NativePem>>,
    /// Lists of certificates of clients that are revoked.
    pub crls: Vec<NativePem>,
    /// Whether clients are asked for a certificate.
    pub request_client_cert: bool,
    /// Whether they must show one.
    pub require_client_cert: bool,
    /// The oldest version: `TLS_1_2` or `TLS_1_3`.
    pub min_version: u32,
    /// The newest version: `TLS_1_2` or `TLS_1_3`.
    pub max_version: u32,
    /// The cipher suites by OpenSSL's names, the preferred first; null for all.
    pub ciphers: Option<Vec<String>>,
    /// How long a session can be resumed, in seconds; 0 for not at all.
    pub session_timeout: u32,
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
        let pems = |pems: Vec<NativePem>| pems.into_iter().map(Pem::from).collect();
        let crls = pems(self.crls);
        let trusted = self.ca.map(|ca| Trusted { certificates: pems(ca), crls });
        let clients = match trusted {
            _ if !self.request_client_cert => ClientCertificates::None,
            Some(trusted) if self.require_client_cert => ClientCertificates::Required(trusted),
            Some(trusted) => ClientCertificates::Requested(trusted),
            None => ClientCertificates::Unverified,
        };
        TlsOptions {
            identities: self.identities.into_iter().map(IdentityOptions::from).collect(),
            clients,
            tls12: self.min_version <= TLS_1_2,
            tls13: self.max_version >= TLS_1_3,
            ciphers: self.ciphers,
            session_timeout: (self.session_timeout > 0).then(|| Duration::from_secs(self.session_timeout.into())),
            handshake_timeout: Duration::from_millis(self.handshake_timeout.into()),
            watch: self.watch,
        }
    }
}

impl From<NativeIdentity> for IdentityOptions {
    fn from(NativeIdentity { cert, key, passphrase, names }: NativeIdentity) -> Self {
        Self { cert: cert.into(), key: key.into(), passphrase, names }
    }
}

impl From<NativePem> for Pem {
    fn from(NativePem { name, text, path }: NativePem) -> Self {
        Self { name, text: text.into_bytes(), path: path.map(PathBuf::from) }
    }
}

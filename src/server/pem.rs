//! PEM text from an option or a file, and the error that names its source.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};

/// A larger file is not read again: nobody has so many certificates.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Editors of Windows write it in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// PEM text with the name of its source, an option or a file, for errors. Equal if the text is.
#[derive(Clone)]
pub struct Pem {
    /// `tls.cert`, for example.
    pub name: String,
    /// The text.
    pub text: Vec<u8>,
    /// The file that it was read from, if it can be read again.
    pub path: Option<PathBuf>,
}

impl Pem {
    /// The same source as it is now: its file is read again.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        let Some(path) = &self.path else {
            return Ok(self.clone());
        };
        let read = || {
            let metadata = fs::metadata(path)?;
            // Reading a pipe would wait for its writer.
            if !metadata.is_file() {
                return Err(io::Error::other("it is not a regular file"));
            }
            if metadata.len() > MAX_FILE_BYTES {
                return Err(io::Error::other("it has more than 16 MiB"));
            }
            fs::read(path)
        };
        let bytes = read().map_err(|error| TlsError::of_file(self, &error))?;
        // As JavaScript has read it: only comments can have more than ASCII, and those must not look like a change.
        let text: String =
            bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes).iter().copied().map(char::from).collect();
        Ok(Self { text: text.into_bytes(), ..self.clone() })
    }
}

impl PartialEq for Pem {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pem {
    /// Without the text: it may be a key.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pem").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is wrong with the TLS configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// There is no PEM block of the kind that is needed, or it is malformed.
    Pem,
    /// A certificate is not X.509, or cannot be trusted.
    Certificate,
    /// A certificate has expired.
    Expired,
    /// A certificate is not valid yet.
    NotYetValid,
    /// The key is encrypted.
    KeyEncrypted,
    /// The key is of no supported kind.
    Key,
    /// The key is that of another certificate.
    KeyMismatch,
    /// The options cannot be combined.
    Options,
    /// A file cannot be read again.
    File(io::ErrorKind),
}

impl TlsFault {
    /// The `code` of the error in JavaScript. OpenSSL's name where Node documents one.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pem => "ERR_TLS_INVALID_PEM",
            Self::Certificate => "ERR_TLS_INVALID_CERTIFICATE",
            Self::Expired => "CERT_HAS_EXPIRED",
            Self::NotYetValid => "CERT_NOT_YET_VALID",
            Self::KeyEncrypted => "ERR_TLS_KEY_ENCRYPTED",
            Self::Key => "ERR_TLS_INVALID_KEY",
            Self::KeyMismatch => "ERR_TLS_KEY_MISMATCH",
            Self::Options => "ERR_TLS_INVALID_OPTIONS",
            Self::File(io::ErrorKind::NotFound) => "ENOENT",
            Self::File(io::ErrorKind::PermissionDenied) => "EACCES",
            Self::File(io::ErrorKind::NotADirectory) => "ENOTDIR",
            Self::File(_) => "EIO",
        }
    }
}

/// An error of the TLS configuration; names the option or file.
#[derive(Debug)]
pub struct TlsError {
    /// What is wrong.
    pub fault: TlsFault,
    text: String,
}

impl TlsError {
    /// Whether a certificate has expired.
    pub(super) const fn is_expiry(&self) -> bool {
        matches!(self.fault, TlsFault::Expired)
    }

    pub(crate) const fn new(fault: TlsFault, text: String) -> Self {
        Self { fault, text }
    }

    fn of_file(pem: &Pem, error: &io::Error) -> Self {
        let path = pem.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        // The name has the path, unless it is of an option alone.
        let file = if pem.name.contains(&path) { pem.name.clone() } else { format!("{} ({path})", pem.name) };
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        Self::new(TlsFault::File(error.kind()), format!("{file}: cannot be read: {reason}"))
    }

    /// The error for PEM text that cannot be read, in words for whoever made the file. Never shows any of the text: it
    /// may be a key.
    pub(super) fn of_pem(pem: &Pem, label: &str, error: &pem::Error) -> Self {
        let is_joined = pem.text.windows(8).any(|window| window == b"-----END");
        let has_escapes = pem.text.windows(2).any(|window| window == b"\\n");
        let text = match error {
            pem::Error::NoItemsFound => format!("has no -----BEGIN {label}-----"),
            pem::Error::MissingSectionEnd { .. } if is_joined => {
                format!("has no line of its own for -----END {label}-----: were newlines lost, in a variable?")
            }
            pem::Error::MissingSectionEnd { .. } => format!("is cut off: there is no -----END {label}-----"),
            pem::Error::IllegalSectionStart { .. } if has_escapes => {
                "has \\n instead of line breaks: are they escaped, in a variable?".to_owned()
            }
            pem::Error::IllegalSectionStart { .. } => {
                "has a line with -----BEGIN that does not end with -----".to_owned()
            }
            pem::Error::Base64Decode(_) => "has a block that is not Base64".to_owned(),
            _ => "is not PEM (RFC 7468)".to_owned(),
        };
        Self::new(TlsFault::Pem, format!("{}: {text}", pem.name))
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for TlsError {}

/// All certificates of a PEM text, at least one.
pub(super) fn certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(&pem.text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::of_pem(pem, "CERTIFICATE", &error))?;
    if certificates.is_empty() {
        return Err(TlsError::of_pem(pem, "CERTIFICATE", &pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

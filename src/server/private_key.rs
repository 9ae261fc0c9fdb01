//! The private key of a certificate: PKCS#1, PKCS#8 or SEC1 in PEM, or PKCS#8 with a passphrase.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::pem::{Pem, TlsError, TlsFault};

const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// The line of an encrypted key of the older kind (RFC 1421).
const OLDER: &str = "Proc-Type: 4,ENCRYPTED";

/// The key of a PEM text. A passphrase has no effect on a key that is not encrypted, as in Node.
pub fn private_key(pem: &Pem, passphrase: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = String::from_utf8_lossy(&pem.text);
    let encrypted = |text: String| TlsError::new(TlsFault::KeyEncrypted, format!("{}: {text}", pem.name));
    if text.contains(OLDER) {
        let right = "encrypt it anew (openssl pkcs8 -topk8 -in encrypted.key -out server.key), or give it decrypted";
        return Err(encrypted(format!("the private key is encrypted in the older way (RFC 1421); {right}")));
    }
    let Some((_, block)) = text.split_once(BEGIN) else {
        return PrivateKeyDer::from_pem_slice(&pem.text).map_err(|error| TlsError::of_pem(pem, "PRIVATE KEY", &error));
    };
    let Some(passphrase) = passphrase else {
        let right = "set its passphrase, or give it decrypted (openssl pkey -in encrypted.key -out server.key)";
        return Err(encrypted(format!("the private key is encrypted; {right}")));
    };
    let malformed =
        || TlsError::new(TlsFault::Pem, format!("{}: the encrypted private key is cut off or malformed", pem.name));
    let (block, _) = block.split_once(END).ok_or_else(malformed)?;
    let base64: String = block.split_whitespace().collect();
    let der = STANDARD.decode(base64).map_err(|_| malformed())?;
    let right = "PBES2 is (openssl pkcs8 -topk8 -in encrypted.key -out server.key)";
    let unsupported = || encrypted(format!("the private key is encrypted in a way that is not supported; {right}"));
    let info = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| unsupported())?;
    if info.encryption_algorithm.pbes2().is_none() {
        return Err(unsupported());
    }
    let key =
        info.decrypt(passphrase).map_err(|_| encrypted("the passphrase does not open the private key".to_owned()))?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

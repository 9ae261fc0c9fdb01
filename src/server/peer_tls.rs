//! What a TLS handshake tells about the client.

use rustls::{ProtocolVersion, ServerConnection};

use crate::call::PeerTls;

/// The facts of a connection whose handshake is done. Its client's certificate counts if `verifies_clients`.
pub fn peer_tls(connection: &ServerConnection, verifies_clients: bool) -> PeerTls {
    let certificate = connection.peer_certificates().and_then(|chain| chain.first()).filter(|_| verifies_clients);
    let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    PeerTls {
        version: match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "TLSv1.3",
        },
        // rustls names the suites of TLS 1.3 otherwise than IANA (RFC 8446 appendix B.4).
        cipher: cipher.replacen("TLS13_", "TLS_", 1),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        server_name: connection.server_name().map(str::to_owned),
        certificate: certificate.map(|certificate| certificate.to_vec()),
    }
}

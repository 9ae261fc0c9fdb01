//! One connection: TLS, the start of HTTP/2, and the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Failure;
use super::tickets::Tickets;

/// The most that a connection may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The client's start, RFC 9113, 3.4, with SETTINGS that have no entry.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const SETTINGS_ACK: &[u8] = b"\0\0\0\x04\x01\0\0\0\0";
const HEAD: usize = 9;

/// A connection that was opened and closed.
pub struct Completed {
    pub kind: HandshakeKind,
    /// Version, cipher suite and group.
    pub negotiated: String,
    /// From the TCP connection to the acknowledgement of SETTINGS.
    pub took: Duration,
}

/// A client of a server on 127.0.0.1, with tickets of its own.
pub struct Client {
    port: u16,
    name: ServerName<'static>,
    connector: TlsConnector,
    tickets: Arc<Tickets>,
}

impl Client {
    /// One that offers one cipher suite for each version and kind of key, and one group, so that all servers do the
    /// same work.
    pub fn new(port: u16, version: &str) -> Result<Self, Failure> {
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites = vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ];
        // The second is that of the certificate: TLS 1.2 has one list for both.
        provider.kx_groups = vec![kx_group::X25519, kx_group::SECP256R1];
        let version = match version {
            "1.2" => &TLS12,
            "1.3" => &TLS13,
            other => return Err(format!("{other} is neither 1.2 nor 1.3").into()),
        };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file("__test__/certificates/ca.crt")?)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[version])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let tickets = Arc::new(Tickets::default());
        config.resumption = Resumption::store(Arc::clone(&tickets) as _);
        let name = ServerName::try_from("localhost")?;
        Ok(Self { port, name, connector: TlsConnector::from(Arc::new(config)), tickets })
    }

    /// Collects tickets for so many handshakes, which then are resumed.
    pub async fn collect_tickets(&self, handshakes: usize) -> Result<(), Failure> {
        let mut has = 0;
        while has < handshakes {
            self.open().await?;
            let before = std::mem::replace(&mut has, self.tickets.handshakes(&self.name));
            if has == before {
                return Err("the server sent no ticket".into());
            }
        }
        self.tickets.use_them();
        Ok(())
    }

    /// Opens a connection, waits until the server has acknowledged our SETTINGS, and closes it.
    pub async fn open(&self) -> Result<Completed, Failure> {
        tokio::time::timeout(LIMIT, self.exchange())
            .await
            .map_err(|_| format!("a connection was not over after {} s", LIMIT.as_secs()))?
    }

    async fn exchange(&self) -> Result<Completed, Failure> {
        let began = Instant::now();
        let socket = TcpStream::connect(("127.0.0.1", self.port)).await?;
        socket.set_nodelay(true)?;
        let mut stream = self.connector.connect(self.name.clone(), socket).await?;
        stream.write_all(PREFACE).await?;
        stream.flush().await?;
        let mut frames = Vec::with_capacity(256);
        while !has_acknowledged(&frames) {
            if stream.read_buf(&mut frames).await? == 0 {
                return Err("the server closed the connection before it acknowledged SETTINGS".into());
            }
        }
        let took = began.elapsed();
        let (_, connection) = stream.get_ref();
        let (Some(kind), Some(version), Some(suite)) =
            (connection.handshake_kind(), connection.protocol_version(), connection.negotiated_cipher_suite())
        else {
            return Err("the handshake is not over".into());
        };
        if connection.alpn_protocol() != Some(b"h2") {
            return Err("the server did not choose h2".into());
        }
        // In TLS 1.2 a resumed handshake has no group.
        let group = connection.negotiated_key_exchange_group().map(|group| format!(", {:?}", group.name()));
        let negotiated = format!("{version:?}, {:?}{}", suite.suite(), group.unwrap_or_default());
        stream.write_all(SETTINGS_ACK).await?;
        stream.shutdown().await?;
        // Whatever is left, then the server's end.
        while stream.read_buf(&mut frames).await? > 0 {}
        Ok(Completed { kind, negotiated, took })
    }
}

/// Whether the acknowledgement of our SETTINGS (RFC 9113, 6.5) is among these frames.
fn has_acknowledged(mut frames: &[u8]) -> bool {
    while let Some((head, rest)) = frames.split_at_checked(HEAD) {
        if head == SETTINGS_ACK {
            return true;
        }
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        frames = rest.get(length..).unwrap_or_default();
    }
    false
}

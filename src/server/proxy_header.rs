//! The PROXY protocol, versions 1 and 2: a proxy that passes on bytes tells the address of its client in front of them
//! (`proxy-protocol.txt` of `HAProxy`).

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use ppp::{v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::call::Ends;

/// The longest header of version 1, with its line end (section 2.1).
const MAX_V1_BYTES: usize = 107;
/// The longest of version 2 that is read. Addresses of IP take 52 bytes; what proxies add is a few hundred.
const MAX_V2_BYTES: usize = 4096;
/// The part of version 2 that has the length of the rest.
const V2_FIXED_BYTES: usize = 16;
/// The position of version and command.
const V2_COMMAND: usize = 12;
/// Version 2, command LOCAL.
const V2_LOCAL: u8 = 0x20;
const V1_PREFIX: &[u8] = b"PROXY ";
/// Whatever stands behind it is to be ignored.
const V1_UNKNOWN: &[u8] = b"PROXY UNKNOWN";

/// Why a connection has no usable header.
#[derive(Debug, PartialEq, Eq)]
pub enum BadHeader {
    /// Its client has closed it without a byte, as probes do.
    Silent,
    /// What is wrong, for the log.
    Wrong(String),
}

/// The header of a connection, and the bytes behind it that were read too.
#[derive(Debug)]
pub struct ProxyHeader {
    /// Both ends as it tells them; `None` if it does not: the connection is the proxy's own, or of another kind.
    pub ends: Option<Ends>,
    /// To be read before the rest.
    pub rest: Bytes,
}

/// Reads the header with which a connection must begin.
///
/// # Errors
///
/// If it does not begin with one, or ends in it.
pub async fn read_proxy_header<S: AsyncRead + Unpin>(stream: &mut S) -> Result<ProxyHeader, BadHeader> {
    let mut read = Vec::with_capacity(MAX_V1_BYTES.next_power_of_two());
    loop {
        match stream.read_buf(&mut read).await {
            Ok(0) if read.is_empty() => return Err(BadHeader::Silent),
            Err(error) if read.is_empty() && error.kind() == io::ErrorKind::ConnectionReset => {
                return Err(BadHeader::Silent);
            }
            Ok(0) => return Err(wrong("ended in its PROXY header")),
            Err(error) => return Err(wrong(&format!("failed in its PROXY header: {error}"))),
            Ok(_) => {}
        }
        if let Some(length) = length(&read)? {
            let ends = parse(&read[..length])?;
            return Ok(ProxyHeader { ends, rest: Bytes::from(read).slice(length..) });
        }
    }
}

/// The length of the header; `None` until it has arrived. The crate parses complete headers: of a part it does not
/// always know that it is one.
fn length(read: &[u8]) -> Result<Option<usize>, BadHeader> {
    if begins(read, v2::PROTOCOL_PREFIX) {
        let Some(length) = read.get(V2_FIXED_BYTES - 2..V2_FIXED_BYTES) else {
            return Ok(None);
        };
        let length = V2_FIXED_BYTES + usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length > MAX_V2_BYTES {
            return Err(wrong(&format!("has a PROXY header of {length} bytes, more than {MAX_V2_BYTES}")));
        }
        return Ok((read.len() >= length).then_some(length));
    }
    if !begins(read, V1_PREFIX) {
        return Err(wrong("did not begin with a PROXY header"));
    }
    let line = &read[..read.len().min(MAX_V1_BYTES)];
    match line.windows(2).position(|end| end == b"\r\n") {
        Some(end) => Ok(Some(end + 2)),
        None if read.len() >= MAX_V1_BYTES => {
            Err(wrong(&format!("has a PROXY header without an end within {MAX_V1_BYTES} bytes")))
        }
        None => Ok(None),
    }
}

/// Whether what was read is the beginning of `prefix`, or begins with it.
fn begins(read: &[u8], prefix: &[u8]) -> bool {
    let length = read.len().min(prefix.len());
    read[..length] == prefix[..length]
}

fn parse(header: &[u8]) -> Result<Option<Ends>, BadHeader> {
    if header.starts_with(V1_PREFIX) {
        // The crate reads numbers as Rust does, which allows a sign.
        if !header.starts_with(V1_UNKNOWN) && header.contains(&b'+') {
            return Err(wrong("has a malformed PROXY header: a port has a sign"));
        }
        let header = v1::Header::try_from(header).map_err(|error| malformed(&error))?;
        return Ok(match header.addresses {
            v1::Addresses::Tcp4(ends) => Some(ends_of(
                (ends.source_address, ends.source_port),
                (ends.destination_address, ends.destination_port),
            )),
            v1::Addresses::Tcp6(ends) => Some(ends_of(
                (ends.source_address, ends.source_port),
                (ends.destination_address, ends.destination_port),
            )),
            v1::Addresses::Unknown => None,
        });
    }
    if header.get(V2_COMMAND).is_some_and(|byte| *byte == V2_LOCAL) {
        // Section 2.2: whatever stands behind the command of a proxy's own connection is to be ignored.
        return Ok(None);
    }
    let header = v2::Header::try_from(header).map_err(|error| malformed(&error))?;
    if header.command == v2::Command::Local || header.protocol != v2::Protocol::Stream {
        return Ok(None);
    }
    Ok(match header.addresses {
        v2::Addresses::IPv4(ends) => {
            Some(ends_of((ends.source_address, ends.source_port), (ends.destination_address, ends.destination_port)))
        }
        v2::Addresses::IPv6(ends) => {
            Some(ends_of((ends.source_address, ends.source_port), (ends.destination_address, ends.destination_port)))
        }
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => None,
    })
}

fn ends_of(remote: impl Into<SocketAddr>, local: impl Into<SocketAddr>) -> Ends {
    Ends::Tcp { remote: remote.into(), local: local.into() }
}

fn malformed(error: &dyn std::error::Error) -> BadHeader {
    // It may quote what the client has sent, line ends too.
    wrong(&format!("has a malformed PROXY header: {}", error.to_string().escape_debug()))
}

fn wrong(text: &str) -> BadHeader {
    BadHeader::Wrong(text.to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    const BEHIND: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    /// A header of version 2.
    fn v2(command: u8, kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("a length").to_be_bytes();
        [v2::PROTOCOL_PREFIX, &[0x20 | command, kind], &length, body].concat()
    }

    async fn read_in_pieces(bytes: &[u8], piece: usize) -> Result<(Option<Ends>, Vec<u8>), BadHeader> {
        let (mut client, mut server) = tokio::io::duplex(16 * 1024);
        let sent = bytes.to_vec();
        let sending = tokio::spawn(async move {
            for chunk in sent.chunks(piece) {
                // The server may have seen enough.
                if client.write_all(chunk).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        let header = read_proxy_header(&mut server).await?;
        let mut all = header.rest.to_vec();
        server.read_to_end(&mut all).await.expect("reads");
        sending.await.expect("sent");
        Ok((header.ends, all))
    }

    fn told(remote: &str, local: &str) -> Ends {
        Ends::Tcp { remote: remote.parse().expect("an address"), local: local.parse().expect("an address") }
    }

    #[test]
    fn whatever_stands_behind_local_is_ignored() {
        for family in [0x00, 0x11, 0x41, 0x03, 0xff] {
            for rest in [&[][..], &[1, 2, 3]] {
                let length = u8::try_from(rest.len()).expect("short");
                let header = [v2::PROTOCOL_PREFIX, &[V2_LOCAL, family, 0, length], rest].concat();
                assert_eq!(parse(&header), Ok(None), "{family:#x}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_lost_however_a_header_comes() {
        let v6 = [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]; 2].concat();
        let ports = [0x10, 0x92, 0x01, 0xbb];
        let cases = [
            (b"PROXY TCP4 192.0.2.9 10.0.0.1 4242 443\r\n".to_vec(), Some(told("192.0.2.9:4242", "10.0.0.1:443"))),
            (
                b"PROXY TCP6 2001:db8::9 2001:db8::1 4242 443\r\n".to_vec(),
                Some(told("[2001:db8::9]:4242", "[2001:db8::1]:443")),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::1 65535 65535\r\n".to_vec(), None),
            (
                v2(1, 0x11, &[&[192, 0, 2, 9, 10, 0, 0, 1][..], &ports].concat()),
                Some(told("192.0.2.9:4242", "10.0.0.1:443")),
            ),
            (v2(1, 0x21, &[&v6[..], &ports].concat()), Some(told("[2001:db8::9]:4242", "[2001:db8::9]:443"))),
            // With TLVs behind the addresses.
            (
                v2(1, 0x11, &[&[192, 0, 2, 9, 10, 0, 0, 1][..], &ports, &[0xea, 0, 2, 1, 2]].concat()),
                Some(told("192.0.2.9:4242", "10.0.0.1:443")),
            ),
            (v2(0, 0x00, &[]), None),
            (v2(0, 0x11, &[&[192, 0, 2, 9, 10, 0, 0, 1][..], &ports].concat()), None),
            (v2(1, 0x00, &[]), None),
            (v2(1, 0x12, &[&[192, 0, 2, 9, 10, 0, 0, 1][..], &ports].concat()), None),
            (v2(1, 0x31, &[7; 216]), None),
        ];
        for (header, expected) in cases {
            let bytes = [&header, BEHIND].concat();
            for piece in [1, 2, 5, 16, 4096] {
                let read = read_in_pieces(&bytes, piece).await;
                assert_eq!(read, Ok((expected.clone(), BEHIND.to_vec())), "{header:?} in pieces of {piece}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused_as_soon_as_that_shows() {
        let cases: [(Vec<u8>, &str); 15] = [
            (BEHIND.to_vec(), "did not begin"),
            (b"PROXI".to_vec(), "did not begin"),
            (vec![0x16, 3, 1], "did not begin"),
            (b"PROXY TCP4 192.0.2.9".to_vec(), "ended in"),
            (b"PROXY TCP4 192.0.2.9 10.0.0.1 4242\r\n".to_vec(), "malformed"),
            (b"PROXY TCP4 192.0.2.999 10.0.0.1 4242 443\r\n".to_vec(), "malformed"),
            (b"PROXY TCP4 192.0.2.9 10.0.0.1 4242 99999\r\n".to_vec(), "malformed"),
            (b"PROXY TCP4 192.0.2.9 10.0.0.1 +42 443\r\n".to_vec(), "malformed"),
            (b"PROXY TCP6 2001:db8::9 2001:db8::1 42 +443\r\n".to_vec(), "malformed"),
            (b"PROXY TCP6 192.0.2.9 10.0.0.1 4242 443\r\n".to_vec(), "malformed"),
            (b"PROXY \xff\xff\r\n".to_vec(), "malformed"),
            ([b"PROXY UNKNOWN ", &[b'x'; 107][..]].concat(), "without an end within 107 bytes"),
            (v2(1, 0x11, &[1, 2, 3]), "malformed"),
            (v2(7, 0x11, &[0; 12]), "malformed"),
            (v2(1, 0x11, &[0; 5000]), "of 5016 bytes, more than 4096"),
        ];
        for (bytes, expected) in cases {
            for piece in [1, 7, 8192] {
                match read_in_pieces(&bytes, piece).await {
                    Err(BadHeader::Wrong(text)) => assert!(text.contains(expected), "{bytes:?}: {text}"),
                    other => panic!("{bytes:?}: {other:?}"),
                }
            }
        }
        assert_eq!(read_in_pieces(b"", 1).await, Err(BadHeader::Silent));
    }
}

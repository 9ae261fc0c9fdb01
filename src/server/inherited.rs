//! A listening socket that another process has opened, known by its descriptor.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, FromRawFd as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;

use socket2::{SockAddr, SockRef, Socket, Type};

use super::descriptor_claim::DescriptorClaim;
use super::listen_address::ListenAddress;

/// An inherited socket, which is ours from now on.
#[derive(Debug)]
pub struct Inherited {
    /// The socket: non-blocking, and closed in programs that this process starts.
    pub socket: Socket,
    /// Where it listens.
    pub address: ListenAddress,
    /// Its descriptor is taken.
    pub claim: DescriptorClaim,
}

/// Why a descriptor cannot be used. It is left as it was.
#[derive(Debug)]
pub struct Unusable {
    /// What it is instead of a listening socket.
    pub what: String,
    /// The error that the operating system has for that.
    pub source: io::Error,
}

impl Unusable {
    fn new(what: impl Into<String>, errno: i32) -> Self {
        Self { what: what.into(), source: io::Error::from_raw_os_error(errno) }
    }
}

/// Takes the descriptor of a listening TCP or Unix socket: it is closed with the socket that is returned. Nothing else
/// in the process may own it.
///
/// # Errors
///
/// Unless it is such a socket, and belongs to no listener of this process.
#[expect(unsafe_code, reason = "a descriptor that was passed to the process is only a number")]
pub fn adopt(fd: i32) -> Result<Inherited, Unusable> {
    // SAFETY: F_GETFD takes any number, and says whether it is an open descriptor.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
        return Err(Unusable::new("not open", libc::EBADF));
    }
    let Some(claim) = DescriptorClaim::of_inherited(fd) else {
        return Err(Unusable::new("used by a listener of this process already", libc::EADDRINUSE));
    };
    // SAFETY: it is open, and belongs to whoever has passed it on, who does not close it while this runs.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let address = check(borrowed)?;
    // SAFETY: it is open, and the caller gives it away; the claim has no other listener take it.
    let socket = unsafe { Socket::from_raw_fd(fd) };
    let prepared = socket.set_cloexec(true).and_then(|()| socket.set_nonblocking(true));
    prepared.map_err(|source| Unusable { what: "a socket that cannot be configured".into(), source })?;
    Ok(Inherited { socket, address, claim })
}

/// The address of a listening TCP or Unix socket.
fn check(fd: BorrowedFd<'_>) -> Result<ListenAddress, Unusable> {
    let socket = SockRef::from(&fd);
    let Ok(kind) = socket.r#type() else {
        return Err(Unusable::new(kind_of_file(fd), libc::ENOTSOCK));
    };
    if kind != Type::STREAM {
        let what = if kind == Type::DGRAM { "a datagram socket" } else { "no stream socket" };
        return Err(Unusable::new(what, libc::EINVAL));
    }
    if !is_listening(&socket) {
        return Err(Unusable::new("a stream socket that does not listen", libc::EINVAL));
    }
    let address = socket.local_addr().ok().and_then(|address| listen_address(&address));
    address.ok_or_else(|| Unusable::new("a listening socket of another kind", libc::EAFNOSUPPORT))
}

/// Whether `listen()` was called on the socket.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn is_listening(socket: &SockRef<'_>) -> bool {
    socket.is_listener().unwrap_or(false)
}

/// Other systems do not tell. At least it is not connected.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn is_listening(socket: &SockRef<'_>) -> bool {
    socket.peer_addr().is_err()
}

fn listen_address(address: &SockAddr) -> Option<ListenAddress> {
    if let Some(address) = address.as_socket() {
        return Some(ListenAddress::Tcp(address));
    }
    if let Some(path) = address.as_pathname() {
        return Some(ListenAddress::Unix(path.into()));
    }
    abstract_name(address).map(|name| ListenAddress::Unix(PathBuf::from(name)))
}

/// The name of an abstract Unix socket, as systemd and ss(8) show it.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_name(address: &SockAddr) -> Option<String> {
    address.as_abstract_namespace().map(|name| format!("@{}", String::from_utf8_lossy(name)))
}

/// Other systems have none.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_name(_: &SockAddr) -> Option<String> {
    None
}

/// What a descriptor is that is no socket.
fn kind_of_file(fd: BorrowedFd<'_>) -> &'static str {
    let metadata = fd.try_clone_to_owned().and_then(|copy| File::from(copy).metadata());
    match metadata.map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_fifo() => "a pipe",
        Ok(kind) if kind.is_file() => "a file",
        Ok(kind) if kind.is_dir() => "a directory",
        Ok(kind) if kind.is_char_device() => "a character device, as a terminal is",
        Ok(kind) if kind.is_block_device() => "a block device",
        Ok(_) | Err(_) => "no socket",
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::os::unix::net::{UnixDatagram, UnixListener};

    use super::*;

    #[test]
    fn what_cannot_accept_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let connected = TcpStream::connect(listener.local_addr().expect("an address")).expect("connects");
        let unbound = Socket::new(socket2::Domain::IPV4, Type::STREAM, None).expect("a socket");
        let (pipe, _) = std::io::pipe().expect("a pipe");
        let file = |path| OwnedFd::from(File::open(path).expect("a file"));
        let cases: [(OwnedFd, &str, i32); 8] = [
            (UdpSocket::bind("127.0.0.1:0").expect("a port").into(), "a datagram socket", libc::EINVAL),
            (UnixDatagram::unbound().expect("a socket").into(), "a datagram socket", libc::EINVAL),
            (connected.into(), "a stream socket that does not listen", libc::EINVAL),
            (unbound.into(), "a stream socket that does not listen", libc::EINVAL),
            (pipe.into(), "a pipe", libc::ENOTSOCK),
            (file("/dev/null"), "a character device, as a terminal is", libc::ENOTSOCK),
            (file("/"), "a directory", libc::ENOTSOCK),
            (file("/etc/passwd"), "a file", libc::ENOTSOCK),
        ];
        for (fd, expected, errno) in cases {
            let Err(Unusable { what, source }) = adopt(fd.as_raw_fd()) else { panic!("{expected} was taken") };
            assert_eq!((what.as_str(), source.raw_os_error()), (expected, Some(errno)));
        }
        let Err(Unusable { what, .. }) = adopt(i32::MAX) else { panic!("nothing was taken") };
        assert_eq!(what, "not open");
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn an_abstract_socket_has_a_name() {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::net::SocketAddr;

        let name = format!("connectum-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let fd = std::os::fd::IntoRawFd::into_raw_fd(UnixListener::bind_addr(&address).expect("binds"));
        let inherited = adopt(fd).map_err(|unusable| unusable.what).expect("it listens");
        assert_eq!(inherited.address, ListenAddress::Unix(format!("@{name}").into()));
    }
}

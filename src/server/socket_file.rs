//! The file of a Unix socket: binding makes it, and replaces one whose server is gone; it is removed at the end.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

/// Attempts to lock a directory, and the pause between them. Other servers keep it for less than a millisecond.
const LOCK_ATTEMPTS: usize = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// The file of a socket that this server has bound. Removed when dropped, unless another one is there by then.
#[derive(Debug)]
pub struct SocketFile {
    /// Absolute, as the process may change its directory.
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self { path: absolute(path)?, device: metadata.dev(), inode: metadata.ino() })
    }

    /// Whether the file at the path is still the one that was bound.
    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path)
            .is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == (self.device, self.inode))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_there() {
            // An error leaves a stale file, which the next server replaces.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A socket that listens at `path`, and its file.
///
/// A file that is no socket is never replaced, nor a socket of a server that runs.
///
/// # Errors
///
/// `AddrInUse` for these. Whatever the operating system has against the path.
pub fn bind(path: &Path, backlog: i32) -> io::Result<(SocketFile, Socket)> {
    // Between bind() and listen() the socket of another server would be taken for a stale one.
    let _lock = lock_directory(path);
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.bind(&address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path, &address) => {
            fs::remove_file(path)?;
            socket.bind(&address)?;
        }
        bound => bound?,
    }
    let file = SocketFile::of(path)?;
    socket.listen(backlog)?;
    Ok((file, socket))
}

/// Whether the file is a socket on which nobody listens.
fn is_stale(path: &Path, address: &SockAddr) -> bool {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket()) {
        return false;
    }
    let connected = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Otherwise it would wait for a server whose queue is full.
        socket.set_nonblocking(true)?;
        socket.connect(address)
    };
    connected().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Has other servers wait that are about to bind a socket in the same directory, until the file that is returned is
/// closed. `None` where that is not possible: nobody is protected from them then.
#[expect(unsafe_code, reason = "the operating system's interface is C")]
fn lock_directory(path: &Path) -> Option<File> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A pipe of that name would have the process wait for its other end.
    let flags = libc::O_DIRECTORY | libc::O_NONBLOCK;
    let file = File::options().read(true).custom_flags(flags).open(directory).ok()?;
    for _ in 0..LOCK_ATTEMPTS {
        // SAFETY: the descriptor is open as long as `file` lives; flock takes numbers only.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Some(file);
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::WouldBlock {
            return None;
        }
        // JavaScript waits for this, so it must end whatever others do with the directory.
        std::thread::sleep(LOCK_PAUSE);
    }
    None
}

//! A failure to listen as Node reports it.

use std::io;

use napi::Env;
use napi::bindgen_prelude::*;

use crate::server::ListenError;

/// libuv's numbers for failed name lookups; the only ones that are not the system's own.
const UV_EAI_NONAME: i32 = -3008;

/// Names and texts of the errors that bind and listen have, as libuv words them.
const NAMES: [(i32, &str, &str); 20] = [
    (libc::ENOENT, "ENOENT", "no such file or directory"),
    (libc::ENOTDIR, "ENOTDIR", "not a directory"),
    (libc::ELOOP, "ELOOP", "too many symbolic links encountered"),
    (libc::ENAMETOOLONG, "ENAMETOOLONG", "name too long"),
    (libc::EROFS, "EROFS", "read-only file system"),
    (libc::ENOSPC, "ENOSPC", "no space left on device"),
    (libc::EBADF, "EBADF", "bad file descriptor"),
    (libc::ENOTSOCK, "ENOTSOCK", "socket operation on non-socket"),
    (libc::EACCES, "EACCES", "permission denied"),
    (libc::EPERM, "EPERM", "operation not permitted"),
    (libc::EADDRINUSE, "EADDRINUSE", "address already in use"),
    (libc::EADDRNOTAVAIL, "EADDRNOTAVAIL", "address not available"),
    (libc::EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported"),
    (libc::EINVAL, "EINVAL", "invalid argument"),
    (libc::EMFILE, "EMFILE", "too many open files"),
    (libc::ENFILE, "ENFILE", "file table overflow"),
    (libc::ENOBUFS, "ENOBUFS", "no buffer space available"),
    (libc::ENOMEM, "ENOMEM", "not enough memory"),
    (libc::EAGAIN, "EAGAIN", "resource temporarily unavailable"),
    (libc::ENOTSUP, "ENOTSUP", "operation not supported on socket"),
];

/// An `Error` with `code`, `errno` and `syscall`, and what cannot be listened on: `address` and `port`, `hostname`,
/// `address` and `path` of a Unix socket, or `fd`.
pub fn listen_error(env: &Env, failure: &ListenError) -> Error {
    build(env, failure).unwrap_or_else(|error| error)
}

fn build(env: &Env, failure: &ListenError) -> Result<Error> {
    match failure {
        ListenError::Lookup { host, .. } => {
            let mut error = made(env, format!("getaddrinfo ENOTFOUND {host}"))?;
            error.set("code", "ENOTFOUND")?;
            error.set("errno", UV_EAI_NONAME)?;
            error.set("syscall", "getaddrinfo")?;
            error.set("hostname", host.as_str())?;
            Ok(Error::from(error.to_unknown()))
        }
        // Of any port, 0, Node does not speak.
        ListenError::Tcp { host, port: 0, source } => {
            let mut error = of_system(env, source, |told| format!("{told} {host}"))?;
            error.set("address", host.as_str())?;
            Ok(Error::from(error.to_unknown()))
        }
        ListenError::Tcp { host, port, source } => {
            let mut error = of_system(env, source, |told| format!("{told} {host}:{port}"))?;
            error.set("address", host.as_str())?;
            error.set("port", *port)?;
            Ok(Error::from(error.to_unknown()))
        }
        ListenError::Unix { path, source } => {
            let path = path.display().to_string();
            let mut error = of_system(env, source, |told| format!("{told} {path}"))?;
            error.set("address", path.as_str())?;
            error.set("path", path.as_str())?;
            Ok(Error::from(error.to_unknown()))
        }
        ListenError::Inherited { name, fd, what, source } => {
            let right = "must be a listening TCP or Unix socket";
            let mut error = of_system(env, source, |_| format!("createServer: {name} {right}: {fd} is {what}"))?;
            error.set("fd", *fd)?;
            Ok(Error::from(error.to_unknown()))
        }
        ListenError::Threads(source) => Ok(Error::from(of_system(env, source, str::to_owned)?.to_unknown())),
    }
}

fn made(env: &Env, text: String) -> Result<Object<'_>> {
    env.create_error(Error::new(Status::GenericFailure, text))
}

/// An error of `listen`. `text` makes its text of `listen EADDRINUSE: address already in use`.
fn of_system<'env>(env: &'env Env, source: &io::Error, text: impl Fn(&str) -> String) -> Result<Object<'env>> {
    let (code, words) = describe(source);
    let mut error = made(env, text(&format!("listen {code}: {words}")))?;
    error.set("code", code)?;
    error.set("errno", source.raw_os_error().map_or(0, |errno| -errno))?;
    error.set("syscall", "listen")?;
    Ok(error)
}

fn describe(source: &io::Error) -> (String, String) {
    let known = NAMES.iter().find(|(errno, ..)| source.raw_os_error() == Some(*errno));
    match known {
        Some((_, code, words)) => ((*code).to_owned(), (*words).to_owned()),
        None => ("UNKNOWN".to_owned(), source.to_string()),
    }
}

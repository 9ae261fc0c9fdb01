//! A failure to listen as Node reports it.

use std::io;

use napi::Env;
use napi::bindgen_prelude::*;

use crate::server::{ListenError, Syscall};

/// libuv's numbers for failed name lookups; the only ones that are not the system's own.
const UV_EAI_NONAME: i32 = -3008;

/// Names and texts of the errors that bind and listen have, as libuv words them.
const NAMES: [(i32, &str, &str); 12] = [
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

/// An `Error` with `code`, `errno`, `syscall`, and `address` and `port` or `hostname`.
pub fn listen_error(env: &Env, failure: &ListenError) -> Error {
    build(env, failure).unwrap_or_else(|error| error)
}

fn build(env: &Env, failure: &ListenError) -> Result<Error> {
    let ListenError { syscall, host, port, source } = failure;
    let lookup = *syscall == Syscall::GetAddrInfo;
    let (code, errno, text) = if lookup {
        ("ENOTFOUND".to_owned(), UV_EAI_NONAME, format!("getaddrinfo ENOTFOUND {host}"))
    } else {
        let (code, words) = describe(source);
        // Of any port, 0, Node does not speak.
        let place = if *port == 0 { host.clone() } else { format!("{host}:{port}") };
        let text = format!("listen {code}: {words} {place}");
        (code, source.raw_os_error().map_or(0, |errno| -errno), text)
    };
    let mut error = env.create_error(Error::new(Status::GenericFailure, text))?;
    error.set("code", code)?;
    error.set("errno", errno)?;
    error.set("syscall", if lookup { "getaddrinfo" } else { "listen" })?;
    if lookup {
        error.set("hostname", host.as_str())?;
    } else {
        error.set("address", host.as_str())?;
        if *port != 0 {
            error.set("port", *port)?;
        }
    }
    Ok(Error::from(error.to_unknown()))
}

fn describe(source: &io::Error) -> (String, String) {
    let known = NAMES.iter().find(|(errno, ..)| source.raw_os_error() == Some(*errno));
    match known {
        Some((_, code, words)) => ((*code).to_owned(), (*words).to_owned()),
        None => ("UNKNOWN".to_owned(), source.to_string()),
    }
}

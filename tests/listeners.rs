//! Several listeners: Unix sockets beside ports, sockets that were inherited, and one drain for all of them.
#![cfg(unix)]

use crate::support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd as _, IntoRawFd as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connectum_native::call::{Budget, Limits};
use connectum_native::rpc::{Handlers, Router, RpcService};
use connectum_native::server::{
    DrainOptions, Endpoint, ListenAddress, ListenError, ListenerOptions, Server, ServerOptions,
};
use support::server::{Setup, TestServer};
use support::{run, soon};
use tokio::sync::oneshot;

/// A directory of one test, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("connectum-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // An error leaves files in the directory for temporary ones.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn tcp() -> ListenerOptions {
    ListenerOptions::default()
}

fn unix(path: &Path) -> ListenerOptions {
    ListenerOptions { endpoint: Endpoint::Unix { path: path.into() }, ..ListenerOptions::default() }
}

fn inherited(fd: i32) -> ListenerOptions {
    ListenerOptions { endpoint: Endpoint::Inherited { fd, name: "fd".into() }, ..ListenerOptions::default() }
}

fn setup(listeners: Vec<ListenerOptions>) -> Setup {
    Setup { server: ServerOptions { listeners, ..ServerOptions::default() }, ..Setup::default() }
}

/// The error of a server that cannot listen.
fn error_of(listeners: Vec<ListenerOptions>) -> ListenError {
    let budget = Budget::new(Limits { total: 1, connection: 1, own: 0 });
    let service = RpcService::new(Router::new([]), Arc::new(Handlers::new(Vec::new())), budget);
    let options = ServerOptions { listeners, ..ServerOptions::default() };
    match Server::listen(&options, Arc::new(service), Arc::new(())) {
        Err(error) => error,
        Ok(_) => panic!("it listens"),
    }
}

/// The status of a response to GET on a connection, which is closed then.
fn status_on(mut stream: impl std::io::Read + std::io::Write) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    answer.split(' ').nth(1).expect("a status").into()
}

#[test]
fn each_listener_has_its_address_and_serves() {
    let directory = Directory::new("each");
    let path = directory.path("a.sock");
    let server = TestServer::with(setup(vec![unix(&path), tcp(), tcp()]));
    let [ListenAddress::Unix(first), ListenAddress::Tcp(second), ListenAddress::Tcp(third)] =
        server.server().addresses()
    else {
        panic!("{:?}", server.server().addresses());
    };
    assert_eq!(*first, path);
    assert_ne!(second.port(), third.port());
    assert_eq!(status_on(UnixStream::connect(&path).expect("connects")), "404");
    for address in [second, third] {
        assert_eq!(status_on(TcpStream::connect(address).expect("connects")), "404");
    }
    drop(server);
    assert!(!path.exists(), "the file is removed");
}

#[test]
fn nothing_is_left_of_the_others_when_one_cannot_listen() {
    let directory = Directory::new("others");
    let path = directory.path("a.sock");
    let occupant = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = occupant.local_addr().expect("an address");
    let endpoint = Endpoint::Tcp { host: "127.0.0.1".into(), port: taken.port(), reuse_port: false };
    let fails = ListenerOptions { endpoint, ..ListenerOptions::default() };
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let passed = socket.local_addr().expect("an address");
    let fd = socket.into_raw_fd();
    let error = error_of(vec![unix(&path), inherited(fd), fails]);
    assert!(matches!(error, ListenError::Tcp { port, .. } if port == taken.port()), "{error:?}");
    assert!(!path.exists(), "the file is removed");
    let next = TestServer::with(setup(vec![inherited(fd)]));
    assert_eq!(status_on(TcpStream::connect(passed).expect("connects")), "404", "what was passed is left");
    drop(next);
    assert!(TcpStream::connect(passed).is_err(), "what was taken is closed");
}

#[test]
fn connections_that_wait_when_a_unix_socket_is_closed_are_served() {
    run(async {
        let directory = Directory::new("wait");
        let path = directory.path("a.sock");
        let server = TestServer::with(setup(vec![unix(&path), tcp()]));
        // They are in the kernel's queue, or accepted: nobody can tell.
        let waiting: Vec<_> = (0..20).map(|_| UnixStream::connect(&path).expect("connects")).collect();
        let (done, drained) = oneshot::channel();
        let options = DrainOptions { timeout: Duration::from_secs(20), abort: false };
        server.server().drain(
            options,
            || {},
            move |all| {
                let _ = done.send(all);
            },
        );
        let answers = tokio::task::spawn_blocking(move || waiting.into_iter().map(status_on).collect::<Vec<_>>());
        assert_eq!(soon("the answers", answers).await.expect("no panic"), vec!["404"; 20]);
        assert_eq!(soon("the drain", drained).await, Ok(true));
        assert!(!path.exists());
        assert!(TcpStream::connect(server.address()).is_err(), "the port is closed, too");
    });
}

#[test]
fn an_inherited_socket_serves_and_is_closed_at_the_end() {
    let directory = Directory::new("inherited");
    let path = directory.path("a.sock");
    let (one, other) = (TcpListener::bind("127.0.0.1:0").expect("a port"), UnixListener::bind(&path).expect("a path"));
    let address = one.local_addr().expect("an address");
    let server = TestServer::with(setup(vec![inherited(one.into_raw_fd()), inherited(other.into_raw_fd())]));
    assert_eq!(server.server().addresses(), [ListenAddress::Tcp(address), ListenAddress::Unix(path.clone())]);
    assert_eq!(status_on(TcpStream::connect(address).expect("connects")), "404");
    assert_eq!(status_on(UnixStream::connect(&path).expect("connects")), "404");
    drop(server);
    assert!(TcpStream::connect(address).is_err() && UnixStream::connect(&path).is_err(), "closed");
    assert!(path.exists(), "the file belongs to whoever has made it");
}

#[test]
fn a_descriptor_that_is_rejected_is_left_open() {
    let mut ends = UnixStream::pair().expect("a pair");
    let error = error_of(vec![inherited(ends.0.as_raw_fd())]);
    let ListenError::Inherited { fd, what, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!((fd, what.as_str()), (ends.0.as_raw_fd(), "a stream socket that does not listen"));
    ends.0.write_all(b"open").expect("sends");
    let mut read = [0; 4];
    ends.1.read_exact(&mut read).expect("reads");
    assert_eq!(&read, b"open");
}

//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use super::activity::{ActiveCall, Activity, TrackedBody};
use super::detect::{HttpVersion, detect};
use super::handshake::handshake;
use super::lingering::lingering_close;
use super::options::ServerOptions;
use super::request_line::{RequestLine, read_request_line};
use super::rewind::Rewind;
use super::socket::Socket;
use super::tls::Tls;
use super::workers::EventLoops;
use crate::call::{ConnectionBudget, Peer, Window};
use crate::protocol::ResponseBody;
use crate::rpc::{AdmittedRequest, RpcService, STREAM_WINDOW_BYTES};

/// The time a client has to send its first bytes, which show the HTTP version.
const DETECT_TIME: Duration = Duration::from_secs(30);
/// The time for the head of each HTTP/1.1 request; an idle connection is kept as long. Node has the same default.
const HEADERS_TIME: Duration = Duration::from_secs(60);
/// The time to write the response to a client of the wrong HTTP version.
const REFUSE_TIME: Duration = Duration::from_secs(5);
/// A draining connection stays open this long for bytes on their way: the first bytes of a new connection, or the next
/// request of a busy HTTP/1.1 client, which only a response can tell to stop.
const DRAIN_GRACE: Duration = Duration::from_millis(100);
/// A draining connection without a call stays open this long, so that its client notices; HTTP/2 acknowledges a ping
/// first.
const IDLE_AFTER_DRAIN: Duration = Duration::from_millis(500);

/// 63 streams of a connection may be stalled while others are served.
const FULL_STREAMS: u32 = 64;
/// h2 also derives from it what unread small frames may cost (half of it, 256 bytes for each) before it ends the
/// connection: some 35,000 unread messages of a few bytes.
const CONNECTION_WINDOW: u32 = FULL_STREAMS * STREAM_WINDOW_BYTES;

/// The header fields of an HTTP/2 request, in bytes as RFC 9113 section 6.5.2 counts them; as much as HTTP/1.1 gets.
const MAX_HEADER_LIST_BYTES: u32 = 64 * 1024;
/// Streams that a client resets before the server has accepted them. Clients cancel in bulk: h2's default of 20 would
/// close the connection of an ordinary one, with all its calls. More than this is a flood (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 512;

/// The read and write buffer of an HTTP/1.1 connection. It bounds the head of a request, and what is taken from a
/// response stream whose client does not read.
const HTTP1_BUFFER_BYTES: usize = 64 * 1024;

/// What the client of a connection may send before anybody reads.
const HTTP1_WINDOW: Window = Window { stream_bytes: HTTP1_BUFFER_BYTES, full_streams: 1 };
const HTTP2_WINDOW: Window = Window { stream_bytes: STREAM_WINDOW_BYTES as usize, full_streams: FULL_STREAMS as usize };

/// The response to HTTP/1.x clients of a server that does not serve them.
const HTTP2_ONLY_HEAD: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 28\r\n\
connection: close\r\n\r\n";
const HTTP2_ONLY_BODY: &[u8] = b"This port speaks HTTP/2 only";
/// The response to HTTP/2 clients of a server that does not serve them: SETTINGS, then GOAWAY with `HTTP_1_1_REQUIRED`.
const HTTP1_ONLY: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];

/// The transport of a connection: a socket, or TLS over one.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// Serves the connections of one server.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    service: Arc<RpcService>,
    tls: Option<Tls>,
    local: SocketAddr,
    allow_http1: bool,
    allow_http2: bool,
    draining: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
    loops: Arc<EventLoops>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Connections {
    /// Serves with `service` until `draining`, on one of `loops`; each connection holds `alive`.
    pub fn new(
        options: &ServerOptions,
        service: Arc<RpcService>,
        local: SocketAddr,
        draining: watch::Receiver<bool>,
        alive: mpsc::Sender<()>,
        loops: Arc<EventLoops>,
    ) -> Self {
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(HEADERS_TIME).max_buf_size(HTTP1_BUFFER_BYTES);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(options.max_concurrent_streams)
            .max_header_list_size(MAX_HEADER_LIST_BYTES)
            .max_pending_accept_reset_streams(MAX_PENDING_RESETS);
        Self(Arc::new(Shared {
            service,
            tls: options.tls.clone(),
            local,
            allow_http1: options.allow_http1,
            // The option is about HTTP/2 in the clear; over TLS it is always served.
            allow_http2: options.allow_h2c || options.tls.is_some(),
            draining,
            alive,
            loops,
            http1,
            http2,
        }))
    }

    /// Becomes true when the server drains.
    pub fn draining(&self) -> watch::Receiver<bool> {
        self.0.draining.clone()
    }

    /// Serves a connection from `remote` on a task of its own. The stream must be non-blocking.
    pub fn serve(&self, stream: StdStream, remote: SocketAddr) {
        let shared = Arc::clone(&self.0);
        self.0.loops.next().spawn(async move { shared.run(stream, remote).await });
    }
}

impl Shared {
    async fn run(&self, stream: StdStream, remote: SocketAddr) {
        let _alive = self.alive.clone();
        // Otherwise a small response waits until the client has acknowledged the one before.
        let stream = match stream.set_nodelay(true).and_then(|()| TcpStream::from_std(stream)) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection was closed before it could be served");
                return;
            }
        };
        let peer = Peer { secure: self.tls.is_some(), local: self.local, remote };
        let (socket, watch) = Socket::new(stream);
        let serving = async {
            match &self.tls {
                None => self.run_detected(socket, peer).await,
                // The state of TLS is large, and only few connections have it.
                Some(tls) => Box::pin(self.run_tls(tls, socket, peer)).await,
            }
        };
        tokio::select! {
            // What hyper notices itself comes first.
            biased;
            () = serving => {}
            () = watch.gone() => tracing::debug!("a connection ended, as its client has gone"),
        }
    }

    async fn run_tls(&self, tls: &Tls, stream: Socket, peer: Peer) {
        let stream = tokio::select! {
            stream = handshake(tls, stream, peer.remote) => stream,
            () = self.drain_grace() => return,
        };
        let Some(stream) = stream else {
            return;
        };
        match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.run_http2(Rewind::new(&[], stream), peer).await,
            Some(_) => self.run_http1(Rewind::new(&[], stream), peer).await,
            None => self.run_detected(stream, peer).await,
        }
    }

    /// Serves the HTTP version that the first bytes show.
    async fn run_detected<S: Stream>(&self, stream: S, peer: Peer) {
        let detected = tokio::select! {
            detected = tokio::time::timeout(DETECT_TIME, detect(stream)) => detected,
            () = self.drain_grace() => return,
        };
        let Ok(Ok((version, stream))) = detected else {
            return;
        };
        match version {
            HttpVersion::Http1 if self.allow_http1 => self.run_http1(stream, peer).await,
            HttpVersion::Http2 if self.allow_http2 => self.run_http2(stream, peer).await,
            HttpVersion::Http1 => self.refuse_http1(stream).await,
            HttpVersion::Http2 => refuse(stream, &[HTTP1_ONLY]).await,
        }
    }

    /// Tells an HTTP/1.x client that only HTTP/2 is served. Closes the connection of any other without a response: an
    /// HTTP/2 client with a faulty preface expects no HTTP/1.1 (RFC 9113 section 3.4).
    async fn refuse_http1<S: Stream>(&self, mut stream: Rewind<S>) {
        let line = tokio::select! {
            line = tokio::time::timeout(DETECT_TIME, read_request_line(&mut stream)) => line,
            () = self.drain_grace() => return,
        };
        match line {
            Ok(Some(RequestLine { is_head: true })) => refuse(stream, &[HTTP2_ONLY_HEAD]).await,
            Ok(Some(_)) => refuse(stream, &[HTTP2_ONLY_HEAD, HTTP2_ONLY_BODY]).await,
            Ok(None) | Err(_) => lingering_close(stream).await,
        }
    }

    async fn run_http1<S: Stream>(&self, stream: Rewind<S>, peer: Peer) {
        let activity = Activity::default();
        let budget = self.service.budget().connection(HTTP1_WINDOW);
        let service = service_fn(|request| self.respond_http1(&activity, request, peer, &budget));
        let mut connection = std::pin::pin!(self.http1.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = connection.as_mut() => return log_end(ended),
            // Not at once: hyper closes an idle connection under a request that its client has just sent.
            () = self.drain_grace() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            ended = connection => log_end(ended),
            () = idle_after_drain(&activity) => {}
        }
    }

    async fn run_http2<S: Stream>(&self, stream: Rewind<S>, peer: Peer) {
        let activity = Activity::default();
        // hyper runs every HTTP/2 stream on a task of its own, which cannot borrow from this one.
        let service = Arc::clone(&self.service);
        let calls = activity.clone();
        let budget = self.service.budget().connection(HTTP2_WINDOW);
        let service = service_fn(move |request| {
            let call = calls.begin();
            let (service, budget) = (Arc::clone(&service), Arc::clone(&budget));
            let is_head = request.method() == Method::HEAD;
            // Now, not when the task of the stream runs: a connection may read many heads before that.
            let admitted = AdmittedRequest::new(request, &budget);
            // hyper and tokio move what they are given, some five times. A pointer is cheaper than the state of a call.
            Box::pin(
                async move { Ok::<_, Infallible>(respond(&service, call, admitted, is_head, peer, &budget).await) },
            )
        });
        let mut connection = std::pin::pin!(self.http2.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = connection.as_mut() => return log_end(ended),
            () = self.until_draining() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            ended = connection => log_end(ended),
            () = idle_after_drain(&activity) => {}
        }
    }

    async fn respond_http1(
        &self,
        activity: &Activity,
        request: Request<Incoming>,
        peer: Peer,
        budget: &Arc<ConnectionBudget>,
    ) -> Result<Response<TrackedBody>, Infallible> {
        let version = request.version();
        let is_head = request.method() == Method::HEAD;
        let admitted = AdmittedRequest::new(request, budget);
        let mut response = respond(&self.service, activity.begin(), admitted, is_head, peer, budget).await;
        if *self.draining.borrow() && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    /// Ends when the server has been draining for long enough to receive what its clients were about to send.
    async fn drain_grace(&self) {
        self.until_draining().await;
        tokio::time::sleep(DRAIN_GRACE).await;
    }

    /// Ends when the server begins to drain.
    async fn until_draining(&self) {
        // An error means that the server is gone: its connections must end too.
        let _ = self.draining.clone().wait_for(|draining| *draining).await;
    }
}

/// The response to a request, whatever its HTTP version.
async fn respond(
    service: &RpcService,
    call: ActiveCall,
    request: Result<AdmittedRequest, Box<Response<ResponseBody>>>,
    is_head: bool,
    peer: Peer,
    budget: &Arc<ConnectionBudget>,
) -> Response<TrackedBody> {
    let response = match request {
        Ok(request) => service.serve(request, peer, budget).await,
        Err(refusal) => *refusal,
    };
    let response = if is_head { without_body(response) } else { response };
    response.map(|body| call.track(body))
}

/// The response to HEAD (RFC 9110 section 9.3.2): the length of the body stays, the body does not. hyper takes it out
/// of HTTP/1.1 responses only.
fn without_body(response: Response<ResponseBody>) -> Response<ResponseBody> {
    let length = response.body().size_hint().exact().filter(|length| *length > 0);
    let mut response = response.map(|_| ResponseBody::empty());
    if let Some(length) = length {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    response
}

/// Ends when a draining connection has had no call for long enough.
async fn idle_after_drain(activity: &Activity) {
    loop {
        activity.idle().await;
        tokio::time::sleep(IDLE_AFTER_DRAIN).await;
        if activity.is_idle() {
            return;
        }
    }
}

/// Sends `response` to a client of the wrong HTTP version, and closes the connection.
async fn refuse<S: Stream>(mut stream: Rewind<S>, response: &[&[u8]]) {
    // With an error the client is gone already, and one that does not read has no need for a response.
    let written = tokio::time::timeout(REFUSE_TIME, stream.write_all(&response.concat())).await;
    if matches!(written, Ok(Ok(()))) {
        lingering_close(stream).await;
    }
}

fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

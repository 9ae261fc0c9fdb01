//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::future::Future;
use std::net::{SocketAddr, TcpStream as StdStream};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use super::admission::{Admission, Admitted};
use super::detect::{HttpVersion, detect};
use super::handshake::handshake;
use super::lifetime::{Leave, after, jittered, stalled, time_to_leave};
use super::limits::ConnectionLimits;
use super::lingering::lingering_close;
use super::options::ServerOptions;
use super::phase::{AbortedCalls, Phase, listed};
use super::request_line::{RequestLine, read_request_line};
use super::rewind::Rewind;
use super::socket::{Socket, SocketHandle};
use super::tls::Tls;
use super::tracked_body::TrackedBody;
use super::workers::EventLoops;
use crate::call::{ActiveCall, Activity, ConnectionBudget, Peer};
use crate::protocol::ResponseBody;
use crate::rpc::{AdmittedRequest, RpcService};

/// The time to write the response to a client of the wrong HTTP version.
const REFUSE_TIME: Duration = Duration::from_secs(5);
/// A draining connection stays open this long for bytes on their way: the first bytes of a new connection, or the next
/// request of a busy HTTP/1.1 client, which only a response can tell to stop.
const DRAIN_GRACE: Duration = Duration::from_millis(100);
/// A draining connection without a call stays open this long, so that its client notices; HTTP/2 acknowledges a ping
/// first.
const IDLE_AFTER_DRAIN: Duration = Duration::from_millis(500);
/// The kernel asks clients that have been silent for so long whether they are still there.
const KEEPALIVE: TcpKeepalive = TcpKeepalive::new().with_time(Duration::from_secs(60));
/// The clients of calls that are aborted have so long to take the response that says so.
pub(super) const ABORT_TIME: Duration = Duration::from_millis(500);

/// Streams that a client resets before the server has accepted them. Clients cancel in bulk: h2's default of 20 would
/// close the connection of an ordinary one, with all its calls. More than this is a flood (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 512;

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
    limits: ConnectionLimits,
    admission: Arc<Admission>,
    ends: Ends,
    loops: Arc<EventLoops>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

/// How connections hear of the end of their server, and it of theirs.
pub struct Ends {
    /// The phase of the server.
    pub phase: watch::Receiver<Phase>,
    /// Receives the calls that are aborted.
    pub aborted: Arc<AbortedCalls>,
    /// Held by each connection until it has ended.
    pub alive: mpsc::Sender<()>,
}

impl Connections {
    /// Serves with `service` until the server drains, on one of `loops`.
    pub fn new(
        options: &ServerOptions,
        service: Arc<RpcService>,
        local: SocketAddr,
        ends: Ends,
        loops: Arc<EventLoops>,
    ) -> Self {
        let limits = &options.limits;
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(limits.headers).max_buf_size(limits.http1_buffer_bytes());
        // Only what differs from what hyper does anyway: it would cost every request, or SETTINGS, something.
        let default = ConnectionLimits::default();
        if limits.max_header_fields != default.max_header_fields {
            http1.max_headers(limits.max_header_fields);
        }
        if limits.max_header_bytes < default.max_header_bytes {
            http1.max_header_size(limits.max_header_bytes as usize);
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .initial_stream_window_size(limits.stream_window_bytes)
            .initial_connection_window_size(limits.connection_window_bytes)
            .max_frame_size(limits.max_frame_bytes)
            .header_table_size(
                (limits.header_table_bytes != default.header_table_bytes).then_some(limits.header_table_bytes),
            )
            .max_concurrent_streams(options.max_concurrent_streams)
            .keep_alive_interval(options.limits.ping_interval)
            .keep_alive_timeout(options.limits.ping_timeout)
            .max_header_list_size(limits.max_header_bytes)
            .max_pending_accept_reset_streams(MAX_PENDING_RESETS);
        Self(Arc::new(Shared {
            service,
            tls: options.tls.clone(),
            local,
            allow_http1: options.allow_http1,
            // The option is about HTTP/2 in the clear; over TLS it is always served.
            allow_http2: options.allow_h2c || options.tls.is_some(),
            limits: options.limits.clone(),
            admission: Admission::new(&options.limits),
            ends,
            loops,
            http1,
            http2,
        }))
    }

    /// The phase of the server.
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.0.ends.phase.clone()
    }

    /// Serves a connection from `remote` on a task of its own, unless there are too many. The stream must be
    /// non-blocking.
    pub fn serve(&self, stream: StdStream, remote: SocketAddr) {
        match self.0.admission.admit(remote.ip()) {
            Ok(admitted) => {
                let shared = Arc::clone(&self.0);
                self.0.loops.next().spawn(async move { shared.run(stream, remote, admitted).await });
            }
            Err(refused) => {
                if let Some(text) = self.0.admission.text_for_log(refused) {
                    tracing::warn!("{text}");
                }
            }
        }
    }
}

/// The client of a connection.
#[derive(Clone, Copy)]
struct Client<'a> {
    peer: Peer,
    socket: &'a SocketHandle,
}

impl Shared {
    async fn run(&self, stream: StdStream, remote: SocketAddr, _admitted: Admitted) {
        let _alive = self.ends.alive.clone();
        // Otherwise a small response waits until the client has acknowledged the one before.
        let prepared = stream.set_nodelay(true).and_then(|()| SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE));
        let stream = match prepared.and_then(|()| TcpStream::from_std(stream)) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection was closed before it could be served");
                return;
            }
        };
        let peer = Peer { secure: self.tls.is_some(), local: self.local, remote };
        let (socket, handle) = Socket::new(stream);
        let serving = async {
            let client = Client { peer, socket: &handle };
            match &self.tls {
                None => self.run_detected(socket, client).await,
                // The state of TLS is large, and only few connections have it.
                Some(tls) => Box::pin(self.run_tls(tls, socket, client)).await,
            }
        };
        tokio::select! {
            // What hyper notices itself comes first.
            biased;
            () = serving => lingering_close(&handle, self.limits.response).await,
            () = handle.gone() => tracing::debug!("a connection ended, as its client has gone"),
        }
    }

    async fn run_tls(&self, tls: &Tls, stream: Socket, client: Client<'_>) {
        let stream = tokio::select! {
            stream = handshake(tls, stream, client.peer.remote) => stream,
            () = self.drain_grace() => return,
        };
        let Some(stream) = stream else {
            return;
        };
        match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.run_http2(Rewind::new(&[], stream), client).await,
            Some(_) => self.run_http1(Rewind::new(&[], stream), client).await,
            None => self.run_detected(stream, client).await,
        }
    }

    /// Serves the HTTP version that the first bytes show.
    async fn run_detected<S: Stream>(&self, stream: S, client: Client<'_>) {
        let detected = tokio::select! {
            detected = tokio::time::timeout(self.limits.detection, detect(stream)) => detected,
            () = self.drain_grace() => return,
        };
        let Ok(Ok((version, stream))) = detected else {
            return;
        };
        match version {
            HttpVersion::Http1 if self.allow_http1 => self.run_http1(stream, client).await,
            HttpVersion::Http2 if self.allow_http2 => self.run_http2(stream, client).await,
            HttpVersion::Http1 => self.refuse_http1(stream).await,
            HttpVersion::Http2 => refuse(stream, &[HTTP1_ONLY]).await,
        }
    }

    /// Tells an HTTP/1.x client that only HTTP/2 is served. Closes the connection of any other without a response: an
    /// HTTP/2 client with a faulty preface expects no HTTP/1.1 (RFC 9113 section 3.4).
    async fn refuse_http1<S: Stream>(&self, mut stream: Rewind<S>) {
        let line = tokio::select! {
            line = tokio::time::timeout(self.limits.detection, read_request_line(&mut stream)) => line,
            () = self.drain_grace() => return,
        };
        match line {
            Ok(Some(RequestLine { is_head: true })) => refuse(stream, &[HTTP2_ONLY_HEAD]).await,
            Ok(Some(_)) => refuse(stream, &[HTTP2_ONLY_HEAD, HTTP2_ONLY_BODY]).await,
            Ok(None) | Err(_) => {}
        }
    }

    async fn run_http1<S: Stream>(&self, stream: Rewind<S>, Client { peer, socket }: Client<'_>) {
        let activity = Activity::default();
        let budget = self.service.budget().connection(self.limits.http1_window());
        let service = service_fn(|request| self.respond_http1(&activity, request, peer, &budget));
        let connection = std::pin::pin!(self.http1.serve_connection(TokioIo::new(stream), service));
        // Not at once: hyper closes an idle connection under a request that its client has just sent.
        self.run_until_left(
            connection,
            http1::Connection::graceful_shutdown,
            DRAIN_GRACE,
            self.limits.response,
            &activity,
            socket,
        )
        .await;
    }

    async fn run_http2<S: Stream>(&self, stream: Rewind<S>, Client { peer, socket }: Client<'_>) {
        let activity = Activity::default();
        // hyper runs every HTTP/2 stream on a task of its own, which cannot borrow from this one.
        let service = Arc::clone(&self.service);
        let calls = activity.clone();
        let budget = self.service.budget().connection(self.limits.http2_window());
        let timeout = self.limits.request;
        let service = service_fn(move |request| {
            let call = calls.begin();
            let (service, budget) = (Arc::clone(&service), Arc::clone(&budget));
            let is_head = request.method() == Method::HEAD;
            // Now, not when the task of the stream runs: a connection may read many heads before that.
            let admitted = AdmittedRequest::new(request, &budget, timeout);
            // hyper and tokio move what they are given, some five times. A pointer is cheaper than the state of a call.
            Box::pin(
                async move { Ok::<_, Infallible>(respond(&service, call, admitted, is_head, peer, &budget).await) },
            )
        });
        let connection = std::pin::pin!(self.http2.serve_connection(TokioIo::new(stream), service));
        let is_late = self
            .run_until_left(
                connection,
                http2::Connection::graceful_shutdown,
                Duration::ZERO,
                self.limits.response_http2(),
                &activity,
                socket,
            )
            .await;
        if is_late {
            // It has not answered a PING: nobody is there any more.
            socket.give_up();
        }
    }

    /// Runs a connection of hyper's to its end. `leave` asks its client to leave, `grace` after there is a reason. A
    /// client that takes nothing for `response` is given up. Returns whether the client was too slow.
    async fn run_until_left<C: Future<Output = hyper::Result<()>>>(
        &self,
        mut connection: Pin<&mut C>,
        leave: impl FnOnce(Pin<&mut C>),
        grace: Duration,
        response: Option<Duration>,
        activity: &Activity,
        socket: &SocketHandle,
    ) -> bool {
        let age = self.limits.max_age.map(jittered);
        let serving = async {
            let reason = async {
                let reason = tokio::select! {
                    () = self.until(Phase::Draining) => Leave::Draining,
                    reason = time_to_leave(&self.limits, age, activity) => reason,
                };
                activity.leave();
                self.wait_unless_aborting(grace).await;
                reason
            };
            let reason = tokio::select! {
                biased;
                ended = connection.as_mut() => return log_end(ended),
                reason = reason => reason,
            };
            tracing::debug!(?reason, "a client is asked to leave");
            leave(connection.as_mut());
            tokio::select! {
                biased;
                ended = connection => log_end(ended),
                () = idle_after_drain(activity, socket) => false,
                () = self.aborted(activity, socket) => false,
            }
        };
        tokio::select! {
            biased;
            is_late = serving => is_late,
            () = self.too_old(age, activity, socket) => false,
            () = stalled(socket, activity, response) => {
                socket.give_up();
                let limit = response.unwrap_or_default().as_millis();
                tracing::warn!("a connection was closed, as its client took nothing for {limit} ms");
                true
            }
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
        let admitted = AdmittedRequest::new(request, budget, self.limits.request);
        let mut response = respond(&self.service, activity.begin(), admitted, is_head, peer, budget).await;
        let is_last = self.limits.max_requests.is_some_and(|most| activity.begun() >= most);
        let is_leaving = is_last || activity.is_leaving() || *self.ends.phase.borrow() >= Phase::Draining;
        if is_leaving && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    /// Ends when the server has been draining for long enough to receive what its clients were about to send.
    async fn drain_grace(&self) {
        self.until(Phase::Draining).await;
        self.wait_unless_aborting(DRAIN_GRACE).await;
    }

    /// Waits for `time`, or until the server waits for nothing any more.
    async fn wait_unless_aborting(&self, time: Duration) {
        // An error means that the time has passed.
        let _ = tokio::time::timeout(time, self.until(Phase::Aborting)).await;
    }

    /// Ends when the server has come to `phase`.
    async fn until(&self, phase: Phase) {
        // An error means that the server is gone: its connections must end too.
        let _ = self.ends.phase.clone().wait_for(|current| *current >= phase).await;
    }

    /// Ends when the calls of a connection have been aborted, and their clients have had time to hear of it.
    async fn aborted(&self, activity: &Activity, socket: &SocketHandle) {
        self.until(Phase::Aborting).await;
        self.ends.aborted.add(activity.abort("the server is shutting down"));
        told(activity, socket).await;
    }

    /// Ends when the calls of a connection of this age have had their time, and have been aborted.
    async fn too_old(&self, age: Option<Duration>, activity: &Activity, socket: &SocketHandle) {
        after(age.zip(self.limits.max_age_grace).map(|(age, grace)| age + grace)).await;
        let left = activity.abort("the connection has reached maxConnectionAge");
        if !left.is_empty() {
            tracing::warn!("calls were aborted, as maxConnectionAgeGrace has passed: {}", listed(&left));
        }
        told(activity, socket).await;
    }
}

/// The response to a request, whatever its HTTP version.
async fn respond(
    service: &RpcService,
    mut call: ActiveCall,
    request: Result<AdmittedRequest, Box<Response<ResponseBody>>>,
    is_head: bool,
    peer: Peer,
    budget: &Arc<ConnectionBudget>,
) -> Response<TrackedBody> {
    let response = match request {
        Ok(request) => service.serve(request, peer, budget, &mut call).await,
        Err(refusal) => *refusal,
    };
    let response = if is_head { without_body(response) } else { response };
    response.map(|body| TrackedBody::new(body, call))
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

/// Ends when the clients of aborted calls have had time to hear of it.
async fn told(activity: &Activity, socket: &SocketHandle) {
    if !activity.is_idle() || socket.is_full() {
        // hyper ends the connection when all is written, unless its client is too slow.
        tokio::time::sleep(ABORT_TIME).await;
    }
}

/// Ends when a draining connection has had no call, and nothing to write, for long enough.
async fn idle_after_drain(activity: &Activity, socket: &SocketHandle) {
    loop {
        activity.idle().await;
        tokio::time::sleep(IDLE_AFTER_DRAIN).await;
        if activity.is_idle() && !socket.is_full() {
            return;
        }
    }
}

/// Sends `response` to a client of the wrong HTTP version.
async fn refuse<S: Stream>(mut stream: Rewind<S>, response: &[&[u8]]) {
    // With an error the client is gone already, and one that does not read has no need for a response.
    let writing = async {
        stream.write_all(&response.concat()).await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(REFUSE_TIME, writing).await;
}

/// Logs how a connection of hyper's has ended. Returns whether the client was too slow for a time limit of hyper's.
fn log_end(ended: hyper::Result<()>) -> bool {
    ended.is_err_and(|error| {
        tracing::debug!(%error, "a connection ended");
        error.is_timeout()
    })
}

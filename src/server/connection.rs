//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::accepted::Accepted;
use super::admission::{Admission, Admitted, Refused};
use super::detect::{HttpVersion, detect};
use super::flood_watch::FloodWatch;
use super::handshake::handshake;
use super::lifecycle::{DRAIN_GRACE, Lifecycle};
use super::limits::ConnectionLimits;
use super::lingering::lingering_close;
use super::options::ServerOptions;
use super::peer_tls::peer_tls;
use super::proxy_header::{BadHeader, ProxyHeader, read_proxy_header};
use super::reset_flood::MAX_RESETS;
use super::rewind::Rewind;
use super::served_connection::{End, ServedConnection, Timing};
use super::socket::{Socket, SocketHandle};
use super::tls::Tls;
use super::tracked_body::TrackedBody;
use super::transport::Transport;
use super::workers::EventLoops;
use super::wrong_version::{refuse_http1, refuse_http2};
use crate::call::{ActiveCall, Activity, ConnectionBudget, Peer};
use crate::protocol::ResponseBody;
use crate::rpc::{AdmittedRequest, RpcService};

/// What HTTP runs over: a socket, or TLS over one.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// Serves the connections of one server, whatever listener they come from.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    service: Arc<RpcService>,
    limits: ConnectionLimits,
    admission: Arc<Admission>,
    lifecycle: Lifecycle,
    loops: Arc<EventLoops>,
    /// The number of connections so far.
    count: AtomicU64,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Connections {
    /// Serves with `service` until the server drains, on one of `loops`.
    pub fn new(
        options: &ServerOptions,
        service: Arc<RpcService>,
        lifecycle: Lifecycle,
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
            // h2's default of 20 would close the connection of an ordinary client that cancels in bulk.
            .max_pending_accept_reset_streams(MAX_RESETS);
        Self(Arc::new(Shared {
            service,
            limits: options.limits.clone(),
            admission: Admission::new(&options.limits),
            lifecycle,
            loops,
            count: AtomicU64::new(0),
            http1,
            http2,
        }))
    }

    /// Where their server is.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.0.lifecycle
    }

    /// Serves a connection of the listener with this `transport` on a task of its own, unless there are too many. It
    /// must be non-blocking.
    pub fn serve(&self, accepted: Accepted, transport: &Arc<Transport>) {
        // A proxy tells the address of its client, which is counted then.
        let address = accepted.remote().map(|remote| remote.ip());
        let address = address.filter(|_| !transport.begins_with_proxy_header(address));
        match self.0.admission.admit(address) {
            Ok(admitted) => {
                let (shared, transport) = (Arc::clone(&self.0), Arc::clone(transport));
                self.0.loops.next().spawn(async move { shared.run(accepted, &transport, admitted).await });
            }
            Err(refused) => self.0.log_refused(refused),
        }
    }
}

/// The client of a connection.
struct Client<'a> {
    /// On the heap: a connection that waits holds no room for it in each of its states.
    peer: Box<Peer>,
    socket: &'a SocketHandle,
}

impl Shared {
    async fn run(&self, accepted: Accepted, transport: &Transport, mut admitted: Admitted) {
        let _alive = self.lifecycle.alive();
        let (stream, ends) = match accepted.register(&transport.address) {
            Ok(registered) => registered,
            Err(error) => {
                tracing::debug!(%error, "a connection was closed before it could be served");
                return;
            }
        };
        let connection = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let mut peer = Box::new(Peer { connection, listener: transport.address.ip(), ends, proxy: None, tls: None });
        let (mut socket, handle) = Socket::new(stream);
        let serving = async {
            if transport.begins_with_proxy_header(peer.remote().map(|remote| remote.ip())) {
                // Most connections have none, and need no room for its state.
                if !Box::pin(self.take_proxy_header(&mut socket, &mut peer, &mut admitted)).await {
                    return;
                }
            }
            let client = Client { peer, socket: &handle };
            match &transport.tls {
                None => self.run_detected(socket, transport, client).await,
                // The state of TLS is large, and only few connections have it.
                Some(tls) => Box::pin(self.run_tls(&tls.current(), socket, transport, client)).await,
            }
        };
        let mut serving = pin!(serving);
        let serving = poll_fn(|cx| {
            handle.begin_poll();
            serving.as_mut().poll(cx)
        });
        tokio::select! {
            // What hyper notices itself comes first.
            biased;
            () = serving => lingering_close(&handle, self.limits.response).await,
            () = handle.gone() => tracing::debug!("a connection ended, as its client has gone"),
        }
    }

    /// Reads the PROXY header with which a connection begins: the peer has the ends that it tells, and its address is
    /// counted. False if the connection is refused; the log says why.
    async fn take_proxy_header(&self, socket: &mut Socket, peer: &mut Peer, admitted: &mut Admitted) -> bool {
        let header = tokio::select! {
            header = tokio::time::timeout(self.limits.detection, read_proxy_header(socket)) => header,
            () = self.lifecycle.drain_grace() => return false,
        };
        let header = header.unwrap_or_else(|_| {
            let limit = self.limits.detection.as_millis();
            Err(BadHeader::Wrong(format!("has sent no whole PROXY header within {limit} ms")))
        });
        let ProxyHeader { ends, rest } = match header {
            Ok(header) => header,
            Err(BadHeader::Silent) => return false,
            Err(BadHeader::Wrong(text)) => {
                let from = peer.remote().map_or_else(|| "a Unix socket".to_owned(), |remote| remote.to_string());
                tracing::warn!("a connection from {from} was refused: it {text}");
                return false;
            }
        };
        socket.put_back(rest);
        if let Some(ends) = ends {
            peer.proxy = Some(std::mem::replace(&mut peer.ends, ends));
        }
        match admitted.count_address(peer.remote().map(|remote| remote.ip())) {
            Ok(()) => true,
            Err(refused) => {
                self.log_refused(refused);
                false
            }
        }
    }

    fn log_refused(&self, refused: Refused) {
        if let Some(text) = self.admission.text_for_log(refused) {
            tracing::warn!("{text}");
        }
    }

    async fn run_tls(&self, tls: &Tls, stream: Socket, transport: &Transport, mut client: Client<'_>) {
        let name = client
            .peer
            .remote()
            .map_or_else(|| format!("a client of {}", transport.address), |remote| remote.to_string());
        let stream = tokio::select! {
            stream = handshake(tls, stream, name) => stream,
            () = self.lifecycle.drain_grace() => return,
        };
        let Some(stream) = stream else {
            return;
        };
        client.peer.tls = Some(peer_tls(stream.get_ref().1, tls.verifies_clients()));
        match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.run_http2(Rewind::new(&[], stream), client).await,
            Some(_) => self.run_http1(Rewind::new(&[], stream), client).await,
            None => self.run_detected(stream, transport, client).await,
        }
    }

    /// Serves the HTTP version that the first bytes show.
    async fn run_detected<S: Stream>(&self, stream: S, transport: &Transport, client: Client<'_>) {
        let detected = tokio::select! {
            detected = tokio::time::timeout(self.limits.detection, detect(stream)) => detected,
            () = self.lifecycle.drain_grace() => return,
        };
        let Ok(Ok((version, stream))) = detected else {
            return;
        };
        match version {
            HttpVersion::Http1 if transport.allow_http1 => self.run_http1(stream, client).await,
            HttpVersion::Http2 if transport.allow_http2 => self.run_http2(stream, client).await,
            HttpVersion::Http1 => tokio::select! {
                () = refuse_http1(stream, self.limits.detection) => {}
                () = self.lifecycle.drain_grace() => {}
            },
            HttpVersion::Http2 => refuse_http2(stream).await,
        }
    }

    async fn run_http1<S: Stream>(&self, stream: Rewind<S>, Client { peer, socket }: Client<'_>) {
        let activity = Activity::default();
        let peer = Arc::<Peer>::from(peer);
        let budget = self.service.budget().connection(self.limits.http1_window());
        let is_framed = AtomicBool::new(true);
        let service = service_fn(|request: Request<Incoming>| {
            is_framed.store(request.version() > Version::HTTP_10, Ordering::Relaxed);
            self.respond_http1(&activity, request, &peer, &budget)
        });
        let connection = pin!(self.http1.serve_connection(TokioIo::new(stream), service));
        // Not at once: hyper closes an idle connection under a request that its client has just sent.
        let timing = Timing { before_leaving: DRAIN_GRACE, response: self.limits.response };
        let end = self.served(&activity, socket).run(connection, http1::Connection::graceful_shutdown, timing).await;
        if end == End::BrokenBody && !is_framed.load(Ordering::Relaxed) {
            // In HTTP/1.0 a body may end with its connection: its client would take it for complete.
            socket.give_up();
        }
    }

    async fn run_http2<S: Stream>(&self, stream: Rewind<S>, Client { peer, socket }: Client<'_>) {
        let activity = Activity::default();
        let peer = Arc::<Peer>::from(peer);
        // hyper runs every HTTP/2 stream on a task of its own, which cannot borrow from this one.
        let service = Arc::clone(&self.service);
        let calls = activity.clone();
        let budget = self.service.budget().connection(self.limits.http2_window());
        let timeout = self.limits.request;
        let service = service_fn(move |request| {
            let call = calls.begin();
            let (service, budget, peer) = (Arc::clone(&service), Arc::clone(&budget), Arc::clone(&peer));
            let is_head = request.method() == Method::HEAD;
            // Now, not when the task of the stream runs: a connection may read many heads before that.
            let admitted = service.admit(request, &budget, timeout);
            // hyper and tokio move what they are given, some five times. A pointer is cheaper than the state of a call.
            Box::pin(
                async move { Ok::<_, Infallible>(respond(&service, call, admitted, is_head, &peer, &budget).await) },
            )
        });
        let watched = FloodWatch::new(stream, activity.clone());
        let connection = pin!(self.http2.serve_connection(TokioIo::new(watched), service));
        let timing = Timing { before_leaving: Duration::ZERO, response: self.limits.response_http2() };
        let end = self.served(&activity, socket).run(connection, http2::Connection::graceful_shutdown, timing).await;
        if end == End::TimedOut {
            // No response to a PING: nobody is there any more.
            socket.give_up();
        }
    }

    fn served<'a>(&'a self, activity: &'a Activity, socket: &'a SocketHandle) -> ServedConnection<'a> {
        ServedConnection { limits: &self.limits, lifecycle: &self.lifecycle, activity, socket }
    }

    async fn respond_http1(
        &self,
        activity: &Activity,
        request: Request<Incoming>,
        peer: &Arc<Peer>,
        budget: &Arc<ConnectionBudget>,
    ) -> Result<Response<TrackedBody>, Infallible> {
        let version = request.version();
        let is_head = request.method() == Method::HEAD;
        let admitted = self.service.admit(request, budget, self.limits.request);
        let mut response = respond(&self.service, activity.begin(), admitted, is_head, peer, budget).await;
        let is_last = self.limits.max_requests.is_some_and(|most| activity.begun() >= most);
        let is_leaving = is_last || activity.is_leaving() || self.lifecycle.is_draining();
        if is_leaving && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

/// The response to a request, whatever its HTTP version.
async fn respond(
    service: &RpcService,
    mut call: ActiveCall,
    request: Result<AdmittedRequest, Box<Response<ResponseBody>>>,
    is_head: bool,
    peer: &Arc<Peer>,
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

//! A server on a loopback port, closed at the end of its test.

use std::net::SocketAddr;
use std::sync::Arc;

use connectum_native::call::{Budget, Handler, HandlerFuture, Limits, Method, MethodOptions, Request};
use connectum_native::rpc::{Cors, HttpHandler, Router, RpcService};
use connectum_native::server::{ListenAddress, Observer, Server, ServerOptions};

use super::probe::Probe;
use super::rpcs::{ALL, Rpc};

/// The options of a test server.
pub struct Setup {
    pub server: ServerOptions,
    /// For every method.
    pub method: MethodOptions,
    pub budget_bytes: usize,
    /// The most that one connection may hold.
    pub connection_bytes: usize,
    /// What each connection has of its own.
    pub own_bytes: usize,
    /// Answers plain HTTP requests.
    pub http_handler: Option<Arc<dyn HttpHandler>>,
    /// Pages of other origins that may call.
    pub cors: Option<Cors>,
    /// Receives the log.
    pub observer: Arc<dyn Observer>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            server: ServerOptions::default(),
            method: MethodOptions::default(),
            budget_bytes: 64 << 20,
            connection_bytes: 64 << 20,
            own_bytes: 0,
            http_handler: None,
            cors: None,
            observer: Arc::new(()),
        }
    }
}

pub struct TestServer {
    server: Server,
    pub probe: Arc<Probe>,
}

impl TestServer {
    /// Serves [`ALL`] with the defaults.
    pub fn start() -> Self {
        Self::with(Setup::default())
    }

    /// Serves [`ALL`].
    pub fn with(setup: Setup) -> Self {
        Self::serving(&ALL, setup, |probe| Arc::new(Handlers(probe)))
    }

    /// Serves `rpcs` by the handler that `make` returns instead of their own.
    pub fn serving(rpcs: &[Rpc], setup: Setup, make: impl FnOnce(Arc<Probe>) -> Arc<dyn Handler>) -> Self {
        let Setup { server, method, budget_bytes, connection_bytes, own_bytes, http_handler, cors, observer } = setup;
        let budget = Budget::new(Limits { total: budget_bytes, connection: connection_bytes, own: own_bytes });
        let probe = Probe::new(Arc::clone(&budget));
        let methods = rpcs.iter().zip(0..).map(|(rpc, index)| Method {
            path: rpc.path.into(),
            index,
            request: rpc.request,
            response: rpc.response,
            side_effect_free: rpc.side_effect_free,
            options: method.clone(),
        });
        let service = RpcService::new(Router::new(methods), make(Arc::clone(&probe)), budget);
        let service = match http_handler {
            Some(http_handler) => service.with_http_handler(http_handler),
            None => service,
        };
        let service = Arc::new(match cors {
            Some(cors) => service.with_cors(cors),
            None => service,
        });
        let server = Server::listen(&server, service, observer).expect("a free port");
        Self { server, probe }
    }

    /// The address of its first TCP listener.
    pub fn address(&self) -> SocketAddr {
        self.server.addresses().iter().find_map(ListenAddress::ip).expect("an IP address")
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Waits until nothing is reserved any more.
    pub async fn holds_nothing(&self) {
        super::eventually("giving back all reservations", || self.probe.budget.used() == 0).await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Closing joins threads, which tokio forbids on the thread of a runtime.
        std::thread::scope(|scope| {
            scope.spawn(|| self.server.close());
        });
    }
}

struct Handlers(Arc<Probe>);

impl Handler for Handlers {
    fn call(&self, request: Request) -> HandlerFuture {
        let Rpc { serve, .. } = ALL[request.method.index as usize];
        serve(request, Arc::clone(&self.0))
    }
}

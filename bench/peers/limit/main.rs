//! The core with handlers in Rust: the cost of a call without JavaScript.
//!
//! It responds with the bytes of the request, like the other peers, but decodes no message. `limit tls` serves TLS with
//! the certificate of the tests. It prints its address and serves until it is killed.

mod handlers;
mod output_streams;

use std::error::Error;
use std::fs;
use std::sync::Arc;

use connectum_native::call::{Budget, Cardinality, Limits, Method, MethodOptions};
use connectum_native::rpc::{Router, RpcService};
use connectum_native::server::{ListenerOptions, Pem, Server, ServerOptions, Tls, TlsOptions};

use Cardinality::{One, Stream};
use handlers::Handlers;

/// The default of `maxBufferedBytes` of `createServer()`.
const BUDGET_BYTES: usize = 512 << 20;

const METHODS: [(&str, Cardinality, Cardinality); 10] = [
    ("grpc.health.v1.Health/Check", One, One),
    ("connectum.bench.v1.BenchService/Unary", One, One),
    ("connectum.bench.v1.BenchService/Context", One, One),
    ("connectum.bench.v1.BenchService/Fail", One, One),
    ("connectum.bench.v1.BenchService/Bytes", One, One),
    ("connectum.bench.v1.BenchService/Strings", One, One),
    ("connectum.bench.v1.BenchService/Mixed", One, One),
    ("connectum.bench.v1.BenchService/ServerStream", One, Stream),
    ("connectum.bench.v1.BenchService/ClientStream", Stream, One),
    ("connectum.bench.v1.BenchService/BidiStream", Stream, Stream),
];

fn main() -> Result<(), Box<dyn Error>> {
    let tls = if std::env::args().nth(1).as_deref() == Some("tls") { Some(tls()?) } else { None };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let methods = METHODS.iter().zip(0..).map(|((name, request, response), index)| Method {
        path: format!("/{name}"),
        index,
        request: *request,
        response: *response,
        side_effect_free: false,
        options: MethodOptions::default(),
    });
    let limits = Limits { total: BUDGET_BYTES, connection: BUDGET_BYTES, own: 0 };
    let service = RpcService::new(Router::new(methods), Arc::new(Handlers), Budget::new(limits));
    let options = ServerOptions::from(ListenerOptions { tls, ..ListenerOptions::default() });
    let server = Server::listen(&options, Arc::new(service), Arc::new(())).map_err(|error| format!("{error:?}"))?;
    println!("{scheme}://{}", server.addresses()[0]);
    loop {
        std::thread::park();
    }
}

fn tls() -> Result<Tls, Box<dyn Error>> {
    let pem = |name: &str| {
        let path = format!("{}/__test__/certificates/{name}", env!("CARGO_MANIFEST_DIR"));
        fs::read(&path).map(|text| Pem { name: path, text, path: None })
    };
    let options = TlsOptions::new(pem("server.crt")?, pem("server.key")?);
    Ok(Tls::new(options, true)?)
}

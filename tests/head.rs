//! HEAD is answered by the head of a response alone, whatever answers it.

use crate::support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectum_native::call::{Activity, ConnectionBudget, Peer, RequestBody};
use connectum_native::protocol::ResponseBody;
use connectum_native::rpc::{HttpHandler, HttpHandlerFuture};
use connectum_native::server::{ListenerOptions, ServerOptions};
use connectum_native::services::health::{EventLoopLimits, Health, HealthEndpoints};
use http::request::Parts;
use http::{Request, Response};
use support::answer::text;
use support::http1::{Http1, exchange};
use support::http2::Http2;
use support::rpcs::{ECHO, ECHO_GET};
use support::run;
use support::server::{Setup, TestServer};

/// Has the same body for every verb.
struct Page;

impl HttpHandler for Page {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        _: RequestBody,
        _: &'a Arc<Peer>,
        _: &'a Arc<ConnectionBudget>,
        _: Activity,
    ) -> HttpHandlerFuture<'a> {
        Box::pin(async move {
            match parts.uri.path() {
                "/page" => Some(Response::new(ResponseBody::full("a page"))),
                "/panics" => panic!("on purpose"),
                _ => None,
            }
        })
    }
}

fn server() -> TestServer {
    let limits = EventLoopLimits { ready: Duration::from_secs(1), live: Duration::from_secs(30) };
    let endpoints = HealthEndpoints::new(Health::new(limits), vec!["/healthz".into()], Some(Arc::new(Page)));
    TestServer::with(Setup { http_handler: Some(Arc::new(endpoints)), ..Setup::default() })
}

#[test]
fn no_response_to_head_has_a_body() {
    // Path, further headers, status.
    let cases: [(&str, &[(&str, &str)], u16); 9] = [
        ("/nowhere", &[], 404),
        ("/nowhere", &[("connect-protocol-version", "1")], 404),
        ("/nowhere", &[("content-type", "application/grpc")], 200),
        ("/nowhere", &[("content-type", "application/grpc-web")], 200),
        ("/page", &[], 200),
        ("/panics", &[], 500),
        ("/healthz", &[], 503),
        (ECHO.path, &[], 405),
        (ECHO_GET.path, &[], 405),
    ];
    run(async {
        let server = server();
        let http2 = Http2::connect(server.address()).await;
        for (path, headers, status) in cases {
            let fields = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect::<String>();
            let request =
                |verb: &str| format!("{verb} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{fields}\r\n");
            // What is announced is what GET gets; nothing is announced of a body that is empty.
            let length = match exchange(server.address(), request("GET")).await.body.len() {
                0 => String::new(),
                length => length.to_string(),
            };
            let mut http1 = Http1::connect(server.address()).await;
            http1.send(request("HEAD")).await;
            let head = http1.head().await;
            let seen = (head.status, text(&head.headers, "content-length"));
            assert_eq!(seen, (status, length.as_str()), "HTTP/1.1 {path}");
            assert!(http1.rest().await.is_empty(), "HTTP/1.1 {path}");

            let mut request = Request::head(format!("http://test{path}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            // h2 resets a stream on which DATA follows the head of such a response.
            let answer = http2.exchange(request.body(()).expect("a request"), Bytes::new()).await;
            let answer = answer.unwrap_or_else(|error| panic!("HTTP/2 {path}: {error}"));
            let seen = (answer.status, answer.header("content-length"));
            assert_eq!(seen, (status, length.as_str()), "HTTP/2 {path}");
            assert!(answer.body.is_empty() && answer.trailers.is_empty(), "HTTP/2 {path}: {answer:?}");
        }
    });
}

#[test]
fn a_server_without_http1_refuses_head_without_a_body() {
    run(async {
        let only_http2 = ServerOptions::from(ListenerOptions { allow_http1: false, ..ListenerOptions::default() });
        let server = TestServer::with(Setup { server: only_http2, ..Setup::default() });
        let mut client = Http1::connect(server.address()).await;
        client.send("HEAD / HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert_eq!(client.head().await.status, 505);
        assert!(client.rest().await.is_empty());
    });
}

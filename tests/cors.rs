//! CORS over real sockets: what a browser asks before a call, and what it reads in each kind of response.

use crate::support;

use std::sync::Arc;

use bytes::Bytes;
use connectum_native::call::{Activity, ConnectionBudget, Peer, RequestBody};
use connectum_native::protocol::{REQUEST_HEADERS, RESPONSE_HEADERS, ResponseBody};
use connectum_native::rpc::{Cors, CorsOptions, HttpHandler, HttpHandlerFuture};
use http::request::Parts;
use http::{Request, Response};
use support::answer::{Answer, all};
use support::http1::exchange;
use support::http2::Http2;
use support::rpcs::{COUNT, ECHO, ECHO_GET, FAIL};
use support::run;
use support::server::{Setup, TestServer};

const PAGE: &str = "https://app.example";
const STRANGER: &str = "https://evil.example";

/// Serves two paths, one of them with CORS of its own.
struct Pages;

impl HttpHandler for Pages {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        _: RequestBody,
        _: &'a Arc<Peer>,
        _: &'a Arc<ConnectionBudget>,
        _: Activity,
    ) -> HttpHandlerFuture<'a> {
        Box::pin(async move {
            let mut response = Response::new(ResponseBody::full("a page"));
            match parts.uri.path() {
                "/page" => Some(response),
                "/own" => {
                    let own = "https://own.example".parse().expect("a value");
                    response.headers_mut().insert("access-control-allow-origin", own);
                    Some(response)
                }
                _ => None,
            }
        })
    }
}

fn options() -> CorsOptions {
    CorsOptions {
        origins: Some(vec![PAGE.into(), "http://localhost:5173".into()]),
        credentials: true,
        max_age: 600,
        allow_headers: vec!["authorization".into()],
        expose_headers: vec!["trailer-x-trailer".into()],
        all: false,
    }
}

fn serve(options: CorsOptions) -> TestServer {
    let cors = Cors::new(options).expect("options that header fields can carry");
    TestServer::with(Setup { cors: Some(cors), http_handler: Some(Arc::new(Pages)), ..Setup::default() })
}

/// A request, its response over HTTP/1.1 and over HTTP/2.
struct Case<'a> {
    verb: &'a str,
    path: &'a str,
    fields: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl<'a> Case<'a> {
    fn new(verb: &'a str, path: &'a str, fields: &[(&'a str, &'a str)]) -> Self {
        Self { verb, path, fields: fields.to_vec(), body: "" }
    }

    fn preflight(path: &'a str, origin: &'a str) -> Self {
        Self::new("OPTIONS", path, &[("origin", origin), ("access-control-request-method", "POST")])
    }

    /// A call of Connect, of a page.
    fn call(path: &'a str, origin: &'a str) -> Self {
        Self { body: "m", ..Self::new("POST", path, &[("origin", origin), ("content-type", "application/proto")]) }
    }

    async fn send(&self, server: &TestServer) -> [(&'static str, Answer); 2] {
        let Self { verb, path, fields, body } = self;
        let lines: String = fields.iter().flat_map(|&(name, value)| [name, ": ", value, "\r\n"]).collect();
        let length = body.len();
        // A response without content has no length, and this client then reads until the server closes.
        let lines = format!("host: test\r\nconnection: close\r\n{lines}content-length: {length}\r\n");
        let request = format!("{verb} {path} HTTP/1.1\r\n{lines}\r\n{body}");
        let over_http1 = exchange(server.address(), request).await;
        let mut request = Request::builder().method(*verb).uri(format!("http://test{path}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("a request");
        let client = Http2::connect(server.address()).await;
        let over_http2 = client.exchange(request, Bytes::copy_from_slice(body.as_bytes())).await.expect("answered");
        [("HTTP/1.1", over_http1), ("HTTP/2", over_http2)]
    }
}

/// The fields of CORS, and `vary`.
fn cors_fields(answer: &Answer) -> Vec<(String, String)> {
    let is_ours = |name: &str| name == "vary" || name.starts_with("access-control-");
    let names = answer.headers.keys().map(http::HeaderName::as_str).filter(|name| is_ours(name));
    let mut fields: Vec<_> = names.map(|name| (name.to_owned(), all(&answer.headers, name).join(" AND "))).collect();
    fields.sort();
    fields
}

fn fields(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What a page that is allowed may read.
fn readable(exposed: &str) -> Vec<(String, String)> {
    fields(&[
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-origin", PAGE),
        ("access-control-expose-headers", exposed),
        ("vary", "origin"),
    ])
}

// contract: CO-preflight, CO-headers
#[test]
fn a_preflight_is_answered_with_the_verbs_of_the_method_and_the_headers_of_the_protocols() {
    let allowed = format!("{}, authorization", REQUEST_HEADERS.join(", "));
    let permitted = |verbs: &str| {
        fields(&[
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", &allowed),
            ("access-control-allow-methods", verbs),
            ("access-control-allow-origin", PAGE),
            ("access-control-max-age", "600"),
            ("vary", "origin"),
        ])
    };
    run(async {
        let server = serve(options());
        for (path, origin, expected) in [
            (ECHO.path, PAGE, permitted("POST")),
            (ECHO_GET.path, PAGE, permitted("GET, POST")),
            (COUNT.path, PAGE, permitted("POST")),
            // Nobody serves it, and the page shall learn that.
            ("/no.Service/Method", PAGE, permitted("GET, POST")),
            (ECHO.path, STRANGER, fields(&[("vary", "origin")])),
            (ECHO.path, "null", fields(&[("vary", "origin")])),
        ] {
            for (http, answer) in Case::preflight(path, origin).send(&server).await {
                let what = format!("{http} {path} {origin}");
                assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{what}");
                assert_eq!(cors_fields(&answer), expected, "{what}");
                assert_eq!(answer.header("content-length"), "", "{what}: RFC 9110 section 8.6");
            }
        }
        server.holds_nothing().await;
    });
}

// contract: CO-every-response
#[test]
fn every_response_of_the_path_of_a_method_can_be_read_by_its_page() {
    let exposed = format!("{}, trailer-x-trailer", RESPONSE_HEADERS.join(", "));
    run(async {
        let server = serve(options());
        let grpc_web = [("origin", PAGE), ("content-type", "application/grpc-web+proto")];
        for (case, status) in [
            (Case::call(ECHO.path, PAGE), 200),
            (Case::call(FAIL.path, PAGE), 404),
            (Case::call("/no.Service/Method", PAGE), 404),
            (Case::new("PUT", ECHO.path, &[("origin", PAGE)]), 405),
            // No preflight: it asks for nothing.
            (Case::new("OPTIONS", ECHO.path, &[("origin", PAGE)]), 405),
            (Case::new("POST", ECHO.path, &[("origin", PAGE), ("content-type", "text/plain")]), 415),
            (Case::new("POST", "/no.Service/Method", &grpc_web), 200),
            (Case { body: "\0\0\0\0\u{1}m", ..Case::new("POST", ECHO.path, &grpc_web) }, 200),
            (Case::new("GET", &format!("{}?encoding=proto&message=bQ&connect=v1", ECHO_GET.path), &grpc_web[..1]), 200),
        ] {
            let what = format!("{} {} {:?}", case.verb, case.path, case.fields);
            for (http, answer) in case.send(&server).await {
                assert_eq!(answer.status, status, "{http} {what}");
                assert_eq!(cors_fields(&answer), readable(&exposed), "{http} {what}");
            }
        }
        let refused = TestServer::with(Setup {
            cors: Some(Cors::new(options()).expect("options that header fields can carry")),
            budget_bytes: 10,
            connection_bytes: 10,
            ..Setup::default()
        });
        for (http, answer) in Case::call(ECHO.path, PAGE).send(&refused).await {
            assert!(answer.status >= 429, "{http}: {}", answer.status);
            assert_eq!(cors_fields(&answer), readable(&exposed), "{http}: no memory");
        }
    });
}

// contract: CO-no-authorization
#[test]
fn a_call_of_an_origin_that_is_not_allowed_is_served_and_the_page_cannot_read_it() {
    run(async {
        let server = serve(options());
        for origin in [STRANGER, "null", "https://app.example.evil.example", "https://APP.example"] {
            for (http, answer) in Case::call(ECHO.path, origin).send(&server).await {
                assert_eq!((answer.status, answer.text().as_str()), (200, "m"), "{http} {origin}");
                assert_eq!(cors_fields(&answer), fields(&[("vary", "origin")]), "{http} {origin}");
            }
        }
        let twice = [("origin", PAGE), ("origin", PAGE), ("content-type", "application/proto")];
        for (http, answer) in Case::new("POST", ECHO.path, &twice).send(&server).await {
            assert_eq!(cors_fields(&answer), fields(&[("vary", "origin")]), "{http}");
        }
    });
}

// contract: CO-any
#[test]
fn where_any_origin_is_allowed_every_response_says_so() {
    let exposed = format!("{}, trailer-x-trailer", RESPONSE_HEADERS.join(", "));
    let expected = fields(&[("access-control-allow-origin", "*"), ("access-control-expose-headers", &exposed)]);
    run(async {
        let server = serve(CorsOptions { origins: None, credentials: false, ..options() });
        let without = Case { body: "m", ..Case::new("POST", ECHO.path, &[("content-type", "application/proto")]) };
        for case in [Case::call(ECHO.path, STRANGER), Case::call(ECHO.path, "null"), without] {
            for (http, answer) in case.send(&server).await {
                assert_eq!(answer.status, 200, "{http}");
                assert_eq!(cors_fields(&answer), expected, "{http} {:?}", case.fields);
            }
        }
    });
}

// contract: CO-handlers, CO-all
#[test]
fn http_handlers_decide_for_themselves_unless_the_policy_is_for_all() {
    let exposed = format!("{}, trailer-x-trailer", RESPONSE_HEADERS.join(", "));
    run(async {
        for is_for_all in [false, true] {
            let server = serve(CorsOptions { all: is_for_all, ..options() });
            let get = |path| Case::new("GET", path, &[("origin", PAGE)]);
            for (http, answer) in get("/page").send(&server).await {
                let expected = if is_for_all { readable(&exposed) } else { vec![] };
                assert_eq!((answer.text().as_str(), cors_fields(&answer)), ("a page", expected), "{http} {is_for_all}");
            }
            for (http, answer) in get("/own").send(&server).await {
                let expected = fields(&[("access-control-allow-origin", "https://own.example")]);
                assert_eq!(cors_fields(&answer), expected, "{http} {is_for_all}");
            }
            for (http, answer) in Case::preflight("/page", PAGE).send(&server).await {
                let verbs = answer.header("access-control-allow-methods");
                let expected = if is_for_all { (204, "GET, HEAD, POST, PUT, PATCH, DELETE") } else { (200, "") };
                assert_eq!((answer.status, verbs), expected, "{http} {is_for_all}");
            }
        }
    });
}

// contract: CO-none
#[test]
fn without_cors_nothing_is_said_about_origins() {
    run(async {
        let server = TestServer::start();
        for (case, status) in [
            (Case::call(ECHO.path, PAGE), 200),
            (Case::preflight(ECHO.path, PAGE), 405),
            (Case::preflight("/no.Service/Method", PAGE), 404),
        ] {
            for (http, answer) in case.send(&server).await {
                assert_eq!((answer.status, cors_fields(&answer)), (status, vec![]), "{http} {}", case.path);
            }
        }
    });
}

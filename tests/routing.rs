//! Verb, content type and path decide whether a request is a call, and the response to those that are not.

use crate::support;

use support::call::{Call, Protocol};
use support::http1::{Http1, exchange};
use support::http2::Http2;
use support::rpcs::{COLLECT, ECHO, ECHO_EACH, ECHO_GET};
use support::run;
use support::server::TestServer;

/// The body of a gRPC-Web response as text.
fn decoded(content_type: &str, body: &[u8]) -> String {
    let text = content_type.contains("-text");
    let body = if text { support::envelopes::decode_text(body) } else { body.to_vec() };
    String::from_utf8_lossy(&body).into_owned()
}

// contract: CN-allow
#[test]
fn the_verb_must_be_post_or_get_if_the_method_is_free_of_side_effects() {
    run(async {
        let server = TestServer::start();
        for (path, allow) in
            [(ECHO.path, "POST"), (COLLECT.path, "POST"), (ECHO_EACH.path, "POST"), (ECHO_GET.path, "GET, POST")]
        {
            for verb in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "get", "NONSENSE", "GET"] {
                if verb == "GET" && path == ECHO_GET.path {
                    continue;
                }
                let request = format!("{verb} {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/grpc\r\n\r\n");
                let mut client = Http1::connect(server.address()).await;
                client.send(request).await;
                let head = client.head().await;
                assert_eq!(head.status, 405, "{verb} {path}");
                assert_eq!(support::answer::text(&head.headers, "allow"), allow, "{verb} {path}");
            }
        }
    });
}

// contract: DEC-lost-grpc, DEC-lost-connect, DEC-lost-plain
#[test]
fn the_content_type_decides_what_is_served() {
    // For a unary method, for a stream, and for an unknown path: the status, and the code if a call was answered.
    const NO: (u16, &str) = (415, "");
    const OK: (u16, &str) = (200, "");
    const LOST: (u16, &str) = (404, "");
    const LOST_CONNECT: (u16, &str) = (404, "unimplemented");
    const LOST_GRPC: (u16, &str) = (200, "unimplemented");
    let cases = [
        ("application/proto", OK, NO, LOST_CONNECT),
        ("application/json", OK, NO, LOST),
        ("application/json; charset=utf-8", OK, NO, LOST),
        ("APPLICATION/JSON;Charset=UTF-8", OK, NO, LOST),
        ("application/json; charset=latin1", NO, NO, LOST),
        ("application/connect+proto", NO, OK, LOST_CONNECT),
        ("application/connect+json", NO, OK, LOST_CONNECT),
        ("application/connect", NO, NO, LOST),
        ("application/grpc", OK, OK, LOST_GRPC),
        ("application/grpc+proto", OK, OK, LOST_GRPC),
        ("application/grpc+json", OK, OK, LOST_GRPC),
        ("application/grpc+thrift", NO, NO, LOST),
        ("application/grpc-web", OK, OK, LOST_GRPC),
        ("application/grpc-web+proto", OK, OK, LOST_GRPC),
        ("application/grpc-web+json", OK, OK, LOST_GRPC),
        ("application/grpc-web-text", OK, OK, LOST_GRPC),
        ("application/grpc-web-text+proto", OK, OK, LOST_GRPC),
        ("application/grpcx", NO, NO, LOST),
        ("application/", NO, NO, LOST),
        ("application/+proto", NO, NO, LOST),
        ("application/+json", NO, NO, LOST),
        ("application/ json", NO, NO, LOST),
        ("application/json+json", NO, NO, LOST),
        ("application/connect+", NO, NO, LOST),
        ("application/grpc+", NO, NO, LOST),
        ("image/jpeg", NO, NO, LOST),
        ("", NO, NO, LOST),
    ];
    run(async {
        let server = TestServer::start();
        for (content_type, unary, stream, nowhere) in cases {
            for (path, (status, code)) in
                [(ECHO.path, unary), (ECHO_EACH.path, stream), ("/test.v1.Test/Nowhere", nowhere), ("/", nowhere)]
            {
                let request = format!(
                    "POST {path} HTTP/1.1\r\nhost: test\r\nte: trailers\r\ncontent-type: {content_type}\r\n\
                     content-length: 0\r\n\r\n"
                );
                let answer = exchange(server.address(), request).await;
                assert_eq!(answer.status, status, "{path} {content_type:?}");
                let said = match (status, answer.header("content-type")) {
                    (404, "application/json") => {
                        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
                        body["code"].as_str().expect("a code").to_owned()
                    }
                    (404, _) => {
                        assert_eq!(answer.text(), "Not Found");
                        String::new()
                    }
                    (200, of_call) if of_call.starts_with("application/grpc") && path.contains("Nowhere") => {
                        let all = [answer.header("grpc-status").to_owned(), decoded(of_call, &answer.body)].concat();
                        assert!(all.contains("12"), "{content_type}: {all}");
                        "unimplemented".into()
                    }
                    _ => continue,
                };
                assert_eq!(said, code, "{path} {content_type:?}");
            }
        }
    });
}

// contract: DEC-lost-connect, DEC-lost-plain
#[test]
fn an_unknown_path_gets_a_connect_error_if_the_request_is_connects() {
    run(async {
        let server = TestServer::start();
        let get = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n");
        let cases = [
            (
                "POST /nowhere HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
                 connect-protocol-version: 1\r\ncontent-length: 0\r\n\r\n"
                    .to_owned(),
                true,
            ),
            (get("/nowhere?connect=v1&message=&encoding=json"), true),
            (get("/nowhere?message=&encoding=json"), false),
            (get("/"), false),
        ];
        for (request, is_connect) in cases {
            let answer = exchange(server.address(), &request).await;
            assert_eq!(answer.status, 404);
            assert_eq!(answer.text().contains("unimplemented"), is_connect, "{request:?}: {}", answer.text());
        }
    });
}

#[test]
fn http2_connections_are_kept_for_the_next_call_after_every_refusal() {
    run(async {
        let server = TestServer::start();
        let client = Http2::connect(server.address()).await;
        let request = |verb: &str, path: &str, content_type: &str| {
            let request = http::Request::builder().method(verb).uri(format!("http://test{path}"));
            request.header("content-type", content_type).body(()).expect("a request")
        };
        for (request, status) in [
            (request("POST", "/nowhere", "text/plain"), 404),
            (request("PUT", ECHO.path, "application/proto"), 405),
            (request("POST", ECHO.path, "text/plain"), 415),
        ] {
            let answer = client.exchange(request, "some body".into()).await.expect("an answer");
            assert_eq!(answer.status, status);
            assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&client).await.joined(), "m");
        }
    });
}

//! HTTP/1.1 from clients of every kind: what is a request, where it ends, and what follows it.

use crate::support;

use support::call::{Call, Http, PROTOCOLS, Protocol};
use support::http1::{Http1, exchange};
use support::rpcs::ECHO;
use support::run;
use support::server::TestServer;

/// A Connect call over HTTP/1.1 with this head: request line and fields, without the last line end.
fn raw(head: &str) -> Vec<u8> {
    format!("{head}\r\ncontent-type: application/proto\r\ncontent-length: 1\r\n\r\nm").into_bytes()
}

// contract: CN-authority, CN-two-hosts, CN-absolute-form, DEC-http10
#[test]
fn a_request_names_its_host_in_one_way() {
    // Request line and fields, and the status.
    let path = ECHO.path;
    let cases = [
        (format!("POST {path} HTTP/1.1\r\nhost: test"), 200),
        (format!("POST {path} HTTP/1.1\r\nhost: [::1]:80"), 200),
        (format!("POST {path} HTTP/1.1\r\nhost: test:"), 200),
        (format!("POST {path} HTTP/1.0"), 200),
        (format!("POST {path} HTTP/1.0\r\nhost: test"), 200),
        (format!("POST http://test{path} HTTP/1.1\r\nhost: test"), 200),
        (format!("POST http://other:8080{path} HTTP/1.1\r\nhost: test"), 200),
        (format!("POST {path} HTTP/1.1"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: a\r\nhost: b"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: a\r\nhost: a"), 400),
        (format!("POST {path} HTTP/1.0\r\nhost: a\r\nhost: a"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost:"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: a b<>"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: test:99999"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: user@test"), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: ["), 400),
        (format!("POST {path} HTTP/1.1\r\nhost: \u{e9}"), 400),
        (format!("POST http://[{path} HTTP/1.1\r\nhost: test"), 400),
        (format!("POST http://test:99999{path} HTTP/1.1\r\nhost: test"), 400),
    ];
    run(async {
        let server = TestServer::start();
        for (head, status) in cases {
            assert_eq!(exchange(server.address(), raw(&head)).await.status, status, "{head:?}");
        }
    });
}

// contract: DEC-upgrade
#[test]
fn an_offer_to_upgrade_is_ignored() {
    run(async {
        let server = TestServer::start();
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: test\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n\
             http2-settings: AAMAAABkAAQAoAAAAAIAAAAA",
            ECHO.path
        );
        let mut client = Http1::connect(server.address()).await;
        for _ in 0..2 {
            client.send(raw(&head)).await;
            let answer = client.answer().await;
            assert_eq!((answer.status, answer.text().as_str()), (200, "m"));
        }
    });
}

// contract: CN-transfer-coding
#[test]
fn an_unknown_framing_is_refused() {
    let framings = [
        "transfer-encoding: gzip",
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: chunked, gzip",
        "transfer-encoding: nonsense, chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: nonsense",
        "content-length: x",
        "content-length: -1",
        "content-length: 1\r\ncontent-length: 2",
        "content-length: 99999999999999999999999",
    ];
    run(async {
        let server = TestServer::start();
        let mut accepted = Vec::new();
        for framing in framings {
            let request_line = format!("POST {} HTTP/1.1\r\nhost: test\r\ncontent-type: application/proto", ECHO.path);
            let request = format!("{request_line}\r\n{framing}\r\n\r\n1\r\nm\r\n0\r\n\r\n");
            let answer = exchange(server.address(), request).await;
            if ![400, 501].contains(&answer.status) {
                accepted.push(framing);
            }
        }
        assert_eq!(accepted, Vec::<&str>::new());
    });
}

#[test]
fn two_framings_at_once_end_the_connection() {
    run(async {
        let server = TestServer::start();
        let head = format!("POST {} HTTP/1.1\r\nhost: test\r\ncontent-type: application/proto", ECHO.path);
        let request = format!("{head}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n1\r\nm\r\n0\r\n\r\n");
        let mut client = Http1::connect(server.address()).await;
        client.send([request.as_bytes(), &raw(&format!("POST {} HTTP/1.1\r\nhost: test", ECHO.path))].concat()).await;
        let answer = client.answer().await;
        // RFC 9112 section 6.3: refused, or read as chunks and the connection closed, since it may be request
        // smuggling.
        assert!(answer.status == 400 || answer.text() == "m", "{answer:?}");
        assert!(client.closes().await, "the request behind it is not served");
    });
}

#[test]
fn bytes_that_are_not_http_are_refused_and_harm_no_other_connection() {
    let cases: [&[u8]; 7] = [
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
        b"\r\n\r\n\0\0\0\0\r\n\r\n",
        b"POST\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST /a HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /a HTTP/1.1\r\nhost: h\r\nx\0y: z\r\n\r\n",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\r\n\r\n",
    ];
    run(async {
        let server = TestServer::start();
        for bytes in cases {
            let mut client = Http1::connect(server.address()).await;
            client.send(bytes).await;
            client.finish().await;
            let said = client.rest().await;
            assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 4") || said.starts_with(b"HTTP/1.1 5"), "{said:?}");
        }
        let outcome = Call::new(Protocol::Connect, ECHO).message("m").send(Http::One, server.address()).await;
        assert_eq!(outcome.code, "ok");
    });
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    run(async {
        let server = TestServer::start();
        let head = format!("POST {} HTTP/1.1\r\nhost: test\r\nx-large: {}", ECHO.path, "x".repeat(200_000));
        let mut client = Http1::connect(server.address()).await;
        client.try_send(raw(&head)).await;
        assert_eq!(client.head().await.status, 431);
        let small = format!("POST {} HTTP/1.1\r\nhost: test\r\nx-large: {}", ECHO.path, "x".repeat(8_000));
        assert_eq!(exchange(server.address(), raw(&small)).await.status, 200);
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    run(async {
        let server = TestServer::start();
        for protocol in PROTOCOLS {
            let calls: Vec<_> = (0..20).map(|n| Call::new(protocol, ECHO).message(format!("number {n}"))).collect();
            let mut client = Http1::connect(server.address()).await;
            client.send(calls.iter().flat_map(Call::http1).collect::<Vec<_>>()).await;
            for (number, call) in calls.iter().enumerate() {
                assert_eq!(call.outcome(client.answer().await).joined(), format!("number {number}"), "{protocol:?}");
            }
        }
    });
}

#[test]
fn a_refused_request_does_not_break_the_next_one() {
    let refused = |head: &str| format!("{head}\r\nhost: test\r\ncontent-length: 6\r\n\r\nPOST /").into_bytes();
    run(async {
        let server = TestServer::start();
        let mut client = Http1::connect(server.address()).await;
        let echo = Call::new(Protocol::Connect, ECHO).message("m");
        let requests = [
            (refused("POST /nowhere HTTP/1.1"), 404),
            (refused(&format!("PUT {} HTTP/1.1", ECHO.path)), 405),
            (refused(&format!("POST {} HTTP/1.1\r\ncontent-type: image/jpeg", ECHO.path)), 415),
        ];
        for (request, status) in requests {
            client.send([request, echo.http1()].concat()).await;
            assert_eq!(client.answer().await.status, status);
            assert_eq!(client.answer().await.text(), "m", "after {status}");
        }
    });
}

#[test]
fn a_client_that_expects_100_continue_gets_it() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Connect, ECHO).message("m");
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1_head("expect: 100-continue\r\ncontent-length: 1\r\n")).await;
        assert_eq!(client.head().await.status, 100);
        client.send("m").await;
        assert_eq!(client.answer().await.text(), "m");

        // A client that is refused gets its response instead, and need not send.
        let head = "POST /nowhere HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
        assert_eq!(exchange(server.address(), head).await.status, 404);
    });
}

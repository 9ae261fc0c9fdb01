//! Unary calls of Connect by GET: the message is in the query.

use crate::support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use connectum_native::call::Encoding;
use connectum_native::call::MethodOptions;
use support::answer::Answer;
use support::call::{HTTPS, Http, Protocol};
use support::http1::exchange;
use support::http2::Http2;
use support::outcome::Outcome;
use support::rpcs::{COUNT, ECHO, ECHO_GET};
use support::server::{Setup, TestServer};
use support::{encodings, run};

async fn get(server: &TestServer, http: Http, target: &str, fields: &[(&str, &str)]) -> Answer {
    match http {
        Http::One => {
            let fields = fields.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect::<String>();
            exchange(server.address(), format!("GET {target} HTTP/1.1\r\nhost: test\r\n{fields}\r\n")).await
        }
        Http::Two => {
            let mut request = http::Request::get(format!("http://test{target}"));
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            let client = Http2::connect(server.address()).await;
            client.exchange(request.body(()).expect("a request"), bytes::Bytes::new()).await.expect("an answer")
        }
    }
}

/// A GET of [`ECHO_GET`] with this query.
async fn echo(server: &TestServer, http: Http, query: &str) -> Outcome {
    let answer = get(server, http, &format!("{}?{query}", ECHO_GET.path), &[]).await;
    Outcome::of(Protocol::Connect, true, answer)
}

#[test]
fn the_message_comes_as_text_or_as_base64_of_either_alphabet() {
    let bytes = b"\xfb\xff\xfe?";
    let standard = STANDARD.encode(bytes).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let cases: [(String, &[u8]); 12] = [
        ("encoding=json&message=%7B%22a%22%3A1%7D".into(), b"{\"a\":1}"),
        ("encoding=json&message={\"a\":1}".replace('"', "%22"), b"{\"a\":1}"),
        ("connect=v1&encoding=proto&message=a%20b".into(), b"a b"),
        ("encoding=proto&message=a+b".into(), b"a b"),
        ("encoding=proto&message=%FF%00".into(), b"\xff\0"),
        ("encoding=proto&message=".into(), b""),
        ("encoding=proto".into(), b""),
        (format!("encoding=proto&base64=1&message={}", URL_SAFE.encode(bytes)), bytes),
        (format!("encoding=proto&base64=1&message={}", URL_SAFE_NO_PAD.encode(bytes)), bytes),
        (format!("encoding=proto&base64=1&message={standard}"), bytes),
        ("message=Zm9v&base64=1&encoding=proto&other=1".into(), b"foo"),
        ("encoding=proto&base64=0&message=Zm9v".into(), b"Zm9v"),
    ];
    run(async {
        let server = TestServer::start();
        for http in HTTPS {
            for (query, expected) in &cases {
                let outcome = echo(&server, http, query).await;
                assert_eq!((outcome.code.as_str(), &outcome.messages[0][..]), ("ok", *expected), "{http:?} {query}");
            }
        }
    });
}

#[test]
fn the_response_is_in_the_codec_of_the_request() {
    run(async {
        let server = TestServer::start();
        for (codec, content_type) in [("json", "application/json"), ("proto", "application/proto")] {
            let outcome = echo(&server, Http::One, &format!("encoding={codec}&message=%7B%7D")).await;
            assert_eq!(support::answer::text(&outcome.headers, "content-type"), content_type);
        }
    });
}

// contract: CN-get-base64
#[test]
fn an_invalid_query_is_rejected_with_the_reason() {
    let cases = [
        ("base64=1&encoding=proto&message=*", "invalid_argument", "the message parameter is not base64"),
        ("base64=1&encoding=proto&message=A", "invalid_argument", "the message parameter is not base64"),
        ("encoding=proto&compression=nonsense&message=a", "unimplemented", "unknown compression \"nonsense\""),
        ("encoding=proto&compression=gzip&message=nonsense", "invalid_argument", "not valid gzip"),
    ];
    run(async {
        let server = TestServer::start();
        for http in HTTPS {
            for (query, code, text) in cases {
                let outcome = echo(&server, http, query).await;
                assert_eq!(outcome.code, code, "{query}: {}", outcome.text);
                assert!(outcome.text.contains(text), "{query}: {}", outcome.text);
            }
        }
        assert_eq!(server.probe.begun.get(), 0);
    });
}

#[test]
fn a_get_needs_a_codec_and_a_method_free_of_side_effects() {
    run(async {
        let server = TestServer::start();
        let cases = [
            (format!("{}?message=a", ECHO_GET.path), 415),
            (format!("{}?encoding=text&message=a", ECHO_GET.path), 415),
            (ECHO_GET.path.to_owned(), 415),
            (format!("{}?encoding=proto&message=a", ECHO.path), 405),
            (format!("{}?encoding=proto&message=1", COUNT.path), 405),
            ("/test.v1.Test/Nowhere?encoding=proto&message=a".to_owned(), 404),
        ];
        for http in HTTPS {
            for (target, status) in &cases {
                assert_eq!(get(&server, http, target, &[]).await.status, *status, "{http:?} {target}");
            }
        }
    });
}

#[test]
fn the_query_names_the_encoding_of_the_message_and_headers_that_of_the_response() {
    run(async {
        let server = TestServer::start();
        for encoding in Encoding::ALL {
            let message = vec![b'x'; 3000];
            let squeezed = URL_SAFE_NO_PAD.encode(encodings::compress(encoding, &message));
            let query = format!("encoding=proto&base64=1&compression={}&message={squeezed}", encoding.name());
            let target = format!("{}?{query}", ECHO_GET.path);
            for accepted in [Some(Encoding::Zstd), None] {
                let fields = accepted.map(|encoding| ("accept-encoding", encoding.name()));
                let answer = get(&server, Http::Two, &target, fields.as_slice()).await;
                let expected = accepted.unwrap_or(encoding);
                assert_eq!(answer.header("content-encoding"), expected.name());
                assert_eq!(Outcome::of(Protocol::Connect, true, answer).messages[0], message);
            }
        }
    });
}

#[test]
fn limits_hold_for_a_get_too() {
    run(async {
        let method = MethodOptions { read_max_bytes: 100, ..MethodOptions::default() };
        let server = TestServer::with(Setup { method, ..Setup::default() });
        for (length, code) in [(100, "ok"), (101, "resource_exhausted")] {
            let message = "x".repeat(length);
            assert_eq!(echo(&server, Http::One, &format!("encoding=proto&message={message}")).await.code, code);
            let squeezed = URL_SAFE_NO_PAD.encode(encodings::compress(Encoding::Gzip, message.as_bytes()));
            let query = format!("encoding=proto&base64=1&compression=gzip&message={squeezed}");
            assert_eq!(echo(&server, Http::One, &query).await.code, code);
        }
        server.holds_nothing().await;
    });
}

#[test]
fn timeouts_and_metadata_are_headers_of_a_get() {
    run(async {
        let server = TestServer::start();
        let target = format!("{}?encoding=proto&message=a", ECHO_GET.path);
        for (timeout, status) in [("1000", 200), ("0", 400), ("nonsense", 400)] {
            let answer = get(&server, Http::One, &target, &[("connect-timeout-ms", timeout), ("x-meta", "v")]).await;
            assert_eq!(answer.status, status, "{timeout}");
            if status == 200 {
                assert_eq!((answer.header("x-header"), answer.header("trailer-x-trailer")), ("v", "v"));
            }
        }
    });
}

#[test]
fn the_version_is_required_if_the_method_requires_it() {
    const TEXTS: [(&str, &str); 3] = [
        ("connect=v1&encoding=proto&message=a", ""),
        ("encoding=proto&message=a", "missing required parameter: set connect to \"v1\""),
        ("connect=v2&encoding=proto&message=a", "connect must be \"v1\": got \"v2\""),
    ];
    run(async {
        let method = MethodOptions { require_connect_protocol_header: true, ..MethodOptions::default() };
        let server = TestServer::with(Setup { method, ..Setup::default() });
        for (query, text) in TEXTS {
            let outcome = echo(&server, Http::One, query).await;
            let code = if text.is_empty() { "ok" } else { "invalid_argument" };
            assert_eq!(outcome.error(), (code, text), "{query}");
        }
    });
}

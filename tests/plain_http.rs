//! Plain HTTP requests are answered by the server's `HttpHandler`.

use crate::support;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use connectum_native::call::{
    Activity, Budget, Code, ConnectionBudget, Error, Limits, Metadata, Peer, RequestBody, ReservedBytes, ResponseEvent,
    ResponseStream,
};
use connectum_native::protocol::ResponseBody;
use connectum_native::rpc::{HttpHandler, HttpHandlerFuture};
use http::request::Parts;
use http::{Request, Response};
use support::http1::{Http1, exchange};
use support::http2::Http2;
use support::rpcs::ECHO;
use support::run;
use support::server::{Setup, TestServer};

/// Pieces of a body, then its end.
struct Pieces(VecDeque<ResponseEvent>);

impl ResponseStream for Pieces {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
        Poll::Ready(self.0.pop_front().expect("not polled after the end"))
    }
}

fn piece(text: &'static str) -> ResponseEvent {
    let budget = Budget::new(Limits { total: 100, connection: 100, own: 0 });
    ResponseEvent::Message(ReservedBytes::unchecked(text, &budget.connection(support::probe::NO_WINDOW)))
}

struct Pages;

impl HttpHandler for Pages {
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        _: RequestBody,
        peer: &'a Arc<Peer>,
        _: &'a Arc<ConnectionBudget>,
        _: Activity,
    ) -> HttpHandlerFuture<'a> {
        Box::pin(async move {
            let pieces = match parts.uri.path() {
                "/peer" => {
                    return Some(Response::new(ResponseBody::full(
                        peer.remote().expect("an address").ip().to_string(),
                    )));
                }
                "/pieces" => vec![piece("a"), piece(""), piece("b"), ResponseEvent::End(Metadata::new(), None)],
                "/breaks" => {
                    vec![piece("a"), ResponseEvent::End(Metadata::new(), Some(Error::new(Code::Internal, "no more")))]
                }
                "/panics" => panic!("on purpose"),
                _ => return None,
            };
            Some(Response::new(ResponseBody::raw(Box::new(Pieces(pieces.into())))))
        })
    }
}

fn server() -> TestServer {
    TestServer::with(Setup { http_handler: Some(Arc::new(Pages)), ..Setup::default() })
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")
}

#[test]
fn the_response_of_an_http_handler_is_sent_and_none_means_not_found() {
    run(async {
        let server = server();
        for (path, status, body) in [
            ("/peer", 200, "127.0.0.1"),
            ("/pieces", 200, "ab"),
            ("/panics", 500, "Internal Server Error"),
            ("/elsewhere", 404, "Not Found"),
        ] {
            let answer = exchange(server.address(), get(path)).await;
            assert_eq!((answer.status, answer.text().as_str()), (status, body), "HTTP/1.1 {path}");
            let request = Request::get(format!("http://test{path}")).body(()).expect("a request");
            let answer =
                Http2::connect(server.address()).await.exchange(request, Bytes::new()).await.expect("answered");
            assert_eq!((answer.status, answer.text().as_str()), (status, body), "HTTP/2 {path}");
        }
    });
}

#[test]
fn an_http_handler_is_not_called_for_the_paths_of_methods() {
    run(async {
        let server = server();
        let answer = exchange(server.address(), get(ECHO.path)).await;
        assert_eq!(answer.status, 405);
        let lost =
            "POST /no/method HTTP/1.1\r\nhost: test\r\ncontent-type: application/proto\r\ncontent-length: 0\r\n\r\n";
        let answer = exchange(server.address(), lost).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("unimplemented"), "{}", answer.text());
    });
}

#[test]
fn a_body_that_stops_early_is_not_taken_for_complete() {
    run(async {
        let server = server();
        let mut client = Http1::connect(server.address()).await;
        client.send(get("/breaks")).await;
        // hyper may drop what it had not sent yet. The connection has to end without the last chunk.
        let text = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(!text.ends_with("0\r\n\r\n"), "{text}");

        let request = Request::get("http://test/breaks").body(()).expect("a request");
        let error = Http2::connect(server.address()).await.exchange(request, Bytes::new()).await.expect_err("is reset");
        assert_eq!(error.reason(), Some(h2::Reason::INTERNAL_ERROR));
    });
}

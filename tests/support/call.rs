//! An RPC in any protocol over any HTTP version.

use std::net::SocketAddr;

use bytes::Bytes;
use connectum_native::call::Encoding;
use http::Request;

use super::answer::Answer;
use super::envelopes::{encode_text, envelope};
use super::http2::Http2;
use super::outcome::Outcome;
use super::rpcs::Rpc;
use super::{encodings, http1};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Connect,
    Grpc,
    GrpcWeb,
    GrpcWebText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    One,
    Two,
}

pub const PROTOCOLS: [Protocol; 4] = [Protocol::Connect, Protocol::Grpc, Protocol::GrpcWeb, Protocol::GrpcWebText];
pub const HTTPS: [Http; 2] = [Http::One, Http::Two];

/// Every protocol over every HTTP version.
pub fn everywhere() -> impl Iterator<Item = (Protocol, Http)> {
    PROTOCOLS.into_iter().flat_map(|protocol| HTTPS.into_iter().map(move |http| (protocol, http)))
}

/// A request that was not sent yet.
#[derive(Clone)]
pub struct Call {
    pub rpc: Rpc,
    pub protocol: Protocol,
    headers: Vec<(String, String)>,
    messages: Vec<Bytes>,
    encoding: Option<Encoding>,
    body: Option<Bytes>,
}

impl Call {
    pub fn new(protocol: Protocol, rpc: Rpc) -> Self {
        Self { rpc, protocol, headers: Vec::new(), messages: Vec::new(), encoding: None, body: None }
    }

    pub fn message(mut self, message: impl Into<Bytes>) -> Self {
        self.messages.push(message.into());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A timeout in the header's own format: `grpc` is for gRPC and gRPC-Web.
    pub fn timeout(self, connect: &str, grpc: &str) -> Self {
        match self.protocol {
            Protocol::Connect => self.header("connect-timeout-ms", connect),
            _ => self.header("grpc-timeout", grpc),
        }
    }

    pub fn timeout_ms(self, milliseconds: u32) -> Self {
        self.timeout(&milliseconds.to_string(), &format!("{milliseconds}m"))
    }

    /// Compresses the messages.
    pub fn compressed(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        let name = self.encoding_header();
        self.header(name, encoding.name())
    }

    /// Sets the encodings that the client accepts.
    pub fn accepting(self, names: &str) -> Self {
        let name = match (self.protocol, self.rpc.is_unary()) {
            (Protocol::Connect, true) => "accept-encoding",
            (Protocol::Connect, false) => "connect-accept-encoding",
            _ => "grpc-accept-encoding",
        };
        self.header(name, names)
    }

    /// Sets the body, instead of the messages.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The header that names the encoding of messages.
    pub fn encoding_header(&self) -> &'static str {
        match (self.protocol, self.rpc.is_unary()) {
            (Protocol::Connect, true) => "content-encoding",
            (Protocol::Connect, false) => "connect-content-encoding",
            _ => "grpc-encoding",
        }
    }

    pub fn content_type(&self) -> &'static str {
        match (self.protocol, self.rpc.is_unary()) {
            (Protocol::Connect, true) => "application/proto",
            (Protocol::Connect, false) => "application/connect+proto",
            (Protocol::Grpc, _) => "application/grpc",
            (Protocol::GrpcWeb, _) => "application/grpc-web+proto",
            (Protocol::GrpcWebText, _) => "application/grpc-web-text",
        }
    }

    /// Whether its messages are in envelopes.
    pub fn is_framed(&self) -> bool {
        self.protocol != Protocol::Connect || !self.rpc.is_unary()
    }

    /// The bytes of the request's body.
    pub fn bytes(&self) -> Bytes {
        if let Some(body) = &self.body {
            return body.clone();
        }
        let messages = self.messages.iter().map(|message| match self.encoding {
            Some(encoding) => encodings::compress(encoding, message),
            None => message.clone(),
        });
        if !self.is_framed() {
            return messages.collect::<Vec<_>>().concat().into();
        }
        let flags = u8::from(self.encoding.is_some());
        let body = messages.map(|message| envelope(flags, &message)).collect::<Vec<_>>().concat();
        if self.protocol == Protocol::GrpcWebText { encode_text(&body) } else { body.into() }
    }

    /// The head of the request over HTTP/1.1. `framing` is a field and its line end that says how the body is framed.
    pub fn http1_head(&self, framing: &str) -> String {
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: test\r\ncontent-type: {}\r\n{framing}",
            self.rpc.path,
            self.content_type()
        );
        // Without it hyper sends no trailers over HTTP/1.1, see RFC 9110 section 6.5.1.
        if self.protocol == Protocol::Grpc {
            head.push_str("te: trailers\r\n");
        }
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        head
    }

    /// The whole request over HTTP/1.1.
    pub fn http1(&self) -> Vec<u8> {
        let body = self.bytes();
        [self.http1_head(&format!("content-length: {}\r\n", body.len())).as_bytes(), &body].concat()
    }

    /// The head of the request over HTTP/2.
    pub fn http2(&self) -> Request<()> {
        let mut request = Request::post(format!("http://test{}", self.rpc.path))
            .version(http::Version::HTTP_2)
            .header("content-type", self.content_type());
        if self.protocol == Protocol::Grpc {
            request = request.header("te", "trailers");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).expect("a request")
    }

    /// Sends it on a connection of its own.
    pub async fn send(&self, http: Http, address: SocketAddr) -> Outcome {
        self.outcome(self.answer(http, address).await)
    }

    /// Sends it on a connection of its own; the response is not interpreted.
    pub async fn answer(&self, http: Http, address: SocketAddr) -> Answer {
        match http {
            Http::One => http1::exchange(address, self.http1()).await,
            Http::Two => {
                let client = Http2::connect(address).await;
                client.exchange(self.http2(), self.bytes()).await.expect("an answer")
            }
        }
    }

    /// Sends it on an open connection.
    pub async fn send_on(&self, client: &Http2) -> Outcome {
        self.outcome(client.exchange(self.http2(), self.bytes()).await.expect("an answer"))
    }

    /// The outcome that a response to this call means.
    pub fn outcome(&self, answer: Answer) -> Outcome {
        Outcome::of(self.protocol, self.rpc.is_unary(), answer)
    }
}

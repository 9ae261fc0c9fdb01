//! The result of an RPC, in the same terms for every protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use connectum_native::call::Code;
use connectum_native::call::Encoding;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answer::{Answer, text};
use super::call::Protocol;
use super::encodings::decompress;
use super::envelopes::{decode_text, split};

#[derive(Debug)]
pub struct Outcome {
    pub status: u16,
    pub headers: HeaderMap,
    /// Decompressed.
    pub messages: Vec<Bytes>,
    /// Whether each was compressed.
    pub compressed: Vec<bool>,
    /// `ok`, or the name of a code.
    pub code: String,
    /// The message of the error.
    pub text: String,
    /// Type and value of the details.
    pub details: Vec<(String, Vec<u8>)>,
    /// The trailers of a Connect unary response, which are headers, are here too, without their prefix.
    pub trailers: HeaderMap,
}

impl Outcome {
    pub fn of(protocol: Protocol, unary: bool, answer: Answer) -> Self {
        match (protocol, unary) {
            (Protocol::Connect, true) => Self::of_connect_unary(answer),
            (Protocol::Connect, false) => Self::of_connect_stream(answer),
            (Protocol::Grpc, _) => Self::of_grpc(answer),
            (Protocol::GrpcWeb, _) => Self::of_grpc_web(answer),
            (Protocol::GrpcWebText, _) => {
                let body = decode_text(&answer.body).into();
                Self::of_grpc_web(Answer { body, ..answer })
            }
        }
    }

    /// The messages as one text, joined by a space.
    pub fn joined(&self) -> String {
        String::from_utf8_lossy(&self.messages.join(&b' ')).into_owned()
    }

    /// Code and text, for assertions.
    pub fn error(&self) -> (&str, &str) {
        (&self.code, &self.text)
    }

    fn new(status: u16, headers: HeaderMap) -> Self {
        let (messages, compressed, details) = (Vec::new(), Vec::new(), Vec::new());
        let trailers = HeaderMap::new();
        Self { status, headers, messages, compressed, code: "ok".into(), text: String::new(), details, trailers }
    }

    fn of_connect_unary(answer: Answer) -> Self {
        let encoding = encoding(&answer.headers, "content-encoding");
        let body = encoding.map_or(answer.body.clone(), |encoding| decompress(encoding, &answer.body));
        let mut outcome = Self::new(answer.status, answer.headers);
        for (name, value) in &outcome.headers {
            if let Some(name) = name.as_str().strip_prefix("trailer-") {
                outcome.trailers.append(HeaderName::try_from(name).expect("a name"), value.clone());
            }
        }
        if outcome.status == 200 {
            outcome.messages.push(body);
            outcome.compressed.push(encoding.is_some());
        } else {
            assert_eq!(text(&outcome.headers, "content-type"), "application/json", "{}: {body:?}", outcome.status);
            outcome.read_error(&serde_json::from_slice(&body).expect("an error in JSON"));
        }
        outcome
    }

    fn of_connect_stream(answer: Answer) -> Self {
        let encoding = encoding(&answer.headers, "connect-content-encoding");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut outcome = Self::new(answer.status, answer.headers);
        let mut envelopes = split(&answer.body);
        let (flags, end) = envelopes.pop().expect("an end-stream message");
        assert_eq!(flags, 2, "the last message ends the stream");
        outcome.add_messages(envelopes, encoding);
        let end: Value = serde_json::from_slice(&end).expect("JSON at the end of the stream");
        if let Some(error) = end.get("error") {
            outcome.read_error(error);
        }
        for (name, values) in end.get("metadata").and_then(Value::as_object).into_iter().flatten() {
            for value in values.as_array().expect("values of a name") {
                let value = HeaderValue::from_str(value.as_str().expect("a text")).expect("a value");
                outcome.trailers.append(HeaderName::try_from(name).expect("a name"), value);
            }
        }
        outcome
    }

    fn of_grpc(answer: Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let encoding = encoding(&answer.headers, "grpc-encoding");
        let in_headers = answer.headers.contains_key("grpc-status");
        assert!(
            in_headers != answer.trailers.contains_key("grpc-status"),
            "the status is in the headers or in the trailers: {answer:?}"
        );
        let block = if in_headers { answer.headers.clone() } else { answer.trailers };
        let mut outcome = Self::new(answer.status, answer.headers);
        outcome.add_messages(split(&answer.body), encoding);
        outcome.read_status(block);
        outcome
    }

    fn of_grpc_web(answer: Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let encoding = encoding(&answer.headers, "grpc-encoding");
        let mut outcome = Self::new(answer.status, answer.headers);
        let mut envelopes = split(&answer.body);
        let (flags, end) = envelopes.pop().expect("the trailers");
        assert_eq!(flags, 0x80, "the last frame carries the trailers");
        outcome.add_messages(envelopes, encoding);
        let mut block = HeaderMap::new();
        let end = String::from_utf8(end.to_vec()).expect("trailers in ASCII");
        for line in end.strip_suffix("\r\n").expect("CRLF after every line").split("\r\n") {
            let (name, value) = line.split_once(": ").expect("a field");
            assert_eq!(name, name.to_ascii_lowercase());
            block.append(HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
        }
        outcome.read_status(block);
        outcome
    }

    fn add_messages(&mut self, envelopes: Vec<(u8, Bytes)>, encoding: Option<Encoding>) {
        for (flags, message) in envelopes {
            assert!(flags <= 1, "the flags of a message: {flags:#x}");
            let message = match flags {
                0 => message,
                _ => {
                    decompress(encoding.expect("a compressed message in a response that names its encoding"), &message)
                }
            };
            self.messages.push(message);
            self.compressed.push(flags == 1);
        }
    }

    fn read_status(&mut self, block: HeaderMap) {
        assert_eq!(block.get_all("grpc-status").iter().count(), 1, "one status: {block:?}");
        let number: u32 = text(&block, "grpc-status").parse().expect("a number");
        self.code = if number == 0 { "ok".into() } else { Code::from_number(number).name().into() };
        let message = percent_decode_str(text(&block, "grpc-message"));
        self.text = message.decode_utf8().expect("UTF-8").into_owned();
        if let Some(details) = block.get("grpc-status-details-bin") {
            let status = STANDARD_NO_PAD.decode(details).expect("unpadded base64");
            self.details = details_of(&status);
        }
        self.trailers = block;
    }

    fn read_error(&mut self, error: &Value) {
        let field = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.code = field("code");
        self.text = field("message");
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
            let value = STANDARD_NO_PAD.decode(field("value")).expect("unpadded base64");
            self.details.push((field("type").into(), value));
        }
    }
}

fn encoding(headers: &HeaderMap, name: &str) -> Option<Encoding> {
    headers.get(name).map(|_| Encoding::from_name(text(headers, name)).expect("a known encoding"))
}

/// The details of a `google.rpc.Status` in which every length is below 128.
fn details_of(status: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut details = Vec::new();
    for (tag, any) in fields(&status[2..]) {
        if tag == 0x1a {
            let parts = fields(any);
            let url = String::from_utf8(parts[0].1.to_vec()).expect("a URL");
            let name = url.strip_prefix("type.googleapis.com/").expect("the prefix of every type URL").to_owned();
            details.push((name, parts[1].1.to_vec()));
        }
    }
    details
}

/// Length-delimited fields.
fn fields(mut message: &[u8]) -> Vec<(u8, &[u8])> {
    let mut fields = Vec::new();
    while let [tag, length, rest @ ..] = message {
        let (value, rest) = rest.split_at(usize::from(*length));
        fields.push((*tag, value));
        message = rest;
    }
    fields
}

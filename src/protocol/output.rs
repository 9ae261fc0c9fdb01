//! The outward half of a call: response messages and their end, framed and compressed.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, TRAILER};
use http::{HeaderValue, Response, Version};

use super::body::{Chunks, ResponseBody};
use super::compression::{Encoding, compress};
use super::envelope::{COMPRESSED, END_STREAM, head, join};
use super::stream_body::StreamBody;
use super::wire::Wire;
use super::{connect, grpc, grpc_web, metadata};
use crate::rpc::{Deadline, Error, Failure, Metadata, Output as Messages, Response as Answer};

/// Messages up to this size are copied behind their head; larger ones go out as they are, in a frame of their own.
const JOIN_BYTES: usize = 8 * 1024;

/// How the response of one call is written.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The protocol.
    pub wire: Wire,
    /// Whether the response goes over HTTP/1.1, which wants trailers declared.
    pub version: Version,
    /// The encoding the client reads; `None` is identity.
    pub encoding: Option<Encoding>,
    /// Smaller messages are not compressed.
    pub compress_min_bytes: usize,
    /// When the response must have ended.
    pub deadline: Deadline,
}

impl Output {
    /// The HTTP response for what a handler answered.
    pub async fn write(self, answer: Result<Answer, Failure>) -> Response<ResponseBody> {
        match (self.wire, answer) {
            (Wire::ConnectUnary { .. }, answer) => self.write_unary(answer).await,
            (_, Ok(Answer { header, output: Messages::Stream(source) })) => {
                let declared = source.known_trailers();
                let body = StreamBody::new(self, source);
                self.framed_response(header, &declared, None, ResponseBody::stream(body))
            }
            (_, Ok(Answer { header, output: Messages::One(message, trailer) })) => {
                let mut chunks = Chunks::default();
                match self.frame(message.into_bytes(), &mut chunks).await {
                    Ok(()) => self.framed_end(header, chunks, trailer, None),
                    Err(error) => self.framed_end(header, chunks, trailer, Some(&error)),
                }
            }
            (_, Err(Failure { error, header, trailer })) => {
                self.framed_end(header, Chunks::default(), trailer, Some(&error))
            }
        }
    }

    /// A response known to its end.
    fn framed_end(
        self,
        header: Metadata,
        chunks: Chunks,
        trailer: Metadata,
        error: Option<&Error>,
    ) -> Response<ResponseBody> {
        if let Wire::Grpc { .. } = self.wire {
            let trailers = grpc::trailers(trailer, error);
            if chunks.is_empty() && header.is_empty() && error.is_some() {
                return self.trailers_only(trailers);
            }
            let declared = trailers.keys().map(|name| (name.clone(), HeaderValue::from_static(""))).collect();
            let body = ResponseBody::framed(chunks, Some(trailers));
            return self.framed_response(header, &declared, error, body);
        }
        let mut chunks = chunks;
        chunks.push(self.end_envelope(trailer, error));
        self.framed_response(header, &Metadata::new(), error, ResponseBody::framed(chunks, None))
    }

    /// gRPC's short form of an error without headers and messages: one block that is both.
    fn trailers_only(self, trailers: HeaderMap) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::empty());
        *response.headers_mut() = trailers;
        response.headers_mut().insert(CONTENT_TYPE, self.wire.content_type());
        response
    }

    /// A response with envelopes in its body.
    fn framed_response(
        self,
        header: Metadata,
        declared: &Metadata,
        error: Option<&Error>,
        body: ResponseBody,
    ) -> Response<ResponseBody> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.wire.content_type());
        if let Some(encoding) = self.encoding {
            headers.insert(self.wire.headers().encoding.clone(), encoding.header_value());
        }
        metadata::append(headers, header);
        if matches!(self.wire, Wire::Grpc { .. }) && self.version < Version::HTTP_2 {
            let mut names = vec![grpc::GRPC_STATUS, grpc::GRPC_MESSAGE, grpc::GRPC_STATUS_DETAILS];
            let of_error = error.map(|error| &error.metadata);
            for (name, _) in declared.iter().chain(of_error.into_iter().flatten()) {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            let list = names.iter().map(http::HeaderName::as_str).collect::<Vec<_>>().join(", ");
            if let Ok(list) = HeaderValue::try_from(list) {
                headers.insert(TRAILER, list);
            }
        }
        response
    }

    /// The response of a Connect unary call.
    async fn write_unary(self, answer: Result<Answer, Failure>) -> Response<ResponseBody> {
        let (mut response, body, trailer) = match answer {
            Ok(Answer { header, output: Messages::One(message, trailer) }) => {
                let mut response = Response::new(ResponseBody::empty());
                response.headers_mut().insert(CONTENT_TYPE, self.wire.content_type());
                metadata::append(response.headers_mut(), header);
                (response, message.into_bytes(), trailer)
            }
            // A unary method has one message; a handler that streams one is a fault of this crate.
            Ok(Answer { output: Messages::Stream(_), .. }) => unary_error(Error::internal().into()),
            Err(failure) => unary_error(failure),
        };
        let body = match self.encoding_for(&body) {
            None => body,
            Some(encoding) => match compress(encoding, body).await {
                Ok(compressed) => {
                    response.headers_mut().insert(self.wire.headers().encoding.clone(), encoding.header_value());
                    compressed
                }
                Err(error) => {
                    let (failed, body, _) = unary_error(error.into());
                    response = failed;
                    body
                }
            },
        };
        connect::trailers_as_headers(response.headers_mut(), trailer);
        *response.body_mut() = ResponseBody::full(body);
        response
    }

    /// The encoding for a message of this size.
    pub fn encoding_for(self, message: &Bytes) -> Option<Encoding> {
        self.encoding.filter(|_| message.len() >= self.compress_min_bytes)
    }

    /// Compresses and frames a message.
    async fn frame(self, message: Bytes, chunks: &mut Chunks) -> Result<(), Error> {
        match self.encoding_for(&message) {
            None => self.push_envelope(0, message, chunks),
            Some(encoding) => self.push_envelope(COMPRESSED, compress(encoding, message).await?, chunks),
        }
        Ok(())
    }

    /// Frames a message that is compressed as its flags say.
    pub fn push_envelope(self, flags: u8, message: Bytes, chunks: &mut Chunks) {
        if matches!(self.wire, Wire::GrpcWeb { text: true, .. }) {
            chunks.push(grpc_web::encode_text(&join(flags, &message)));
        } else if message.len() <= JOIN_BYTES {
            chunks.push(join(flags, &message));
        } else {
            chunks.push(Bytes::copy_from_slice(&head(flags, message.len())));
            chunks.push(message);
        }
    }

    /// The last envelope of a body that carries its own end.
    pub fn end_envelope(self, trailer: Metadata, error: Option<&Error>) -> Bytes {
        match self.wire {
            Wire::GrpcWeb { text, .. } => {
                let envelope = grpc_web::trailers_envelope(trailer, error);
                if text { grpc_web::encode_text(&envelope) } else { envelope }
            }
            _ => join(END_STREAM, connect::end_stream(&trailer, error).as_bytes()),
        }
    }
}

/// The parts of a Connect unary error: response head, body, trailers.
fn unary_error(failure: Failure) -> (Response<ResponseBody>, Bytes, Metadata) {
    let Failure { error, header, trailer } = failure;
    let mut response = connect::error_response_with_status(&error, connect::http_status(error.code));
    let body = Bytes::from(connect::error_json(&error));
    metadata::append(response.headers_mut(), header);
    metadata::append(response.headers_mut(), error.metadata);
    (response, body, trailer)
}

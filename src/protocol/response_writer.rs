//! Writes the response of a call: messages and their end, framed and compressed.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderMap, TRAILER};
use http::{HeaderValue, Response as HttpResponse, Version};

use super::chunks::Chunks;
use super::compression::{Encoded, ResponseCompression, compress};
use super::envelope::compressed_flag;
use super::framing::{End, Framing};
use super::response_body::ResponseBody;
use super::stream_body::StreamBody;
use super::wire::Wire;
use super::{connect, grpc, metadata};
use crate::call::{ConnectionBudget, Deadline, Error, Failure, Metadata, ReservedBytes, Response, ResponseMessages};

/// Writes the response of one call.
#[derive(Debug)]
pub struct ResponseWriter {
    /// Protocol, codec and framing.
    pub wire: Wire,
    /// The HTTP version: HTTP/1.1 has to declare trailers.
    pub version: Version,
    /// The compression of the messages.
    pub compression: ResponseCompression,
    /// The instant by which the response has to end.
    pub deadline: Deadline,
    /// The memory of the connection, in which the response is reserved until it is sent.
    pub budget: Arc<ConnectionBudget>,
}

impl ResponseWriter {
    /// A writer of an error that does not belong to a call.
    pub fn for_error(wire: Wire, version: Version, budget: &Arc<ConnectionBudget>) -> Self {
        let compression = ResponseCompression::default();
        Self { wire, version, compression, deadline: Deadline::none(), budget: Arc::clone(budget) }
    }

    /// The HTTP response for the result of a handler.
    pub async fn write(&self, result: Result<Response, Failure>) -> HttpResponse<ResponseBody> {
        let Some(framing) = self.wire.framing() else {
            return self.write_unary(result).await;
        };
        match result {
            Ok(Response { header, messages: ResponseMessages::Stream(source) }) => {
                let declared = source.known_trailers();
                let body = StreamBody::new(framing, self.compression, self.deadline, source, &self.budget);
                self.framed_response(header, &declared, None, ResponseBody::stream(body))
            }
            Ok(Response { header, messages: ResponseMessages::One(message, trailer) }) => {
                let mut chunks = Chunks::default();
                match self.frame(framing, message, &mut chunks).await {
                    Ok(()) => self.write_framed(framing, header, chunks, trailer, None),
                    Err(error) => self.write_framed(framing, header, chunks, trailer, Some(&error)),
                }
            }
            Err(Failure { error, header, trailer }) => {
                self.write_framed(framing, header, Chunks::default(), trailer, Some(&error))
            }
        }
    }

    /// The response for an error alone.
    pub fn write_error(&self, framing: Framing, error: &Error) -> HttpResponse<ResponseBody> {
        self.write_framed(framing, Metadata::new(), Chunks::default(), Metadata::new(), Some(error))
    }

    /// A response whose messages and end are all known.
    fn write_framed(
        &self,
        framing: Framing,
        header: Metadata,
        mut chunks: Chunks,
        trailer: Metadata,
        error: Option<&Error>,
    ) -> HttpResponse<ResponseBody> {
        error.inspect(|error| error.log());
        match framing.end(trailer, error) {
            End::Trailers(trailers) if chunks.is_empty() && header.is_empty() && error.is_some() => {
                self.trailers_only(trailers)
            }
            End::Trailers(mut trailers) => {
                metadata::reserve(&mut trailers, &self.budget);
                let declared = trailers.keys().map(|name| (name.clone(), HeaderValue::from_static(""))).collect();
                self.framed_response(header, &declared, error, ResponseBody::framed(chunks, Some(trailers)))
            }
            End::Envelope(envelope) => {
                chunks.push(ReservedBytes::unchecked(envelope, &self.budget));
                self.framed_response(header, &Metadata::new(), error, ResponseBody::framed(chunks, None))
            }
        }
    }

    /// gRPC's Trailers-Only: an error without headers and messages is one header block, which ends the stream.
    fn trailers_only(&self, trailers: HeaderMap) -> HttpResponse<ResponseBody> {
        let mut response = HttpResponse::new(ResponseBody::empty());
        *response.headers_mut() = trailers;
        metadata::reserve(response.headers_mut(), &self.budget);
        response.headers_mut().insert(CONTENT_TYPE, self.wire.content_type());
        response
    }

    /// A response with envelopes in its body.
    fn framed_response(
        &self,
        header: Metadata,
        declared: &Metadata,
        error: Option<&Error>,
        body: ResponseBody,
    ) -> HttpResponse<ResponseBody> {
        let mut response = HttpResponse::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.wire.content_type());
        if let Some(encoding) = self.compression.encoding {
            headers.insert(self.wire.header_names().encoding.clone(), encoding.header_value());
        }
        metadata::append(headers, header);
        metadata::reserve(headers, &self.budget);
        if self.wire.framing() == Some(Framing::Grpc) && self.version < Version::HTTP_2 {
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
    async fn write_unary(&self, result: Result<Response, Failure>) -> HttpResponse<ResponseBody> {
        let (mut response, trailer) = match result {
            Ok(Response { header, messages: ResponseMessages::One(message, trailer) }) => {
                let mut response = HttpResponse::new(message);
                response.headers_mut().insert(CONTENT_TYPE, self.wire.content_type());
                metadata::append(response.headers_mut(), header);
                (response, trailer)
            }
            // A unary method has one message: a handler that returns a stream is a bug of this crate.
            Ok(Response { messages: ResponseMessages::Stream(_), .. }) => {
                self.unary_error(Error::internal("the handler of a unary method returned a stream").into())
            }
            Err(failure) => self.unary_error(failure),
        };
        if let Some(encoding) = self.compression.encoding_for(response.body()) {
            let (mut head, body) = response.into_parts();
            response = match compress(encoding, body).await {
                Ok(Encoded { message, encoding }) => {
                    if let Some(encoding) = encoding {
                        head.headers.insert(self.wire.header_names().encoding.clone(), encoding.header_value());
                    }
                    HttpResponse::from_parts(head, message)
                }
                Err(error) => self.unary_error(error.into()).0,
            };
        }
        connect::trailers_as_headers(response.headers_mut(), trailer);
        metadata::reserve(response.headers_mut(), &self.budget);
        response.map(|body| ResponseBody::full(body.into_bytes()))
    }

    /// The response of a Connect unary call that failed, not yet compressed, and its trailers.
    fn unary_error(&self, failure: Failure) -> (HttpResponse<ReservedBytes>, Metadata) {
        let Failure { error, header, trailer } = failure;
        error.log();
        let mut response = connect::error_response(&error, connect::http_status(error.code), &self.budget);
        metadata::append(response.headers_mut(), header);
        metadata::append(response.headers_mut(), error.metadata);
        (response, trailer)
    }

    /// Compresses and frames a message.
    async fn frame(&self, framing: Framing, message: ReservedBytes, chunks: &mut Chunks) -> Result<(), Error> {
        match self.compression.encoding_for(&message) {
            None => framing.push(0, message, chunks),
            Some(encoding) => {
                let Encoded { message, encoding } = compress(encoding, message).await?;
                framing.push(compressed_flag(encoding), message, chunks);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};

    use http_body_util::BodyExt as _;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Subscriber};

    use super::*;
    use crate::call::{Codec, ResponseEvent, ResponseStream};

    const WIRES: [Wire; 5] = [
        Wire::ConnectUnary { codec: Codec::Proto },
        Wire::ConnectStream { codec: Codec::Json },
        Wire::Grpc { codec: Codec::Proto },
        Wire::GrpcWeb { codec: Codec::Proto, text: false },
        Wire::GrpcWeb { codec: Codec::Proto, text: true },
    ];

    /// The log of a thread.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl Log {
        fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.0.lock().expect("a lock"))
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    impl Visit for Log {
        fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
            self.0.lock().expect("a lock").push(format!("{value:?}"));
        }
    }

    /// Everything of a response that is sent.
    async fn sent(response: HttpResponse<ResponseBody>) -> String {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body");
        format!("{:?} {:?} {:?}", parts.headers, body.trailers().cloned(), body.to_bytes())
    }

    #[tokio::test]
    async fn the_cause_of_an_internal_error_is_logged_once_and_never_sent() {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        for wire in WIRES {
            let writer = ResponseWriter::for_error(wire, Version::HTTP_2, &ConnectionBudget::unlimited());
            let sent = sent(writer.write(Err(Error::internal("the cause").into())).await).await;
            assert!(!sent.contains("the cause"), "{wire:?}: {sent}");
            assert_eq!(log.take(), ["the cause"], "{wire:?}");
        }
    }

    #[tokio::test]
    async fn an_error_without_a_cause_is_not_logged() {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        for wire in WIRES {
            let writer = ResponseWriter::for_error(wire, Version::HTTP_2, &ConnectionBudget::unlimited());
            sent(writer.write(Err(Error::invalid_argument("no").into())).await).await;
            assert_eq!(log.take(), [""; 0], "{wire:?}");
        }
    }

    /// Panics, or fails.
    struct Broken(Option<Error>);

    impl ResponseStream for Broken {
        fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
            Poll::Ready(ResponseEvent::End(Metadata::new(), Some(self.0.take().expect("an error"))))
        }
    }

    #[tokio::test]
    async fn streams_that_panic_or_fail_are_logged_once() {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        for (error, expected) in
            [(Some(Error::internal("the cause")), "the cause"), (None, "panicked (reason: an error)")]
        {
            for wire in WIRES.into_iter().filter(|wire| wire.framing().is_some()) {
                let messages = ResponseMessages::Stream(Box::new(Broken(error.clone())));
                let writer = ResponseWriter::for_error(wire, Version::HTTP_2, &ConnectionBudget::unlimited());
                sent(writer.write(Ok(Response { header: Metadata::new(), messages })).await).await;
                let logged = log.take();
                assert!(logged.len() == 1 && logged[0].ends_with(expected), "{wire:?}: {logged:?}");
            }
            let body = ResponseBody::raw(Box::new(Broken(error)));
            body.collect().await.expect_err("a broken body");
            let logged = log.take();
            assert!(logged.len() == 1 && logged[0].ends_with(expected), "{logged:?}");
        }
    }
}

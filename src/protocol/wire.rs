//! Which protocol, codec and framing a request uses, by its verb and content type; and what a path that is not there gets.

use http::header::{ALLOW, CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method as Verb, Response, StatusCode};

use super::{Codec, Protocol, ResponseBody, connect, grpc, grpc_web};
use crate::rpc::{Code, Error, Method};

/// How a call is written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The body is the message itself; errors are JSON with an HTTP status.
    ConnectUnary {
        /// Encoding of the messages.
        codec: Codec,
        /// The request is a GET, its message in the query.
        get: bool,
    },
    /// Envelopes, the last of which is JSON.
    ConnectStream {
        /// Encoding of the messages.
        codec: Codec,
    },
    /// Envelopes, and HTTP trailers.
    Grpc {
        /// Encoding of the messages.
        codec: Codec,
    },
    /// Envelopes, the last of which carries the trailers.
    GrpcWeb {
        /// Encoding of the messages.
        codec: Codec,
        /// The whole body is base64.
        text: bool,
    },
}

/// Names of the headers that differ from wire to wire.
#[derive(Debug)]
pub struct HeaderNames {
    /// The request's timeout.
    pub timeout: HeaderName,
    /// The encoding of the messages.
    pub encoding: HeaderName,
    /// The encodings that the sender reads.
    pub accept_encoding: HeaderName,
}

impl Wire {
    /// The wire of a request for `method`.
    ///
    /// # Errors
    ///
    /// The response for a request that has none: 405 with `Allow`, or 415.
    pub fn of(parts: &Parts, method: &Method) -> Result<Self, Box<Response<ResponseBody>>> {
        let get_allowed = method.side_effect_free && method.is_unary();
        if parts.method == Verb::GET && get_allowed {
            return connect::get_codec(parts)
                .map(|codec| Self::ConnectUnary { codec, get: true })
                .ok_or_else(|| Box::new(empty(StatusCode::UNSUPPORTED_MEDIA_TYPE)));
        }
        if parts.method != Verb::POST {
            let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
            let allow = HeaderValue::from_static(if get_allowed { "GET, POST" } else { "POST" });
            response.headers_mut().insert(ALLOW, allow);
            return Err(Box::new(response));
        }
        match Self::of_content_type(&parts.headers) {
            Some(Self::ConnectUnary { codec, get }) if method.is_unary() => Ok(Self::ConnectUnary { codec, get }),
            Some(Self::ConnectStream { codec }) if !method.is_unary() => Ok(Self::ConnectStream { codec }),
            Some(wire @ (Self::Grpc { .. } | Self::GrpcWeb { .. })) => Ok(wire),
            _ => Err(Box::new(empty(StatusCode::UNSUPPORTED_MEDIA_TYPE))),
        }
    }

    /// The wire that a content type stands for, whatever the method.
    fn of_content_type(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (essence, parameters) = match value.split_once(';') {
            Some((essence, parameters)) => (essence, Some(parameters)),
            None => (value, None),
        };
        let essence = essence.trim_end().to_ascii_lowercase();
        let (base, codec) = match essence.strip_prefix("application/")? {
            "json" => ("", Codec::Json),
            "proto" => ("", Codec::Proto),
            subtype => match subtype.split_once('+') {
                Some((base, "json")) => (base, Codec::Json),
                Some((base, "proto")) => (base, Codec::Proto),
                Some(_) => return None,
                None => (subtype, Codec::Proto),
            },
        };
        // JSON is UTF-8; a parameter that says so is welcome, one that says otherwise is not.
        if let Some(parameters) = parameters {
            let parameters = parameters.trim().to_ascii_lowercase();
            if codec != Codec::Json || !matches!(parameters.as_str(), "charset=utf-8" | "charset=utf8") {
                return None;
            }
        }
        match base {
            "" => Some(Self::ConnectUnary { codec, get: false }),
            "connect" if essence.contains('+') => Some(Self::ConnectStream { codec }),
            "grpc" => Some(Self::Grpc { codec }),
            "grpc-web" => Some(Self::GrpcWeb { codec, text: false }),
            "grpc-web-text" => Some(Self::GrpcWeb { codec, text: true }),
            _ => None,
        }
    }

    /// The protocol's name for handlers.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::ConnectUnary { .. } | Self::ConnectStream { .. } => Protocol::Connect,
            Self::Grpc { .. } => Protocol::Grpc,
            Self::GrpcWeb { .. } => Protocol::GrpcWeb,
        }
    }

    /// The encoding of the messages.
    pub fn codec(self) -> Codec {
        match self {
            Self::ConnectUnary { codec, .. }
            | Self::ConnectStream { codec }
            | Self::Grpc { codec }
            | Self::GrpcWeb { codec, .. } => codec,
        }
    }

    /// The content type of the response.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::ConnectUnary { codec: Codec::Proto, .. } => "application/proto",
            Self::ConnectUnary { codec: Codec::Json, .. } => "application/json",
            Self::ConnectStream { codec: Codec::Proto } => "application/connect+proto",
            Self::ConnectStream { codec: Codec::Json } => "application/connect+json",
            Self::Grpc { codec: Codec::Proto } => "application/grpc+proto",
            Self::Grpc { codec: Codec::Json } => "application/grpc+json",
            Self::GrpcWeb { codec: Codec::Proto, text: false } => "application/grpc-web+proto",
            Self::GrpcWeb { codec: Codec::Json, text: false } => "application/grpc-web+json",
            Self::GrpcWeb { codec: Codec::Proto, text: true } => "application/grpc-web-text+proto",
            Self::GrpcWeb { codec: Codec::Json, text: true } => "application/grpc-web-text+json",
        })
    }

    /// The headers that carry timeout and compression on this wire.
    pub fn headers(self) -> &'static HeaderNames {
        match self {
            Self::ConnectUnary { .. } => &connect::UNARY_HEADERS,
            Self::ConnectStream { .. } => &connect::STREAM_HEADERS,
            Self::Grpc { .. } | Self::GrpcWeb { .. } => &grpc::HEADERS,
        }
    }
}

fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = status;
    response
}

/// The answer for a path where no method is.
///
/// gRPC clients read a status, Connect clients an error body; everyone else gets plain text.
pub fn not_found(parts: &Parts) -> Response<ResponseBody> {
    let error = || Error::new(Code::Unimplemented, format!("no method at {}", parts.uri.path()));
    let by_content_type = Wire::of_content_type(&parts.headers);
    match by_content_type {
        Some(wire @ Wire::Grpc { .. }) => grpc::error_response(wire, &error()),
        Some(wire @ Wire::GrpcWeb { text, .. }) => grpc_web::error_response(wire, text, &error()),
        _ if connect::is_connect(parts, by_content_type) => {
            connect::error_response_with_status(&error(), StatusCode::NOT_FOUND)
        }
        _ => {
            let mut response = Response::new(ResponseBody::full("Not Found"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

//! The wire of a call: protocol, codec, framing. Methods of [`Wire`] and [`Framing`] say what follows from them, so
//! that hardly anything else tells the protocols apart.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use super::framing::Framing;
use super::header_names::{self, HeaderNames};
use crate::call::{Codec, Protocol};

/// The wire of a call: protocol, codec and framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The body is the message itself, or it is in the query of a GET; errors are JSON with an HTTP status.
    ConnectUnary {
        /// Encoding of the messages.
        codec: Codec,
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

impl Wire {
    /// The wire that a content type stands for, whatever the method.
    pub fn of_content_type(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (essence, parameters) = match value.split_once(';') {
            Some((essence, parameters)) => (essence, Some(parameters)),
            None => (value, None),
        };
        let essence = essence.trim_end().to_ascii_lowercase();
        let (base, codec) = match essence.strip_prefix("application/")? {
            "json" => (None, Codec::Json),
            "proto" => (None, Codec::Proto),
            subtype => match subtype.split_once('+') {
                Some((base, "json")) => (Some(base), Codec::Json),
                Some((base, "proto")) => (Some(base), Codec::Proto),
                Some(_) => return None,
                None => (Some(subtype), Codec::Proto),
            },
        };
        // JSON is UTF-8: a charset that says so is accepted, any other parameter is not.
        if let Some(parameters) = parameters {
            let parameters = parameters.trim().to_ascii_lowercase();
            if codec != Codec::Json || !matches!(parameters.as_str(), "charset=utf-8" | "charset=utf8") {
                return None;
            }
        }
        match base {
            None => Some(Self::ConnectUnary { codec }),
            Some("connect") if essence.contains('+') => Some(Self::ConnectStream { codec }),
            Some("grpc") => Some(Self::Grpc { codec }),
            Some("grpc-web") => Some(Self::GrpcWeb { codec, text: false }),
            Some("grpc-web-text") => Some(Self::GrpcWeb { codec, text: true }),
            Some(_) => None,
        }
    }

    /// The content type of the response.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::ConnectUnary { codec: Codec::Proto } => "application/proto",
            Self::ConnectUnary { codec: Codec::Json } => "application/json",
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

    /// The protocol.
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
            Self::ConnectUnary { codec }
            | Self::ConnectStream { codec }
            | Self::Grpc { codec }
            | Self::GrpcWeb { codec, .. } => codec,
        }
    }

    /// The framing of the messages; `None` for Connect's unary calls, whose messages have none.
    pub fn framing(self) -> Option<Framing> {
        match self {
            Self::ConnectUnary { .. } => None,
            Self::ConnectStream { .. } => Some(Framing::Connect),
            Self::Grpc { .. } => Some(Framing::Grpc),
            Self::GrpcWeb { text, .. } => Some(Framing::GrpcWeb { text }),
        }
    }

    /// The names of the headers that carry timeout and compression.
    pub fn header_names(self) -> &'static HeaderNames {
        match self {
            Self::ConnectUnary { .. } => &header_names::CONNECT_UNARY,
            Self::ConnectStream { .. } => &header_names::CONNECT_STREAM,
            Self::Grpc { .. } | Self::GrpcWeb { .. } => &header_names::GRPC,
        }
    }
}

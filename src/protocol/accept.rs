//! Chooses the wire of a request for a method, by verb and content type.

use http::request::Parts;
use http::{Method as Verb, Response};

use super::connect::Query;
use super::refusal::{method_not_allowed, unsupported_media_type};
use super::response_body::ResponseBody;
use super::wire::Wire;
use crate::call::Method;

impl Wire {
    /// The wire of a request for `method`, and the query of a Connect GET.
    ///
    /// # Errors
    ///
    /// The response to a request that has none: 405 with `Allow`, or 415.
    pub fn of(parts: &Parts, method: &Method) -> Result<(Self, Option<Box<Query>>), Box<Response<ResponseBody>>> {
        let get_allowed = method.allows_get();
        if parts.method == Verb::GET && get_allowed {
            let query = Box::new(Query::of(parts));
            return match query.codec() {
                Some(codec) => Ok((Self::ConnectUnary { codec }, Some(query))),
                None => Err(Box::new(unsupported_media_type())),
            };
        }
        if parts.method != Verb::POST {
            return Err(Box::new(method_not_allowed(get_allowed)));
        }
        match Self::of_content_type(&parts.headers) {
            Some(Self::ConnectUnary { codec }) if method.is_unary() => Ok((Self::ConnectUnary { codec }, None)),
            Some(Self::ConnectStream { codec }) if !method.is_unary() => Ok((Self::ConnectStream { codec }, None)),
            Some(wire @ (Self::Grpc { .. } | Self::GrpcWeb { .. })) => Ok((wire, None)),
            _ => Err(Box::new(unsupported_media_type())),
        }
    }
}

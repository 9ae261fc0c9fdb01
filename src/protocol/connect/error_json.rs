//! Connect's errors: JSON, and an HTTP status for unary calls.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Code, ConnectionBudget, Error, ReservedBytes, truncate};

/// Clients show an error's text, or log it: more of it is truncated. In JSON it can be six times as long.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The response of a unary call that failed, without metadata.
pub fn error_response(error: &Error, status: StatusCode, budget: &Arc<ConnectionBudget>) -> Response<ReservedBytes> {
    let mut response = Response::new(ReservedBytes::unchecked(error_value(error).to_string(), budget));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// `{"code", "message", "details"}`; the last two only when they are not empty.
pub fn error_value(error: &Error) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), error.code.name().into());
    if !error.message.is_empty() {
        object.insert("message".into(), truncate(&error.message, MAX_MESSAGE_BYTES).into());
    }
    if !error.details.is_empty() {
        let details = error.details.iter().map(|detail| {
            let mut value = json!({ "type": detail.type_name, "value": STANDARD_NO_PAD.encode(&detail.value) });
            let debug = detail.debug.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let (Some(debug), Some(object)) = (debug, value.as_object_mut()) {
                object.insert("debug".into(), debug);
            }
            value
        });
        object.insert("details".into(), details.collect());
    }
    Value::Object(object)
}

/// The HTTP status of a unary error: <https://connectrpc.com/docs/protocol#error-codes>.
pub fn http_status(code: Code) -> StatusCode {
    match code {
        // 499 is nginx's "client closed request"; it is not in the registry.
        Code::Canceled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Detail;

    #[test]
    fn details_have_bare_type_names_and_unpadded_values() {
        let mut error = Error::new(Code::NotFound, "no \"x\"");
        error.details.push(Detail { type_name: "a.B".into(), value: vec![1].into(), debug: Some("{\"k\":1}".into()) });
        let expected = json!({
            "code": "not_found", "message": "no \"x\"",
            "details": [{ "type": "a.B", "value": "AQ", "debug": { "k": 1 } }],
        });
        assert_eq!(error_value(&error), expected);
        let response =
            error_response(&Error::new(Code::Aborted, ""), StatusCode::CONFLICT, &ConnectionBudget::unlimited());
        assert_eq!(&response.body()[..], br#"{"code":"aborted"}"#);
    }
}

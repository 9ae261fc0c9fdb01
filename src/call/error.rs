//! The error of a call: a code, a message for the client, details, metadata, and a text for the log.

use std::any::Any;

use bytes::Bytes;

use super::metadata::Metadata;
use super::text::panic_text;

/// The status codes of gRPC and Connect, without `OK`.
///
/// Numbers are those of gRPC (<https://grpc.io/docs/guides/status-codes/>), names those of the Connect protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the documentation: they are the specification's")]
pub enum Code {
    Canceled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

impl Code {
    const ALL: [Self; 16] = [
        Self::Canceled,
        Self::Unknown,
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::NotFound,
        Self::AlreadyExists,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::FailedPrecondition,
        Self::Aborted,
        Self::OutOfRange,
        Self::Unimplemented,
        Self::Internal,
        Self::Unavailable,
        Self::DataLoss,
        Self::Unauthenticated,
    ];

    /// The code of a number; `Unknown` for any that is not 1 to 16.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        let index = (number as usize).wrapping_sub(1);
        Self::ALL.get(index).copied().unwrap_or(Self::Unknown)
    }

    /// The number gRPC sends in `grpc-status`.
    #[must_use]
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The name Connect sends in its error JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
            Self::InvalidArgument => "invalid_argument",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::PermissionDenied => "permission_denied",
            Self::ResourceExhausted => "resource_exhausted",
            Self::FailedPrecondition => "failed_precondition",
            Self::Aborted => "aborted",
            Self::OutOfRange => "out_of_range",
            Self::Unimplemented => "unimplemented",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::DataLoss => "data_loss",
            Self::Unauthenticated => "unauthenticated",
        }
    }
}

/// One error detail: a protobuf message by name and bytes.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Fully qualified message name, without the `type.googleapis.com/` prefix.
    pub type_name: String,
    /// The serialized message.
    pub value: Bytes,
    /// The message as JSON text, for the `debug` field of Connect's error JSON.
    pub debug: Option<String>,
}

/// The failure of a call, as the client sees it.
#[derive(Clone, Debug)]
pub struct Error {
    /// The status code.
    pub code: Code,
    /// The message for the client.
    pub message: String,
    /// Structured details.
    pub details: Vec<Detail>,
    /// Sent with the error: in trailers, or in the headers of a Connect unary response.
    pub metadata: Metadata,
    /// The cause, for the log. It is never sent.
    pub log_text: Option<Box<str>>,
}

impl Error {
    /// An error without details and metadata.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), metadata: Metadata::new(), log_text: None }
    }

    /// The caller sent something invalid.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// A bug or a fault of this server. The client gets no more than `internal error`; `log_text` is for the log.
    pub fn internal(log_text: impl Into<Box<str>>) -> Self {
        Self { log_text: Some(log_text.into()), ..Self::new(Code::Internal, "internal error") }
    }

    /// [`Self::internal`] for a panic that was caught in `place`.
    #[must_use]
    pub fn panicked(place: &str, panic: &(dyn Any + Send)) -> Self {
        Self::internal(format!("{place} panicked (reason: {})", panic_text(panic)))
    }

    /// Logs the error, if it has a text for the log. To be called where a response is written, once for each error.
    pub(crate) fn log(&self) {
        if let Some(text) = &self.log_text {
            tracing::error!("{text}");
        }
    }

    /// The client went away, or reset the call.
    #[must_use]
    pub fn canceled() -> Self {
        Self::new(Code::Canceled, "the client canceled the call")
    }

    /// The call's deadline has passed.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        Self::new(Code::DeadlineExceeded, "the operation timed out")
    }

    /// The server stops, and waits no longer for this call.
    #[must_use]
    pub fn shutting_down() -> Self {
        Self::unavailable("the server is shutting down")
    }

    /// The server cannot take this call now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, message)
    }
}

/// The failure of a call that has sent nothing yet: the error, and the metadata that its handler had set before.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// Response headers set before the failure.
    pub header: Metadata,
    /// Response trailers set before the failure.
    pub trailer: Metadata,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, header: Metadata::new(), trailer: Metadata::new() }
    }
}

//! The states of a service as `grpc.health.v1` has them.

/// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the documentation: they are the specification's")]
pub enum Status {
    Unknown = 0,
    Serving = 1,
    NotServing = 2,
    ServiceUnknown = 3,
}

impl Status {
    /// The status of a number; `Unknown` for one that is none.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        match number {
            1 => Self::Serving,
            2 => Self::NotServing,
            3 => Self::ServiceUnknown,
            _ => Self::Unknown,
        }
    }

    /// `Serving` or `NotServing`.
    #[must_use]
    pub fn of(serving: bool) -> Self {
        if serving { Self::Serving } else { Self::NotServing }
    }

    /// The name that the specification gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Serving => "SERVING",
            Self::NotServing => "NOT_SERVING",
            Self::ServiceUnknown => "SERVICE_UNKNOWN",
        }
    }
}

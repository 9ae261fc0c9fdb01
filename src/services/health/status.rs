//! The statuses of `grpc.health.v1`.

/// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation: they are the specification's")]
pub enum Status {
    Unknown,
    Serving,
    NotServing,
    ServiceUnknown,
    /// A number without a name in the specification. It is sent as it is.
    Other(i32),
}

impl Status {
    /// The status of a number.
    #[must_use]
    pub fn from_number(number: i32) -> Self {
        match number {
            0 => Self::Unknown,
            1 => Self::Serving,
            2 => Self::NotServing,
            3 => Self::ServiceUnknown,
            other => Self::Other(other),
        }
    }

    /// The number of a status.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Unknown => 0,
            Self::Serving => 1,
            Self::NotServing => 2,
            Self::ServiceUnknown => 3,
            Self::Other(number) => number,
        }
    }

    /// `Serving` or `NotServing`.
    #[must_use]
    pub fn of(serving: bool) -> Self {
        if serving { Self::Serving } else { Self::NotServing }
    }

    /// Its name in the specification; `UNKNOWN` for a number without one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown | Self::Other(_) => "UNKNOWN",
            Self::Serving => "SERVING",
            Self::NotServing => "NOT_SERVING",
            Self::ServiceUnknown => "SERVICE_UNKNOWN",
        }
    }
}

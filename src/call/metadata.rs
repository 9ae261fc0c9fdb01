//! The type of headers and trailers.

use http::{HeaderName, HeaderValue};

/// Header or trailer fields in the order they are sent. Names may repeat.
pub type Metadata = Vec<(HeaderName, HeaderValue)>;

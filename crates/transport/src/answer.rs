use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// A whole HTTP answer: status, headers, and every byte of the body.
///
/// `Debug` shows the status and the size: a vendor may echo anything into the rest.
#[derive(Clone)]
pub struct Answer {
    /// The status, as sent.
    pub status: StatusCode,
    /// The headers, as sent.
    pub headers: HeaderMap,
    /// The body, complete and within the request's bound.
    pub body: Bytes,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status.as_u16())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

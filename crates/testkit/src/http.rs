use std::fmt;

use elevate_transport::{Bytes, HeaderMap, Method};
use jiff::Timestamp;

/// A request as a vendor's server sees it.
///
/// `Debug` shows the method, the path and sizes: the rest holds secrets and e-mails.
#[derive(Clone)]
pub struct Received {
    /// The HTTP method.
    pub method: Method,
    /// The path, percent-encoding as it came, without the query.
    pub path: String,
    /// The query's names and values, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// What a vendor's server answers.
///
/// `Debug` shows the status and the size: a vendor may echo anything into the rest.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers, in order. `Content-Length` is the server's business.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Reply {
    /// A reply of that status with a body of JSON text.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: body.into(),
        }
    }

    /// A reply of that status with neither body nor headers.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A vendor's server as a plain state machine: request and time in, reply out, no I/O and no clock.
///
/// The same model is served over loopback and in memory.
pub trait Model: Send + 'static {
    /// Acts on the request as the vendor would at `now`, and answers it.
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply;

    /// Every order to open a door that has arrived, in order of arrival.
    fn ledger(&self) -> &super::Ledger;

    /// Whether it knows residents by the host's own ids, as only a system of the test kit's can: then nobody's doors
    /// follow an e-mail or a unit.
    fn knows_host_ids(&self) -> bool {
        false
    }
}

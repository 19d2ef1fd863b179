use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

use crate::Gate;

/// What a call is, for spans, logs and errors: a name and the path with its parameters left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// A stable name, such as `openpath.users.list`.
    pub name: &'static str,
    /// The path with placeholders, such as `/orgs/{org}/users/list`: never an id, an e-mail or a key.
    pub template: &'static str,
}

impl Operation {
    /// An operation of that name and path template.
    pub const fn new(name: &'static str, template: &'static str) -> Self {
        Self { name, template }
    }
}

/// One HTTP request, whole, with the moment by which its answer must be there.
///
/// It is sent at most once by whatever [`Wire`](crate::Wire) gets it. `Debug` shows the operation and
/// sizes, never the URL's parameters, header values or the body.
pub struct Request {
    /// What this call is.
    pub operation: Operation,
    /// The HTTP method.
    pub method: Method,
    /// Where to. Ids may stand in its path; secrets and e-mails may not.
    pub url: Url,
    /// Headers. Values that are secret are marked [sensitive](HeaderValue::set_sensitive).
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// For orders only: asked at the body's first poll. A gated request needs a non-empty body.
    pub gate: Option<Gate>,
    /// The attempt ends, with an error, once this moment has come.
    pub answer_by: Instant,
    /// The most bytes of body that an answer may have, counted as they stream in.
    pub max_answer_bytes: usize,
}

/// What an answer may weigh unless the request says otherwise: 8 MiB.
const DEFAULT_MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

impl Request {
    /// A request without headers and body, whose answer may weigh 8 MiB.
    pub fn new(operation: Operation, method: Method, url: Url, answer_by: Instant) -> Self {
        Self {
            operation,
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            gate: None,
            answer_by,
            max_answer_bytes: DEFAULT_MAX_ANSWER_BYTES,
        }
    }

    /// Sets a header whose value may be logged.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a header whose value must never be seen.
    pub fn secret_header(self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.header(name, value)
    }

    /// Sets a body of JSON text, and `Content-Type: application/json`.
    pub fn json(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Makes this an order: its body starts only if `gate` opens.
    pub fn gated(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name)
            .field("method", &self.method)
            .field("template", &self.operation.template)
            .field("body_bytes", &self.body.len())
            .field("gated", &self.gate.is_some())
            .finish_non_exhaustive()
    }
}

//! What a system sends to the host's web server by itself.

use std::fmt;

use crate::text::tidy;

/// More than this is no notification that a door system sends.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// More headers than this are no request that a web server should have let through.
pub(crate) const MOST_HEADERS: usize = 200;

/// A notification of a door system (a webhook's delivery), as the host's web server received it: the headers and
/// the very bytes of the body, before anything parsed them.
///
/// ```
/// use elevate_access::Notification;
///
/// // From any web framework: names and values as they came.
/// let headers = [("svix-id", b"msg_1".as_slice()), ("content-type", b"application/json")];
/// let notification = Notification::new(headers, br#"{"event_type":"device.removed"}"#);
/// assert_eq!(notification.headers().count(), 2);
/// ```
#[derive(Clone)]
pub struct Notification<'a> {
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Notification<'a> {
    /// A notification of those headers, in any order and spelling, and that body.
    pub fn new(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>, body: &'a [u8]) -> Self {
        // One more than there may be is enough to be refused for.
        Self { headers: headers.into_iter().take(MOST_HEADERS + 1).collect(), body }
    }

    /// The headers as they came.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.headers.iter().copied()
    }

    /// The body, byte for byte.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Why it is not even looked at, if it is not.
    pub(crate) fn excess(&self) -> Option<&'static str> {
        if self.body.len() > MOST_BYTES {
            Some("the body is larger than 1 MiB")
        } else if self.headers.len() > MOST_HEADERS {
            Some("there are more than 200 headers")
        } else {
            None
        }
    }
}

impl fmt::Debug for Notification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold signatures, and bodies hold what anybody wrote.
        f.debug_struct("Notification")
            .field("headers", &self.headers.len())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came of a notification that was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notified {
    /// What it was about, in the system's own word, such as `device.removed`. Control characters are spaces, and
    /// what is over 80 characters is cut.
    pub event: String,
    /// Whether something that is kept may not hold any more, so that the next use reads first.
    pub is_stale: bool,
}

impl Notified {
    /// A notification of that, after which everything that is kept still holds.
    pub fn of(event: &str) -> Self {
        Self { event: tidy(event, 80), is_stale: false }
    }

    /// Says that the next use reads first.
    pub fn stale(mut self) -> Self {
        self.is_stale = true;
        self
    }
}

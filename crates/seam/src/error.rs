//! The one error type of the client.

mod body;

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use elevate_transport::{
    Answer, DecodeError, Delivery, Operation, Scrubber, StatusCode, WireError, WireErrorKind,
};

use body::Complaint;

use crate::shown::shown;

/// What sort of trouble a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting or an argument cannot be used. Nothing was sent.
    InvalidInput,
    /// No whole answer: no connection, too slow, or broken off.
    NoAnswer,
    /// The order's gate stayed shut, or the time for sending it was over. Nothing was sent.
    Withheld,
    /// 401: the key is not accepted.
    Unauthorized,
    /// 403: the key may not do this.
    Forbidden,
    /// 404: there is no such thing, or no such call.
    NotFound,
    /// 429: too many requests.
    RateLimited,
    /// Any other 4xx.
    Refused,
    /// 3xx. Redirects are never followed.
    Redirected,
    /// 5xx.
    Server,
    /// An answer that is not the documented one: another status, not JSON, something missing, too large.
    UnusableReply,
    /// A list that cannot be read to its end.
    EndlessList,
}

/// A call that brought nothing.
///
/// `Display` is one line with the operation, the status, Seam's error type and message, and the request
/// id; it does not repeat the [`source`](StdError::source). Whatever Seam wrote is scrubbed of the API key,
/// of e-mails, links and webhook secrets, stripped of control characters, and cut. Cheap to clone.
///
/// # What to do about it
/// | [`kind`](Self::kind) | usual reason |
/// | --- | --- |
/// | `Unauthorized` | the key was revoked, or belongs to another environment |
/// | `NotFound` with no [`error_type`](Self::error_type) | the base URL is wrong: the call does not exist there |
/// | `RateLimited` | wait for [`retry_after`](Self::retry_after); Seam allows 15 unlocks a minute for a device |
/// | `UnusableReply` | something between here and Seam answered, or Seam changed: see [`path`](Self::path) |
/// | `Withheld` | the order's time was over before its body could start |
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    delivery: Delivery,
    operation: &'static str,
    status: Option<StatusCode>,
    complaint: Complaint,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    elapsed: Duration,
    path: Option<String>,
    detail: Option<String>,
    source: Option<Source>,
}

#[derive(Clone)]
enum Source {
    Wire(WireError),
    Decode(DecodeError),
}

/// What was wrong with one field of a request (`validation_errors`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The field, its parts joined by dots: `custom_metadata_has.units.0`. Empty for the whole request.
    pub path: String,
    /// What was wrong with it, in Seam's words.
    pub messages: Vec<String>,
}

impl Error {
    /// What sort of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What may have become of the request.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The call, such as `seam.devices.list`.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The status, if one was read.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Seam's own word for it (`error.type`), such as `device_not_found`. `None` if the answer did not have
    /// the shape of Seam's errors, so that something else may have given it.
    pub fn error_type(&self) -> Option<&str> {
        self.0.complaint.error_type.as_deref()
    }

    /// Seam's words for it (`error.message`).
    pub fn message(&self) -> Option<&str> {
        self.0.complaint.message.as_deref()
    }

    /// What was wrong with which field of the request, at most 32 of them.
    pub fn validation_errors(&self) -> &[FieldError] {
        &self.0.complaint.fields
    }

    /// The id by which Seam's support finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long Seam asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How long the call took.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Where in the reply's JSON the fault is, such as `devices[3].device_id`.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Whether the same call may succeed later with nobody mending anything. For an order this does not
    /// mean that it may be sent again: see [`delivery`](Self::delivery).
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::RateLimited | ErrorKind::Server => true,
            ErrorKind::Refused => self.0.status.is_some_and(|s| matches!(s.as_u16(), 408 | 425)),
            ErrorKind::NoAnswer => !matches!(
                &self.0.source,
                Some(Source::Wire(wire)) if wire.kind() == WireErrorKind::Unusable
            ),
            _ => false,
        }
    }

    /// What went wrong, in one line and without the operation: the wire's own words if there is no answer.
    pub(crate) fn gist(&self) -> String {
        match (&self.0.source, self.0.kind) {
            (Some(Source::Wire(wire)), ErrorKind::NoAnswer | ErrorKind::InvalidInput) => {
                wire.to_string()
            }
            _ => Gist(&self.0).to_string(),
        }
    }

    /// Whether the call was answered, in whole, with a status that turns it down: a 4xx that is not about the way there, and
    /// no page that something between here and Seam wrote.
    pub(crate) fn is_refusal(&self) -> bool {
        let is_about_the_way =
            self.0.status.is_some_and(|status| matches!(status.as_u16(), 407 | 408 | 425));
        if is_about_the_way || self.0.complaint.is_page {
            return false;
        }
        matches!(
            self.0.kind,
            ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::RateLimited
                | ErrorKind::Refused
        )
    }
}

/// How errors are made.
impl Error {
    fn of(kind: ErrorKind, delivery: Delivery, operation: &'static str) -> Inner {
        Inner {
            kind,
            delivery,
            operation,
            status: None,
            complaint: Complaint::default(),
            request_id: None,
            retry_after: None,
            elapsed: Duration::ZERO,
            path: None,
            detail: None,
            source: None,
        }
    }

    pub(crate) fn invalid(operation: &'static str, detail: &str) -> Self {
        let inner = Self::of(ErrorKind::InvalidInput, Delivery::NeverSent, operation);
        Self(Arc::new(Inner { detail: Some(detail.to_owned()), ..inner }))
    }

    pub(crate) fn wire(operation: Operation, error: WireError, elapsed: Duration) -> Self {
        let kind = match error.kind() {
            WireErrorKind::GateShut => ErrorKind::Withheld,
            WireErrorKind::TooLarge => ErrorKind::UnusableReply,
            WireErrorKind::Unusable => ErrorKind::InvalidInput,
            _ => ErrorKind::NoAnswer,
        };
        let inner = Self::of(kind, error.delivery(), operation.name);
        Self(Arc::new(Inner {
            status: error.status(),
            elapsed,
            source: Some(Source::Wire(error)),
            ..inner
        }))
    }

    /// An answer that is no success, or not the documented one.
    pub(crate) fn answer(
        operation: Operation,
        answer: &Answer,
        scrubber: &Scrubber,
        elapsed: Duration,
    ) -> Self {
        let complaint = Complaint::read(&answer.body, scrubber);
        let kind = match answer.status.as_u16() {
            401 => ErrorKind::Unauthorized,
            // Of several ways to sign in, Seam's own fake complains of the last one that it tried.
            400 if complaint.error_type.as_deref() == Some("missing_workspace_id") => {
                ErrorKind::Unauthorized
            }
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            429 => ErrorKind::RateLimited,
            300..=399 => ErrorKind::Redirected,
            400..=499 => ErrorKind::Refused,
            500..=599 => ErrorKind::Server,
            _ => ErrorKind::UnusableReply,
        };
        let request_id = request_id(answer, scrubber);
        let inner = Self::of(kind, Delivery::Answered, operation.name);
        Self(Arc::new(Inner {
            status: Some(answer.status),
            request_id: request_id.or_else(|| complaint.request_id.clone()),
            complaint,
            retry_after: answer.retry_after(),
            elapsed,
            ..inner
        }))
    }

    /// A success that could not be read.
    pub(crate) fn decode(
        operation: Operation,
        answer: &Answer,
        scrubber: &Scrubber,
        error: DecodeError,
        elapsed: Duration,
    ) -> Self {
        let inner = Self::of(ErrorKind::UnusableReply, Delivery::Answered, operation.name);
        let error = error.scrubbed(scrubber);
        Self(Arc::new(Inner {
            status: Some(answer.status),
            request_id: request_id(answer, scrubber),
            path: Some(error.path().to_owned()),
            elapsed,
            source: Some(Source::Decode(error)),
            ..inner
        }))
    }

    /// A success that says something else than was asked.
    pub(crate) fn beside_the_point(operation: Operation, detail: &str) -> Self {
        let inner = Self::of(ErrorKind::UnusableReply, Delivery::Answered, operation.name);
        let status = Some(StatusCode::OK);
        Self(Arc::new(Inner { status, detail: Some(detail.to_owned()), ..inner }))
    }

    pub(crate) fn endless(operation: Operation, detail: &str) -> Self {
        let inner = Self::of(ErrorKind::EndlessList, Delivery::Answered, operation.name);
        Self(Arc::new(Inner { detail: Some(detail.to_owned()), ..inner }))
    }
}

/// All but the operation, which whoever hands an error on may name already.
struct Gist<'a>(&'a Inner);

impl fmt::Display for Gist<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, status, complaint, path, detail, .. } = self.0;
        f.write_str(match kind {
            ErrorKind::InvalidInput => "the request cannot be made",
            ErrorKind::NoAnswer => "no whole answer",
            ErrorKind::Withheld => "withheld before its body started",
            ErrorKind::Unauthorized => "the key is not accepted",
            ErrorKind::Forbidden => "the key may not do this",
            ErrorKind::NotFound => "not found",
            ErrorKind::RateLimited => "too many requests",
            ErrorKind::Refused => "refused",
            ErrorKind::Redirected => "redirected, which is never followed",
            ErrorKind::Server => "Seam failed",
            ErrorKind::UnusableReply => "the reply cannot be used",
            ErrorKind::EndlessList => "the list cannot be read to its end",
        })?;
        if let Some(status) = status {
            write!(f, " (status {})", status.as_u16())?;
        }
        if let Some(error_type) = &complaint.error_type {
            write!(f, ": {error_type}")?;
        }
        if let Some(message) = &complaint.message {
            write!(f, ": {message}")?;
        }
        if let Some(path) = path {
            write!(f, " at `{path}`")?;
        }
        if let Some(detail) = detail {
            write!(f, ": {detail}")?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.operation, Gist(&self.0))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("delivery", &self.0.delivery)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status.map(|s| s.as_u16()))
            .field("error_type", &self.error_type())
            .field("path", &self.0.path)
            .field("detail", &self.0.detail)
            .field("request_id", &self.0.request_id)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.0.source.as_ref()? {
            Source::Wire(error) => Some(error),
            Source::Decode(error) => Some(error),
        }
    }
}

/// The reply's id, if it looks like one and holds nothing that must not be seen.
fn request_id(answer: &Answer, scrubber: &Scrubber) -> Option<String> {
    let id = answer.request_id("seam-request-id")?;
    let plain = id.len() <= 64 && id.chars().all(|c| c.is_ascii_graphic());
    (plain && shown(scrubber, id) == id).then(|| id.to_owned())
}

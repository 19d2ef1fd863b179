//! The one error type of this crate.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use crate::{Cause, InvalidId, Reason, System};

/// What sort of trouble an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller asked for something that cannot be asked.
    InvalidInput,
    /// The resident has no right to it, as things stand.
    Denied,
    /// It could not be done in time, so it was not done.
    TooLate,
    /// Too much is going on; a pause helps.
    Busy,
    /// Something behind this crate is down or unclear; trying again may help.
    Unavailable,
    /// Somebody has to mend the set-up first.
    Misconfigured,
    /// A provider broke its contract, or this crate has a bug.
    Internal,
}

/// Why a call brought nothing: a [`Reason`], the call's name, and what lies underneath.
///
/// From [`Access::unlock`](crate::Access::unlock) it is also a promise: no unlock order left this
/// process for that call. `Display` is one line without the source, which is in
/// [`source`](StdError::source); `Debug` leaves the source out, since a host's own errors may quote
/// what they were given.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    reason: Reason,
    operation: &'static str,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of that cause.
    pub fn new(cause: Cause) -> Self {
        Reason::new(cause).into()
    }

    /// Names the call in which it happened, such as `unlock` or `openpath.users.list`. The first name
    /// stays.
    pub fn in_call(mut self, operation: &'static str) -> Self {
        if self.0.operation.is_empty() {
            self.0.operation = operation;
        }
        self
    }

    /// Adds what lies underneath.
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Adds a detail for the manager; see [`Reason::with_detail`].
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.0.reason = self.0.reason.clone().with_detail(detail);
        self
    }

    /// Names the door system, unless one is named.
    pub(crate) fn naming(mut self, system: &System) -> Self {
        self.0.reason = self.0.reason.clone().or_in_system(system);
        self
    }

    /// What sort of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.reason.cause().kind()
    }

    /// The cause.
    pub fn cause(&self) -> Cause {
        self.0.reason.cause()
    }

    /// The reason, with what is known about it.
    pub fn reason(&self) -> &Reason {
        &self.0.reason
    }

    /// The call in which it happened.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// How long to wait before trying again can help, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.reason.retry_after()
    }

    /// Whether the same call may succeed later with nobody mending anything.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind(), ErrorKind::TooLate | ErrorKind::Busy | ErrorKind::Unavailable)
    }

    /// The stable code, such as `user_not_found`.
    pub fn code(&self) -> &'static str {
        self.0.reason.code()
    }

    /// One plain sentence or two, safe to show to the resident.
    pub fn for_resident(&self) -> String {
        self.0.reason.for_resident()
    }

    /// What to mend and in which system, for the property manager.
    pub fn for_manager(&self) -> String {
        self.0.reason.for_manager()
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self(Box::new(Inner { reason, operation: "", source: None }))
    }
}

impl From<InvalidId> for Error {
    fn from(invalid: InvalidId) -> Self {
        Self::new(Cause::InvalidInput).with_detail(&invalid.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.operation.is_empty() {
            write!(f, "{}: ", self.0.operation)?;
        }
        self.0.reason.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("reason", &self.0.reason)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}

/// A failure of something that the host brings: a database that is down, a row that cannot be read.
///
/// Any error converts into it with `?`. What it says is the host's own; this crate never prints it, and
/// hands it on as the [`source`](StdError::source) of its [`Error`].
pub struct HostError(Arc<dyn StdError + Send + Sync>);

impl HostError {
    /// A failure in words.
    pub fn msg(text: impl Into<Cow<'static, str>>) -> Self {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Text(Cow<'static, str>);
        Self(Arc::new(Text(text.into())))
    }

    /// What lies underneath, for the host's own eyes.
    pub fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    pub(crate) fn becoming(self, cause: Cause) -> Error {
        let mut error = Error::new(cause);
        error.0.source = Some(self.0);
        error
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for HostError {
    fn from(error: E) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Debug for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostError").finish_non_exhaustive()
    }
}

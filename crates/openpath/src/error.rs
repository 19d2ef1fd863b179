//! The one error type of the client.

mod message;

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use elevate_transport::{
    Answer, DecodeError, Delivery, Operation, Scrubber, StatusCode, WireError, WireErrorKind,
};

/// What sort of trouble an [`Error`] is.
///
/// *Transient* is what [`Error::is_transient`] says of a read: the same call may succeed later with nobody
/// mending anything. Of an order or a write it says so only if nothing was sent, or the answer was 401.
///
/// | kind | transient | what to do |
/// | --- | --- | --- |
/// | [`InvalidInput`](Self::InvalidInput) | no | mend what the message names |
/// | [`SignInRefused`](Self::SignInRefused) | no | check e-mail, password and second factor of the service account, which has to be a local user of the organisation, not one of a single sign-on; give the mended credentials a new [revision](crate::Credentials::revision) |
/// | [`SecondFactorRefused`](Self::SecondFactorRefused) | no | give the credentials the secret that codes are made from, and see that the clock is right |
/// | [`AccountLocked`](Self::AccountLocked) | no | find what signs in wrongly, and unlock the account in the vendor's dashboard |
/// | [`SignInPaused`](Self::SignInPaused) | no | as for the refusal that it follows |
/// | [`SignInPending`](Self::SignInPending) | yes | call again after [`Error::retry_after`] |
/// | [`SignInContested`](Self::SignInContested) | yes | find who else signs in with the account, and give each service an account of its own |
/// | [`StoreFailed`](Self::StoreFailed) | yes | see to the store |
/// | [`Unauthorized`](Self::Unauthorized) | yes | call again once; the token is a new one then |
/// | [`Forbidden`](Self::Forbidden) | no | give the account's role the scope `user:w`; if it is so on everything, the organisation id may be another one |
/// | [`NotFound`](Self::NotFound) | no | read the user, key or door anew; if it is so on everything, the organisation id is another one |
/// | [`Rejected`](Self::Rejected) | 408 only | read the message; the request is at fault |
/// | [`Throttled`](Self::Throttled) | yes | call less often, and again after [`Error::retry_after`] |
/// | [`Server`](Self::Server) | yes | wait; after an order, see whether the door opened |
/// | [`UnexpectedStatus`](Self::UnexpectedStatus) | no | check the base URL and what stands between; after an order, see whether the door opened |
/// | [`Unreachable`](Self::Unreachable) | yes | check the network; after an order, read [`Error::delivery`] |
/// | [`Withheld`](Self::Withheld) | no | nothing was sent, as the order's gate or its time wanted it |
/// | [`Undecodable`](Self::Undecodable) | no | report [`Error::path`]: the vendor's replies have changed |
/// | [`Incomplete`](Self::Incomplete) | yes | read the list again |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for, or a setting, cannot be used as it is. Nothing was sent.
    InvalidInput,
    /// The vendor refuses to sign the service account in: a wrong password, a certificate that is not
    /// registered, a locked account. The message is the vendor's.
    SignInRefused,
    /// The same, and by the vendor's words it is about the second factor: a code that is missing, wrong or
    /// spent. The words are not documented, so it may come as [`SignInRefused`](Self::SignInRefused) too.
    SecondFactorRefused,
    /// The same, and by the vendor's words it has locked the account. Unlock it in the dashboard.
    AccountLocked,
    /// The vendor refused the last sign-in with these credentials, here or on another node, and the pause
    /// before the next one is not over. [`Error::retry_after`] says how long it still is; without it there is
    /// no next one, and new credentials under a new [revision](crate::Credentials::revision) are waited for.
    SignInPaused,
    /// The sign-in has not been sent yet, for another node is signing in with the same account, or the code
    /// of the second factor was used and the next one is waited for. It goes on for two minutes at most, and
    /// a later call may find it done.
    SignInPending,
    /// Tokens were refused long before their end, again and again, as happens if a sign-in ends the
    /// account's older tokens and somebody else signs in with it too. Signing in keeps a distance that grows
    /// from 5 s to a minute; [`Error::retry_after`] says how long it still is.
    SignInContested,
    /// The store that nodes share could not be asked whose turn it is to sign in. Nothing was sent.
    StoreFailed,
    /// 401: the vendor does not accept the token. For an order the token has been dropped, and the next
    /// call signs in anew; a read has done so already, and was refused again.
    Unauthorized,
    /// 403: the service account lacks a right, or the user may not do this.
    Forbidden,
    /// 404: there is no such organisation, user, credential or entry.
    NotFound,
    /// Any other 4xx.
    Rejected,
    /// 429: too many requests. Undocumented, and so is how many are too many.
    Throttled,
    /// 5xx: the vendor failed.
    Server,
    /// A status that is neither the documented success nor an error: a redirect, or another 2xx.
    UnexpectedStatus,
    /// No connection, or no whole answer in time. [`Error::delivery`] says what may have arrived.
    Unreachable,
    /// The order's gate stayed shut, so nothing was sent.
    Withheld,
    /// A success whose body cannot be read, or is larger than allowed. [`Error::path`] says where.
    Undecodable,
    /// A list that cannot be read to its end: it promises rows that do not come, repeats itself, shrank
    /// while it was read, or goes on for ever.
    Incomplete,
}

impl ErrorKind {
    fn text(self) -> &'static str {
        match self {
            Self::InvalidInput => "cannot be used as it is",
            Self::SignInRefused => "the sign-in was refused",
            Self::AccountLocked => "the account is locked",
            Self::SecondFactorRefused => "the second factor of the sign-in was refused",
            Self::SignInPending => "the sign-in has not been sent yet",
            Self::SignInContested => {
                "tokens end early again and again, as if somebody else signed in with the same \
                 account; it is not yet time for another sign-in"
            }
            Self::StoreFailed => "the store cannot be asked",
            Self::SignInPaused => {
                "the last sign-in was refused, and it is not yet time for another"
            }
            Self::Unauthorized => "the token was not accepted",
            Self::Forbidden => "not allowed",
            Self::NotFound => "not found",
            Self::Rejected => "the request was refused",
            Self::Throttled => "too many requests",
            Self::Server => "the vendor failed",
            Self::UnexpectedStatus => "answered with neither success nor error",
            Self::Unreachable => "no whole answer",
            Self::Withheld => "withheld before it started",
            Self::Undecodable => "the reply cannot be read",
            Self::Incomplete => "the list cannot be read to its end",
        }
    }
}

/// Why a call to the vendor brought nothing.
///
/// `Display` is one line: the call, what happened, the status, and the vendor's message scrubbed of
/// secrets and e-mails; the cause underneath is in [`source`](StdError::source). Cheap to clone.
///
/// What to do about each kind stands in a table at [`ErrorKind`].
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    /// Whether the call was an order or a write.
    is_of_a_change: bool,
    delivery: Delivery,
    status: Option<StatusCode>,
    message: Option<String>,
    /// Whether a page of HTML came, as something between here and Openpath writes one.
    is_page: bool,
    path: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error before any I/O.
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: "",
            is_of_a_change: false,
            delivery: Delivery::NeverSent,
            status: None,
            message: None,
            is_page: false,
            path: None,
            retry_after: None,
            source: None,
        }))
    }

    pub(crate) fn in_call(mut self, operation: Operation) -> Self {
        if self.0.operation.is_empty() {
            self.0.operation = operation.name;
        }
        self
    }

    /// Says that the call was an order or a write, which must not be made twice.
    pub(crate) fn of_a_change(mut self) -> Self {
        self.0.is_of_a_change = true;
        self
    }

    /// A reading that was not waited for any longer.
    pub(crate) fn late() -> Self {
        Self::new(ErrorKind::Unreachable).with_message("no answer in time")
    }

    /// A message of our own words, free of secrets.
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// The same message, and more words of our own.
    pub(crate) fn adding(self, words: &str) -> Self {
        let message = match self.message() {
            Some(said) => format!("{said}; {words}"),
            None => words.to_owned(),
        };
        self.with_message(message)
    }

    pub(crate) fn after(mut self, pause: Duration) -> Self {
        self.0.retry_after = Some(pause);
        self
    }

    pub(crate) fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// An answer that is not the documented success.
    pub(crate) fn from_answer(answer: &Answer, scrubber: &Scrubber) -> Self {
        let kind = match answer.status.as_u16() {
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            429 => ErrorKind::Throttled,
            400..=499 => ErrorKind::Rejected,
            500..=599 => ErrorKind::Server,
            _ => ErrorKind::UnexpectedStatus,
        };
        let mut error = Self::new(kind).delivered(Delivery::Answered).with_status(answer.status);
        error.0.retry_after = answer.retry_after();
        error.0.message = message::of(answer).map(|text| scrubber.scrub(&text));
        error.0.is_page = message::is_page(answer);
        error
    }

    /// Whether it is Openpath's word that it did not do what was asked: a 4xx that is not about the way there, and no page
    /// that somebody else wrote.
    pub(crate) fn is_refusal(&self) -> bool {
        let is_about_the_way = |status: u16| matches!(status, 407 | 408 | 425);
        let status = self.0.status.map_or(0, |status| status.as_u16());
        (400..500).contains(&status) && !is_about_the_way(status) && !self.0.is_page
    }

    /// A success whose body cannot be read.
    pub(crate) fn undecodable(status: StatusCode, error: DecodeError, scrubber: &Scrubber) -> Self {
        let error = error.scrubbed(scrubber);
        let mut this = Self::new(ErrorKind::Undecodable)
            .delivered(Delivery::Answered)
            .with_status(status)
            .with_message(error.to_string());
        this.0.path = Some(error.path().to_owned());
        this
    }

    /// What sort of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What may have become of the request.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The call, such as `openpath.users.list`; empty for a setting or an id.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The status, if one was read.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// What the vendor said, or what is wrong: scrubbed, on one line, cut.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Where in the JSON the fault is, such as `data[3].id`, for a reply that cannot be read.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Everything but the call's name, as a manager may read it: the wire's own words if there is no answer.
    pub(crate) fn gist(&self) -> String {
        let source = self.0.source.as_deref();
        match (source.and_then(|source| source.downcast_ref::<WireError>()), self.0.kind) {
            // What is said of the delivery is about the sign-in, and not about the call that needed it.
            (Some(wire), ErrorKind::Unreachable) if wire.delivery() != self.0.delivery => {
                format!("at the sign-in: {wire}")
            }
            (Some(wire), ErrorKind::Unreachable | ErrorKind::InvalidInput) => wire.to_string(),
            (None, ErrorKind::Unreachable) if self.message().is_some() => {
                self.message().unwrap_or_default().to_owned()
            }
            _ => Gist(self).to_string(),
        }
    }

    /// Whether the same call may be made again, and may succeed later with nobody mending anything.
    ///
    /// For an order or a write (an unlock, a new key) it is `true` only if nothing was sent or the vendor
    /// answered 401, so that a loop that calls again while this is `true` opens no door twice. What may have
    /// arrived is for a person to judge.
    ///
    /// [`ErrorKind`] has a table of all kinds.
    pub fn is_transient(&self) -> bool {
        let is_undone =
            self.0.delivery == Delivery::NeverSent || self.0.kind == ErrorKind::Unauthorized;
        if self.0.is_of_a_change && !is_undone {
            return false;
        }
        match self.0.kind {
            ErrorKind::Throttled
            | ErrorKind::Server
            | ErrorKind::Unreachable
            | ErrorKind::Incomplete
            | ErrorKind::SignInPending
            | ErrorKind::SignInContested
            | ErrorKind::StoreFailed
            // The next call has a new token.
            | ErrorKind::Unauthorized => true,
            ErrorKind::Rejected => self.0.status == Some(StatusCode::REQUEST_TIMEOUT),
            _ => false,
        }
    }

    /// How long to wait before trying again can help, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        let kind = match error.kind() {
            WireErrorKind::GateShut => ErrorKind::Withheld,
            WireErrorKind::TooLarge => ErrorKind::Undecodable,
            WireErrorKind::Unusable => ErrorKind::InvalidInput,
            _ => ErrorKind::Unreachable,
        };
        let mut this = Self::new(kind).delivered(error.delivery());
        this.0.status = error.status();
        this.with_source(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.operation.is_empty() {
            write!(f, "{}: ", self.0.operation)?;
        }
        Gist(self).fmt(f)
    }
}

/// All but the call, which whoever hands an error on may name already.
struct Gist<'a>(&'a Error);

impl fmt::Display for Gist<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, status, message, .. } = &*self.0.0;
        f.write_str(kind.text())?;
        if let Some(status) = status {
            write!(f, " ({})", status.as_u16())?;
        }
        if let Some(message) = message {
            write!(f, ": {message}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("kind", &self.0.kind)
            .field("delivery", &self.0.delivery)
            .field("status", &self.0.status.map(|s| s.as_u16()))
            .field("message", &self.0.message)
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}

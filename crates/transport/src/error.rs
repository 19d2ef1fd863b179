use std::{error::Error as StdError, fmt, sync::Arc};

use http::StatusCode;

/// What may have become of a request whose answer is not at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No byte of its body left this process: whatever it asked for was not asked.
    NeverSent,
    /// It may have been read, in whole or in part, and acted on.
    MaybeSent,
    /// The peer answered with a status, but the rest of the answer is of no use.
    Answered,
}

/// Why an attempt brought no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireErrorKind {
    /// No connection came up: refused, no route, a name that does not resolve, TLS that fails.
    Connect,
    /// The deadline came first.
    Timeout,
    /// As much was under way as is allowed, for all the time that there was.
    Busy,
    /// The gate stayed shut, so the body never started.
    GateShut,
    /// The connection broke, or spoke something that is not HTTP, before a whole answer was there.
    Broken,
    /// The answer is larger than the request allows.
    TooLarge,
    /// The request cannot be put on the wire as it is, or the wire cannot be built.
    Unusable,
}

impl WireErrorKind {
    /// A short stable name, for the `error.type` of spans and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::GateShut => "gate_shut",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::Unusable => "unusable",
        }
    }
}

/// An attempt that brought no whole answer: why, and what may have become of the request.
///
/// `Display` names neither host, URL, header nor body.
#[derive(Clone)]
pub struct WireError {
    kind: WireErrorKind,
    delivery: Delivery,
    status: Option<StatusCode>,
    detail: Option<&'static str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl WireError {
    /// An error of that kind.
    pub fn new(kind: WireErrorKind, delivery: Delivery) -> Self {
        Self { kind, delivery, status: None, detail: None, source: None }
    }

    /// Adds the status that was read before the answer broke off; the delivery is then
    /// [`Delivery::Answered`].
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self.delivery = Delivery::Answered;
        self
    }

    /// Adds the status of an answer that came before the request's body started. It changes nothing
    /// about the delivery: the request did not happen, whatever the peer says about it.
    pub fn with_early_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds what exactly is wrong, such as the setting that cannot be used. It is shown by `Display`.
    pub fn with_detail(mut self, detail: &'static str) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Adds what lies underneath. It must already be free of URLs.
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Why there is no answer.
    pub fn kind(&self) -> WireErrorKind {
        self.kind
    }

    /// What may have become of the request.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The status, if one was read. With [`Delivery::Answered`] the answer broke off after it; with
    /// [`Delivery::NeverSent`] the peer answered before the body started.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What exactly is wrong, where that is known.
    pub fn detail(&self) -> Option<&'static str> {
        self.detail
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            WireErrorKind::Connect => "no connection could be made",
            WireErrorKind::Timeout => "no whole answer came in time",
            WireErrorKind::Busy => "as much was under way as is allowed",
            WireErrorKind::GateShut => "the order was withheld before its body started",
            WireErrorKind::Broken => "the connection broke before a whole answer was there",
            WireErrorKind::TooLarge => "the answer is larger than allowed",
            WireErrorKind::Unusable => "the request or the wire cannot be used as it is",
        })?;
        if let Some(detail) = self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(status) = self.status {
            write!(f, " (after status {})", status.as_u16())?;
        }
        f.write_str(match self.delivery {
            Delivery::NeverSent => "; nothing was sent",
            Delivery::MaybeSent => "; the request may have been sent",
            Delivery::Answered => "; the request was answered",
        })
    }
}

impl fmt::Debug for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireError")
            .field("kind", &self.kind)
            .field("delivery", &self.delivery)
            .field("status", &self.status.map(|s| s.as_u16()))
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl StdError for WireError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}

//! Why a delivery is refused, and what cannot verify any.

use std::{error::Error as StdError, fmt};

use elevate_transport::DecodeError;

/// Feature `webhooks`: a delivery that is refused.
///
/// `Display` is one line that names the header or the field. Neither it nor `Debug` holds anything that was
/// sent, nor the secret.
#[derive(Clone)]
pub struct DeliveryError {
    kind: DeliveryErrorKind,
    place: &'static str,
    source: Option<DecodeError>,
}

/// Feature `webhooks`: why a delivery is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryErrorKind {
    /// A header of the signature is absent or blank: anybody may have sent it.
    Unsigned,
    /// A header of the signature came twice with different values, is too long, or is not what it should be.
    BadHeaders,
    /// None of its signatures is one by our secrets for this id, timestamp and body.
    BadSignature,
    /// Its timestamp is more than five minutes from now: an old one sent again, or a clock that is wrong.
    Stale,
    /// Its body is larger than 1 MiB.
    TooLarge,
    /// It is signed, and its body is no event.
    NotAnEvent,
    /// It is signed, and its event is of another workspace.
    ForeignWorkspace,
}

impl DeliveryError {
    pub(super) fn new(kind: DeliveryErrorKind, place: &'static str) -> Self {
        Self { kind, place, source: None }
    }

    pub(super) fn not_an_event(source: DecodeError) -> Self {
        Self { kind: DeliveryErrorKind::NotAnEvent, place: "the body", source: Some(source) }
    }

    /// Why it is refused.
    pub fn kind(&self) -> DeliveryErrorKind {
        self.kind
    }

    /// Where in the body's JSON the fault is, such as `event_id`, if it is no event.
    pub fn path(&self) -> Option<&str> {
        self.source.as_ref().map(DecodeError::path)
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DeliveryErrorKind::Unsigned => "is absent or blank: the delivery is not signed",
            DeliveryErrorKind::BadHeaders => "came twice, is too long or is malformed",
            DeliveryErrorKind::BadSignature => "holds no signature by a secret of this webhook",
            DeliveryErrorKind::Stale => "is more than five minutes from now",
            DeliveryErrorKind::TooLarge => "is larger than 1 MiB",
            DeliveryErrorKind::NotAnEvent => "is no event",
            DeliveryErrorKind::ForeignWorkspace => "is another workspace's",
        };
        write!(f, "webhook delivery refused: {} {what}", self.place)?;
        if let Some(path) = self.path().filter(|path| *path != ".") {
            write!(f, " at `{path}`")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryError")
            .field("kind", &self.kind)
            .field("place", &self.place)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

impl StdError for DeliveryError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Feature `webhooks`: secrets that can verify no delivery. They are not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSecrets {
    /// There is none.
    #[error("a webhook's deliveries need at least one secret")]
    None,
    /// One is not `whsec_` and a key in Base64.
    #[error("a webhook's secret is not `whsec_` and a key in Base64")]
    NotAKey,
}

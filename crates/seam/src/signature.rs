//! Whether a webhook's delivery is what Seam sent.
//!
//! Seam delivers through Svix, which signs `id.timestamp.body` with HMAC-SHA256. The same scheme is called
//! "Standard Webhooks" elsewhere, with other header names; both are read.

mod error;
mod headers;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elevate_transport::decode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

pub use error::{DeliveryError, DeliveryErrorKind, InvalidSecrets};
use headers::Headers;

use crate::{Event, WebhookSecret, WorkspaceId};

/// How far a delivery's timestamp may be from now, to either side.
const TOLERANCE_NANOS: i128 = 300 * NANOS;

const NANOS: i128 = 1_000_000_000;

/// What a delivery's body may weigh; Seam's events have a few kilobytes.
const MOST_BYTES: usize = 1024 * 1024;

const PREFIX: &str = "whsec_";

/// Feature `webhooks`: tells deliveries of one webhook from everything else that is posted to its URL.
///
/// It takes headers and the body's bytes as they came, so any web framework can host it. Give it the bytes
/// and not JSON that was read and written again: those are signed. What it lets through is an [`Event`] that
/// was signed with one of its secrets within five minutes of now, from its workspace. It keeps no state: a
/// delivery that comes twice is let through twice, and [`Event::event_id`] tells.
///
/// While a secret is changed, give it the old one and the new one.
///
/// ```
/// use elevate_seam::{Event, WebhookSecret, WebhookVerifier, WorkspaceId};
///
/// /// The status to answer with, and what to do next. It is 401 for all that is refused, as behind
/// /// `Access::webhook`: a stranger learns nothing by it, and the log has the reason.
/// fn receive(
///     verifier: &WebhookVerifier,
///     headers: &[(String, Vec<u8>)], // an `http::HeaderMap` gives them by `(n.as_str(), v.as_bytes())`
///     body: &[u8],
///     now: jiff::Timestamp,
/// ) -> (u16, Option<Event>) {
///     let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
///     match verifier.verify(headers, body, now) {
///         Ok(event) => (204, Some(event)),
///         Err(error) => {
///             eprintln!("{error}"); // holds nothing secret, and nothing that was sent
///             (401, None)
///         }
///     }
/// }
///
/// let verifier = WebhookVerifier::new(
///     WorkspaceId::new("ws-1")?,
///     [WebhookSecret::new("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")?],
/// )?;
/// let now = "2026-05-04T10:00:00Z".parse()?;
/// assert_eq!(receive(&verifier, &[], b"{}", now).0, 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WebhookVerifier {
    workspace: WorkspaceId,
    keys: Vec<SecretSlice<u8>>,
}

impl WebhookVerifier {
    /// A verifier for the deliveries of that workspace, signed with any of those secrets.
    ///
    /// # Errors
    /// If there is no secret, or one holds no key.
    pub fn new(
        workspace: WorkspaceId,
        secrets: impl IntoIterator<Item = WebhookSecret>,
    ) -> Result<Self, InvalidSecrets> {
        let keys = secrets.into_iter().map(|secret| key(&secret)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(InvalidSecrets::None);
        }
        Ok(Self { workspace, keys })
    }

    /// The workspace whose events it lets through.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The event of a delivery.
    ///
    /// `headers` are all that came, names in any case, values as bytes; `now` is the wall clock's.
    ///
    /// # Errors
    /// If it is not signed with one of the secrets, is older or newer than five minutes, is no event, or is
    /// one of another workspace: see [`DeliveryErrorKind`].
    pub fn verify<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Event, DeliveryError> {
        if body.len() > MOST_BYTES {
            return Err(DeliveryError::new(DeliveryErrorKind::TooLarge, "the body"));
        }
        let headers = Headers::read(headers)?;
        let sent = i128::from(headers.seconds()?) * NANOS;
        if (now.as_nanosecond() - sent).abs() > TOLERANCE_NANOS {
            return Err(DeliveryError::new(DeliveryErrorKind::Stale, headers.names.timestamp));
        }
        if !self.is_signed(&headers, body) {
            return Err(DeliveryError::new(
                DeliveryErrorKind::BadSignature,
                headers.names.signature,
            ));
        }
        let event: Event = decode(body).map_err(DeliveryError::not_an_event)?;
        if event.workspace_id != self.workspace {
            return Err(DeliveryError::new(DeliveryErrorKind::ForeignWorkspace, "`workspace_id`"));
        }
        Ok(event)
    }

    fn is_signed(&self, headers: &Headers<'_>, body: &[u8]) -> bool {
        // Decoded once, whatever the number of secrets. Another version's, or what is no Base64, is passed over.
        let signatures: Vec<Vec<u8>> =
            headers.signatures().filter_map(|signature| STANDARD.decode(signature).ok()).collect();
        self.keys.iter().any(|key| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret()) else {
                return false;
            };
            for part in [headers.id, b".", headers.timestamp, b".", body] {
                mac.update(part);
            }
            // Compares in constant time.
            signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
        })
    }
}

/// Not the secret's text but the bytes that it stands for are the key.
fn key(secret: &WebhookSecret) -> Result<SecretSlice<u8>, InvalidSecrets> {
    let text = secret.expose();
    let text = text.strip_prefix(PREFIX).unwrap_or(text);
    let key = STANDARD.decode(text).map(SecretSlice::from);
    key.ok().filter(|key| !key.expose_secret().is_empty()).ok_or(InvalidSecrets::NotAKey)
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("workspace", &self.workspace)
            .field("secrets", &self.keys.len())
            .finish_non_exhaustive()
    }
}

//! Webhooks: where Seam delivers events, and the secret that it signs them with.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{EventType, WebhookId, client::web_url, lenient};

/// A webhook (`webhooks/create`, `webhooks/get`). Only its id is required.
///
/// `Debug` leaves out the secret, and the URL, which whoever knows it can post to.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Its id.
    pub webhook_id: WebhookId,
    /// Where the events go.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub url: Option<String>,
    /// Which events go there, at most 1,000 types; `*` stands for all.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 1_000>")]
    pub event_types: Vec<EventType>,
    /// What its deliveries are signed with, if Seam shows it and it has that form. Documented is that it may be
    /// left out, not when: keep the one that [`create`](crate::Client::create_webhook) gives.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub secret: Option<WebhookSecret>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("webhook_id", &self.webhook_id)
            .field("event_types", &self.event_types)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// A webhook to be made: where, and for which events.
///
/// ```
/// use elevate_seam::{EventType, NewWebhook};
///
/// let for_all_that_matters = NewWebhook::new("https://api.example/hooks/seam/maple-2n");
/// let for_orders = NewWebhook::new("https://api.example/hooks/seam/maple-2n")
///     .event_types([EventType::UnlockDoorSucceeded, EventType::UnlockDoorFailed]);
/// # let _ = (for_all_that_matters, for_orders);
/// ```
#[derive(Clone, Serialize)]
pub struct NewWebhook {
    url: String,
    event_types: Vec<EventType>,
}

impl NewWebhook {
    /// To that URL, for [the events that this SDK uses](Self::USED). It has to be `https`, or `http` on
    /// loopback.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), event_types: Self::USED.to_vec() }
    }

    /// For those events instead.
    pub fn event_types(mut self, types: impl IntoIterator<Item = EventType>) -> Self {
        self.event_types = types.into_iter().collect();
        self
    }

    /// The events that this SDK uses: those that [concern](crate::Event::concerns) an order, the doors and
    /// whose they are, or a sign-in. `lock.unlocked` is not among them: it comes with every opening by hand.
    pub const USED: &'static [EventType] = &[
        EventType::UnlockDoorSucceeded,
        EventType::UnlockDoorFailed,
        EventType::DeviceAdded,
        EventType::DeviceRemoved,
        EventType::DeviceDeleted,
        EventType::DeviceConnected,
        EventType::DeviceDisconnected,
        EventType::DeviceNameChanged,
        EventType::DeviceConvertedToUnmanaged,
        EventType::DeviceConvertedToManaged,
        EventType::SpaceCreated,
        EventType::SpaceDeleted,
        EventType::SpaceDeviceMembershipChanged,
        EventType::ConnectedAccountConnected,
        EventType::ConnectedAccountDisconnected,
        EventType::ConnectedAccountDeleted,
        EventType::ConnectedAccountReauthorizationRequested,
        EventType::ConnectedAccountCompletedFirstSync,
        EventType::ConnectedAccountCompletedFirstSyncAfterReconnection,
        EventType::ConnectWebviewLoginSucceeded,
        EventType::ConnectWebviewLoginFailed,
    ];

    /// What keeps it from being asked for.
    pub(crate) fn fault(&self) -> Option<String> {
        match web_url(&self.url) {
            Err(why) => Some(format!("url: {why}")),
            Ok(_) => fault_of(&self.event_types).map(str::to_owned),
        }
    }
}

/// What no types at all would bring nobody has said: perhaps all events.
pub(crate) fn fault_of(event_types: &[EventType]) -> Option<&'static str> {
    event_types.is_empty().then_some("event_types: none")
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook").field("event_types", &self.event_types).finish_non_exhaustive()
    }
}

/// What a webhook's deliveries are signed with (`whsec_…`). `Debug` says that there is one.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct WebhookSecret(SecretString);

/// A text that is no webhook secret. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret: `whsec_` and a key in Base64")]
pub struct InvalidWebhookSecret;

impl WebhookSecret {
    /// Takes the text as a secret.
    ///
    /// # Errors
    /// If it is not `whsec_` and something in the letters of Base64 after it.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidWebhookSecret> {
        let secret = SecretString::from(text.into());
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
        match secret.expose_secret().strip_prefix("whsec_") {
            Some(key) if !key.is_empty() && key.bytes().all(base64) => Ok(Self(secret)),
            _ => Err(InvalidWebhookSecret),
        }
    }

    /// The secret, for keeping it in a safe place.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for WebhookSecret {
    type Error = InvalidWebhookSecret;
    fn try_from(text: String) -> Result<Self, InvalidWebhookSecret> {
        Self::new(text)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

//! The secret of a webhook.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// What a webhook's deliveries are signed with (`whsec_…`). `Debug` says that there is one.
#[derive(Clone)]
pub struct WebhookSecret(SecretString);

/// A text that is no webhook secret. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret: `whsec_` and a key in Base64")]
pub struct InvalidWebhookSecret;

impl WebhookSecret {
    /// Takes the text as a secret.
    ///
    /// # Errors
    /// If it is not `whsec_` and something after it.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidWebhookSecret> {
        let secret = SecretString::from(text.into());
        match secret.expose_secret().strip_prefix("whsec_") {
            Some(key) if !key.is_empty() => Ok(Self(secret)),
            _ => Err(InvalidWebhookSecret),
        }
    }

    /// The secret, for keeping it in a safe place.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

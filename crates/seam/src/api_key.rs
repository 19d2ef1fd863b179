//! The key to a workspace.

use std::fmt;

use elevate_transport::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// A Seam API key (`seam_…`), or a personal access token (`seam_at…`).
///
/// It rules its whole workspace and never shows: `Debug` says that there is one. Seam's own SDKs read it
/// from the environment variable `SEAM_API_KEY`.
///
/// ```
/// use elevate_seam::{ApiKey, InvalidApiKey};
///
/// let key = ApiKey::new("seam_examplekey")?;
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
/// assert_eq!(ApiKey::new("seam_pk1_publishable").unwrap_err(), InvalidApiKey::PublishableKey);
/// # Ok::<(), InvalidApiKey>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// Why a text is no API key. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidApiKey {
    /// It is empty.
    #[error("the API key is empty")]
    Empty,
    /// It cannot stand in a header: a line break that came along with it, perhaps.
    #[error("the API key holds a character that no key has")]
    NotAKey,
    /// It is a client session token (`seam_cst…`), which a browser may hold.
    #[error("this is a client session token (seam_cst), not an API key")]
    ClientSessionToken,
    /// It is a publishable key (`seam_pk…`), which a browser may hold.
    #[error("this is a publishable key (seam_pk), not an API key")]
    PublishableKey,
    /// It is a JSON web token (`ey…`), which belongs to a person's session in the console.
    #[error("this is a JSON web token of a console session, not an API key")]
    ConsoleSessionToken,
}

impl ApiKey {
    /// Takes the text as a key.
    ///
    /// # Errors
    /// If it cannot be one, or is one of Seam's other credentials.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidApiKey> {
        // Wrapped first, so that it is wiped whichever way this ends.
        let key = SecretString::from(text.into());
        let text = key.expose_secret();
        if text.is_empty() {
            Err(InvalidApiKey::Empty)
        } else if text.starts_with("seam_cst") {
            Err(InvalidApiKey::ClientSessionToken)
        } else if text.starts_with("seam_pk") {
            Err(InvalidApiKey::PublishableKey)
        } else if text.starts_with("ey") {
            Err(InvalidApiKey::ConsoleSessionToken)
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(InvalidApiKey::NotAKey)
        } else {
            Ok(Self(key))
        }
    }

    /// Whether it is a personal access token, which spans workspaces and so has to come with one.
    pub fn is_personal_token(&self) -> bool {
        self.0.expose_secret().starts_with("seam_at")
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value of `Authorization`, marked as not to be shown.
    pub(crate) fn bearer(&self) -> Option<HeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_credentials_are_told_from_a_key() {
        for (text, why) in [
            ("", InvalidApiKey::Empty),
            ("seam_cst126DAjfor_2kxn8QAAEXAMPLE", InvalidApiKey::ClientSessionToken),
            ("seam_pk1J0Y8sQ_EXAMPLE", InvalidApiKey::PublishableKey),
            ("eyJhbGciOiJIUzI1NiJ9.e30.EXAMPLE", InvalidApiKey::ConsoleSessionToken),
            ("seam_key\n", InvalidApiKey::NotAKey),
            (" seam_key", InvalidApiKey::NotAKey),
            ("seam_k\u{e9}y", InvalidApiKey::NotAKey),
        ] {
            assert_eq!(ApiKey::new(text).unwrap_err(), why);
            assert!(text.is_empty() || !why.to_string().contains(text));
        }
    }

    #[test]
    fn keys_and_personal_tokens_are_taken() {
        assert!(!ApiKey::new("seam_apikey1_token").unwrap().is_personal_token());
        assert!(ApiKey::new("seam_at1_EXAMPLE").unwrap().is_personal_token());
    }

    #[test]
    fn a_key_does_not_show() {
        let key = ApiKey::new("seam_canary").unwrap();
        let shown = format!("{key:?} {key:#?} {:?}", key.bearer());
        assert!(!shown.contains("canary"), "{shown}");
    }
}

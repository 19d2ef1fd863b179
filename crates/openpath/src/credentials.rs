use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// With what a service account signs in.
///
/// A service account is a local user of the organisation (not one of a single sign-on) whose role has the
/// scope `user:w`. **That scope also deletes users and sets their passwords**, and there is no narrower one
/// for acting on residents' behalf: guard it accordingly.
///
/// `Debug` shows neither e-mail nor secrets.
#[derive(Clone)]
pub struct Credentials {
    email: SecretString,
    password: SecretString,
    totp_code: Option<SecretString>,
}

impl Credentials {
    /// E-mail and password (`POST /auth/login`).
    pub fn password(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self { email: email.into().into(), password: password.into().into(), totp_code: None }
    }

    /// Adds the six digits of a second factor. They are good for one sign-in, so an account for a service
    /// that runs on has better no second factor of this kind.
    pub fn with_totp_code(mut self, code: impl Into<String>) -> Self {
        self.totp_code = Some(code.into().into());
        self
    }

    /// The body of the sign-in.
    pub(crate) fn body(&self) -> LoginBody<'_> {
        LoginBody {
            email: self.email.expose_secret(),
            password: self.password.expose_secret(),
            mfa: self.totp_code.as_ref().map(|code| Mfa { totp_code: code.expose_secret() }),
        }
    }

    /// Whatever must not be seen.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        [&self.email, &self.password]
            .into_iter()
            .chain(&self.totp_code)
            .map(ExposeSecret::expose_secret)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("kind", &"password")
            .field("has_totp_code", &self.totp_code.is_some())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
pub(crate) struct LoginBody<'a> {
    email: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<Mfa<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mfa<'a> {
    totp_code: &'a str,
}

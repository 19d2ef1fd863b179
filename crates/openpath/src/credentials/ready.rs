//! Credentials that have been checked, in the form in which they are sent.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elevate_transport::{HeaderValue, Url};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

#[cfg(feature = "totp")]
use super::totp;
use super::{Account, Credentials, Second, Way};
use crate::{Error, ErrorKind};

/// Checked credentials.
pub(crate) struct Ready {
    pub(crate) proof: Proof,
    /// Whose account it is, without saying so; a certificate is nobody's.
    account: Option<String>,
    /// Whatever must not be seen.
    secrets: Vec<SecretString>,
}

/// What is sent to be signed in.
pub(crate) enum Proof {
    /// The body of `POST /auth/login`, which brings a token.
    Login(Box<Login>),
    /// A header that goes with every call, and has to be proven by one.
    Header(FixedHeader),
}

pub(crate) struct Login {
    account: Account,
    namespace: Option<u64>,
    second: Option<Factor>,
}

/// The value of an `Authorization` header.
#[derive(Clone)]
pub(crate) struct FixedHeader {
    pub(crate) value: HeaderValue,
    /// Without the scheme.
    pub(crate) secret: SecretString,
}

enum Factor {
    Code(SecretString),
    #[cfg(feature = "totp")]
    Codes(totp::Codes),
}

impl Ready {
    /// Whose account it is for [`SignIns`](elevate_access::SignIns), if a sign-in can be refused to an
    /// account at all. It names neither e-mail nor secret.
    pub(crate) fn account_at(&self, base: &Url) -> Option<String> {
        let host = base.host_str().unwrap_or_default();
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        self.account.as_ref().map(|account| format!("openpath/{host}{port}/{account}"))
    }

    /// The step whose code a sign-in at that time sends, if codes are made here; and when the next begins.
    #[cfg_attr(not(feature = "totp"), expect(clippy::unused_self, reason = "no codes are made"))]
    pub(crate) fn step_at(&self, now: Timestamp) -> Option<(u64, Timestamp)> {
        #[cfg(feature = "totp")]
        if let Proof::Login(login) = &self.proof
            && let Some(Factor::Codes(_)) = login.second
        {
            return Some((totp::step_at(now), totp::next_step(now)));
        }
        let _ = now;
        None
    }

    /// Whether that is the e-mail with which it signs in.
    pub(crate) fn is_account(&self, email: &str) -> bool {
        self.secrets.iter().any(|one| one.expose_secret().eq_ignore_ascii_case(email))
    }

    /// Whatever must not be seen.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(SecretString::expose_secret)
    }
}

impl Login {
    /// The code to send with the body, for the step that was granted, if codes are made here.
    pub(crate) fn code(&self, step: Option<u64>) -> Option<SecretString> {
        let _ = step;
        match self.second.as_ref()? {
            Factor::Code(code) => Some(code.clone()),
            #[cfg(feature = "totp")]
            Factor::Codes(codes) => Some(codes.of_step(step?)),
        }
    }

    /// The body of the sign-in.
    pub(crate) fn body<'a>(&'a self, code: Option<&'a SecretString>) -> LoginBody<'a> {
        LoginBody {
            email: self.account.email.expose_secret(),
            password: self.account.password.expose_secret(),
            namespace_id: self.namespace,
            mfa: code.map(|code| Mfa { totp_code: code.expose_secret() }),
        }
    }
}

impl Credentials {
    /// Checks the credentials.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the setting.
    pub(crate) fn ready(self) -> Result<Ready, Error> {
        let Self { way, second, namespace, revision } = self;
        if !matches!(way, Way::Password(_)) {
            if second.is_some() {
                return refuse("totp: only a sign-in by password has a second factor");
            }
            if namespace.is_some() {
                return refuse("namespace: only a sign-in by password names one");
            }
        }
        match way {
            Way::Password(account) => {
                let mut secrets = vec![account.email.clone(), account.password.clone()];
                let second = second.map(|second| second.checked(&mut secrets)).transpose()?;
                let name = account.name(namespace, &revision);
                let login = Login { account, namespace, second };
                Ok(Ready { proof: Proof::Login(Box::new(login)), account: Some(name), secrets })
            }
            Way::Basic(account) => {
                let (email, password) =
                    (account.email.expose_secret(), account.password.expose_secret());
                if email.contains(':') {
                    return refuse("email: HTTP Basic has no room for a colon in it");
                }
                let secret =
                    SecretString::from(BASE64_STANDARD.encode(format!("{email}:{password}")));
                let header = FixedHeader::new("Basic ", secret.clone())?;
                let name = account.name(namespace, &revision);
                let secrets = vec![account.email, account.password, secret];
                Ok(Ready { proof: Proof::Header(header), account: Some(name), secrets })
            }
            #[cfg(feature = "org-certificate")]
            Way::OrgCertificate { id, private_key_pem } => {
                if crate::id::fault(&id).is_some() {
                    return refuse(
                        "certificate_id: has to be 1 to 64 ASCII letters, digits, _ and -",
                    );
                }
                let pem = private_key_pem.expose_secret();
                let Some(secret) = super::certificate::token(&id, pem) else {
                    return refuse(
                        "private_key_pem: has to be an RSA private key in PEM, of PKCS#1 or PKCS#8, \
                         not encrypted, of 2048 bits or more",
                    );
                };
                let header = FixedHeader::new("", secret.clone())?;
                Ok(Ready { proof: Proof::Header(header), account: None, secrets: vec![secret] })
            }
        }
    }
}

impl Account {
    /// The name for turns. One e-mail is another account in another namespace, so a refusal to one says
    /// nothing of the other.
    fn name(&self, namespace: Option<u64>, revision: &str) -> String {
        let email = self.email.expose_secret().to_lowercase();
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
        let digest = Sha256::digest(email.as_bytes());
        let hex: String = digest.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect();
        let namespace = namespace.map(|id| format!(".{id}")).unwrap_or_default();
        format!("{hex}{namespace}/{revision}")
    }
}

impl Second {
    #[cfg_attr(
        not(feature = "totp"),
        expect(clippy::unnecessary_wraps, reason = "a code is a code")
    )]
    fn checked(self, secrets: &mut Vec<SecretString>) -> Result<Factor, Error> {
        match self {
            Self::Code(code) => {
                secrets.push(code.clone());
                Ok(Factor::Code(code))
            }
            #[cfg(feature = "totp")]
            Self::Secret(base32) => match totp::Codes::from_base32(base32.expose_secret()) {
                Some(codes) => {
                    secrets.push(base32);
                    Ok(Factor::Codes(codes))
                }
                None => refuse("totp_secret: is no base32"),
            },
        }
    }
}

impl FixedHeader {
    fn new(scheme: &str, secret: SecretString) -> Result<Self, Error> {
        let text = format!("{scheme}{}", secret.expose_secret());
        let Ok(mut value) = HeaderValue::from_str(&text) else {
            return refuse("credentials: they do not go into a header");
        };
        value.set_sensitive(true);
        Ok(Self { value, secret })
    }
}

fn refuse<T>(fault: &str) -> Result<T, Error> {
    Err(Error::new(ErrorKind::InvalidInput).with_message(fault))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginBody<'a> {
    email: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<Mfa<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mfa<'a> {
    totp_code: &'a str,
}

//! With what a service account signs in.

#[cfg(feature = "org-certificate")]
mod certificate;
mod ready;
#[cfg(feature = "totp")]
mod totp;

use std::fmt;

use secrecy::SecretString;

pub(crate) use ready::{FixedHeader, Login, Proof, Ready};

/// With what a service account signs in: one of three ways.
///
/// | | what is sent | renewed |
/// | --- | --- | --- |
/// | [`password`](Self::password) | `POST /auth/login`, and its token with each call | by a new sign-in, before the token ends |
/// | [`basic`](Self::basic) | HTTP Basic with each call | never |
/// | `org_certificate` (feature `org-certificate`) | a token that the certificate's key has signed, with each call | never |
///
/// The first is the documented one. The others have been seen to be used, and are proven by a read before
/// they count as signed in.
///
/// A service account is a local user of the organisation (not one of a single sign-on) whose role has the
/// scope `user:w`. **That scope also deletes users and sets their passwords**, and there is no narrower one
/// for acting on residents' behalf: guard it accordingly.
///
/// `Debug` shows neither e-mail nor secrets.
///
/// ```
/// use elevate_openpath::Credentials;
///
/// # fn example(email: String, password: String, edition: u64) {
/// let credentials = Credentials::password(email, password)
///     .in_namespace(611)
///     .revision(edition.to_string());
/// # let _ = credentials;
/// # }
/// ```
#[derive(Clone)]
pub struct Credentials {
    way: Way,
    second: Option<Second>,
    namespace: Option<u64>,
    revision: String,
}

#[derive(Clone)]
enum Way {
    Password(Account),
    Basic(Account),
    #[cfg(feature = "org-certificate")]
    OrgCertificate {
        id: String,
        private_key_pem: SecretString,
    },
}

#[derive(Clone)]
struct Account {
    email: SecretString,
    password: SecretString,
}

/// A second factor.
#[derive(Clone)]
enum Second {
    Code(SecretString),
    /// What codes are made from, in base32.
    #[cfg(feature = "totp")]
    Secret(SecretString),
}

impl Account {
    fn new(email: String, password: String) -> Self {
        Self { email: email.into(), password: password.into() }
    }
}

impl Credentials {
    /// E-mail and password (`POST /auth/login`).
    pub fn password(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self::by(Way::Password(Account::new(email.into(), password.into())))
    }

    /// E-mail and password in HTTP Basic with each call. It is in samples of the vendor's and not in its
    /// description; an account with a second factor or of a single sign-on cannot use it.
    pub fn basic(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self::by(Way::Basic(Account::new(email.into(), password.into())))
    }

    /// Feature `org-certificate`: a certificate that is registered with the organisation
    /// (`POST /orgs/{org}/authCerts`), by the id that it has there, and its RSA private key in PEM (PKCS#1 or
    /// PKCS#8, not encrypted).
    ///
    /// Each call carries a JWT without claims, signed with RS256: the form that one client was seen to use.
    #[cfg(feature = "org-certificate")]
    pub fn org_certificate(
        certificate_id: impl Into<String>,
        private_key_pem: impl Into<String>,
    ) -> Self {
        let private_key_pem = private_key_pem.into().into();
        Self::by(Way::OrgCertificate { id: certificate_id.into(), private_key_pem })
    }

    fn by(way: Way) -> Self {
        Self { way, second: None, namespace: None, revision: String::new() }
    }

    /// Adds the six digits of a second factor. They are good for one sign-in, so a service that runs on needs
    /// the secret that they are made from (`with_totp_secret`, feature `totp`), or an account without a
    /// second factor.
    ///
    /// For [`password`](Self::password) only.
    pub fn with_totp_code(mut self, code: impl Into<String>) -> Self {
        self.second = Some(Second::Code(code.into().into()));
        self
    }

    /// Feature `totp`: adds the secret that the codes of a second factor are made from, in base32 as authenticator
    /// apps take it: white space, hyphens, case and `=` at the end do not matter. Codes are those of RFC 6238 with
    /// six digits, SHA-1 and steps of 30 s.
    ///
    /// For [`password`](Self::password) only. Each step is used for one sign-in, on all nodes that share
    /// [`SignIns`](elevate_access::SignIns): ten nodes that start at once take five minutes for it. Codes are
    /// made by [`ClientBuilder::clock`](crate::ClientBuilder::clock).
    #[cfg(feature = "totp")]
    pub fn with_totp_secret(mut self, base32: impl Into<String>) -> Self {
        self.second = Some(Second::Secret(base32.into().into()));
        self
    }

    /// Says in which namespace the account is (`namespaceId`), where one e-mail is in several. It is left out
    /// of the sign-in unless it is set. Where it is set, the pause after a refusal is of that namespace alone.
    ///
    /// For [`password`](Self::password) only.
    pub fn in_namespace(mut self, id: u64) -> Self {
        self.namespace = Some(id);
        self
    }

    /// Says which edition of the credentials these are: a number of the host's that changes whenever the secret
    /// does, **and only then**. It is no secret, for it is written into the store.
    ///
    /// After a refusal nobody signs in with the same account *and edition* for a while, and after four in a row
    /// never again. A corrected password under a new revision is tried at once. Wrong ones are tried four times
    /// under each, so a revision that changes with anything else about a connection can lock the account.
    ///
    /// (The revision of a [`ConnectionRef`](elevate_access::ConnectionRef) is another thing: when that changes,
    /// the connection is opened anew, and nothing is known by it of the secret.)
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = revision.into();
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.way {
            Way::Password(_) => "password",
            Way::Basic(_) => "basic",
            #[cfg(feature = "org-certificate")]
            Way::OrgCertificate { .. } => "org_certificate",
        };
        f.debug_struct("Credentials")
            .field("kind", &kind)
            .field("has_second_factor", &self.second.is_some())
            .finish_non_exhaustive()
    }
}

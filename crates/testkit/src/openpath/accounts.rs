//! Who may sign in, and how: what a test tells of it and asks.

use std::time::Duration;

use super::sign_in::{Account, Factor, Totp};
use super::{FIRST_ACCOUNT_USER, NAMESPACE, Openpath};

/// Accounts, certificates and tokens, to begin with.
impl Openpath {
    /// With a service account: a local user who may sign in by password.
    pub fn service_account(mut self, email: &str, password: &str) -> Self {
        let taken = self.sign_in.accounts.iter().map(|account| account.user).max();
        self.sign_in.accounts.push(Account {
            email: email.to_owned(),
            password: password.to_owned(),
            factor: Factor::None,
            namespace: NAMESPACE,
            user: taken.map_or(FIRST_ACCOUNT_USER, |last| last + 1),
            refused_in_a_row: 0,
            is_locked: false,
        });
        self
    }

    /// The service account named last must send this code as its second factor, each time.
    ///
    /// # Panics
    /// If no service account was named.
    #[track_caller]
    pub fn totp_code(self, code: &str) -> Self {
        self.with_factor(Factor::Code(code.to_owned()))
    }

    /// The service account named last must send the code of the moment as its second factor: RFC 6238
    /// with SHA-1, six digits and steps of 30 s, from this secret in base32.
    ///
    /// The code of the step before or after is taken too. Each step is good for one sign-in: a second one
    /// is refused like a wrong code.
    ///
    /// The moment is that of the clock that the stand-in's wire was given. **A client has to be given the same
    /// clock** (`ClientBuilder::clock`): one that goes by the machine's makes the codes of another moment, and
    /// each is refused.
    ///
    /// # Panics
    /// If the secret is not base32, or no service account was named.
    #[track_caller]
    #[expect(clippy::panic, reason = "a story with a slip in it must not pass a test")]
    pub fn totp_secret(self, base32: &str) -> Self {
        match Totp::new(base32) {
            Some(totp) => self.with_factor(Factor::Totp(totp)),
            None => panic!("a TOTP secret is base32"),
        }
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "a story with a slip in it must not pass a test")]
    fn with_factor(mut self, factor: Factor) -> Self {
        match self.sign_in.accounts.last_mut() {
            Some(account) => account.factor = factor,
            None => panic!("a second factor needs a service account"),
        }
        self
    }

    /// With a certificate of that id, whose RSA public key is given as DER: `SubjectPublicKeyInfo` or
    /// PKCS#1. JWTs that its private key signed (RS256, `kid` is `orgCertId:{id}`) are good tokens. With the
    /// feature `org-certificate`.
    ///
    /// # Panics
    /// If that is no RSA public key of 2048 to 8192 bits.
    #[cfg(feature = "org-certificate")]
    #[track_caller]
    pub fn auth_cert(mut self, id: u64, public_key_der: &[u8]) -> Self {
        let added = self.sign_in.certificates.add(id, public_key_der);
        assert!(added, "the certificate {id} has no RSA public key of 2048 to 8192 bits");
        self
    }

    /// With tokens that begin so, for a test that searches for them. Characters of a header only.
    pub fn token_prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.sign_in.token_prefix);
        self
    }
}

/// What becomes of them while the model runs. Each panics if nobody has that e-mail.
impl Openpath {
    /// Gives the service account of that e-mail another password. Its tokens live on, and a lock stays.
    #[track_caller]
    pub fn set_password(&mut self, email: &str, password: &str) {
        for account in self.accounts_of(email) {
            password.clone_into(&mut account.password);
        }
    }

    /// Unlocks the service account of that e-mail.
    #[track_caller]
    pub fn unlock_account(&mut self, email: &str) {
        for account in self.accounts_of(email) {
            account.is_locked = false;
            account.refused_in_a_row = 0;
        }
    }

    #[track_caller]
    fn accounts_of(&mut self, email: &str) -> impl Iterator<Item = &mut Account> {
        let mut found =
            self.sign_in.accounts.iter_mut().filter(|it| it.is_called(email)).peekable();
        assert!(found.peek().is_some(), "the stand-in for Openpath has no such account");
        found
    }

    /// Removes a certificate: no token that it signed is good any more. With the feature `org-certificate`.
    #[cfg(feature = "org-certificate")]
    pub fn remove_auth_cert(&mut self, id: u64) {
        self.sign_in.certificates.remove(id);
    }

    /// Kills all tokens that were made at a sign-in.
    pub fn revoke_tokens(&mut self) {
        self.sign_in.end_all();
    }

    /// How long tokens made from now on live; `None` states no end.
    pub fn set_token_life(&mut self, life: Option<Duration>) {
        self.behaviour.token_life = life;
    }
}

/// What a test asks of them.
impl Openpath {
    /// How many sign-ins succeeded. A password on a call of its own is none, nor is a refreshed token.
    pub fn sign_ins(&self) -> u64 {
        self.sign_in.logins
    }

    /// How many sign-ins with that e-mail were refused, `Basic` ones included, whether or not anybody
    /// has it.
    pub fn refused_sign_ins(&self, email: &str) -> u64 {
        self.sign_in.refused(email)
    }

    /// Whether too many refused sign-ins have locked the service account of that e-mail.
    pub fn is_locked(&self, email: &str) -> bool {
        self.sign_in.accounts.iter().any(|account| account.is_called(email) && account.is_locked)
    }
}

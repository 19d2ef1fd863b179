//! How a caller proves who it is: tokens, passwords on each call, certificates.

mod account;
#[cfg(feature = "org-certificate")]
mod certificate;
mod totp;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) use account::{Account, Factor};
#[cfg(feature = "org-certificate")]
pub(super) use certificate::Certificates;
pub(super) use totp::Totp;

use super::Behaviour;
use super::dates::written;
use super::refusal::Refusal;
use super::row::{id_of, text_at};
use super::shape::Input;
use account::Attempt;

/// Who may sign in, and which tokens live.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) accounts: Vec<Account>,
    #[cfg(feature = "org-certificate")]
    pub(super) certificates: Certificates,
    pub(super) token_prefix: String,
    /// Successful logins.
    pub(super) logins: u64,
    /// Refused ones, by e-mail in lower case, whether or not it is anybody's.
    refused: BTreeMap<String, u64>,
    tokens: BTreeMap<String, Token>,
    issued: u64,
}

#[derive(Clone)]
struct Token {
    account: usize,
    ends: Option<Timestamp>,
}

impl SignIn {
    pub(super) fn new() -> Self {
        Self {
            accounts: Vec::new(),
            #[cfg(feature = "org-certificate")]
            certificates: Certificates::default(),
            token_prefix: super::TOKEN_PREFIX.to_owned(),
            logins: 0,
            refused: BTreeMap::new(),
            tokens: BTreeMap::new(),
            issued: 0,
        }
    }

    /// The account that logs in, if e-mail, namespace, password and code are right.
    pub(super) fn log_in(
        &mut self,
        input: &Input,
        rules: &Behaviour,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let attempt = Attempt {
            email: input.text("email").unwrap_or_default(),
            password: input.text("password").unwrap_or_default(),
            code: text_at(input.get("mfa"), "totpCode"),
        };
        let place = self.attempt(&attempt, id_of(input.get("namespaceId")), rules, now)?;
        self.logins += 1;
        Ok(place)
    }

    /// Lets a call pass: by a living token or a certificate's, raw or after `Bearer`, or by a password
    /// after `Basic`.
    pub(super) fn admit(
        &mut self,
        header: Option<&str>,
        rules: &Behaviour,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let header = header.ok_or_else(Refusal::token)?;
        if let Some(("basic", pair)) = scheme(header).as_ref().map(|(s, rest)| (s.as_str(), *rest))
        {
            if !rules.basic_is_taken {
                return Err(Refusal::token());
            }
            return self.by_basic(pair, rules, now);
        }
        let good = self.account_by(Some(header), now).is_some();
        #[cfg(feature = "org-certificate")]
        let good = good || self.certificates.vouch(bare(header), now);
        good.then_some(()).ok_or_else(Refusal::token)
    }

    fn by_basic(&mut self, pair: &str, rules: &Behaviour, now: Timestamp) -> Result<(), Refusal> {
        let plain = STANDARD.decode(pair).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let (email, password) =
            plain.as_deref().and_then(|text| text.split_once(':')).ok_or_else(Refusal::token)?;
        let attempt = Attempt { email, password, code: None };
        self.attempt(&attempt, None, rules, now).map(|_| ()).map_err(|mut refusal| {
            // Whatever the fault, as servers answer credentials of this kind.
            refusal.status = 401;
            refusal
        })
    }

    fn attempt(
        &mut self,
        attempt: &Attempt<'_>,
        namespace: Option<u64>,
        rules: &Behaviour,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let found = self.accounts.iter_mut().enumerate().find(|(_, account)| {
            account.is_called(attempt.email) && namespace.is_none_or(|id| id == account.namespace)
        });
        let verdict = match found {
            Some((place, account)) => account.judge(attempt, rules.lock_after, now).map(|()| place),
            None => Err(Refusal::password()),
        };
        if verdict.is_err() {
            *self.refused.entry(attempt.email.to_ascii_lowercase()).or_default() += 1;
        }
        verdict
    }

    /// How many sign-ins with that e-mail were refused.
    pub(super) fn refused(&self, email: &str) -> u64 {
        self.refused.get(&email.to_ascii_lowercase()).copied().unwrap_or(0)
    }

    /// Makes a token and answers as a login does.
    pub(super) fn issue(
        &mut self,
        place: usize,
        org: (u64, &str),
        scopes: &[String],
        rules: &Behaviour,
        now: Timestamp,
    ) -> Value {
        if rules.sign_in_ends_older_tokens {
            self.tokens.retain(|_, token| token.account != place);
        }
        self.tokens.retain(|_, token| token.ends.is_none_or(|end| end > now));
        self.issued += 1;
        let text = format!("{}{}", self.token_prefix, self.issued);
        let end = |life: Duration| now.saturating_add(life).unwrap_or(Timestamp::MAX);
        let ends = rules.token_life.map(end);
        self.tokens.insert(text.clone(), Token { account: place, ends });

        let (namespace, user) =
            self.accounts.get(place).map_or((0, 0), |account| (account.namespace, account.user));
        json!({
            "identityId": 1_000_000 + user,
            "identity": { "id": 1_000_000 + user, "namespace": { "id": namespace, "nickname": null } },
            "token": text,
            "tokenScopeList": [
                { "org": { "id": null, "name": null }, "user": { "id": null }, "scope": null },
                {
                    "org": { "id": org.0, "name": org.1 },
                    "user": { "id": user },
                    "scope": scopes,
                },
            ],
            "createdAt": written(now),
            "expiresAt": ends.map(written),
        })
    }

    /// The account whose living token the header carries, raw or after `Bearer`.
    pub(super) fn account_by(&self, header: Option<&str>, now: Timestamp) -> Option<usize> {
        let token = self.tokens.get(bare(header?))?;
        token.ends.is_none_or(|end| now < end).then_some(token.account)
    }

    /// Kills one token.
    pub(super) fn end(&mut self, header: Option<&str>) {
        if let Some(header) = header {
            self.tokens.remove(bare(header));
        }
    }

    /// Kills all tokens.
    pub(super) fn end_all(&mut self) {
        self.tokens.clear();
    }

    /// Whether text holds an e-mail, a password or a token.
    pub(super) fn gives_away(&self, text: &str) -> bool {
        text.contains('@')
            || text.contains("%40")
            || text.contains(self.token_prefix.as_str())
            || self.accounts.iter().any(|account| {
                !account.password.is_empty() && text.contains(account.password.as_str())
            })
    }
}

/// The token of an `Authorization` header.
fn bare(header: &str) -> &str {
    match scheme(header) {
        Some((scheme, token)) if scheme == "bearer" => token,
        _ => header,
    }
}

/// A header's scheme, in lower case, and what follows it.
fn scheme(header: &str) -> Option<(String, &str)> {
    let (scheme, rest) = header.split_once(' ')?;
    Some((scheme.to_ascii_lowercase(), rest.trim()))
}

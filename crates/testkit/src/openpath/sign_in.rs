//! Service accounts and their tokens.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dates::written;
use super::refusal::Refusal;
use super::row::{id_of, text_at};
use super::shape::Input;

/// A local user with a role, which the vendor lets sign in.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) code: Option<String>,
    pub(super) namespace: u64,
    pub(super) user: u64,
}

/// Who may sign in, and which tokens live.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) accounts: Vec<Account>,
    pub(super) token_prefix: String,
    pub(super) refused: u64,
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
            token_prefix: super::TOKEN_PREFIX.to_owned(),
            refused: 0,
            tokens: BTreeMap::new(),
            issued: 0,
        }
    }

    /// The account that asks, if e-mail, namespace, password and code are right.
    pub(super) fn account_of(&mut self, input: &Input) -> Result<usize, Refusal> {
        let found = self.check(input);
        if found.is_err() {
            self.refused += 1;
        }
        found
    }

    fn check(&self, input: &Input) -> Result<usize, Refusal> {
        let wrong = || Refusal::new(401, "Incorrect email or password");
        let email = input.text("email").unwrap_or_default();
        let namespace = id_of(input.get("namespaceId"));
        let place = self
            .accounts
            .iter()
            .position(|account| {
                account.email.eq_ignore_ascii_case(email)
                    && namespace.is_none_or(|id| id == account.namespace)
            })
            .ok_or_else(wrong)?;
        let account = self.accounts.get(place).ok_or_else(wrong)?;
        if input.text("password") != Some(account.password.as_str()) {
            return Err(wrong());
        }
        match (&account.code, text_at(input.get("mfa"), "totpCode")) {
            (None, _) => Ok(place),
            (Some(_), None) => Err(Refusal::new(401, "MFA code is required")),
            (Some(wanted), Some(given)) if wanted == given => Ok(place),
            (Some(_), Some(_)) => Err(Refusal::new(401, "Incorrect MFA code")),
        }
    }

    /// Makes a token and answers as a login does.
    pub(super) fn issue(
        &mut self,
        place: usize,
        org: (u64, &str),
        life: Option<Duration>,
        ends_older: bool,
        now: Timestamp,
    ) -> Value {
        if ends_older {
            self.tokens.retain(|_, token| token.account != place);
        }
        self.tokens.retain(|_, token| token.ends.is_none_or(|end| end > now));
        self.issued += 1;
        let text = format!("{}{}", self.token_prefix, self.issued);
        let ends = life.map(|life| now.saturating_add(life).unwrap_or(Timestamp::MAX));
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
                    "scope": [format!("o{}-user:w", org.0)],
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
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => header,
    }
}

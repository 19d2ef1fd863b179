use jiff::Timestamp;

use super::super::refusal::Refusal;
use super::Totp;

/// A local user with a role, which the vendor lets sign in.
#[derive(Clone)]
pub(in super::super) struct Account {
    pub(in super::super) email: String,
    pub(in super::super) password: String,
    pub(in super::super) factor: Factor,
    pub(in super::super) namespace: u64,
    pub(in super::super) user: u64,
    pub(in super::super) refused_in_a_row: u32,
    pub(in super::super) is_locked: bool,
}

/// What an account must send beside its password.
#[derive(Clone)]
pub(in super::super) enum Factor {
    /// Nothing.
    None,
    /// That code, always.
    Code(String),
    /// The code of the moment.
    Totp(Totp),
}

/// What somebody sends to be taken for an account.
pub(super) struct Attempt<'a> {
    pub(super) email: &'a str,
    pub(super) password: &'a str,
    pub(super) code: Option<&'a str>,
}

impl Account {
    pub(in super::super) fn is_called(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }

    /// Takes the attempt or refuses it; too many refusals in a row lock the account.
    pub(super) fn judge(
        &mut self,
        attempt: &Attempt<'_>,
        lock_after: Option<u32>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.is_locked {
            return Err(Refusal::locked());
        }
        let verdict = self.check(attempt, now);
        self.refused_in_a_row = if verdict.is_ok() { 0 } else { self.refused_in_a_row + 1 };
        self.is_locked = lock_after.is_some_and(|most| self.refused_in_a_row >= most);
        verdict
    }

    fn check(&mut self, attempt: &Attempt<'_>, now: Timestamp) -> Result<(), Refusal> {
        if attempt.password != self.password {
            return Err(Refusal::password());
        }
        let demanded = || Refusal::new(401, "MFA code is required");
        let is_right = match &mut self.factor {
            Factor::None => true,
            Factor::Code(wanted) => attempt.code.ok_or_else(demanded)? == wanted,
            Factor::Totp(totp) => totp.takes(attempt.code.ok_or_else(demanded)?, now),
        };
        is_right.then_some(()).ok_or_else(|| Refusal::new(401, "Incorrect MFA code"))
    }
}

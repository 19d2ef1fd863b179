//! Whose turn it is to sign in.

use std::time::Duration;

use async_trait::async_trait;
use elevate_access::{HostError, SignInEnd, SignInState, SignIns, Turn};

use crate::{
    Error, ErrorKind, SqlStore,
    dialect::{Arg, Dialect},
    error::Call,
};

/// How often an account that somebody else has changed meanwhile is read again.
const TRIES: u32 = 50;

impl<D: Dialect> SqlStore<D> {
    /// Changes the account's state, unless `change` says that it stays. What somebody else changes between
    /// the reading and the writing is read again, so that nothing is lost.
    async fn account<T>(
        &self,
        call: &'static str,
        account: &str,
        change: impl Fn(&mut SignInState, Duration) -> (T, bool),
    ) -> Result<T, Error> {
        for _ in 0..TRIES {
            let text = "SELECT {now}, version, state FROM (SELECT 1 AS one) AS o \
                        LEFT JOIN {t}accounts ON name = $1";
            let row = self.rows(call, text, &[Arg::Text(account)]).await?.pop();
            let mut row = row.ok_or_else(|| Error::unreadable(Call::Read(call), "now"))?;
            let now = Duration::from_micros(row.int("now")?.unsigned_abs());
            let version = row.maybe_int("version")?;
            let mut state = match row.maybe_text("state")? {
                None => SignInState::default(),
                Some(json) => serde_json::from_str(&json)
                    .map_err(|_| Error::unreadable(Call::Read(call), "state"))?,
            };
            let (told, changed) = change(&mut state, now);
            if !changed {
                return Ok(told);
            }
            let json = serde_json::to_string(&state)
                .map_err(|_| Error::new(ErrorKind::InvalidInput, Call::Read(call), "state"))?;
            let text = match version {
                None => {
                    "INSERT INTO {t}accounts (name, version, state) VALUES ($1, $3 + 1, $2) \
                     ON CONFLICT (name) DO NOTHING"
                }
                Some(_) => {
                    "UPDATE {t}accounts SET state = $2, version = version + 1 \
                     WHERE name = $1 AND version = $3"
                }
            };
            let args = [Arg::Text(account), Arg::Text(&json), Arg::Int(version.unwrap_or(0))];
            if self.execute(call, text, &args).await? > 0 {
                return Ok(told);
            }
        }
        Err(Error::new(ErrorKind::Unavailable, Call::Read(call), "changed again and again"))
    }
}

#[async_trait]
impl<D: Dialect> SignIns for SqlStore<D> {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        let take = |state: &mut SignInState, now| {
            let turn = state.take_turn(now, step, hold);
            let taken = matches!(turn, Turn::Yours { .. });
            (turn, taken)
        };
        Ok(self.account("take_turn", account, take).await?)
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        let end = |state: &mut SignInState, now| ((), state.end_turn(now, turn, end));
        Ok(self.account("end_turn", account, end).await?)
    }
}

//! Whose turn it is to sign in, among the nodes that share an account.

use std::{sync::Arc, time::Duration};

use elevate_access::{HostError, SignInEnd, SignIns, Turn};
use elevate_transport::Instant;
use tokio::time::{sleep, sleep_until, timeout};

use super::{LOGIN, Session};
use crate::{Error, ErrorKind};

/// How long a turn is held at most: longer than a sign-in takes.
const HOLD: Duration = Duration::from_secs(15);

/// How long the store may take for one answer.
const STORE_WITHIN: Duration = Duration::from_secs(2);

/// How long a turn is waited for, at most.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long to wait before asking again while somebody else is signing in: short, for taps wait behind it.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(100));

/// How often the store is told how a sign-in ended, and how long to wait in between.
const TELL_TIMES: u32 = 3;
const TELL_AGAIN: Duration = Duration::from_millis(200);

/// Leave to sign in.
pub(super) struct Leave {
    /// The turn to give back, if it came from the store.
    pub(super) held: Option<Held>,
    /// The step whose code may be used.
    pub(super) step: Option<u64>,
}

/// A turn that the store granted.
pub(super) struct Held {
    sign_ins: Arc<dyn SignIns>,
    account: String,
    turn: String,
    /// How many sign-ins in a row were refused before, on any node.
    pub(super) refusals: u32,
    /// How many in a row ended nobody knows how.
    pub(super) unclear: u32,
}

/// What a sign-in is waiting for before it is sent.
#[derive(Clone, Copy)]
pub(super) enum Waiting {
    Somebody,
    NextCode,
}

impl Waiting {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Somebody => "another process is signing in with the same account",
            Self::NextCode => {
                "this half minute's code of the second factor was used; the next one is waited for"
            }
        }
    }
}

impl Held {
    /// Says how it ended and gives the turn back. If that fails again and again, it ends by itself.
    pub(super) async fn end(self, end: SignInEnd) {
        for nth in 1..=TELL_TIMES {
            let ended = self.sign_ins.end_turn(&self.account, &self.turn, end);
            if matches!(timeout(STORE_WITHIN, ended).await, Ok(Ok(()))) {
                return;
            }
            if nth < TELL_TIMES {
                sleep(TELL_AGAIN * nth).await;
            }
        }
        tracing::warn!("the store was not told how a sign-in ended; its turn ends by itself");
    }
}

impl Session {
    /// Leave to sign in, once it is this session's turn.
    ///
    /// # Errors
    /// [`ErrorKind::SignInPaused`], [`ErrorKind::SignInPending`], [`ErrorKind::StoreFailed`];
    /// [`ErrorKind::Unreachable`] within the pause after an unclear end elsewhere.
    pub(super) async fn leave(&self) -> Result<Leave, Error> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let (waiting, until) = match self.ask_leave().await? {
                Ok(leave) => return Ok(leave),
                Err(wait) => wait,
            };
            if until >= give_up {
                return Err(pending(waiting, until));
            }
            self.lock().waiting = Some((waiting, until));
            sleep_until(until).await;
        }
    }

    /// Asks once: leave, or what to wait for and until when.
    async fn ask_leave(&self) -> Result<Result<Leave, (Waiting, Instant)>, Error> {
        let now = Instant::now();
        let wall = self.clock.now();
        let step = self.ready.step_at(wall);
        let next_code = || {
            let next = step.map_or(wall, |(_, next)| next);
            let left = Duration::try_from(next.duration_since(wall)).unwrap_or_default();
            Ok(Err((Waiting::NextCode, now + left.max(ASK_AGAIN.0))))
        };
        let step = step.map(|(step, _)| step);
        let Some(account) = &self.account else { return Ok(Ok(Leave { held: None, step })) };

        let sign_ins = self.sign_ins();
        let asked = timeout(STORE_WITHIN, sign_ins.take_turn(account, step, HOLD)).await;
        match asked.unwrap_or_else(|_| Err(HostError::msg("no answer in time"))) {
            Ok(Turn::Yours { turn, refusals, unclear }) => {
                let held = Held { sign_ins, account: account.clone(), turn, refusals, unclear };
                Ok(Ok(Leave { held: Some(held), step }))
            }
            Ok(Turn::Taken { left }) => {
                Ok(Err((Waiting::Somebody, now + left.clamp(ASK_AGAIN.0, ASK_AGAIN.1))))
            }
            Ok(Turn::StepSpent) => next_code(),
            Ok(Turn::Paused { left, refusals }) => {
                Err(self.lock().paused_elsewhere(left, refusals))
            }
            // Also after earlier successes: the password may have been changed since, and ten nodes that each
            // find that out lock the account. A token is renewed long before its end, so this is rare.
            Err(_) => Err(Error::new(ErrorKind::StoreFailed)
                .with_message("it was not asked whose turn it is, so nobody was signed in")),
        }
    }
}

/// A sign-in that has not been sent yet.
pub(super) fn pending(waiting: Waiting, until: Instant) -> Error {
    let left = until.saturating_duration_since(Instant::now());
    Error::new(ErrorKind::SignInPending).in_call(LOGIN).with_message(waiting.text()).after(left)
}

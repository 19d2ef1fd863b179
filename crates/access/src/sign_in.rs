//! Signing in with an account that several nodes share: whose turn it is, and when the next one may be.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::HostError;

/// Where the nodes of a service agree on who signs in to a vendor, and when.
///
/// Ten nodes that share one service account must neither send a wrong password ten times, which locks the
/// account for every building, nor use one code of a second factor twice. So a node takes the account's
/// *turn* before it signs in, and says afterwards how that ended. A [`Store`](crate::Store) keeps this too,
/// one row for an account.
///
/// Accounts are named by vendor crates, without e-mails or secrets. Both methods are atomic by themselves,
/// times are the store's own, and a method that cannot tell fails.
///
/// ```
/// # use std::time::Duration;
/// # use elevate_access::{MemoryStore, SignInEnd, SignIns as _, Turn};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let hold = Duration::from_secs(15);
///
/// let Turn::Yours { turn, refusals: 0, .. } = store.take_turn("vendor/account", None, hold).await? else {
///     panic!("nobody has signed in yet");
/// };
/// // … the vendor refuses the password …
/// let pause = Duration::from_secs(30);
/// store.end_turn("vendor/account", &turn, SignInEnd::Refused { pause }).await?;
///
/// // No other node tries the same for half a minute.
/// let next = store.take_turn("vendor/account", None, hold).await?;
/// assert!(matches!(next, Turn::Paused { refusals: 1, .. }));
/// # Ok::<(), elevate_access::HostError>(())
/// # }).unwrap();
/// ```
#[async_trait]
pub trait SignIns: Send + Sync + 'static {
    /// Takes the account's turn for `hold`, after which it ends by itself; one caller at a time has it.
    ///
    /// `step` numbers the code of a second factor, where one is computed from the time: a step is granted
    /// once, and none before it in the two minutes that follow, whatever becomes of the turn. (Not for ever:
    /// a node whose clock is ahead would keep the others out.)
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError>;

    /// Gives the turn back and says how it ended. Does nothing if the turn has ended by itself and somebody
    /// else has taken it.
    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError>;
}

/// Whether it is one's turn to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is.
    Yours {
        /// Tells this turn from every other one of the account.
        turn: String,
        /// How many sign-ins in a row were refused before.
        refusals: u32,
        /// How many in a row ended nobody knows how, each of which may have been refused.
        unclear: u32,
    },
    /// Somebody else is signing in, for so long at most.
    Taken {
        /// What is left of their turn.
        left: Duration,
    },
    /// The last sign-in was refused, and it is not yet time for another.
    Paused {
        /// What is left of the pause.
        left: Duration,
        /// How many sign-ins in a row were refused.
        refusals: u32,
    },
    /// That step, or a later one, was granted a moment ago.
    StepSpent,
}

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInEnd {
    /// The vendor accepted: there are no refusals any more.
    Accepted,
    /// The vendor refused: one more refusal, and nobody signs in for that long.
    Refused {
        /// The pause from now on.
        pause: Duration,
    },
    /// Nothing can be said: the vendor failed, its answer was lost, or it was not reached. The count of refusals
    /// stays.
    Failed {
        /// The pause from now on; zero if nothing was sent, and else it counts as one more that is unclear.
        pause: Duration,
    },
}

/// How long a step keeps the ones before it from being granted: longer than its code is good.
const STEP_BINDS: Duration = Duration::from_mins(2);

/// How one account stands: the rules of [`SignIns`], for a store to keep.
///
/// A store need only hold one of these for each account, change it atomically, and say what time it is by
/// its own clock: counted from a moment that is the same for all its users.
///
/// ```
/// # use std::time::Duration;
/// use elevate_access::{SignInEnd, SignInState, Turn};
///
/// let (mut account, now) = (SignInState::default(), Duration::from_secs(1_000));
/// let Turn::Yours { turn, .. } = account.take_turn(now, None, Duration::from_secs(15)) else { unreachable!() };
/// account.end_turn(now, &turn, SignInEnd::Refused { pause: Duration::from_secs(30) });
/// let later = now + Duration::from_secs(10);
/// let next = account.take_turn(later, None, Duration::from_secs(15));
/// assert_eq!(next, Turn::Paused { left: Duration::from_secs(20), refusals: 1 });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInState {
    turns: u64,
    /// The turn that is taken, and for how long at most.
    taken: Option<(u64, Wait)>,
    refusals: u32,
    unclear: u32,
    paused: Option<Wait>,
    /// The last step that was granted, and when.
    step: Option<(u64, Duration)>,
}

/// A stretch of time, which also ends if the clock that it began by was ahead and is set right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Wait {
    until: Duration,
    lasts: Duration,
}

impl Wait {
    fn of(lasts: Duration, now: Duration) -> Self {
        Self { until: now.saturating_add(lasts), lasts }
    }

    /// What is left of it. A clock that is set back by less than it lasts makes it longer by that much.
    fn left(self, now: Duration) -> Option<Duration> {
        let left = self.until.saturating_sub(now);
        let can_be = !left.is_zero() && left <= self.lasts.saturating_mul(2);
        can_be.then_some(left)
    }
}

impl SignInState {
    /// [`SignIns::take_turn`], at that time. Anything but [`Turn::Yours`] has changed nothing.
    pub fn take_turn(&mut self, now: Duration, step: Option<u64>, hold: Duration) -> Turn {
        if let Some(left) = self.paused.and_then(|pause| pause.left(now)) {
            return Turn::Paused { left, refusals: self.refusals };
        }
        if let Some(left) = self.taken.and_then(|(_, hold)| hold.left(now)) {
            return Turn::Taken { left };
        }
        let binding = self.step.filter(|(_, granted)| now.saturating_sub(*granted) < STEP_BINDS);
        if binding.zip(step).is_some_and(|((last, _), step)| step <= last) {
            return Turn::StepSpent;
        }
        self.step = step.map(|step| (step, now)).or(self.step);
        self.turns += 1;
        self.taken = Some((self.turns, Wait::of(hold, now)));
        Turn::Yours { turn: self.turns.to_string(), refusals: self.refusals, unclear: self.unclear }
    }

    /// [`SignIns::end_turn`], at that time. Whether it was still that turn; if not, nothing has changed.
    pub fn end_turn(&mut self, now: Duration, turn: &str, end: SignInEnd) -> bool {
        if self.taken.is_none_or(|(taken, _)| taken.to_string() != turn) {
            return false;
        }
        self.taken = None;
        match end {
            SignInEnd::Accepted => (self.refusals, self.unclear, self.paused) = (0, 0, None),
            SignInEnd::Refused { pause } => {
                self.refusals = self.refusals.saturating_add(1);
                self.paused = Some(Wait::of(pause, now));
            }
            SignInEnd::Failed { pause } => {
                self.unclear = self.unclear.saturating_add(u32::from(!pause.is_zero()));
                self.paused = Some(Wait::of(pause, now));
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Duration = Duration::from_secs(15);
    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn is_mine(turn: &Turn) -> bool {
        matches!(turn, Turn::Yours { .. })
    }

    #[test]
    fn a_clock_that_was_ahead_and_is_set_right_keeps_nobody_from_signing_in() {
        let ahead = NOW + Duration::from_hours(24);
        let mut held = SignInState::default();
        assert!(is_mine(&held.take_turn(ahead, Some(7), HOLD)));
        assert!(is_mine(&held.take_turn(NOW, Some(8), HOLD)));

        let mut paused = SignInState::default();
        let Turn::Yours { turn, .. } = paused.take_turn(ahead, None, HOLD) else { unreachable!() };
        assert!(paused.end_turn(ahead, &turn, SignInEnd::Refused { pause: HOLD }));
        assert!(is_mine(&paused.take_turn(NOW, None, HOLD)));
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_gives_no_turn_to_two() {
        let mut account = SignInState::default();
        let five = Duration::from_secs(5);
        assert!(is_mine(&account.take_turn(NOW + five, None, HOLD)));
        assert_eq!(account.take_turn(NOW, None, HOLD), Turn::Taken { left: HOLD + five });
    }
}

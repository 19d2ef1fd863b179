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
    /// The turn that is taken, and until when at most.
    taken: Option<(u64, Duration)>,
    refusals: u32,
    unclear: u32,
    paused: Option<Duration>,
    /// The last step that was granted, and when.
    step: Option<(u64, Duration)>,
}

impl SignInState {
    /// [`SignIns::take_turn`], at that time. Anything but [`Turn::Yours`] has changed nothing.
    pub fn take_turn(&mut self, now: Duration, step: Option<u64>, hold: Duration) -> Turn {
        let left = |until: Duration| until.checked_sub(now).filter(|left| !left.is_zero());
        if let Some(left) = self.paused.and_then(left) {
            return Turn::Paused { left, refusals: self.refusals };
        }
        if let Some(left) = self.taken.and_then(|(_, until)| left(until)) {
            return Turn::Taken { left };
        }
        let binding = self.step.filter(|(_, granted)| now.saturating_sub(*granted) < STEP_BINDS);
        if binding.zip(step).is_some_and(|((last, _), step)| step <= last) {
            return Turn::StepSpent;
        }
        self.step = step.map(|step| (step, now)).or(self.step);
        self.turns += 1;
        self.taken = Some((self.turns, now.saturating_add(hold)));
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
                self.paused = Some(now.saturating_add(pause));
            }
            SignInEnd::Failed { pause } => {
                self.unclear = self.unclear.saturating_add(u32::from(!pause.is_zero()));
                self.paused = Some(now.saturating_add(pause));
            }
        }
        true
    }
}

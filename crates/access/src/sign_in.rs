//! Signing in with an account that several nodes share: whose turn it is, and when the next one may be.

use std::time::Duration;

use async_trait::async_trait;

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

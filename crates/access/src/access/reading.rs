//! What a provider's verdict comes to, once its order has left (L4).

use std::time::Duration;

use crate::{Cause, DoorId, Outcome, Reason, Receipt, System, Tap, TapId, Verdict};

/// An outcome, but for whose it is and how long it took.
pub(super) struct Reading {
    outcome: fn(Receipt) -> Outcome,
    reference: Option<String>,
    reason: Option<Reason>,
    certain: bool,
}

impl Reading {
    /// Of an order that has left. A verdict that nothing was sent is one that does not know of it.
    pub(super) fn of(verdict: Verdict, system: &System) -> Self {
        let naming = |reason: Reason| Some(reason.or_in_system(system));
        let (outcome, reference, reason, certain): (fn(Receipt) -> Outcome, _, _, _) = match verdict
        {
            Verdict::Opened { reference } => (Outcome::Opened, reference, None, true),
            Verdict::Accepted { reference } => (Outcome::Accepted, reference, None, false),
            Verdict::TurnedDown { certain, reason } => {
                (Outcome::NotOpened, None, naming(reason), certain)
            }
            Verdict::Failed { reference, reason } => {
                (Outcome::NotOpened, reference, naming(reason), false)
            }
            Verdict::Lost { reference, reason } => {
                (Outcome::Unknown, reference, naming(reason), false)
            }
            Verdict::NotSent(_) => {
                (Outcome::Unknown, None, naming(Cause::AnswerLost.into()), false)
            }
        };
        Self { outcome, reference, reason, certain }
    }

    /// The outcome of that tap on that door.
    pub(super) fn outcome(self, door: &DoorId, tap: Option<&TapId>, took: Duration) -> Outcome {
        let Self { outcome, reference, reason, certain } = self;
        outcome(Receipt { door: door.clone(), tap: tap.cloned(), reference, took, reason, certain })
    }
}

/// An order of that tap may have left, and nothing is known of it.
pub(super) fn unknown(door: &DoorId, tap: &Tap, cause: Cause) -> Outcome {
    Outcome::Unknown(Receipt {
        door: door.clone(),
        tap: tap.id().cloned(),
        reference: None,
        took: tap.took(),
        reason: Some(Reason::new(cause)),
        certain: false,
    })
}

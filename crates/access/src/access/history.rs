//! What was tapped, and what became of it: claimed before an order, settled after it, read and forgotten.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Core, flight::Key, reading::unknown};
use crate::{
    Cause, Claim, DoorPlace, Error, HostError, Outcome, ResidentId, Tap, TapId, TapQuery,
    TapRecord, Tapped,
    context::{bounded, bounded_by},
    tap::Deadlines,
};

/// How long settling a tap in the store may hold up its answer.
const SETTLE_WITHIN: Duration = Duration::from_secs(1);

/// How often a claim that another node holds is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Where a claimed tap may be under way.
#[derive(Clone, Copy)]
pub(super) enum Flown {
    /// Perhaps here: its flight is the quickest to tell.
    Here,
    /// Not here: it is the flight that asks.
    Elsewhere,
}

impl Core {
    /// What became of this tap id earlier, here or on another node; `None` if it is free to be used.
    pub(super) async fn answered_before(
        &self,
        key: &Key,
        id: &TapId,
        tap: &Tap,
        give_up: Instant,
        flown: Flown,
    ) -> Result<Option<Outcome>, Error> {
        loop {
            let look = self.store.tap(id, &key.resident, &key.door);
            let answer_by = match bounded("store.tap", Cause::StoreFailed, look).await? {
                None | Some(Claim::Granted { .. }) => return Ok(None),
                Some(Claim::Settled(outcome)) => return Ok(Some(outcome)),
                Some(Claim::Foreign) => return Err(Error::new(Cause::TapIdTaken)),
                Some(Claim::Open { answer_by }) => answer_by,
            };
            if let (Flown::Here, Some((flight, _))) = (flown, self.flights.led_by(key, id))
                && let Ok(Some(result)) = timeout_at(give_up, flight.landing()).await
            {
                return result.map(Some);
            }
            if self.clock.now() >= answer_by || Instant::now() >= give_up {
                // Whoever claimed it is gone, or has nothing to say in time.
                let outcome = unknown(&key.door, tap, Cause::AnswerLost);
                return Ok(Some(self.settle(id, outcome, None).await));
            }
            sleep_until((Instant::now() + LOOK_AGAIN).min(give_up)).await;
        }
    }

    /// The tap as it is written down.
    pub(super) fn tapped(&self, key: &Key, tap: &Tap, place: Option<&DoorPlace>) -> Tapped {
        let now = self.clock.now();
        Tapped {
            resident: key.resident.clone(),
            door: key.door.clone(),
            place: place.cloned(),
            at: now.checked_sub(tap.arrived().elapsed()).unwrap_or(now),
        }
    }

    pub(super) async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        deadlines: Deadlines,
    ) -> Result<Claim, Error> {
        let left = deadlines.answer_by.saturating_duration_since(Instant::now());
        // A second more than the answer may take, for settling it.
        let by = later(self.clock.now(), left + SETTLE_WITHIN);
        let claim = self.store.claim(id, tapped, by);
        bounded("store.claim", Cause::StoreFailed, claim).await
    }

    /// Settles the tap and returns what stands: an earlier settlement, if there is one.
    pub(super) async fn settle(
        &self,
        id: &TapId,
        outcome: Outcome,
        place: Option<&DoorPlace>,
    ) -> Outcome {
        let settle = self.store.settle(id, &outcome, place);
        if let Ok(stands) = self.settling("store.settle", settle).await {
            return stands;
        }
        tracing::error!(outcome = outcome.code(), "a tap's outcome could not be written down");
        outcome
    }

    pub(super) async fn unclaim(&self, id: &TapId, token: &str) {
        if self.settling("store.unclaim", self.store.unclaim(id, token)).await.is_err() {
            tracing::warn!(
                "a claim could not be released; it reads as unknown once its time is over"
            );
        }
    }

    /// Writes down a tap without an id. Everybody has been told by then, so it may fail.
    pub(super) async fn record(&self, tapped: &Tapped, outcome: &Outcome) {
        if self.settling("store.record", self.store.record(tapped, outcome)).await.is_err() {
            tracing::error!(outcome = outcome.code(), "a tap is missing from the history");
        }
    }

    async fn settling<T>(
        &self,
        call: &'static str,
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, Error> {
        bounded_by(SETTLE_WITHIN, call, Cause::StoreFailed, work).await
    }

    pub(super) async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, Error> {
        bounded("store.taps", Cause::StoreFailed, self.store.taps(query)).await
    }

    pub(super) async fn forget(&self, resident: &ResidentId) -> Result<(), Error> {
        bounded("store.forget", Cause::StoreFailed, self.store.forget(resident)).await
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

//! One tap: judged, claimed, sent at most once, settled.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Instrument as _;

use super::{
    Core,
    flight::{Flight, Flights, Key, Seat, lost},
    leader::Leader,
    telling::Telling,
};
use crate::{
    Cause, Claim, DoorId, DoorPlace, Error, HostError, Outcome, Reason, Receipt, ResidentId, Tap,
    TapId, Tapped,
    context::{bounded, bounded_by},
    permit::Moment,
    tap::Deadlines,
};

/// How long settling a tap in the store may hold up its answer.
const SETTLE_WITHIN: Duration = Duration::from_secs(1);

/// How often a claim that another node holds is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub(super) async fn unlock(
    core: &Arc<Core>,
    resident: &ResidentId,
    door: &DoorId,
    tap: Tap,
) -> Result<Outcome, Error> {
    let key = Key { resident: resident.clone(), door: door.clone() };
    let telling = Telling::of(core, &key, &tap);
    let span = telling.span().clone();
    tapped(core, key, tap, telling).instrument(span).await
}

async fn tapped(
    core: &Arc<Core>,
    key: Key,
    tap: Tap,
    mut telling: Telling,
) -> Result<Outcome, Error> {
    let door = key.door.clone();
    let came = Moment::now(&*core.clock);
    let (tap, deadlines) = match core.begun(&key, tap, &mut telling).await {
        Ok(ControlFlow::Continue(begun)) => begun,
        Ok(ControlFlow::Break(before)) => return telling.ended(Ok(before)),
        Err(e) => return telling.ended(Err(e)),
    };
    // From here to the spawn nothing is awaited: whoever leads a flight has a task that lands it.
    match Flights::board(core, &key, tap.id(), deadlines.send_by, telling.span()) {
        Seat::Leads(flight, pilot) => {
            telling.leads(&flight);
            let led = Leader::new(key, tap.clone(), deadlines, came, flight.clone());
            // Boxed, for on its way into a task it is moved about, and it is large.
            tokio::spawn(Box::pin(led.fly(core.clone(), pilot, telling).in_current_span()));
            // It lands by itself, in time.
            landed(&flight, &door, &tap, None).await
        }
        Seat::Joins(flight, leader) => {
            telling.joins(&flight, &leader);
            match tap.id() {
                Some(id) if flight.tap.as_ref() != Some(id) => {
                    telling.shares();
                    let joining =
                        core.clone().join(key, id.clone(), tap.clone(), deadlines, flight.clone());
                    let joining = async move { telling.ended(joining.await) };
                    // A store that panics says nothing about the order.
                    tokio::spawn(joining.in_current_span()).await.unwrap_or_else(|_| {
                        lost(&flight.latch).map(|()| unknown(&door, &tap, Cause::AnswerLost))
                    })
                }
                _ => {
                    let until = Some(deadlines.answer_by);
                    telling.ended(landed(&flight, &door, &tap, until).await)
                }
            }
        }
    }
}

/// How the flight landed, as far as this tap waits for it.
async fn landed(
    flight: &Flight,
    door: &DoorId,
    tap: &Tap,
    until: Option<Instant>,
) -> Result<Outcome, Error> {
    let landing = match until {
        None => Ok(flight.landing().await),
        // Not before the leader's gate has opened or never will: then it can be told which.
        Some(until) => timeout_at(until.max(flight.send_by), flight.landing()).await,
    };
    match landing {
        Ok(Some(result)) => result,
        Ok(None) => lost(&flight.latch).map(|()| unknown(door, tap, Cause::AnswerLost)),
        Err(_) if flight.latch.has_opened() => Ok(unknown(door, tap, Cause::StillPending)),
        Err(_) => Err(Error::new(Cause::TooSlow)),
    }
}

impl Core {
    /// The tap with what its ticket says, and what binds it; or what became of its id earlier.
    async fn begun(
        &self,
        key: &Key,
        tap: Tap,
        telling: &mut Telling,
    ) -> Result<ControlFlow<Outcome, (Tap, Deadlines)>, Error> {
        let tap = self.judged(&key.resident, &key.door, tap)?;
        telling.is(&tap);
        if let Some(id) = tap.id() {
            if let Some((flight, leader)) = self.flights.led_by(key, id) {
                telling.joins(&flight, &leader);
            }
            let give_up = Instant::now() + self.limits.answer;
            let before = self.answered_before(key, id, &tap, give_up, Flown::Here).await?;
            if let Some(outcome) = before {
                return Ok(ControlFlow::Break(outcome));
            }
        }
        let deadlines = tap.deadlines(&self.limits)?;
        Ok(ControlFlow::Continue((tap, deadlines)))
    }

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
                && let Some(result) = flight.landing().await
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

    /// A tap with an id of its own that found another tap's order under way: its id is claimed, shares the
    /// outcome, and never sends.
    ///
    /// It is claimed only once there is an order to share. Another node may lead this very tap, and would wait for the
    /// claim; two taps that cross on two nodes would wait for each other, and neither be sent.
    async fn join(
        self: Arc<Self>,
        key: Key,
        id: TapId,
        tap: Tap,
        deadlines: Deadlines,
        flight: Arc<Flight>,
    ) -> Result<Outcome, Error> {
        let until = deadlines.answer_by;
        let shared = tokio::select! {
            biased;
            () = flight.latch.opening() => Ok(()),
            result = landed(&flight, &key.door, &tap, Some(until)) => result.map(drop),
        };
        if let Err(e) = shared {
            // Nothing was sent here; elsewhere it may have been, for this very tap.
            let before = self.answered_before(&key, &id, &tap, until, Flown::Here).await?;
            return before.ok_or(e);
        }
        // What it shares may have come from another node, as late as an answer may be: a store that is slow as well is
        // not waited for.
        let tapped = self.tapped(&key, &tap, flight.place.get());
        let claim = timeout_at(until, self.claim(&id, &tapped, deadlines)).await;
        match claim.map_err(|_| Error::new(Cause::StoreFailed))?? {
            // No error comes any more: the order has begun, or an outcome was told.
            Claim::Granted { .. } => flight.sharers.add(&id, &tapped),
            Claim::Settled(outcome) => return Ok(outcome),
            Claim::Foreign => return Err(Error::new(Cause::TapIdTaken)),
            Claim::Open { .. } => {
                let before = self.answered_before(&key, &id, &tap, until, Flown::Here).await?;
                // Released, so nothing was sent for it; and a joiner never sends.
                return before.ok_or_else(|| Error::new(Cause::TooSlow));
            }
        }
        let mut outcome = landed(&flight, &key.door, &tap, Some(until)).await?;
        let receipt = outcome.receipt_mut();
        receipt.tap = Some(id.clone());
        receipt.took = tap.took();
        Ok(self.settle(&id, outcome, flight.place.get()).await)
    }

    /// The tap with what its ticket says, if it has one that this service issued for them.
    fn judged(&self, resident: &ResidentId, door: &DoorId, tap: Tap) -> Result<Tap, Error> {
        let Some(ticket) = tap.unjudged_ticket() else { return Ok(tap) };
        let (id, age) = self.ticket_keys()?.judge(ticket, resident, door, self.clock.now())?;
        Ok(tap.with_judged_ticket(id, age))
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
}

/// Where a claimed tap may be under way.
#[derive(Clone, Copy)]
pub(super) enum Flown {
    /// Perhaps here: its flight is the quickest to tell.
    Here,
    /// Not here: it is the flight that asks.
    Elsewhere,
}

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

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

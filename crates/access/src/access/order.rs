//! One tap: judged, claimed, sent at most once, settled.

use std::{ops::ControlFlow, sync::Arc};

use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::{
    Core,
    flight::{Flight, Flights, Key, Seat, lost},
    history::Flown,
    leader::Leader,
    reading::unknown,
    telling::Telling,
};
use crate::{
    Cause, Claim, DoorId, Error, Outcome, ResidentId, Tap, TapId, permit::Moment, tap::Deadlines,
};

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
    if telling.is_too_many() {
        // Before the store is asked: its room is everybody's.
        let error = Error::new(Cause::Overloaded);
        return telling.ended(Err(error.with_detail("too many taps of one resident at once")));
    }
    let (tap, deadlines) = match core.begun(&key, tap, &mut telling).await {
        Ok(ControlFlow::Continue(begun)) => begun,
        Ok(ControlFlow::Break(before)) => return telling.ended(Ok(before)),
        Err(e) => return telling.ended(Err(e)),
    };
    // From here to the spawn nothing is awaited: whoever leads a flight has a task that lands it.
    match Flights::board(core, &key, tap.id(), deadlines.send_by, telling.span()) {
        Seat::Leads(flight, pilot) => {
            telling.leads(&flight);
            let leader = Leader { key, tap: tap.clone(), deadlines, came, flight: flight.clone() };
            // Boxed, for on its way into a task it is moved about, and it is large.
            tokio::spawn(Box::pin(leader.fly(core.clone(), pilot, telling).in_current_span()));
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
            let give_up = Instant::now() + self.limits.answer;
            if let Some((flight, leader)) = self.flights.led_by(key, id) {
                // Whatever the store has of it, it has from here.
                telling.joins(&flight, &leader);
                let outcome = landed(&flight, &key.door, &tap, Some(give_up)).await?;
                return Ok(ControlFlow::Break(outcome));
            }
            let before = self.answered_before(key, id, &tap, give_up, Flown::Here).await?;
            if let Some(outcome) = before {
                return Ok(ControlFlow::Break(outcome));
            }
        }
        let deadlines = tap.deadlines(&self.limits)?;
        Ok(ControlFlow::Continue((tap, deadlines)))
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
        let claim = claim.unwrap_or_else(|_| Err(Error::new(Cause::StoreFailed)));
        // No error comes any more but that the id is another's: the order has begun, or an outcome was told, and an error
        // would say that nothing was sent.
        let is_claimed = match claim {
            Ok(Claim::Granted { .. }) => {
                flight.sharers.add(&id, &tapped);
                true
            }
            Ok(Claim::Settled(outcome)) => return Ok(outcome),
            Ok(Claim::Foreign) => return Err(Error::new(Cause::TapIdTaken)),
            Ok(Claim::Open { .. }) => {
                match self.answered_before(&key, &id, &tap, until, Flown::Here).await {
                    Ok(Some(outcome)) => return Ok(outcome),
                    Err(e) if e.cause() == Cause::TapIdTaken => return Err(e),
                    // Released there, or the store does not say.
                    Ok(None) | Err(_) => false,
                }
            }
            Err(_) => false,
        };
        let mut outcome = landed(&flight, &key.door, &tap, Some(until)).await?;
        let receipt = outcome.receipt_mut();
        receipt.tap = Some(id.clone());
        receipt.took = tap.took();
        if !is_claimed {
            // It is not settled either: another node may have the id.
            tracing::error!("a tap that shares an order is missing from the history");
            return Ok(outcome);
        }
        let told = self.settle(&id, outcome, flight.place.get()).await;
        if told.is_known() {
            flight.sharers.remove(&id);
        }
        Ok(told)
    }

    /// The tap with what its ticket says, if it has one that this service issued for them.
    fn judged(&self, resident: &ResidentId, door: &DoorId, tap: Tap) -> Result<Tap, Error> {
        let Some(ticket) = tap.unjudged_ticket() else { return Ok(tap) };
        let (id, age) = self.ticket_keys()?.judge(ticket, resident, door, self.clock.now())?;
        Ok(tap.with_judged_ticket(id, age))
    }
}

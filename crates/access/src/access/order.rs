//! One tap: judged, claimed, sent at most once, settled.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tracing::Instrument as _;

use super::{
    Core,
    ask::Found,
    flight::{Flight, Flights, Key, Pilot, Seat, lost},
};
use crate::{
    Cause, Claim, DoorId, Error, Outcome, Reason, Receipt, ResidentId, System, Tap, TapId,
    UnlockPermit, Verdict,
    context::bounded,
    permit::{Inner, Latch, Recheck},
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
    if let Some(id) = tap.id() {
        let give_up = Instant::now() + core.limits.answer;
        if let Some(outcome) = core.answered_before(&key, id, &tap, give_up, Flown::Here).await? {
            return Ok(outcome);
        }
    }
    let deadlines = tap.deadlines(&core.limits)?;
    // From here to the spawn nothing is awaited: whoever leads a flight has a task that lands it.
    let flight = match Flights::board(core, &key, tap.id()) {
        Seat::Leads(flight, pilot) => {
            let span = tracing::info_span!(
                "tap", %door, connection = %door.connection(), outcome = tracing::field::Empty
            );
            let led = Leader { key, tap: tap.clone(), deadlines, latch: flight.latch.clone() };
            tokio::spawn(led.fly(core.clone(), pilot).instrument(span));
            flight
        }
        Seat::Joins(flight) => match tap.id() {
            Some(id) if flight.tap.as_ref() != Some(id) => {
                let (core, id, tap) = (core.clone(), id.clone(), tap.clone());
                let joined = tokio::spawn(core.join(key, id, tap, deadlines, flight));
                return joined.await.unwrap_or_else(|_| Err(Error::new(Cause::Internal)));
            }
            _ => flight,
        },
    };
    landed(&flight, door, &tap, deadlines).await
}

/// How the flight landed, as far as this tap waits for it.
async fn landed(
    flight: &Flight,
    door: &DoorId,
    tap: &Tap,
    deadlines: Deadlines,
) -> Result<Outcome, Error> {
    // A joiner may be the older tap. By its `answer_by` the leader's gate has opened or never will, since
    // no tap is older than `send_within` when it joins. The second is for the leader's own settling.
    match timeout_at(deadlines.answer_by + SETTLE_WITHIN, flight.landing()).await {
        Ok(Some(result)) => result,
        Ok(None) => lost(&flight.latch).map(|()| unknown(door, tap, Cause::AnswerLost)),
        Err(_) if flight.latch.has_opened() => Ok(unknown(door, tap, Cause::StillPending)),
        Err(_) => Err(Error::new(Cause::TooSlow)),
    }
}

impl Core {
    /// What became of this tap id earlier, here or on another node; `None` if it is free to be used.
    async fn answered_before(
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
                None | Some(Claim::Granted) => return Ok(None),
                Some(Claim::Settled(outcome)) => return Ok(Some(outcome)),
                Some(Claim::Foreign) => return Err(Error::new(Cause::TapIdTaken)),
                Some(Claim::Open { answer_by }) => answer_by,
            };
            if let (Flown::Here, Some(flight)) = (flown, self.flights.led_by(key, id))
                && let Some(result) = flight.landing().await
            {
                return result.map(Some);
            }
            if self.clock.now() >= answer_by || Instant::now() >= give_up {
                // Whoever claimed it is gone, or has nothing to say in time.
                let outcome = unknown(&key.door, tap, Cause::AnswerLost);
                return Ok(Some(self.settle(id, outcome).await));
            }
            sleep_until((Instant::now() + LOOK_AGAIN).min(give_up)).await;
        }
    }

    /// A tap with an id of its own that found another tap's order under way: its id is claimed, shares the
    /// outcome, and never sends.
    async fn join(
        self: Arc<Self>,
        key: Key,
        id: TapId,
        tap: Tap,
        deadlines: Deadlines,
        flight: Flight,
    ) -> Result<Outcome, Error> {
        match self.claim(&key, &id, deadlines).await? {
            Claim::Granted => {}
            Claim::Settled(outcome) => return Ok(outcome),
            Claim::Foreign => return Err(Error::new(Cause::TapIdTaken)),
            Claim::Open { .. } => {
                let give_up = deadlines.answer_by;
                let before = self.answered_before(&key, &id, &tap, give_up, Flown::Here).await?;
                // Released, so nothing was sent for it; and a joiner never sends.
                return before.ok_or_else(|| Error::new(Cause::TooSlow));
            }
        }
        match landed(&flight, &key.door, &tap, deadlines).await {
            Ok(mut outcome) => {
                let receipt = outcome.receipt_mut();
                receipt.tap = Some(id.clone());
                receipt.took = tap.arrived().elapsed();
                Ok(self.settle(&id, outcome).await)
            }
            Err(e) => {
                self.unclaim(&id).await;
                Err(e)
            }
        }
    }

    async fn claim(&self, key: &Key, id: &TapId, deadlines: Deadlines) -> Result<Claim, Error> {
        let left = deadlines.answer_by.saturating_duration_since(Instant::now());
        // A second more than the answer may take, for settling it.
        let by = later(self.clock.now(), left + SETTLE_WITHIN);
        let claim = self.store.claim(id, &key.resident, &key.door, by);
        bounded("store.claim", Cause::StoreFailed, claim).await
    }

    /// Settles the tap and returns what stands: an earlier settlement, if there is one.
    async fn settle(&self, id: &TapId, outcome: Outcome) -> Outcome {
        if let Ok(Ok(stands)) = timeout(SETTLE_WITHIN, self.store.settle(id, &outcome)).await {
            return stands;
        }
        tracing::error!(outcome = outcome.code(), "a tap's outcome could not be written down");
        outcome
    }

    async fn unclaim(&self, id: &TapId) {
        if !matches!(timeout(SETTLE_WITHIN, self.store.unclaim(id)).await, Ok(Ok(()))) {
            tracing::warn!(
                "a claim could not be released; it reads as unknown once its time is over"
            );
        }
    }
}

/// Where a claimed tap may be under way.
#[derive(Clone, Copy)]
enum Flown {
    /// Perhaps here: its flight is the quickest to tell.
    Here,
    /// Not here: it is the flight that asks.
    Elsewhere,
}

/// The tap that leads a flight: it alone may send.
struct Leader {
    key: Key,
    tap: Tap,
    deadlines: Deadlines,
    latch: Arc<Latch>,
}

/// How the work of a flight ended, as far as it got.
enum Done {
    /// The tap's id was used before; nothing was sent here.
    Before(Outcome),
    /// Another node holds the tap's id; nothing was sent here.
    Held(TapId),
    /// The provider was asked to send.
    Sent(Verdict, System),
}

impl Leader {
    async fn fly(self, core: Arc<Core>, pilot: Pilot) {
        let claimed = Arc::new(AtomicBool::new(false));
        let shut = Arc::new(OnceLock::new());
        let mut work = tokio::spawn(
            Work {
                core: core.clone(),
                key: self.key.clone(),
                tap: self.tap.clone(),
                deadlines: self.deadlines,
                latch: self.latch.clone(),
                claimed: claimed.clone(),
                shut: shut.clone(),
            }
            .run()
            .in_current_span(),
        );
        let Deadlines { send_by, answer_by } = self.deadlines;
        let mut ended = timeout_at(send_by, &mut work).await;
        // Only an order whose body has started is waited for any longer: no other starts from here on.
        if ended.is_err() && self.latch.revoke() {
            ended = timeout_at(answer_by, &mut work).await;
        }
        work.abort();
        let started = self.latch.revoke();
        let result = match ended {
            Ok(Ok(Ok(Done::Before(outcome)))) => Ok(outcome),
            Ok(Ok(Ok(Done::Held(id)))) => self.held_elsewhere(&core, &id).await,
            Ok(Ok(Ok(Done::Sent(verdict, system)))) => {
                self.read(started, verdict, &system, shut.get().copied())
            }
            Ok(Ok(Err(e))) if !started => Err(e),
            // A panic, an abort, or no verdict in time.
            _ if started => {
                Ok(self.outcome_of(Outcome::Unknown, None, Some(Cause::AnswerLost.into()), false))
            }
            Ok(Err(_)) => Err(Error::new(Cause::Internal).with_detail("a provider panicked")),
            _ => Err(Error::new(Cause::TooSlow)),
        };
        let result = match (&result, self.tap.id()) {
            (Ok(outcome), Some(id)) if claimed.load(Ordering::SeqCst) => {
                Ok(core.settle(id, outcome.clone()).await)
            }
            (Err(_), Some(id)) if claimed.load(Ordering::SeqCst) => {
                core.unclaim(id).await;
                result
            }
            _ => result,
        };
        match &result {
            Ok(outcome) => tracing::info!(outcome = outcome.code(), "tap settled"),
            Err(e) => tracing::info!(error = %e, "tap ended before its order started"),
        }
        pilot.land(result);
    }

    /// Another node claimed this very tap first: its outcome is ours, and nothing is sent here.
    async fn held_elsewhere(&self, core: &Core, id: &TapId) -> Result<Outcome, Error> {
        let give_up = self.deadlines.answer_by;
        let before =
            core.answered_before(&self.key, id, &self.tap, give_up, Flown::Elsewhere).await?;
        before.ok_or_else(|| Error::new(Cause::TooSlow))
    }

    /// The provider's verdict in the light of the gate: shut means an error, open means an outcome.
    fn read(
        &self,
        started: bool,
        verdict: Verdict,
        system: &System,
        shut: Option<Cause>,
    ) -> Result<Outcome, Error> {
        let naming = |reason: Reason| reason.or_in_system(system);
        if !started {
            // Why the gate stayed shut says more than what the transport made of it.
            if let Some(cause) = shut {
                return Err(Error::new(cause));
            }
            return Err(match verdict {
                Verdict::NotSent(e) => e.naming(system),
                // Turned down before the order itself was let go, such as by an early answer.
                Verdict::TurnedDown { reason, .. } => Error::from(naming(reason)),
                Verdict::Opened { .. }
                | Verdict::Accepted { .. }
                | Verdict::Failed { .. }
                | Verdict::Lost { .. } => Error::new(Cause::Internal)
                    .with_detail("a provider speaks of an order that never went through its gate"),
            });
        }
        Ok(match verdict {
            Verdict::Opened { reference } => {
                self.outcome_of(Outcome::Opened, reference, None, true)
            }
            Verdict::Accepted { reference } => {
                self.outcome_of(Outcome::Accepted, reference, None, false)
            }
            Verdict::TurnedDown { certain, reason } => {
                self.outcome_of(Outcome::NotOpened, None, Some(naming(reason)), certain)
            }
            Verdict::Failed { reference, reason } => {
                self.outcome_of(Outcome::NotOpened, reference, Some(naming(reason)), false)
            }
            Verdict::Lost { reference, reason } => {
                self.outcome_of(Outcome::Unknown, reference, Some(naming(reason)), false)
            }
            Verdict::NotSent(_) => {
                let reason = Reason::new(Cause::AnswerLost).in_system(system);
                self.outcome_of(Outcome::Unknown, None, Some(reason), false)
            }
        })
    }

    fn outcome_of(
        &self,
        outcome: fn(Receipt) -> Outcome,
        reference: Option<String>,
        reason: Option<Reason>,
        certain: bool,
    ) -> Outcome {
        outcome(Receipt {
            door: self.key.door.clone(),
            tap: self.tap.id().cloned(),
            reference,
            took: self.tap.arrived().elapsed(),
            reason,
            certain,
        })
    }
}

/// What a flight's own task does: everything up to the provider's verdict.
struct Work {
    core: Arc<Core>,
    key: Key,
    tap: Tap,
    deadlines: Deadlines,
    latch: Arc<Latch>,
    claimed: Arc<AtomicBool>,
    shut: Arc<OnceLock<Cause>>,
}

impl Work {
    async fn run(self) -> Result<Done, Error> {
        let Deadlines { send_by, .. } = self.deadlines;
        let prepared = timeout_at(send_by, self.prepare()).await;
        let found = match prepared.map_err(|_| Error::new(Cause::TooSlow))?? {
            Prepared::Before(outcome) => return Ok(Done::Before(outcome)),
            Prepared::Held(id) => return Ok(Done::Held(id)),
            Prepared::Ready(found) => *found,
        };
        let permit = UnlockPermit::new(Inner {
            latch: self.latch.clone(),
            recheck: self.recheck(&found),
            read_begun: found.read_begun,
            good_until: found.good_until,
            send_by,
            answer_by: self.deadlines.answer_by,
            tap: self.tap.id().cloned(),
            shut: self.shut.clone(),
        });
        let system = found.desk.provider.info().system;
        let provider = &found.desk.provider;
        let verdict = provider
            .unlock(&found.desk.context, &found.occupant, self.key.door.vendor_id(), permit)
            .await;
        Ok(Done::Sent(verdict, system))
    }

    async fn prepare(&self) -> Result<Prepared, Error> {
        let Key { resident, door } = &self.key;
        let found = self.core.find(resident, door, self.deadlines.send_by, true).await?;
        if let Some(reason) = &found.grant.blocked {
            return Err(reason.clone().into());
        }
        if let Some(id) = self.tap.id() {
            match self.core.claim(&self.key, id, self.deadlines).await? {
                Claim::Granted => self.claimed.store(true, Ordering::SeqCst),
                Claim::Settled(outcome) => return Ok(Prepared::Before(outcome)),
                Claim::Foreign => return Err(Error::new(Cause::TapIdTaken)),
                Claim::Open { .. } => return Ok(Prepared::Held(id.clone())),
            }
        }
        Ok(Prepared::Ready(Box::new(found)))
    }

    /// What the gate asks if the first reading is older than a second by then.
    fn recheck(&self, found: &Found) -> Recheck {
        let (core, occupant) = (self.core.clone(), found.occupant.clone());
        Arc::new(move || {
            let (core, occupant) = (core.clone(), occupant.clone());
            Box::pin(async move {
                let (now, _) = core.resident(occupant.resident()).await.map_err(|e| e.cause())?;
                match now.occupant(occupant.building()) {
                    None => Err(Cause::NotCurrent),
                    Some(later) if occupant.still_is(&later) => Ok(()),
                    Some(_) => Err(Cause::DetailsChanged),
                }
            })
        })
    }
}

enum Prepared {
    Before(Outcome),
    Held(TapId),
    Ready(Box<Found>),
}

fn unknown(door: &DoorId, tap: &Tap, cause: Cause) -> Outcome {
    Outcome::Unknown(Receipt {
        door: door.clone(),
        tap: tap.id().cloned(),
        reference: None,
        took: tap.arrived().elapsed(),
        reason: Some(Reason::new(cause)),
        certain: false,
    })
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

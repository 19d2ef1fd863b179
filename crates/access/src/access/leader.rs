//! The tap that leads a flight: everything from finding its door to reading the provider's verdict.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, OnceLock},
};

use futures_util::{FutureExt as _, future::try_join};
use tokio::time::{sleep_until, timeout_at};
use tracing::Instrument as _;

use super::{
    Core,
    ask::Found,
    flight::{Flight, Key, Pilot},
    history::Flown,
    late::Untold,
    reading::{Reading, unknown},
    telling::Telling,
};
use crate::{
    Cause, Claim, DoorPlace, Error, Outcome, System, Tap, TapId, UnlockPermit, Verdict,
    permit::{Inner, Moment, Recheck},
    spans,
    tap::Deadlines,
    text::tidy,
};

/// How many characters of a door's name are kept with a tap.
const NAME_KEPT: usize = 200;

/// The tap that leads a flight: it alone may send.
pub(super) struct Leader {
    pub(super) key: Key,
    pub(super) tap: Tap,
    pub(super) deadlines: Deadlines,
    pub(super) came: Moment,
    pub(super) flight: Arc<Flight>,
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
    /// Carries the tap out, settles it, and tells everyone who waits.
    pub(super) async fn fly(self, core: Arc<Core>, pilot: Pilot, telling: Telling) {
        // The token of the tap's claim, once it is ours.
        let claimed = OnceLock::new();
        // Around all of it, for what a provider leaves behind may panic too when it is let go.
        let flown = AssertUnwindSafe(self.flown(&core, &claimed)).catch_unwind().await;
        let result = flown.unwrap_or_else(|_| {
            if self.flight.latch.revoke() {
                Ok(unknown(&self.key.door, &self.tap, Cause::AnswerLost))
            } else {
                Err(Error::new(Cause::Internal).with_detail("a provider panicked"))
            }
        });
        let place = self.flight.place.get();
        let result = match (result, self.tap.id(), claimed.get()) {
            (Ok(outcome), Some(id), Some(_)) => Ok(core.settle(id, outcome, place).await),
            (Err(e), Some(id), Some(token)) => {
                core.unclaim(id, token).await;
                Err(e)
            }
            (result, ..) => result,
        };
        pilot.land(result.clone());
        // Nothing that comes of it delays or breaks what everybody was told by now.
        let result = telling.ended(result);
        let Ok(outcome) = result else { return };
        let tapped = core.tapped(&self.key, &self.tap, place);
        // Without an id nothing depends on it, so nobody waits for it.
        if self.tap.id().is_none() {
            core.record(&tapped, &outcome).await;
        }
        let Self { tap, flight, .. } = self;
        if let Some(occupant) = flight.occupant.get().filter(|_| flight.latch.has_opened()) {
            let (tap, occupant) = (tap.id().cloned(), occupant.clone());
            let untold = Untold { occupant, tapped, tap, outcome, flight };
            if untold.may_tell_more() {
                // Not in the tap's span, which would stay open as long.
                tokio::spawn(untold.look_back(Arc::downgrade(&core)));
            }
        }
    }

    /// What came of the work until its time was up. Nothing of it goes on afterwards.
    async fn flown(&self, core: &Arc<Core>, claimed: &OnceLock<String>) -> Result<Outcome, Error> {
        let mut work = pin!(self.work(core, claimed));
        let Deadlines { send_by, answer_by } = self.deadlines;
        let mut ended = tokio::select! {
            biased;
            // First: whatever gives up at that very moment as well gives up because the tap is too slow.
            () = sleep_until(send_by) => None,
            done = &mut work => Some(done),
        };
        // Only an order whose body has started is waited for any longer: no other starts from here on.
        if ended.is_none() && self.flight.latch.revoke() {
            ended = timeout_at(answer_by, &mut work).await.ok();
        }
        let started = self.flight.latch.revoke();
        match ended {
            Some(Ok(Done::Before(outcome))) => Ok(outcome),
            Some(Ok(Done::Held(id))) => self.held_elsewhere(core, &id).await,
            Some(Ok(Done::Sent(verdict, system))) => self.read(started, verdict, &system),
            Some(Err(e)) if !started => Err(e),
            // No verdict in time.
            _ if started => Ok(unknown(&self.key.door, &self.tap, Cause::AnswerLost)),
            _ => Err(Error::new(Cause::TooSlow)),
        }
    }

    /// Another node claimed this very tap first: its outcome is ours, and nothing is sent here.
    async fn held_elsewhere(&self, core: &Core, id: &TapId) -> Result<Outcome, Error> {
        let give_up = self.deadlines.answer_by;
        let before =
            core.answered_before(&self.key, id, &self.tap, give_up, Flown::Elsewhere).await?;
        before.ok_or_else(|| Error::new(Cause::TooSlow))
    }

    /// The provider's verdict in the light of the gate: shut means an error, open means an outcome.
    fn read(&self, started: bool, verdict: Verdict, system: &System) -> Result<Outcome, Error> {
        if !started {
            // Why the gate stayed shut says more than what the transport made of it.
            if let Some(cause) = self.flight.latch.shut() {
                return Err(Error::new(cause));
            }
            return Err(match verdict {
                Verdict::NotSent(e) => e.naming(system),
                // Turned down before the order itself was let go, such as by an early answer.
                Verdict::TurnedDown { reason, .. } => Error::from(reason.or_in_system(system)),
                Verdict::Opened { .. }
                | Verdict::Accepted { .. }
                | Verdict::Failed { .. }
                | Verdict::Lost { .. } => Error::new(Cause::Internal)
                    .with_detail("a provider speaks of an order that never went through its gate"),
            });
        }
        Ok(Reading::of(verdict, system).outcome(&self.key.door, self.tap.id(), self.tap.took()))
    }

    /// Everything up to the provider's verdict.
    async fn work(&self, core: &Arc<Core>, claimed: &OnceLock<String>) -> Result<Done, Error> {
        let found = match self.prepare(core, claimed).await? {
            Prepared::Before(outcome) => return Ok(Done::Before(outcome)),
            Prepared::Held(id) => return Ok(Done::Held(id)),
            Prepared::Ready(found) => *found,
        };
        let provider = &found.desk.provider;
        let system = provider.info().system;
        let _ = self.flight.system.set(system.clone());
        let _ = self.flight.occupant.set(found.occupant.clone());
        let span = spans::provider("provider.unlock", provider.as_ref());
        let permit = UnlockPermit::new(Inner {
            latch: self.flight.latch.clone(),
            recheck: recheck(core, &found),
            read_begun: found.read_begun,
            good_until: found.good_until,
            send_by: self.deadlines.send_by,
            answer_by: self.deadlines.answer_by,
            tap: self.tap.id().cloned(),
            came: self.came,
            clock: core.clock.clone(),
            span: span.clone(),
        });
        let verdict = provider
            .unlock(&found.desk.context, &found.occupant, self.key.door.vendor_id(), permit)
            .instrument(span)
            .await;
        Ok(Done::Sent(verdict, system))
    }

    async fn prepare(&self, core: &Core, claimed: &OnceLock<String>) -> Result<Prepared, Error> {
        let Key { resident, door } = &self.key;
        let found = core.find(resident, door, self.deadlines.send_by, true).await?;
        if let Some(reason) = &found.grant.blocked {
            return Err(reason.clone().into());
        }
        let building = found.occupant.building().clone();
        // A vendor's name may hold what a database takes for no text, and nobody is to stay outside for that.
        let place = DoorPlace { building, name: tidy(&found.grant.name, NAME_KEPT) };
        let place = self.flight.place.get_or_init(|| place);
        if let Some(id) = self.tap.id() {
            let tapped = core.tapped(&self.key, &self.tap, Some(place));
            match core.claim(id, &tapped, self.deadlines).await? {
                Claim::Granted { token } => {
                    let _ = claimed.set(token);
                }
                Claim::Settled(outcome) => return Ok(Prepared::Before(outcome)),
                Claim::Foreign => return Err(Error::new(Cause::TapIdTaken)),
                Claim::Open { .. } => return Ok(Prepared::Held(id.clone())),
            }
        }
        Ok(Prepared::Ready(Box::new(found)))
    }
}

/// What the gate asks if the first reading is older than a second by then: whether the resident is still as they were, and
/// the connection still the building's.
fn recheck(core: &Arc<Core>, found: &Found) -> Recheck {
    let (core, occupant) = (Arc::clone(core), found.occupant.clone());
    let connection = found.desk.context.connection().clone();
    Arc::new(move || {
        let (core, occupant, connection) = (core.clone(), occupant.clone(), connection.clone());
        Box::pin(async move {
            let resident = core.resident(occupant.resident());
            let listed = core.hub.of(occupant.building());
            let (read, listed) = try_join(resident, listed).await.map_err(|e| e.cause())?;
            if !listed.iter().any(|one| one.id == connection) {
                return Err(Cause::NoConnection);
            }
            let (now, _) = read;
            match now.occupant(occupant.building()) {
                None => Err(Cause::NotCurrent),
                Some(later) if occupant.still_is(&later) => Ok(()),
                Some(_) => Err(Cause::DetailsChanged),
            }
        })
    })
}

enum Prepared {
    Before(Outcome),
    Held(TapId),
    Ready(Box<Found>),
}

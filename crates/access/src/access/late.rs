//! Late truth: what becomes known of an order after its tap was answered.
//!
//! One look, which sends nothing that could open a door. What the resident was told stays as it is; what is found out
//! is written down beside it.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use tracing::{Instrument as _, field::Empty, info_span};

use super::{Core, ask::guarded, flight::Flight, reading::Reading};
use crate::{
    BuildingId, Cause, DoorId, Error, Occupant, Outcome, PastOrder, TapId, TapQuery, TapRecord,
    TapState, Tapped,
    context::bounded,
    outcome::millis,
    spans::{self, Plain},
};

/// How long after its answer an order is looked for whose outcome is not known.
const AFTER: Duration = Duration::from_secs(30);

/// How far a tap's moment, worked out twice by one clock, may be off.
const ABOUT: SignedDuration = SignedDuration::from_secs(1);

/// An order as it was answered, and the taps that it was for.
pub(super) struct Untold {
    pub(super) occupant: Occupant,
    pub(super) tapped: Tapped,
    pub(super) tap: Option<TapId>,
    pub(super) outcome: Outcome,
    pub(super) flight: Arc<Flight>,
}

impl Untold {
    /// Whether a look could tell somebody more than they were told.
    pub(super) fn may_tell_more(&self) -> bool {
        if self.outcome.is_known() {
            // One that shared it may have been answered before that.
            return self.flight.sharers.any();
        }
        // Without either no system could tell the order from another.
        self.tap.is_some() || self.outcome.receipt().reference.is_some()
    }

    /// Looks back once, a while from now, unless the front door is gone by then.
    pub(super) async fn look_back(self, core: Weak<Core>) {
        sleep(AFTER).await;
        if !self.may_tell_more() {
            return;
        }
        let Some(core) = core.upgrade() else { return };
        // Nobody waits for it, so it is no part of the tap's tree, which has ended long since: its id says whose it is.
        let span = info_span!(
            parent: None,
            "look_back",
            resident = %Plain(&self.tapped.resident),
            door = %Plain(&self.tapped.door),
            tap = self.tap.as_ref().map(|id| display(Plain(id))),
            outcome = Empty,
            otel.status_code = Empty,
            "error.type" = Empty
        );
        let looked = self.looked(&core).instrument(span.clone()).await;
        match looked {
            Ok(Some(later)) => {
                span.record("outcome", later.code());
            }
            Ok(None) => {}
            Err(e) => spans::failed(&span, e.cause()),
        }
    }

    async fn looked(&self, core: &Core) -> Result<Option<Outcome>, Error> {
        let later = if self.outcome.is_known() {
            self.outcome.clone()
        } else {
            let building = self.occupant.building();
            let Tapped { door, at, .. } = &self.tapped;
            let order = past(door, *at, self.tap.as_ref(), &self.outcome);
            let later =
                core.ask_back(building, &self.occupant, door, &order, &self.outcome).await?;
            let Some(later) = later else { return Ok(None) };
            later
        };
        let own = core.found_out(&self.tapped, self.tap.as_ref(), &later).await?;
        for (id, tapped) in self.flight.sharers.all() {
            core.found_out(&tapped, Some(&id), &later).await?;
        }
        Ok(own)
    }
}

impl Core {
    /// The last that is known of a tap of the history, after one look at its system where that may tell more.
    pub(super) async fn look_back(&self, record: &TapRecord) -> Result<Option<Outcome>, Error> {
        let TapState::Settled { outcome, later } = &record.state else { return Ok(None) };
        if later.is_some() || outcome.is_known() {
            return Ok(record.last_known().cloned());
        }
        let Tapped { resident, door, at, place } = &record.tapped;
        let Some(place) = place else { return Ok(None) };
        let (resident, _) = self.resident(resident).await?;
        // One who has left is nobody's to ask about.
        let Some(occupant) = resident.occupant(&place.building) else { return Ok(None) };
        let order = past(door, *at, record.id.as_ref(), outcome);
        match self.ask_back(&place.building, &occupant, door, &order, outcome).await? {
            Some(later) => self.amend(record.number, &later).await.map(Some),
            None => Ok(None),
        }
    }

    /// Asks the system, and reads what it says: only what is more than was known.
    async fn ask_back(
        &self,
        building: &BuildingId,
        occupant: &Occupant,
        door: &DoorId,
        order: &PastOrder,
        told: &Outcome,
    ) -> Result<Option<Outcome>, Error> {
        let until = Instant::now() + self.limits.list;
        let listed = self.hub.of(building).await?;
        let connection = listed.iter().find(|one| one.id == *door.connection());
        let connection = connection.ok_or_else(|| Error::new(Cause::NoConnection))?;
        let desk = self.desk(building, connection, until, false).await?;
        let system = desk.provider.info().system;
        let span = spans::provider("provider.look_back", desk.provider.as_ref());
        let asked = desk.provider.look_back(&desk.context, occupant, order);
        let verdict = guarded(until, asked).instrument(span.clone()).await;
        let verdict = verdict
            .and_then(|verdict| verdict)
            .map_err(|e| e.naming(&system))
            .inspect_err(|e| spans::failed(&span, e.cause()))?;
        let Some(verdict) = verdict else { return Ok(None) };
        let took = self.since(order.tapped_at);
        let mut later = Reading::of(verdict, &system).outcome(door, order.tap.as_ref(), took);
        let receipt = later.receipt_mut();
        receipt.reference = receipt.reference.take().or_else(|| order.reference.clone());
        Ok(is_more(&later, told).then_some(later))
    }

    /// Writes down what became of the order that the tap had or shared, if it was told less.
    async fn found_out(
        &self,
        tapped: &Tapped,
        tap: Option<&TapId>,
        later: &Outcome,
    ) -> Result<Option<Outcome>, Error> {
        let Some(record) = self.written_down(tapped, tap).await? else { return Ok(None) };
        let TapState::Settled { outcome: told, .. } = &record.state else { return Ok(None) };
        if !is_more(later, told) {
            return Ok(None);
        }
        let mut later = later.clone();
        let receipt = later.receipt_mut();
        receipt.tap = tap.cloned();
        receipt.took = self.since(tapped.at);
        self.amend(record.number, &later).await.map(Some)
    }

    fn since(&self, tapped_at: Timestamp) -> Duration {
        let took = self.clock.now().duration_since(tapped_at);
        millis::whole(Duration::try_from(took).unwrap_or_default())
    }

    /// The record of that tap.
    async fn written_down(
        &self,
        tapped: &Tapped,
        tap: Option<&TapId>,
    ) -> Result<Option<TapRecord>, Error> {
        let (from, to) = (tapped.at.saturating_sub(ABOUT), tapped.at.saturating_add(ABOUT));
        let mut query = TapQuery::new().of(&tapped.resident).at(&tapped.door).limit(TapQuery::MOST);
        query = query.since(from.unwrap_or(tapped.at)).until(to.unwrap_or(tapped.at));
        let records = self.taps(&query).await?;
        // A database may keep no more than microseconds.
        let is_it = |record: &TapRecord| match tap {
            Some(_) => record.id.as_ref() == tap,
            None => {
                record.id.is_none()
                    && record.tapped.at.as_microsecond() == tapped.at.as_microsecond()
            }
        };
        Ok(records.into_iter().find(is_it))
    }

    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, Error> {
        bounded("store.amend", Cause::StoreFailed, self.store.amend(number, later)).await
    }
}

/// Whether it tells more than what the resident was told.
fn is_more(later: &Outcome, told: &Outcome) -> bool {
    match (later, told) {
        (_, Outcome::Opened(_) | Outcome::NotOpened(_)) | (Outcome::Unknown(_), _) => false,
        (Outcome::Opened(_) | Outcome::NotOpened(_), _) => true,
        (Outcome::Accepted(_), _) => matches!(told, Outcome::Unknown(_)),
    }
}

fn past(door: &DoorId, tapped_at: Timestamp, tap: Option<&TapId>, told: &Outcome) -> PastOrder {
    let mut order = PastOrder::new(door.vendor_id().clone(), tapped_at);
    order.tap = tap.cloned();
    order.reference.clone_from(&told.receipt().reference);
    order
}

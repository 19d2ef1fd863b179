//! Orders under way: one for a resident and a door, which further taps join.

use std::{
    collections::hash_map::Entry,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use foldhash::HashMap;
use tokio::{sync::SetOnce, time::Instant};
use tracing::Span;

use crate::{
    Cause, DoorId, DoorPlace, Error, Occupant, Outcome, ResidentId, System, TapId, Tapped,
    permit::Latch,
};

/// What a flight is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) resident: ResidentId,
    pub(super) door: DoorId,
}

/// An order under way, as those see it who wait for it.
pub(super) struct Flight {
    /// The id of the tap that leads it.
    pub(super) tap: Option<TapId>,
    /// No body of it starts after this moment.
    pub(super) send_by: Instant,
    /// Whether its body has started.
    pub(super) latch: Arc<Latch>,
    /// Where the door is, once it was found.
    pub(super) place: OnceLock<DoorPlace>,
    /// Which system it is at, once that was found.
    pub(super) system: OnceLock<System>,
    /// As whom the system is asked, once that was found.
    pub(super) occupant: OnceLock<Occupant>,
    pub(super) sharers: Sharers,
    /// How it landed; `None` if its pilot was lost with nothing said.
    landed: SetOnce<Option<Result<Outcome, Error>>>,
}

/// The taps with ids of their own that share an order: what is found out about it later is true of each of them.
#[derive(Default)]
pub(super) struct Sharers(Mutex<Vec<(TapId, Tapped)>>);

impl Sharers {
    pub(super) fn add(&self, id: &TapId, tapped: &Tapped) {
        self.lock().push((id.clone(), tapped.clone()));
    }

    /// Whoever was told all of it needs no word later.
    pub(super) fn remove(&self, id: &TapId) {
        self.lock().retain(|(sharer, _)| sharer != id);
    }

    pub(super) fn any(&self) -> bool {
        !self.lock().is_empty()
    }

    pub(super) fn all(&self) -> Vec<(TapId, Tapped)> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(TapId, Tapped)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All flights of this process, each with the span of the tap that leads it.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Key, (Arc<Flight>, Span)>>);

/// The pilot's seat of a flight: lands it, whatever happens.
pub(super) struct Pilot {
    core: Arc<super::Core>,
    key: Key,
    flight: Arc<Flight>,
}

/// What a tap gets when it comes to a door.
pub(super) enum Seat {
    /// Nothing is under way: this tap leads.
    Leads(Arc<Flight>, Pilot),
    /// An order is under way, and its tree stands under that span: this tap joins, and never sends.
    Joins(Arc<Flight>, Span),
}

impl Flights {
    /// The flight for that key, begun if there is none.
    pub(super) fn board(
        core: &Arc<super::Core>,
        key: &Key,
        tap: Option<&TapId>,
        send_by: Instant,
        span: &Span,
    ) -> Seat {
        let mut flights = core.flights.lock();
        let free = match flights.entry(key.clone()) {
            Entry::Occupied(taken) => {
                let (flight, leader) = taken.get();
                return Seat::Joins(flight.clone(), leader.clone());
            }
            Entry::Vacant(free) => free,
        };
        let flight = Arc::new(Flight {
            tap: tap.cloned(),
            send_by,
            latch: Arc::default(),
            place: OnceLock::new(),
            system: OnceLock::new(),
            occupant: OnceLock::new(),
            sharers: Sharers::default(),
            landed: SetOnce::new(),
        });
        free.insert((flight.clone(), span.clone()));
        let pilot = Pilot { core: core.clone(), key: key.clone(), flight: flight.clone() };
        Seat::Leads(flight, pilot)
    }

    /// The flight for that key that this very tap leads, if there is one, and that tap's span.
    pub(super) fn led_by(&self, key: &Key, tap: &TapId) -> Option<(Arc<Flight>, Span)> {
        self.lock().get(key).filter(|(flight, _)| flight.tap.as_ref() == Some(tap)).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, (Arc<Flight>, Span)>> {
        // No section under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Waits until the flight has landed. `None` if its pilot was lost with nothing said; the latch then
    /// tells whether an order was sent.
    pub(super) async fn landing(&self) -> Option<Result<Outcome, Error>> {
        self.landed.wait().await.clone()
    }
}

impl Pilot {
    /// Takes the flight off and tells everyone who waits.
    pub(super) fn land(self, result: Result<Outcome, Error>) {
        self.ends(Some(result));
    }

    fn ends(&self, result: Option<Result<Outcome, Error>>) {
        self.core.flights.lock().remove(&self.key);
        // By nobody else: a pilot lands once.
        let _ = self.flight.landed.set(result);
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        // Not landed yet: then a panic brought the pilot down.
        if !self.flight.landed.initialized() {
            // What it began goes on without it, and must send nothing that nobody will hear of.
            self.flight.latch.revoke();
            self.ends(None);
        }
    }
}

/// What those are told who lost sight of their flight: never an error once a body may have started.
pub(super) fn lost(latch: &Latch) -> Result<(), Error> {
    if latch.has_opened() {
        return Ok(());
    }
    Err(Error::new(Cause::Internal).with_detail("the task that sends was lost before it sent"))
}

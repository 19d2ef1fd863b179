//! Asking a provider: bounded in time, and safe from its panics.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use foldhash::HashMap;
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::Core;
use crate::{
    AccessProvider, BuildingId, Cause, ConnectionRef, Context, DoorId, Error, Freshness, Grant,
    Grants, Occupant, Resident, ResidentId, VendorDoorId,
    context::{self, in_time},
    spans,
};

/// One connection, opened and ready to be asked about one occupant.
pub(super) struct Desk {
    pub(super) provider: Arc<dyn AccessProvider>,
    pub(super) context: Context,
}

/// A door found among an occupant's grants, and everything that an order for it needs.
pub(super) struct Found {
    pub(super) desk: Desk,
    pub(super) occupant: Occupant,
    pub(super) grant: Grant,
    pub(super) good_until: Instant,
    /// When the directory reading that made the occupant began.
    pub(super) read_begun: Instant,
}

impl Core {
    pub(super) async fn desk(
        &self,
        building: &BuildingId,
        connection: &ConnectionRef,
        until: Instant,
        may_create_key: bool,
    ) -> Result<Desk, Error> {
        let provider = in_time(|| until, self.hub.provider(connection))
            .await
            .map_err(|_| Error::new(Cause::ConnectionFailed).with_detail("no answer in time"))??;
        let context = Context::new(context::Inner {
            connection: connection.id.clone(),
            building: building.clone(),
            store: self.store.clone(),
            directory: self.directory.clone(),
            clock: self.clock.clone(),
            units: self.hub.units(building),
            until,
            may_create_key,
        });
        Ok(Desk { provider, context })
    }

    /// The resident's door, by that connection, in a building where they are Current: cached, and if it is
    /// not there, once more read anew (every five seconds for a resident, at most).
    ///
    /// A door that does not exist and one that is somebody else's are refused with one and the same error.
    pub(super) async fn find(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        until: Instant,
        may_create_key: bool,
    ) -> Result<Found, Error> {
        let (resident, read_begun) = self.resident(resident).await?;
        let mut refusal = None;
        for (building, connection) in self.candidates(&resident, door).await? {
            let Some(occupant) = resident.occupant(&building) else { continue };
            let desk = match self.desk(&building, &connection, until, may_create_key).await {
                Ok(desk) => desk,
                Err(e) => {
                    refusal = Some(e);
                    continue;
                }
            };
            for freshness in [Freshness::Cached, Freshness::Fresh] {
                // Made-up door ids must not turn into a flood of readings at the vendor.
                if freshness == Freshness::Fresh && !self.looks.allows(&resident.id) {
                    break;
                }
                let grants = match desk.grants(&occupant, freshness).await {
                    Ok(grants) => grants,
                    // Another building of theirs may have the door all the same.
                    Err(e) => {
                        refusal = Some(e);
                        break;
                    }
                };
                let good_until = grants.good_until;
                if let Some(grant) = take(grants.doors, door.vendor_id()) {
                    return Ok(Found { desk, occupant, grant, good_until, read_begun });
                }
                // What keeps every door from the resident says nothing about this one.
                if let Some(reason) = grants.problems.into_iter().next() {
                    refusal = Some(reason.into());
                }
            }
        }
        Err(refusal.unwrap_or_else(|| Error::new(Cause::DoorNotGranted)))
    }

    /// Where the resident may have that door: their buildings whose connections hold its connection.
    async fn candidates(
        &self,
        resident: &Resident,
        door: &DoorId,
    ) -> Result<Vec<(BuildingId, ConnectionRef)>, Error> {
        let buildings = resident.current_buildings();
        if buildings.is_empty() {
            return Err(Error::new(Cause::NotCurrent));
        }
        let (mut found, mut failed) = (Vec::new(), None);
        for building in buildings {
            match self.hub.of(&building).await {
                Ok(listed) => {
                    let asked = listed.into_iter().find(|c| c.id == *door.connection());
                    found.extend(asked.map(|connection| (building, connection)));
                }
                Err(e) => failed = Some(e),
            }
        }
        match failed {
            // The door may be in the building whose connections could not be read.
            Some(e) if found.is_empty() => Err(e),
            _ => Ok(found),
        }
    }
}

fn take(grants: Vec<Grant>, id: &VendorDoorId) -> Option<Grant> {
    grants.into_iter().find(|g| g.id == *id)
}

/// How often one resident may have something read anew: so often at once, and once more each `every`.
pub(super) struct Pace {
    at_once: u32,
    every: Duration,
    /// Until when each resident's readings are paid for.
    paid: Mutex<HashMap<ResidentId, Instant>>,
}

impl Pace {
    /// For a door that was not on the list.
    pub(super) fn of_looks() -> Self {
        Self::of(1, Duration::from_secs(5))
    }

    /// For a refresh of the list: more than a person does who waits for something that was just mended.
    pub(super) fn of_refreshes() -> Self {
        Self::of(8, Duration::from_secs(4))
    }

    fn of(at_once: u32, every: Duration) -> Self {
        Self { at_once, every, paid: Mutex::default() }
    }

    /// Whether one more reading may be made now; then it counts.
    pub(super) fn allows(&self, resident: &ResidentId) -> bool {
        let now = Instant::now();
        // No section under the lock can panic half-way.
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.len() >= 1_000 {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.get(resident).copied().unwrap_or(now).max(now) + self.every;
        if until - now > self.every * self.at_once {
            return false;
        }
        paid.insert(resident.clone(), until);
        true
    }
}

impl Desk {
    pub(super) async fn grants(
        &self,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        let ask = self.provider.grants(&self.context, occupant, freshness);
        let asked = Instant::now();
        let span = spans::provider("provider.grants", self.provider.as_ref());
        let grants = guarded(self.context.until(), ask).instrument(span.clone()).await;
        let grants =
            grants.and_then(|grants| grants).inspect_err(|e| spans::failed(&span, e.cause()))?;
        if grants.good_until < asked {
            return Err(
                Error::new(Cause::Internal).with_detail("a provider offered what had expired")
            );
        }
        Ok(grants)
    }
}

/// The answer of a provider, unless it takes too long or panics.
pub(super) async fn guarded<T>(until: Instant, work: impl Future<Output = T>) -> Result<T, Error> {
    match in_time(|| until, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(Error::new(Cause::Internal).with_detail("a provider panicked")),
        Err(_) => Err(Error::new(Cause::VendorUnreachable).with_detail("no answer in time")),
    }
}

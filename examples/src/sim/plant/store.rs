//! The store of all nodes, with a planted bug in what it keeps, or with none.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Claim, ConnectionId, DoorId, DoorPlace, HostError, Lease, Link, MemoryStore, Outcome,
    ResidentId, SignInEnd, SignIns, Store, TapId, TapQuery, TapRecord, Tapped, Taps, Turn,
};
use jiff::Timestamp;

use super::{Plant, lock};

/// The store. What it was made to free too early it knows under another name from then on.
#[derive(Clone)]
pub(in crate::sim) struct PlantedStore {
    inner: MemoryStore,
    plant: Option<Plant>,
    claimed: Arc<Mutex<HashMap<TapId, Claimed>>>,
}

/// Of an id: whose tap it was, when, and how often it was freed.
struct Claimed {
    resident: ResidentId,
    at: Timestamp,
    freed: u32,
}

impl PlantedStore {
    pub(in crate::sim) fn new(plant: Option<Plant>) -> Self {
        Self { inner: MemoryStore::new(), plant, claimed: Arc::default() }
    }

    /// What the store underneath knows the id as.
    fn known_as(&self, id: &TapId) -> TapId {
        match lock(&self.claimed).get(id) {
            Some(Claimed { freed: times @ 1.., .. }) => {
                TapId::new(format!("{id}-freed-{times}")).unwrap_or_else(|_| id.clone())
            }
            _ => id.clone(),
        }
    }

    fn free(&self, plant: Plant, which: impl Fn(&Claimed) -> bool) {
        if self.plant == Some(plant) {
            for claimed in lock(&self.claimed).values_mut().filter(|claimed| which(claimed)) {
                claimed.freed += 1;
            }
        }
    }
}

#[async_trait]
impl Taps for PlantedStore {
    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        self.inner.tap(&self.known_as(id), resident, door).await
    }

    async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let claim = self.inner.claim(&self.known_as(id), tapped, answer_by).await?;
        if let (Some(_), Claim::Granted { .. }) = (self.plant, &claim) {
            let (resident, at) = (tapped.resident.clone(), tapped.at);
            let mut all = lock(&self.claimed);
            let freed = all.get(id).map_or(0, |claimed| claimed.freed);
            all.insert(id.clone(), Claimed { resident, at, freed });
        }
        Ok(claim)
    }

    async fn settle(
        &self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Result<Outcome, HostError> {
        self.inner.settle(&self.known_as(id), outcome, place).await
    }

    async fn unclaim(&self, id: &TapId, token: &str) -> Result<(), HostError> {
        self.inner.unclaim(&self.known_as(id), token).await
    }

    async fn record(&self, tapped: &Tapped, outcome: &Outcome) -> Result<(), HostError> {
        self.inner.record(tapped, outcome).await
    }

    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, HostError> {
        self.inner.amend(number, later).await
    }

    async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, HostError> {
        self.inner.taps(query).await
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, HostError> {
        self.free(Plant::PrunesTheYoung, |claimed| claimed.at < before);
        self.inner.prune(before).await
    }
}

#[async_trait]
impl Store for PlantedStore {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        self.inner.favorites(resident).await
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        self.inner.set_favorite(resident, door, favorite).await
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        self.inner.link(connection, resident).await
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        self.inner.linked(connection, subject).await
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        self.inner.set_link(connection, resident, link).await
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        self.inner.lease(name, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        self.inner.release(lease).await
    }

    async fn forget(&self, resident: &ResidentId) -> Result<(), HostError> {
        if self.plant == Some(Plant::ForgetsNothing) {
            return Ok(());
        }
        self.free(Plant::ForgetFreesIds, |claimed| claimed.resident == *resident);
        self.inner.forget(resident).await
    }
}

#[async_trait]
impl SignIns for PlantedStore {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        self.inner.take_turn(account, step, hold).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        self.inner.end_turn(account, turn, end).await
    }
}

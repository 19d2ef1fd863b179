//! In-memory forms of what the host brings: for one node, for tests, for examples.

mod store;
mod taps;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use foldhash::HashMap;
use futures_util::{StreamExt as _, stream};

pub use store::MemoryStore;

use crate::{
    AccessProvider, BuildingId, ConnectionId, ConnectionRef, Connections, Directory, HostError,
    Resident, ResidentId, RosterStream, Standing, Unit, VerifiedEmail,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No section below can panic half-way, so what a poisoned lock guards is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A [`Directory`] held in memory. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryDirectory(Arc<Mutex<People>>);

#[derive(Default)]
struct People {
    residents: HashMap<ResidentId, Resident>,
    units: HashMap<BuildingId, Vec<Unit>>,
}

impl MemoryDirectory {
    /// An empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets all units of a building.
    pub fn set_units(&self, building: &BuildingId, units: Vec<Unit>) {
        lock(&self.0).units.insert(building.clone(), units);
    }

    /// Adds the resident, or replaces who had that id.
    pub fn put(&self, resident: Resident) {
        lock(&self.0).residents.insert(resident.id.clone(), resident);
    }

    /// Removes the resident.
    pub fn remove(&self, resident: &ResidentId) {
        lock(&self.0).residents.remove(resident);
    }

    /// Gives every residency of the resident that standing.
    pub fn set_standing(&self, resident: &ResidentId, standing: &Standing) {
        self.change(resident, |r| {
            for residency in &mut r.residencies {
                residency.standing = standing.clone();
            }
        });
    }

    /// Sets or removes the e-mail that the host vouches for.
    pub fn set_email(&self, resident: &ResidentId, email: Option<VerifiedEmail>) {
        self.change(resident, |r| r.email = email);
    }

    /// Changes the resident in place; does nothing if there is none by that id.
    pub fn change(&self, resident: &ResidentId, change: impl FnOnce(&mut Resident)) {
        if let Some(resident) = lock(&self.0).residents.get_mut(resident) {
            change(resident);
        }
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        Ok(lock(&self.0).residents.get(id).cloned())
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        let lives_here = |one: &&Resident| one.residencies.iter().any(|r| r.building == *building);
        let people = lock(&self.0);
        let mut residents: Vec<Resident> =
            people.residents.values().filter(lives_here).cloned().collect();
        residents.sort_by(|a, b| a.id.cmp(&b.id));
        stream::iter(residents.into_iter().map(Ok)).boxed()
    }

    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        let units = lock(&self.0).units.get(building).cloned();
        units.ok_or_else(|| HostError::msg("no such building"))
    }
}

impl fmt::Debug for MemoryDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDirectory")
            .field("residents", &lock(&self.0).residents.len())
            .finish_non_exhaustive()
    }
}

/// [`Connections`] held in memory, each with the provider that it opens. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryConnections(Arc<Mutex<Wiring>>);

#[derive(Default)]
struct Wiring {
    by_building: BTreeMap<BuildingId, Vec<ConnectionId>>,
    opened: BTreeMap<ConnectionId, (u64, Arc<dyn AccessProvider>)>,
}

impl MemoryConnections {
    /// No connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects the building through that provider. Connecting the same id anew replaces the provider,
    /// under a new revision.
    pub fn connect(
        &self,
        building: &BuildingId,
        connection: &ConnectionId,
        provider: Arc<dyn AccessProvider>,
    ) {
        let mut wiring = lock(&self.0);
        let listed = wiring.by_building.entry(building.clone()).or_default();
        if !listed.contains(connection) {
            listed.push(connection.clone());
        }
        let revision = wiring.opened.get(connection).map_or(0, |(revision, _)| revision + 1);
        wiring.opened.insert(connection.clone(), (revision, provider));
    }

    /// Takes the connection off the building.
    pub fn disconnect(&self, building: &BuildingId, connection: &ConnectionId) {
        if let Some(listed) = lock(&self.0).by_building.get_mut(building) {
            listed.retain(|id| id != connection);
        }
    }
}

#[async_trait]
impl Connections for MemoryConnections {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        let wiring = lock(&self.0);
        Ok(wiring
            .by_building
            .get(building)
            .into_iter()
            .flatten()
            .filter_map(|id| {
                let (revision, _) = wiring.opened.get(id)?;
                Some(ConnectionRef::new(id.clone(), revision.to_string()))
            })
            .collect())
    }

    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        let wiring = lock(&self.0);
        let found = wiring.opened.get(&connection.id);
        found.map(|(_, p)| p.clone()).ok_or_else(|| HostError::msg("no such connection"))
    }
}

impl fmt::Debug for MemoryConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryConnections")
            .field("connections", &lock(&self.0).opened.keys())
            .finish_non_exhaustive()
    }
}

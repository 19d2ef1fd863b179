//! In-memory forms of what the host brings: for one node, for tests, for examples.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    AccessProvider, BuildingId, Claim, ConnectionId, ConnectionRef, Connections, Directory, DoorId,
    HostError, Lease, Link, Outcome, Resident, ResidentId, Standing, Store, TapId, Unit,
    VerifiedEmail,
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

/// How long a tap's claim is remembered after its `answer_by`: far longer than any acceptable tap.
const CLAIM_KEPT: Duration = Duration::from_hours(1);

/// A [`Store`] for one node that forgets when the process ends.
///
/// For tests, examples, and a host that can live with losing favourites and tap ids at a restart. It
/// keeps settled taps for an hour.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    favorites: HashMap<ResidentId, Vec<DoorId>>,
    taps: HashMap<TapId, KeptTap>,
    /// When old claims were last looked for, so that not every claim walks all of them.
    swept: Option<Timestamp>,
    links: HashMap<(ConnectionId, ResidentId), Link>,
    leases: HashMap<(ConnectionId, String), (String, Instant)>,
    leases_given: u64,
}

struct KeptTap {
    resident: ResidentId,
    door: DoorId,
    answer_by: Timestamp,
    outcome: Option<Outcome>,
}

impl KeptTap {
    fn read(&self, resident: &ResidentId, door: &DoorId) -> Claim {
        if self.resident != *resident || self.door != *door {
            return Claim::Foreign;
        }
        match &self.outcome {
            Some(outcome) => Claim::Settled(outcome.clone()),
            None => Claim::Open { answer_by: self.answer_by },
        }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        Ok(lock(&self.0).favorites.get(resident).cloned().unwrap_or_default())
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let favorites = kept.favorites.entry(resident.clone()).or_default();
        match (favorites.contains(door), favorite) {
            (false, true) => favorites.push(door.clone()),
            (true, false) => favorites.retain(|d| d != door),
            _ => {}
        }
        Ok(())
    }

    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        Ok(lock(&self.0).taps.get(id).map(|tap| tap.read(resident, door)))
    }

    async fn claim(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let mut kept = lock(&self.0);
        if kept.swept.is_none_or(|swept| swept + CLAIM_KEPT / 60 < answer_by) {
            kept.swept = Some(answer_by);
            kept.taps.retain(|_, tap| tap.answer_by + CLAIM_KEPT >= answer_by);
        }
        if let Some(tap) = kept.taps.get(id) {
            return Ok(tap.read(resident, door));
        }
        let (resident, door) = (resident.clone(), door.clone());
        kept.taps.insert(id.clone(), KeptTap { resident, door, answer_by, outcome: None });
        Ok(Claim::Granted)
    }

    async fn settle(&self, id: &TapId, outcome: &Outcome) -> Result<Outcome, HostError> {
        let mut kept = lock(&self.0);
        let tap = kept.taps.get_mut(id).ok_or_else(|| HostError::msg("no such claim"))?;
        Ok(tap.outcome.get_or_insert_with(|| outcome.clone()).clone())
    }

    async fn unclaim(&self, id: &TapId) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        if kept.taps.get(id).is_some_and(|tap| tap.outcome.is_none()) {
            kept.taps.remove(id);
        }
        Ok(())
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        Ok(lock(&self.0).links.get(&(connection.clone(), resident.clone())).cloned())
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        let key = (connection.clone(), resident.clone());
        let mut kept = lock(&self.0);
        match link {
            Some(link) => kept.links.insert(key, link.clone()),
            None => kept.links.remove(&key),
        };
        Ok(())
    }

    async fn lease(
        &self,
        connection: &ConnectionId,
        name: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, HostError> {
        let mut kept = lock(&self.0);
        let now = Instant::now();
        let key = (connection.clone(), name.to_owned());
        if kept.leases.get(&key).is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        kept.leases.retain(|_, (_, until)| *until > now);
        kept.leases_given += 1;
        let token = kept.leases_given.to_string();
        kept.leases.insert(key, (token.clone(), now + ttl));
        Ok(Some(Lease { connection: connection.clone(), name: name.to_owned(), token }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let key = (lease.connection.clone(), lease.name.clone());
        if kept.leases.get(&key).is_some_and(|(token, _)| *token == lease.token) {
            kept.leases.remove(&key);
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = lock(&self.0);
        f.debug_struct("MemoryStore")
            .field("taps", &kept.taps.len())
            .field("links", &kept.links.len())
            .finish_non_exhaustive()
    }
}

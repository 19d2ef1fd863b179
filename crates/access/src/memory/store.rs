//! The store in memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{lock, taps::Table};
use crate::{
    Claim, ConnectionId, DoorId, DoorPlace, HostError, Lease, Link, Outcome, ResidentId, SignInEnd,
    SignInState, SignIns, Store, TapId, TapQuery, TapRecord, Tapped, Taps, Turn,
};

/// A [`Store`] for one node that forgets when the process ends.
///
/// For tests, examples, and a host that can live with losing favourites and tap ids at a restart. It
/// keeps taps for [an hour](crate::TAPS_KEPT).
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    favorites: HashMap<ResidentId, Vec<DoorId>>,
    taps: Table,
    links: HashMap<(ConnectionId, ResidentId), Link>,
    leases: HashMap<String, (String, Duration)>,
    leases_given: u64,
    accounts: HashMap<String, SignInState>,
    began: Option<Instant>,
}

impl Kept {
    /// The time by the store's own clock.
    fn now(&mut self) -> Duration {
        self.began.get_or_insert_with(Instant::now).elapsed()
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

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        Ok(lock(&self.0).links.get(&(connection.clone(), resident.clone())).cloned())
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        let kept = lock(&self.0);
        let links =
            kept.links.iter().filter(|((c, _), link)| c == connection && link.subject == subject);
        let mut residents: Vec<_> = links.map(|((_, resident), _)| resident.clone()).collect();
        residents.sort();
        Ok(residents)
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

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        if kept.leases.get(name).is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        kept.leases.retain(|_, (_, until)| *until > now);
        kept.leases_given += 1;
        let token = kept.leases_given.to_string();
        kept.leases.insert(name.to_owned(), (token.clone(), now.saturating_add(ttl)));
        Ok(Some(Lease { name: name.to_owned(), token }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        if kept.leases.get(&lease.name).is_some_and(|(token, _)| *token == lease.token) {
            kept.leases.remove(&lease.name);
        }
        Ok(())
    }

    async fn forget(&self, resident: &ResidentId) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        kept.favorites.remove(resident);
        kept.links.retain(|(_, of), _| of != resident);
        let now = kept.now();
        kept.taps.forget(now, resident);
        Ok(())
    }
}

#[async_trait]
impl Taps for MemoryStore {
    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        Ok(lock(&self.0).taps.look(id, resident, door))
    }

    async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        Ok(kept.taps.claim(now, id, tapped, answer_by))
    }

    async fn settle(
        &self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Result<Outcome, HostError> {
        let stands = lock(&self.0).taps.settle(id, outcome, place);
        stands.ok_or_else(|| HostError::msg("no such claim"))
    }

    async fn unclaim(&self, id: &TapId, token: &str) -> Result<(), HostError> {
        lock(&self.0).taps.unclaim(id, token);
        Ok(())
    }

    async fn record(&self, tapped: &Tapped, outcome: &Outcome) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        kept.taps.record(now, tapped, outcome);
        Ok(())
    }

    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, HostError> {
        let stands = lock(&self.0).taps.amend(number, later);
        stands.ok_or_else(|| HostError::msg("no settled tap of that number"))
    }

    async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, HostError> {
        Ok(lock(&self.0).taps.read(query))
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        Ok(kept.taps.prune(now, Some(before)))
    }
}

#[async_trait]
impl SignIns for MemoryStore {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        Ok(kept.accounts.entry(account.to_owned()).or_default().take_turn(now, step, hold))
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        let mut kept = lock(&self.0);
        let now = kept.now();
        if let Some(account) = kept.accounts.get_mut(account) {
            account.end_turn(now, turn, end);
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

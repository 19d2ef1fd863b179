//! A store that is watched, delayed or broken from outside.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use elevate_access::{
    Claim, ConnectionId, DoorId, DoorPlace, HostError, Lease, Link, Outcome, ResidentId, SignInEnd,
    SignIns, Store, TapId, TapQuery, TapRecord, Tapped, Taps, Turn,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// A call to a [`Store`], by the name of its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is a method of the store, which says what it does")]
#[non_exhaustive]
pub enum StoreCall {
    Favorites,
    SetFavorite,
    Tap,
    Claim,
    Settle,
    Unclaim,
    Record,
    Amend,
    Taps,
    Prune,
    Link,
    Linked,
    SetLink,
    Lease,
    Release,
    Forget,
    TakeTurn,
    EndTurn,
}

/// On which side of a call its watcher is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Before the store has done anything.
    Before,
    /// When it has done it, and nobody knows yet.
    After,
}

type Watcher =
    Arc<dyn Fn(StoreCall, Side) -> BoxFuture<'static, Result<(), HostError>> + Send + Sync>;

type Change<T> = Arc<dyn Fn(T) -> T + Send + Sync>;

/// A [`Store`] whose every call somebody is asked about, just before and just after it: to count it, to delay
/// it, to fail it, or never to come back.
///
/// An error *before* a call is a store that did nothing; one *after* it, a store that did it and whose answer
/// was lost.
///
/// ```
/// # use elevate_access::{HostError, MemoryStore};
/// use elevate_access_testkit::{Side, StoreCall, WatchedStore};
///
/// // Leases are taken, and nobody hears of it.
/// let store = WatchedStore::new(MemoryStore::new(), |call, side| {
///     Box::pin(async move {
///         match (call, side) {
///             (StoreCall::Lease, Side::After) => Err(HostError::msg("the answer was lost")),
///             _ => Ok(()),
///         }
///     })
/// });
/// # let _ = store;
/// ```
#[derive(Clone)]
pub struct WatchedStore {
    kept: Arc<dyn Store>,
    watcher: Watcher,
    claims: Option<Change<Claim>>,
    leases: Option<Change<(String, Option<Lease>)>>,
    links: Option<Change<Option<Link>>>,
}

impl WatchedStore {
    /// The store, watched.
    pub fn new(
        store: impl Store,
        watcher: impl Fn(StoreCall, Side) -> BoxFuture<'static, Result<(), HostError>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let (kept, watcher) = (Arc::new(store), Arc::new(watcher));
        Self { kept, watcher, claims: None, leases: None, links: None }
    }

    /// The store, which nobody watches: to change what it answers.
    pub fn around(store: impl Store) -> Self {
        Self::new(store, |_, _| Box::pin(std::future::ready(Ok(()))))
    }

    /// Answers to [`claim`](Taps::claim) with this instead.
    pub fn changing_claims(
        mut self,
        change: impl Fn(Claim) -> Claim + Send + Sync + 'static,
    ) -> Self {
        self.claims = Some(Arc::new(change));
        self
    }

    /// Answers to [`lease`](Store::lease) with this instead, given the lease's name too.
    pub fn changing_leases(
        mut self,
        change: impl Fn(&str, Option<Lease>) -> Option<Lease> + Send + Sync + 'static,
    ) -> Self {
        self.leases = Some(Arc::new(move |(name, lease)| {
            let lease = change(&name, lease);
            (name, lease)
        }));
        self
    }

    /// Answers to [`link`](Store::link) with this instead.
    pub fn changing_links(
        mut self,
        change: impl Fn(Option<Link>) -> Option<Link> + Send + Sync + 'static,
    ) -> Self {
        self.links = Some(Arc::new(change));
        self
    }

    async fn watched<T>(
        &self,
        call: StoreCall,
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, HostError> {
        (self.watcher)(call, Side::Before).await?;
        let done = work.await?;
        (self.watcher)(call, Side::After).await?;
        Ok(done)
    }
}

fn changed<T>(change: Option<&Change<T>>, answer: T) -> T {
    match change {
        Some(change) => change(answer),
        None => answer,
    }
}

impl fmt::Debug for WatchedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Taps for WatchedStore {
    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        self.watched(StoreCall::Tap, self.kept.tap(id, resident, door)).await
    }

    async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let claim = self.watched(StoreCall::Claim, self.kept.claim(id, tapped, answer_by)).await?;
        Ok(changed(self.claims.as_ref(), claim))
    }

    async fn settle(
        &self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Result<Outcome, HostError> {
        self.watched(StoreCall::Settle, self.kept.settle(id, outcome, place)).await
    }

    async fn unclaim(&self, id: &TapId, token: &str) -> Result<(), HostError> {
        self.watched(StoreCall::Unclaim, self.kept.unclaim(id, token)).await
    }

    async fn record(&self, tapped: &Tapped, outcome: &Outcome) -> Result<(), HostError> {
        self.watched(StoreCall::Record, self.kept.record(tapped, outcome)).await
    }

    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, HostError> {
        self.watched(StoreCall::Amend, self.kept.amend(number, later)).await
    }

    async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, HostError> {
        self.watched(StoreCall::Taps, self.kept.taps(query)).await
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, HostError> {
        self.watched(StoreCall::Prune, self.kept.prune(before)).await
    }
}

#[async_trait]
impl Store for WatchedStore {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        self.watched(StoreCall::Favorites, self.kept.favorites(resident)).await
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        let set = self.kept.set_favorite(resident, door, favorite);
        self.watched(StoreCall::SetFavorite, set).await
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        let link = self.watched(StoreCall::Link, self.kept.link(connection, resident)).await?;
        Ok(changed(self.links.as_ref(), link))
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        self.watched(StoreCall::Linked, self.kept.linked(connection, subject)).await
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        self.watched(StoreCall::SetLink, self.kept.set_link(connection, resident, link)).await
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        let lease = self.watched(StoreCall::Lease, self.kept.lease(name, ttl)).await?;
        Ok(changed(self.leases.as_ref(), (name.to_owned(), lease)).1)
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        self.watched(StoreCall::Release, self.kept.release(lease)).await
    }

    async fn forget(&self, resident: &ResidentId) -> Result<(), HostError> {
        self.watched(StoreCall::Forget, self.kept.forget(resident)).await
    }
}

#[async_trait]
impl SignIns for WatchedStore {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        self.watched(StoreCall::TakeTurn, self.kept.take_turn(account, step, hold)).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        self.watched(StoreCall::EndTurn, self.kept.end_turn(account, turn, end)).await
    }
}

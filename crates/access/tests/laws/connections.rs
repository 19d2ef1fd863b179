//! Connections come, go and change while the service runs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, BuildingId, Cause, ConnectionId, ConnectionRef, Connections, Freshness,
    HealthState, HostError, MemoryConnections, MemoryStore, Outcome, Residency, Tap,
};
use elevate_access_testkit::{MemorySystem, Vendor};
use tokio::time::Instant;

use crate::house::{House, provider_of, seconds, unit};

#[tokio::test(start_paused = true)]
async fn an_added_a_changed_and_a_removed_connection_take_effect_at_the_next_call() {
    let house = House::new();
    let second = ConnectionId::new("memory-2").unwrap();
    let count = |list: elevate_access::DoorList| list.doors.len();
    assert_eq!(count(house.access.doors(&house.jane, Freshness::Cached).await.unwrap()), 1);

    let one = Vendor::new(MemorySystem::new().door("a", "A").granting("jane", "a"));
    house.connections.connect(&house.building, &second, Arc::new(provider_of(&one, house.clock)));
    assert_eq!(count(house.access.doors(&house.jane, Freshness::Cached).await.unwrap()), 2);

    // The same connection with a rotated credential, which leads to a system that knows two doors.
    let two = MemorySystem::new().door("a", "A").door("b", "B");
    let two = Vendor::new(two.granting("jane", "a").granting("jane", "b"));
    house.connections.connect(&house.building, &second, Arc::new(provider_of(&two, house.clock)));
    assert_eq!(count(house.access.doors(&house.jane, Freshness::Cached).await.unwrap()), 3);
    let before = one.requests();
    house.access.unlock(&house.jane, &"memory-2/b".parse().unwrap(), Tap::now()).await.unwrap();
    assert_eq!((one.requests(), two.ledger().opened("b")), (before, 1));

    house.connections.disconnect(&house.building, &second);
    assert_eq!(count(house.access.doors(&house.jane, Freshness::Cached).await.unwrap()), 1);
    let refused =
        house.access.unlock(&house.jane, &"memory-2/a".parse().unwrap(), Tap::now()).await;
    assert_eq!(refused.unwrap_err().cause(), Cause::DoorNotGranted);
}

/// Counts how often a connection is opened, and lets it fail.
#[derive(Clone)]
struct Counting {
    inner: MemoryConnections,
    opened: Arc<AtomicUsize>,
    failures_left: Arc<AtomicUsize>,
}

#[async_trait]
impl Connections for Counting {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        self.inner.of(building).await
    }
    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        tokio::task::yield_now().await;
        self.opened.fetch_add(1, Ordering::SeqCst);
        let fail = |left: usize| left.checked_sub(1);
        if self.failures_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fail).is_ok() {
            return Err(HostError::msg("the secret could not be read"));
        }
        self.inner.open(connection).await
    }
}

/// Takes three seconds to open anything.
struct Slow(MemoryConnections);

#[async_trait]
impl Connections for Slow {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        self.0.of(building).await
    }
    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        tokio::time::sleep(seconds(3)).await;
        self.0.open(connection).await
    }
}

/// One building's connections cannot be read.
struct Unread(MemoryConnections, BuildingId);

#[async_trait]
impl Connections for Unread {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        if *building == self.1 {
            return Err(HostError::msg("the table of connections is not to be had"));
        }
        self.0.of(building).await
    }
    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        self.0.open(connection).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_building_whose_connections_cannot_be_read_keeps_no_door_of_another_one_shut() {
    let house = House::new();
    let (second, gate) = (BuildingId::new("b2").unwrap(), "memory-2/gate".parse().unwrap());
    let system = MemorySystem::new().door("gate", "Gate").granting("jane", "gate");
    let vendor = Vendor::new(system);
    let provider = Arc::new(provider_of(&vendor, house.clock));
    house.connections.connect(&second, &ConnectionId::new("memory-2").unwrap(), provider);
    let home = Residency::current(second.clone(), unit("x", "7"));
    house.directory.people.change(&house.jane, |r| r.residencies.push(home));
    // Whichever of the two comes first.
    for (unread, opens, shut) in
        [(&second, &house.door, &gate), (&house.building, &gate, &house.door)]
    {
        let access = Access::builder()
            .directory(house.directory.clone())
            .connections(Unread(house.connections.clone(), unread.clone()))
            .store(MemoryStore::new())
            .build()
            .unwrap();
        let opened = access.unlock(&house.jane, opens, Tap::now()).await.unwrap();
        assert!(matches!(opened, Outcome::Opened(_)), "{unread}: {opened:?}");
        // It may be there, so it is not said that it is not theirs.
        let failed = access.unlock(&house.jane, shut, Tap::now()).await.unwrap_err();
        assert_eq!(failed.cause(), Cause::ConnectionFailed, "{unread}");
    }
    assert_eq!((house.opened(), vendor.ledger().opened("gate")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn everything_ends_in_time_behind_a_connection_that_opens_slowly() {
    let house = House::new();
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(Slow(house.connections.clone()))
        .store(MemoryStore::new())
        .build()
        .unwrap();
    let begun = Instant::now();
    let lists = (0..50).map(|_| access.doors(&house.jane, Freshness::Cached));
    for list in futures_util::future::join_all(lists).await {
        assert_eq!(list.unwrap().problems[0].reason.cause(), Cause::ConnectionFailed);
    }
    assert!(begun.elapsed() <= seconds(3), "all share one opening: {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_removed_connection_is_let_go() {
    let house = House::new();
    let provider = Arc::new(provider_of(&house.vendor, house.clock));
    let connections = MemoryConnections::new();
    connections.connect(&house.building, house.door.connection(), provider.clone());
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(connections.clone())
        .store(MemoryStore::new())
        .build()
        .unwrap();
    access.doors(&house.jane, Freshness::Cached).await.unwrap();
    let held = Arc::strong_count(&provider);
    connections.disconnect(&house.building, house.door.connection());
    access.doors(&house.jane, Freshness::Cached).await.unwrap();
    assert!(Arc::strong_count(&provider) < held, "with its secrets");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_opened_once_and_a_failure_is_not_remembered() {
    let house = House::new();
    let connections = Counting {
        inner: house.connections.clone(),
        opened: Arc::default(),
        failures_left: Arc::new(AtomicUsize::new(1)),
    };
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(connections.clone())
        .store(MemoryStore::new())
        .build()
        .unwrap();
    let health = access.check(&house.building).await.unwrap();
    assert_eq!(health[0].health.state, HealthState::Down);
    assert_eq!(health[0].health.reasons[0].cause(), Cause::ConnectionFailed);
    let lists = (0..20).map(|_| access.doors(&house.jane, Freshness::Cached));
    for list in futures_util::future::join_all(lists).await {
        assert_eq!(list.unwrap().doors.len(), 1);
    }
    assert_eq!(connections.opened.load(Ordering::SeqCst), 2, "one failure, one success");
    assert_eq!(access.check(&house.building).await.unwrap()[0].health.state, HealthState::Ok);
}

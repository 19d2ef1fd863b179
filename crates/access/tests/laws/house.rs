//! A house with one door, whose every part can be slowed down or broken.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, BuildingId, Clock as _, ConnectionId, Directory, DoorId, Error, HostError,
    MemoryConnections, MemoryDirectory, MemoryStore, Outcome, Residency, Resident, ResidentId,
    RosterStream, Tap, TapId, Unit, UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryProvider, MemorySystem, MemoryWire, Side, Started, StoreCall, TestClock, Vendor,
    WatchedStore,
};
use jiff::Timestamp;
use tokio::time::sleep;

pub(crate) struct House {
    pub(crate) access: Access,
    pub(crate) directory: SlowDirectory,
    pub(crate) connections: MemoryConnections,
    pub(crate) store: BrittleStore,
    pub(crate) vendor: Vendor<MemorySystem>,
    pub(crate) clock: TestClock,
    pub(crate) building: BuildingId,
    pub(crate) jane: ResidentId,
    pub(crate) tom: ResidentId,
    pub(crate) door: DoorId,
}

pub(crate) fn unit(id: &str, name: &str) -> Unit {
    Unit::new(UnitId::new(id).unwrap(), name)
}

impl House {
    /// Jane in 101 may open the front door; Tom in 102 may open the garage.
    pub(crate) fn new() -> Self {
        let clock = TestClock::new();
        let vendor = Vendor::new(
            MemorySystem::new()
                .door("front", "Front door")
                .door("garage", "Garage")
                .granting("jane", "front")
                .granting("tom", "garage"),
        );
        let building = BuildingId::new("b1").unwrap();
        let people = MemoryDirectory::new();
        people.set_units(&building, vec![unit("u1", "101"), unit("u2", "102")]);
        let settle = |id: &str, home: Unit, email: &str| {
            let id = ResidentId::new(id).unwrap();
            let email = VerifiedEmail::from_pms(email).unwrap();
            let home = Residency::current(building.clone(), home);
            people.put(Resident::new(id.clone()).with_email(email).with_residency(home));
            id
        };
        let jane = settle("jane", unit("u1", "101"), "jane@example.com");
        let tom = settle("tom", unit("u2", "102"), "tom@example.com");
        let connections = MemoryConnections::new();
        connections.connect(
            &building,
            &ConnectionId::new("memory-1").unwrap(),
            Arc::new(provider_of(&vendor, clock)),
        );
        let directory = SlowDirectory::over(people);
        let store = BrittleStore::default();
        let access = Access::builder()
            .directory(directory.clone())
            .connections(connections.clone())
            .store(store.watched())
            .clock(clock)
            .build()
            .unwrap();
        let door = "memory-1/front".parse().unwrap();
        Self { access, directory, connections, store, vendor, clock, building, jane, tom, door }
    }

    /// A second node of the same service: its own process, the same store, directory and vendor.
    pub(crate) fn second_node(&self) -> Access {
        Access::builder()
            .directory(self.directory.clone())
            .connections(self.connections.clone())
            .store(self.store.watched())
            .clock(self.clock)
            .build()
            .unwrap()
    }

    pub(crate) async fn tap(&self) -> Result<Outcome, Error> {
        self.access.unlock(&self.jane, &self.door, Tap::now()).await
    }

    pub(crate) async fn tap_with(&self, id: &str) -> Result<Outcome, Error> {
        self.access.unlock(&self.jane, &self.door, tap_id(id)).await
    }

    /// Every body of an order that started.
    pub(crate) fn orders(&self) -> Vec<Started> {
        self.vendor.started().into_iter().filter(|s| s.gated).collect()
    }

    pub(crate) fn opened(&self) -> usize {
        self.vendor.ledger().opened("front")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) fn provider_of(vendor: &Vendor<MemorySystem>, clock: TestClock) -> MemoryProvider {
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    MemoryProvider::new(wire, "http://memory.invalid").unwrap()
}

pub(crate) fn tap_id(id: &str) -> Tap {
    Tap::now().with_id(TapId::new(id).unwrap())
}

pub(crate) fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

pub(crate) fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A directory that can be slow or down.
#[derive(Clone)]
pub(crate) struct SlowDirectory {
    pub(crate) people: MemoryDirectory,
    delay_ms: Arc<AtomicU64>,
    down: Arc<AtomicBool>,
    mixes_up: Arc<AtomicBool>,
}

impl SlowDirectory {
    fn over(people: MemoryDirectory) -> Self {
        Self { people, delay_ms: Arc::default(), down: Arc::default(), mixes_up: Arc::default() }
    }

    pub(crate) fn slow_by(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Answers with Tom, whoever is asked for.
    pub(crate) fn mixes_up(&self) {
        self.mixes_up.store(true, Ordering::SeqCst);
    }

    pub(crate) fn down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

#[async_trait]
impl Directory for SlowDirectory {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        // What is answered is what was so when the reading began.
        let tom = ResidentId::new("tom").unwrap();
        let id = if self.mixes_up.load(Ordering::SeqCst) { &tom } else { id };
        let found = self.people.resident(id).await;
        sleep(millis(self.delay_ms.load(Ordering::SeqCst))).await;
        if self.down.load(Ordering::SeqCst) { Err(HostError::msg("down")) } else { found }
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        self.people.roster(building)
    }

    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        self.people.units(building).await
    }
}

/// A store each of whose operations can be made to fail or to hang.
#[derive(Clone, Default)]
pub(crate) struct BrittleStore {
    pub(crate) kept: MemoryStore,
    broken: Arc<Mutex<HashMap<StoreCall, Broken>>>,
    asked: Arc<Mutex<HashMap<StoreCall, usize>>>,
}

/// How a store's operation is broken.
#[derive(Clone, Copy)]
pub(crate) enum Broken {
    Fails,
    Hangs,
    Panics,
}

impl BrittleStore {
    pub(crate) fn break_at(&self, call: StoreCall, how: Broken) {
        self.broken.lock().unwrap().insert(call, how);
    }

    pub(crate) fn mend(&self) {
        self.broken.lock().unwrap().clear();
    }

    /// How often that was called.
    pub(crate) fn asked(&self, call: StoreCall) -> usize {
        self.asked.lock().unwrap().get(&call).copied().unwrap_or_default()
    }

    pub(crate) fn watched(&self) -> WatchedStore {
        let (broken, asked) = (self.broken.clone(), self.asked.clone());
        WatchedStore::new(self.kept.clone(), move |call, side| {
            if side == Side::Before {
                *asked.lock().unwrap().entry(call).or_default() += 1;
            }
            let how = broken.lock().unwrap().get(&call).copied().filter(|_| side == Side::Before);
            Box::pin(async move {
                match how {
                    None => Ok(()),
                    Some(Broken::Fails) => Err(HostError::msg("the store is broken")),
                    Some(Broken::Hangs) => std::future::pending().await,
                    Some(Broken::Panics) => panic!("the store's own bug"),
                }
            })
        })
    }
}

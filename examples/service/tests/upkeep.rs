//! What the service does by itself, in simulated time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use elevate_access::{
    Access, BuildingId, ConnectionId, MemoryConnections, MemoryDirectory, MemoryStore, Outcome,
    Residency, Resident, ResidentId, Tap, TapId, TapQuery, Unit, UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryAnswer, MemoryProvider, MemorySystem, MemoryWire, TestClock, Vendor,
};
use elevate_example_service::{
    start::{self, History},
    upkeep,
};
use tokio::time::sleep;

struct House {
    vendor: Vendor<MemorySystem>,
    directory: MemoryDirectory,
    connections: MemoryConnections,
    store: MemoryStore,
    clock: TestClock,
}

impl House {
    /// Its door takes orders, and what became of them is known later.
    fn new() -> Self {
        let building = BuildingId::new("maple").unwrap();
        let unit = Unit::new(UnitId::new("u1").unwrap(), "101");
        let directory = MemoryDirectory::new();
        directory.set_units(&building, vec![unit.clone()]);
        directory.put(
            Resident::new(jane())
                .with_email(VerifiedEmail::from_pms("jane@example.com").unwrap())
                .with_residency(Residency::current(building.clone(), unit)),
        );
        let mut system = MemorySystem::new().door("front", "Front door").granting("jane", "front");
        system.answer_with(MemoryAnswer::Takes);
        let (vendor, clock) = (Vendor::new(system), TestClock::new());
        let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
        let provider = MemoryProvider::new(wire, "http://memory.invalid").unwrap();
        let connections = MemoryConnections::new();
        connections.connect(&building, &ConnectionId::new("m").unwrap(), Arc::new(provider));
        Self { vendor, directory, connections, store: MemoryStore::new(), clock }
    }

    fn node(&self) -> Access {
        Access::builder()
            .directory(self.directory.clone())
            .connections(self.connections.clone())
            .store(self.store.clone())
            .clock(self.clock)
            .build()
            .unwrap()
    }

    fn upkeep(&self, node: &Access) -> tokio::task::JoinHandle<()> {
        let history = History(Arc::new(self.store.clone()));
        tokio::spawn(upkeep::run(node.clone(), history, self.clock))
    }
}

fn jane() -> ResidentId {
    ResidentId::new("jane").unwrap()
}

async fn outcomes(node: &Access) -> Vec<&'static str> {
    let records = node.taps(&TapQuery::new()).await.unwrap();
    records.iter().map(|record| record.last_known().map_or("open", Outcome::code)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_left_open_by_a_node_that_ended_is_found_out_by_the_next() {
    let house = House::new();
    let node = house.node();
    let tap = Tap::now().with_id(TapId::new("t").unwrap());
    let told = node.unlock(&jane(), &"m/front".parse().unwrap(), tap).await.unwrap();
    assert!(matches!(told, Outcome::Accepted(_)), "{told:?}");
    // It ends before it has looked.
    drop(node);
    sleep(Duration::from_mins(2)).await;
    let next = house.node();
    assert_eq!(outcomes(&next).await, ["accepted"]);
    let upkeep = house.upkeep(&next);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(outcomes(&next).await, ["opened"]);
    assert_eq!(
        house.vendor.started().iter().filter(|sent| sent.gated).count(),
        1,
        "nothing is sent"
    );
    upkeep.abort();
}

#[tokio::test(start_paused = true)]
async fn all_that_was_left_open_is_looked_for_however_many_there_are() {
    let house = House::new();
    let node = house.node();
    for n in 0..=TapQuery::MOST {
        let tap = Tap::now().with_id(TapId::new(format!("t{n}")).unwrap());
        node.unlock(&jane(), &"m/front".parse().unwrap(), tap).await.unwrap();
    }
    drop(node);
    sleep(Duration::from_mins(2)).await;
    let next = house.node();
    let upkeep = house.upkeep(&next);
    sleep(Duration::from_mins(1)).await;
    let newest = next.taps(&TapQuery::new().limit(TapQuery::MOST)).await.unwrap();
    let oldest = TapQuery::new().older_than(newest.last().unwrap());
    let oldest = next.taps(&oldest).await.unwrap();
    let became: Vec<_> = oldest.iter().filter_map(|record| record.last_known()).collect();
    assert!(matches!(became[..], [Outcome::Opened(_)]), "{became:?}");
    upkeep.abort();
}

/// What the recorder has summed up shows in nothing but this: asking it to render makes it do so.
#[tokio::test(start_paused = true)]
async fn what_is_measured_is_summed_up_where_nobody_scrapes() {
    let metrics = start::metrics().unwrap();
    let summed_up = || format!("{metrics:?}").contains("Summary(");
    metrics::histogram!("waited").record(1.0);
    assert!(!summed_up(), "a vain test");
    sleep(Duration::from_secs(10)).await;
    assert!(summed_up());
}

#[tokio::test(start_paused = true)]
async fn the_history_goes_after_ninety_days() {
    let house = House::new();
    let node = house.node();
    let upkeep = house.upkeep(&node);
    node.unlock(&jane(), &"m/front".parse().unwrap(), Tap::now()).await.unwrap();
    sleep(Duration::from_hours(89 * 24)).await;
    assert_eq!(outcomes(&node).await.len(), 1);
    sleep(Duration::from_hours(3 * 24)).await;
    assert_eq!(outcomes(&node).await.len(), 0);
    upkeep.abort();
}

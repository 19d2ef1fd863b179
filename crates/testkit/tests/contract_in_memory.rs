//! The in-memory provider keeps the contract.
#![expect(clippy::unwrap_used, reason = "a test's own constants")]

use std::{sync::Arc, time::Duration};

use elevate_access::{
    BuildingId, DoorId, MemoryConnections, MemoryDirectory, Residency, Resident, ResidentId, Unit,
    UnitId, VendorDoorId,
};
use elevate_access_testkit::{
    MemoryProvider, MemorySystem, MemoryWire, TestClock, Vendor,
    contract::{self, Behind, Stage},
};

fn stage() -> Stage {
    let clock = TestClock::new();
    let system = MemorySystem::new().door("front", "Front door").granting("jane", "front");
    let vendor = Vendor::new(system);
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let provider = MemoryProvider::new(wire, "http://memory.invalid").unwrap();
    let building = BuildingId::new("b1").unwrap();
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    let unit = |id: &str| Unit::new(UnitId::new(id).unwrap(), id);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    let resident = |id: &str, home: &str| {
        let id = ResidentId::new(id).unwrap();
        let home = Residency::current(building.clone(), unit(home));
        directory.put(Resident::new(id.clone()).with_residency(home));
        id
    };
    let (jane, stranger) = (resident("jane", "101"), resident("tom", "102"));
    let connection = Stage::connect(&connections, &building, "memory-1", Arc::new(provider));
    Stage {
        directory,
        connections,
        clock,
        resident: jane,
        stranger,
        door: DoorId::new(connection, VendorDoorId::new("front").unwrap()),
        backstage: Box::new(Behind {
            vendor,
            order_path: "/open",
            revoke: |system: &mut MemorySystem| system.revoke("jane", "front"),
            writes: |_| 0,
        }),
        grant_age: Duration::from_mins(10),
    }
}

#[tokio::test(start_paused = true)]
async fn the_memory_provider_keeps_the_contract() {
    contract::run_all(stage).await;
}

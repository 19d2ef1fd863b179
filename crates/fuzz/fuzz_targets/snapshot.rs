//! What a host kept and hands back: a snapshot of an audit, an outcome. Whatever became of the text, reading it back
//! says the same or is refused, and an audit finds what it would find without.
//!
//! The input: `a` and the text of a snapshot, `b` and what the provider left in one, or `c` and the text of an outcome.
#![no_main]

mod shared;

use std::sync::Arc;

use elevate_access::{
    Access, AuditOptions, BuildingId, Cause, MemoryConnections, MemoryDirectory, MemoryStore,
    Outcome, Residency, Resident, ResidentId, Snapshot, Unit, UnitId,
};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    contract::Stage,
    seam::{Device, Seam},
};
use elevate_seam::{ApiKey, Client, TwoNProvider, TwoNSettings};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use shared::{API_KEY, in_paused_time};

fuzz_target!(|data: &[u8]| {
    let Some((which, text)) = data.split_first() else { return };
    let snapshot = match which.wrapping_sub(b'a') % 3 {
        0 => reads_back::<Snapshot>(text),
        1 => {
            let kept = String::from_utf8_lossy(text);
            let left = serde_json::json!({
                "version": 1, "building": "house", "taken": "2026-03-02T12:00:00Z",
                "connections": { "c": { "open": {}, "kept": kept } },
            });
            reads_back(left.to_string().as_bytes())
        }
        _ => {
            reads_back::<Outcome>(text);
            None
        }
    };
    if let Some(snapshot) = snapshot {
        let is_ours = snapshot.building().as_str() == "house";
        let before = in_paused_time(audited(AuditOptions::new()));
        let now = in_paused_time(audited(AuditOptions::new().since(snapshot)));
        assert!(!is_ours || now == before, "{now:?}, and without it {before:?}");
    }
});

fn reads_back<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    text: &[u8],
) -> Option<T> {
    let read: T = serde_json::from_slice(text).ok()?;
    let written = serde_json::to_string(&read).expect("what was read can be written");
    assert_eq!(serde_json::from_str::<T>(&written).expect("it was written so"), read);
    Some(read)
}

/// What an audit finds, changes since the last one apart.
async fn audited(options: AuditOptions) -> Vec<(Cause, String)> {
    let clock = TestClock::new();
    let model = Seam::new(API_KEY)
        .space("s1", "101")
        .space("s2", "103")
        .device(Device::two_n("gate", "Gate").in_spaces(["s1"]));
    let wire = MemoryWire::new(Vendor::new(model), clock);
    let client = Client::builder(ApiKey::new(API_KEY).expect("a key"))
        .base_url("https://seam.invalid")
        .wire(Arc::new(wire))
        .build()
        .expect("settings that hold");
    let building = BuildingId::new("house").expect("an id");
    let provider = TwoNProvider::new(client, TwoNSettings::new(building.clone()));
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    let unit = |name: &str| Unit::new(UnitId::new(name).expect("an id"), name);
    directory.set_units(&building, vec![unit("101"), unit("102")]);
    for name in ["101", "102"] {
        let home = Residency::current(building.clone(), unit(name));
        directory.put(Resident::new(ResidentId::new(name).expect("an id")).with_residency(home));
    }
    Stage::connect(&connections, &building, "c", Arc::new(provider));
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(MemoryStore::new())
        .clock(clock)
        .build()
        .expect("all that is needed");
    let Ok(audit) = access.audit(&building, options).await else { return Vec::new() };
    let audit = audit.collect_all().await;
    assert!(audit.is_complete(), "{audit:?}");
    let is_change = |cause| {
        matches!(
            cause,
            Cause::UnitRenamed
                | Cause::UnitAppeared
                | Cause::UnitVanished
                | Cause::UnitSplit
                | Cause::UnitMerged
                | Cause::CounterpartChanged
                | Cause::DoorsChanged
                | Cause::ChangesUnknown
        )
    };
    let found = audit.findings.iter().map(|one| (one.reason.cause(), one.subject.id.clone()));
    found.filter(|(cause, _)| !is_change(*cause)).collect()
}

//! Tickets: what was issued opens its door once, what was changed or made up opens none.
//!
//! The input: what to do to a true ticket (`r`eplace, `i`nsert, `d`elete or `s`wap), where, and with what; then the text
//! of a false one.
#![no_main]

mod shared;

use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, Cause, DoorId, MemoryConnections, MemoryDirectory, MemoryStore, Outcome,
    Residency, Resident, ResidentId, Tap, TapTicket, TicketKeys, Unit, UnitId,
};
use elevate_access_testkit::{
    MemoryProvider, MemorySystem, MemoryWire, TestClock, Vendor, contract::Stage,
};
use libfuzzer_sys::fuzz_target;
use shared::{in_paused_time, is_fit_to_be_shown};

fuzz_target!(|data: &[u8]| {
    let [how, at, with, text @ ..] = data else { return };
    let text = String::from_utf8_lossy(text);
    in_paused_time(use_them(changed_by(*how, *at, *with), &text));
});

/// What is made of a ticket's text.
fn changed_by(how: u8, at: u8, with: u8) -> impl Fn(&str) -> String {
    move |text| {
        let mut bytes = text.as_bytes().to_vec();
        let at = usize::from(at) % bytes.len();
        // Of what can stand in a ticket, and a little more.
        let with = b"0123456789abcdefABCDEFt.-_+ \n\xff"[usize::from(with) % 30];
        match how % 4 {
            0 => bytes[at] = with,
            1 => bytes.insert(at, with),
            2 => drop(bytes.remove(at)),
            _ => bytes.swap(at, usize::from(with) % text.len()),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

async fn use_them(change: impl Fn(&str) -> String, made_up: &str) {
    let (access, vendor, [jane, tom], door) = house();
    let ticket = access.ticket(&jane, &door).expect("there are keys");
    let text = ticket.to_string();
    for false_one in [change(&text).as_str(), made_up] {
        if false_one == text {
            continue;
        }
        let refused = match false_one.parse::<TapTicket>() {
            Ok(ticket) => {
                assert_eq!(ticket.to_string(), false_one, "it prints as another than it was");
                let tapped = access.unlock(&jane, &door, Tap::ticket(&ticket)).await;
                tapped.expect_err("a false ticket opened a door")
            }
            Err(error) => error,
        };
        assert_eq!(refused.cause(), Cause::TicketRefused);
        is_fit_to_be_shown(&refused);
        let shown = format!("{refused} {refused:?}");
        assert!(false_one.len() < 24 || !shown.contains(false_one), "{shown}");
    }
    assert!(vendor.ledger().orders().is_empty());
    // The true one: for nobody else, and once.
    let ticket: TapTicket = text.parse().expect("it was issued");
    let stolen = access.unlock(&tom, &door, Tap::ticket(&ticket)).await;
    assert_eq!(stolen.map_err(|e| e.cause()), Err(Cause::TicketRefused));
    for _ in 0..2 {
        let outcome = access.unlock(&jane, &door, Tap::ticket(&ticket)).await;
        assert!(matches!(outcome, Ok(Outcome::Opened(_))), "{outcome:?}");
    }
    assert_eq!(vendor.ledger().opened("gate"), 1);
}

/// A house whose two residents may both open the gate.
fn house() -> (Access, Vendor<MemorySystem>, [ResidentId; 2], DoorId) {
    let clock = TestClock::new();
    let system = MemorySystem::new().door("gate", "Gate");
    let vendor = Vendor::new(system.granting("jane", "gate").granting("tom", "gate"));
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let provider = MemoryProvider::new(wire, "http://memory.invalid").expect("a URL");
    let building = BuildingId::new("b").expect("an id");
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    let residents = ["jane", "tom"].map(|name| {
        let id = ResidentId::new(name).expect("an id");
        let home = Unit::new(UnitId::new(name).expect("an id"), name);
        let home = Residency::current(building.clone(), home);
        directory.put(Resident::new(id.clone()).with_residency(home));
        id
    });
    Stage::connect(&connections, &building, "c", Arc::new(provider));
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(MemoryStore::new())
        .clock(clock)
        .tickets(TicketKeys::new("k1", &[7; 32]).expect("a key"))
        .build()
        .expect("all that is needed");
    (access, vendor, residents, "c/gate".parse().expect("a door"))
}

//! A roster of any text.
#![no_main]

// By its file: the examples as a whole would bring databases and both vendors along.
#[allow(dead_code)]
#[path = "../../../examples/src/audit/roster.rs"]
mod roster;

use elevate_access::BuildingId;
use libfuzzer_sys::fuzz_target;
use roster::Roster;

fuzz_target!(|text: &str| {
    let Ok(building) = BuildingId::new("b") else { return };
    let roster = Roster::read(&building, text);
    let lines = text.lines().count().max(1) + 1;
    for fault in &roster.faults {
        assert!((1..=lines).contains(&fault.line) && fault.column >= 1, "{fault}");
    }
    assert!(roster.residents.len() <= roster.rows);
});

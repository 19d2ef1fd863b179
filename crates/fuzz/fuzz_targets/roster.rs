//! A roster of any text.
#![no_main]

use elevate_access::BuildingId;
use elevate_examples::audit::roster::Roster;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(building) = BuildingId::new("b") else { return };
    let roster = Roster::read(&building, text);
    let lines = text.lines().count().max(1) + 1;
    for fault in &roster.faults {
        assert!((1..=lines).contains(&fault.line) && fault.column >= 1, "{fault}");
    }
    assert!(roster.residents.len() <= roster.rows);
});

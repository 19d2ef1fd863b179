//! Changes between two snapshots.

use std::collections::{BTreeMap, BTreeSet};

use elevate_unit_match::{Change, NameKey, Seen, changes};
use proptest::prelude::*;

fn seen<'a>(id: &'a str, name: &'a str, ours: &'a str) -> Seen<'a> {
    Seen { id, name, ours: (!ours.is_empty()).then_some(ours) }
}

#[test]
fn rename_swap_reported() {
    let before = [seen("a", "101", "u1"), seen("b", "102", "u2"), seen("c", "103", "u3")];
    let after = [seen("a", "102", "u2"), seen("b", "101", "u1"), seen("c", "103", "u3")];
    assert_eq!(
        changes(&before, &after),
        [
            Change::Renamed { id: "a", was: "101", is: "102" },
            Change::Renamed { id: "b", was: "102", is: "101" },
            Change::CounterpartChanged { ours: "u1", was: "a", is: "b", once_of: "u2" },
            Change::CounterpartChanged { ours: "u2", was: "b", is: "a", once_of: "u1" },
        ]
    );
}

#[test]
fn a_unit_that_is_matched_to_what_was_nobodys_has_no_other_ones_doors() {
    let before = [seen("a", "101", "u1"), seen("b", "Lobby", "")];
    let after = [seen("a", "Lobby", ""), seen("b", "101", "u1")];
    let told = changes(&before, &after);
    assert!(!told.iter().any(|one| matches!(one, Change::CounterpartChanged { .. })), "{told:?}");
}

#[test]
fn a_unit_that_had_no_match_and_gets_what_was_anothers_is_told_of() {
    let before = [seen("a", "101", "u1"), seen("b", "102", "")];
    let after = [seen("a", "103", "u3"), seen("b", "102", "")];
    assert_eq!(
        changes(&before, &after),
        [
            Change::Renamed { id: "a", was: "101", is: "103" },
            Change::CounterpartTaken { ours: "u3", is: "a", once_of: "u1" },
        ]
    );
}

#[test]
fn what_splits_or_merges_is_told_once() {
    let one = [seen("a", "101", "u1"), seen("b", "102", "u2")];
    let two = [seen("a", "101", ""), seen("b", "101", ""), seen("c", "101", "")];
    assert_eq!(
        changes(&one, &two),
        [Change::Split { name: "101", was: "a", are: vec!["a", "b", "c"] }]
    );
    assert_eq!(
        changes(&two, &one),
        [
            // It went on under another name.
            Change::Renamed { id: "b", was: "101", is: "102" },
            Change::Merged { name: "101", were: vec!["a", "b", "c"], is: "a" },
        ]
    );
}

#[test]
fn case_alone_is_no_change_and_blank_names_are_compared_as_written() {
    let before = [seen("a", "Apt 4C", "u1"), seen("b", "", ""), seen("c", " ", "")];
    let after = [seen("a", "APT 4c", "u1"), seen("b", "", ""), seen("c", "\u{200b}", "")];
    assert_eq!(changes(&before, &after), [Change::Renamed { id: "c", was: " ", is: "\u{200b}" }]);
}

/// What a unit is called, by what counts as a change.
fn called(name: &str) -> String {
    NameKey::of(name).map_or_else(|_| name.to_owned(), |key| key.as_str().to_owned())
}

/// The names that units have, by id, after these changes to those that they had.
fn after_changes(before: &[Seen<'_>], told: &[Change<'_>]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> =
        before.iter().map(|one| (one.id.to_owned(), called(one.name))).collect();
    for change in told {
        match change {
            Change::Vanished { id, .. } => {
                names.remove(*id);
            }
            // Those that had it have gone, but for the one; renamed ones are told of besides.
            Change::Merged { were, is, .. } => {
                were.iter().filter(|id| *id != is).for_each(|id| {
                    names.remove(*id);
                });
            }
            _ => {}
        }
    }
    for change in told {
        match change {
            Change::Renamed { id, is, .. } => {
                names.insert((*id).to_owned(), called(is));
            }
            Change::Appeared { id, name } => {
                names.insert((*id).to_owned(), called(name));
            }
            Change::Split { name, are, .. } => {
                names.extend(are.iter().map(|id| ((*id).to_owned(), called(name))));
            }
            _ => {}
        }
    }
    names
}

/// As a vendor lists them: each id once, and each of ours matched once at most.
fn listed(mut seen: Vec<Seen<'_>>) -> Vec<Seen<'_>> {
    let (mut ids, mut ours) = (BTreeSet::new(), BTreeSet::new());
    seen.retain(|one| ids.insert(one.id));
    for one in &mut seen {
        one.ours = one.ours.filter(|id| ours.insert(*id));
    }
    seen
}

fn snapshots() -> impl Strategy<Value = Vec<(u8, u8, Option<u8>)>> {
    prop::collection::vec((0..8_u8, 0..6_u8, prop::option::of(0..6_u8)), 0..10)
}

proptest! {
    #[test]
    fn order_plays_no_part_and_nothing_changed_is_nothing_told(
        before in snapshots(), after in snapshots()
    ) {
        let text: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let name: Vec<String> = (0..10).map(|number| format!("Apt {number}")).collect();
        let seen = |rows: &[(u8, u8, Option<u8>)]| -> Vec<Seen<'_>> {
            rows.iter().map(|(id, n, ours)| Seen {
                id: &text[usize::from(*id)],
                name: &name[usize::from(*n)],
                ours: ours.map(|ours| text[usize::from(ours)].as_str()),
            }).collect()
        };
        let (a, b) = (seen(&before), seen(&after));
        let (listed_a, listed_b) = (listed(a.clone()), listed(b.clone()));
        let told = changes(&a, &b);
        let (mut ra, mut rb) = (a.clone(), b.clone());
        ra.reverse();
        rb.reverse();
        prop_assert_eq!(&told, &changes(&ra, &rb));
        prop_assert!(changes(&a, &a).is_empty());
        // What appeared one way vanished the other, and what split merged.
        let count = |told: &[Change<'_>], is: fn(&Change<'_>) -> bool| told.iter().filter(|one| is(one)).count();
        let back = changes(&b, &a);
        let split = |one: &Change<'_>| matches!(one, Change::Split { .. });
        let merged = |one: &Change<'_>| matches!(one, Change::Merged { .. });
        prop_assert_eq!(count(&told, split), count(&back, merged));

        // Nothing is left out: the changes make the one snapshot of the other.
        let told = changes(&listed_a, &listed_b);
        prop_assert_eq!(after_changes(&listed_a, &told), after_changes(&listed_b, &[]));
        // And nothing is told twice.
        prop_assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
        // Whoever has what was another's is told of.
        for one in &listed_b {
            let once_of = listed_a.iter().find(|was| was.id == one.id).and_then(|was| was.ours);
            let has_anothers = one.ours.is_some() && once_of.is_some() && one.ours != once_of;
            let is_told = told.iter().any(|change| match change {
                Change::CounterpartChanged { ours, is, .. }
                | Change::CounterpartTaken { ours, is, .. } => Some(*ours) == one.ours && *is == one.id,
                _ => false,
            });
            prop_assert_eq!(has_anothers, is_told, "{:?}", one);
        }
    }
}

//! What changed between two snapshots of the vendor's units, told by its stable ids.

use std::collections::{BTreeMap, BTreeSet};

use crate::NameKey;

/// One of the vendor's units in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen<'a> {
    /// The vendor's id, which stays when the name changes.
    pub id: &'a str,
    /// Its name, as written.
    pub name: &'a str,
    /// The id of the one of ours that it was matched to.
    pub ours: Option<&'a str>,
}

/// What changed from one snapshot to the next. Each change is told once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Change<'a> {
    /// One has another name, by more than case.
    Renamed {
        /// The vendor's id.
        id: &'a str,
        /// Its name before.
        was: &'a str,
        /// Its name now.
        is: &'a str,
    },
    /// One that was not there.
    Appeared {
        /// The vendor's id.
        id: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// One that is no longer there.
    Vanished {
        /// The vendor's id.
        id: &'a str,
        /// Its name when it was.
        name: &'a str,
    },
    /// One had the name, and several have it now: it matches nothing any more.
    Split {
        /// The name, as it was written.
        name: &'a str,
        /// Who had it.
        was: &'a str,
        /// Who have it now, lowest id first. That they appeared, or were renamed to it, is not told besides.
        are: Vec<&'a str>,
    },
    /// Several had the name, and one has it now: it may match what it did not.
    Merged {
        /// The name, as it is written.
        name: &'a str,
        /// Who had it, lowest id first. That they vanished is not told besides.
        were: Vec<&'a str>,
        /// Who has it now.
        is: &'a str,
    },
    /// One of ours is matched to what was another's: whoever lives there gets other doors.
    CounterpartChanged {
        /// The id of ours.
        ours: &'a str,
        /// What it was matched to.
        was: &'a str,
        /// What it is matched to.
        is: &'a str,
        /// The id of the one of ours that this was matched to before.
        once_of: &'a str,
    },
    /// One of ours that was matched to nothing is matched to what was another's.
    CounterpartTaken {
        /// The id of ours.
        ours: &'a str,
        /// What it is matched to.
        is: &'a str,
        /// The id of the one of ours that this was matched to before.
        once_of: &'a str,
    },
}

/// Compares two snapshots. The order in which units come plays no part; an id that comes twice counts once, as it
/// came first in order of name.
///
/// ```
/// use elevate_unit_match::{Change, Seen, changes};
///
/// let before = [Seen { id: "4c", name: "Apt 12", ours: Some("u12") }];
/// let after = [Seen { id: "4c", name: "Unit 12", ours: None }];
///
/// assert_eq!(
///     changes(&before, &after),
///     [Change::Renamed { id: "4c", was: "Apt 12", is: "Unit 12" }]
/// );
/// ```
pub fn changes<'a>(before: &[Seen<'a>], after: &[Seen<'a>]) -> Vec<Change<'a>> {
    let (before, after) = (Side::of(before), Side::of(after));
    let mut changes = Vec::new();
    let (mut told_after, mut told_before) = (BTreeSet::new(), BTreeSet::new());
    for (name, were) in &before.by_name {
        let Some(are) = after.by_name.get(name) else { continue };
        match (were.as_slice(), are.as_slice()) {
            ([was], [_, _, ..]) => {
                told_after.extend(are.iter().map(|one| one.id));
                let are = are.iter().map(|one| one.id).collect();
                changes.push(Change::Split { name: was.name, was: was.id, are });
            }
            ([_, _, ..], [is]) => {
                told_before.extend(were.iter().map(|one| one.id));
                let were = were.iter().map(|one| one.id).collect();
                changes.push(Change::Merged { name: is.name, were, is: is.id });
            }
            _ => {}
        }
    }
    for (id, was) in &before.by_id {
        match after.by_id.get(id) {
            None if !told_before.contains(id) => {
                changes.push(Change::Vanished { id, name: was.name });
            }
            Some(is) if !told_after.contains(id) && !is_one_name(was.name, is.name) => {
                changes.push(Change::Renamed { id, was: was.name, is: is.name });
            }
            _ => {}
        }
    }
    let new = after.by_id.iter().filter(|(id, _)| !before.by_id.contains_key(*id));
    let new = new.filter(|(id, _)| !told_after.contains(*id));
    changes.extend(new.map(|(id, is)| Change::Appeared { id, name: is.name }));

    for (ours, is) in &after.of_ours {
        let once_of = before.by_id.get(is).and_then(|seen| seen.ours);
        let Some(once_of) = once_of.filter(|once_of| once_of != ours) else { continue };
        changes.push(match before.of_ours.get(ours) {
            Some(was) => Change::CounterpartChanged { ours, was, is, once_of },
            None => Change::CounterpartTaken { ours, is, once_of },
        });
    }
    changes.sort();
    changes
}

struct Side<'a> {
    by_id: BTreeMap<&'a str, Seen<'a>>,
    /// Those with a usable name, lowest id first.
    by_name: BTreeMap<NameKey, Vec<Seen<'a>>>,
    /// What each of ours is matched to.
    of_ours: BTreeMap<&'a str, &'a str>,
}

impl<'a> Side<'a> {
    fn of(seen: &[Seen<'a>]) -> Self {
        let mut sorted = seen.to_vec();
        sorted.sort_unstable();
        sorted.dedup_by_key(|one| one.id);
        let mut side =
            Self { by_id: BTreeMap::new(), by_name: BTreeMap::new(), of_ours: BTreeMap::new() };
        for one in sorted {
            side.by_id.insert(one.id, one);
            if let Ok(key) = NameKey::of(one.name) {
                side.by_name.entry(key).or_default().push(one);
            }
            if let Some(ours) = one.ours {
                side.of_ours.insert(ours, one.id);
            }
        }
        side
    }
}

/// Whether two spellings are one name, so that nobody has to be told of a change from one to the other: what can match
/// nothing is compared as written.
///
/// ```
/// use elevate_unit_match::is_one_name;
///
/// assert!(is_one_name("Apt 4c", "APT 4C"));
/// assert!(!is_one_name("Apt 4c", "4c"));
/// assert!(is_one_name("", "") && !is_one_name("", " "));
/// ```
pub fn is_one_name(a: &str, b: &str) -> bool {
    match (NameKey::of(a), NameKey::of(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

//! Who lives in which unit.

use std::collections::BTreeMap;

use elevate_access::{ResidentId, Roster, Subject, SubjectKind, Unit, UnitId, Urgency};
use elevate_unit_match::NameKey;

/// The residents of each unit of the building.
pub(super) struct People {
    homes: BTreeMap<Home, Living>,
    names_count: bool,
    /// How many Current residents there are.
    pub(super) current: usize,
}

/// A unit as it is told from others: its id, and its name where names play a part. A resident whose record calls the
/// unit otherwise than the building's list does is kept out.
type Home = (UnitId, String);

struct Living {
    /// The unit as the roster has it.
    unit: Unit,
    current: Vec<ResidentId>,
}

impl People {
    /// Those who live there now, and those who will.
    pub(super) fn of(roster: &Roster, names_count: bool) -> Self {
        let mut people = Self { homes: BTreeMap::new(), names_count, current: 0 };
        for entry in roster.entries().iter().filter(|entry| !entry.has_left()) {
            for unit in &entry.units {
                let living = || Living { unit: unit.clone(), current: Vec::new() };
                let living = people.homes.entry(home(unit, names_count)).or_insert_with(living);
                if entry.is_current() {
                    living.current.push(entry.resident.clone());
                }
            }
        }
        let mut current: Vec<_> = roster.current().map(|entry| &entry.resident).collect();
        current.dedup();
        people.current = current.len();
        people
    }

    /// The units that somebody lives in, or will.
    pub(super) fn units(&self) -> impl Iterator<Item = &Unit> {
        self.homes.values().map(|home| &home.unit)
    }

    fn in_unit(&self, unit: &Unit) -> &[ResidentId] {
        self.homes.get(&home(unit, self.names_count)).map_or(&[], |home| &home.current)
    }

    /// Who lives in any of these units now, each once.
    pub(super) fn residents_of<'a>(
        &self,
        units: impl IntoIterator<Item = &'a Unit>,
    ) -> Vec<ResidentId> {
        let mut residents: Vec<ResidentId> =
            units.into_iter().flat_map(|unit| self.in_unit(unit)).cloned().collect();
        residents.sort();
        residents.dedup();
        residents
    }

    /// How many residents live in any of these units.
    pub(super) fn current_in<'a>(&self, units: impl IntoIterator<Item = &'a Unit>) -> usize {
        self.residents_of(units).len()
    }

    /// How urgent it is that nobody gets into that unit: nobody may live there yet.
    pub(super) fn urgency(&self, unit: &Unit) -> Urgency {
        if self.in_unit(unit).is_empty() { Urgency::WillBite } else { Urgency::MustFix }
    }

    /// The unit as a finding's subject, with who lives there.
    pub(super) fn unit(&self, unit: &Unit) -> Subject {
        Subject::new(SubjectKind::Unit, unit.id.as_str())
            .named(unit.name.as_str())
            .lived_in_by(self.in_unit(unit).to_vec())
    }
}

fn home(unit: &Unit, names_count: bool) -> Home {
    let name = match NameKey::of(&unit.name) {
        _ if !names_count => String::new(),
        Ok(key) => key.as_str().to_owned(),
        Err(_) => unit.name.clone(),
    };
    (unit.id.clone(), name)
}

//! Who lives in which unit.

use std::collections::BTreeMap;

use elevate_access::{ResidentId, Roster, Subject, SubjectKind, Unit, UnitId, Urgency};

/// The residents of each unit of the building.
pub(super) struct People {
    homes: BTreeMap<UnitId, Home>,
    /// How many Current residents there are.
    pub(super) current: usize,
}

struct Home {
    /// The unit as the roster has it.
    unit: Unit,
    current: Vec<ResidentId>,
}

impl People {
    /// Those who live there now, and those who will.
    pub(super) fn of(roster: &Roster) -> Self {
        let mut homes: BTreeMap<UnitId, Home> = BTreeMap::new();
        for entry in roster.entries().iter().filter(|entry| !entry.has_left()) {
            for unit in &entry.units {
                let home = homes.entry(unit.id.clone());
                let home = home.or_insert_with(|| Home { unit: unit.clone(), current: Vec::new() });
                if entry.is_current() {
                    home.current.push(entry.resident.clone());
                }
            }
        }
        Self { homes, current: roster.current().count() }
    }

    /// The units that somebody lives in, or will.
    pub(super) fn units(&self) -> impl Iterator<Item = &Unit> {
        self.homes.values().map(|home| &home.unit)
    }

    fn in_unit(&self, unit: &UnitId) -> &[ResidentId] {
        self.homes.get(unit).map_or(&[], |home| &home.current)
    }

    /// Who lives in any of these units now, each once.
    pub(super) fn residents_of<'a>(
        &self,
        units: impl IntoIterator<Item = &'a Unit>,
    ) -> Vec<ResidentId> {
        let mut residents: Vec<ResidentId> =
            units.into_iter().flat_map(|unit| self.in_unit(&unit.id)).cloned().collect();
        residents.sort();
        residents.dedup();
        residents
    }

    /// How many residents live in any of these units.
    pub(super) fn current_in<'a>(&self, units: impl IntoIterator<Item = &'a Unit>) -> usize {
        self.residents_of(units).len()
    }

    /// How urgent it is that nobody gets into that unit: nobody may live there yet.
    pub(super) fn urgency(&self, unit: &UnitId) -> Urgency {
        if self.in_unit(unit).is_empty() { Urgency::WillBite } else { Urgency::MustFix }
    }

    /// The unit as a finding's subject, with who lives there.
    pub(super) fn unit(&self, unit: &Unit) -> Subject {
        Subject::new(SubjectKind::Unit, unit.id.as_str())
            .named(unit.name.as_str())
            .lived_in_by(self.in_unit(&unit.id).to_vec())
    }
}

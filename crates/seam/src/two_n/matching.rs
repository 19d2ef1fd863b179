//! Whose doors: an occupant's units against the map.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use elevate_access::{BuildingUnits, Cause, Grants, Occupant, Reason, Unit, UnitId, VendorDoorId};
use elevate_unit_match::{Counterpart, Lookup, NameIndex, Named, Unusable, counterpart};
use foldhash::HashMap;

use super::{
    Inner, Units, View,
    door::Door,
    map::UnitMap,
    units::{Stranger, TheirUnit, TheirUnits},
};

/// All units of the building.
#[derive(Debug)]
pub(super) struct OurIndex {
    pub(super) names: NameIndex<UnitId>,
    /// The name of each, as it is written; of a unit that is listed by several, one of them.
    by_id: HashMap<UnitId, Box<str>>,
}

impl OurIndex {
    fn of(units: &BuildingUnits) -> Self {
        // A unit that the host lists twice is one unit; two units of one name are two.
        let mut seen = HashSet::new();
        let once = units.iter().filter(|unit| seen.insert((&unit.id, &unit.name)));
        let names = once.map(|unit| (unit.name.as_str(), unit.id.clone())).collect();
        let by_id = units.iter().map(|unit| (unit.id.clone(), unit.name.as_str().into()));
        Self { names, by_id: by_id.collect() }
    }

    /// Whether the list holds that very unit, under its name if names play a part. A name that can match
    /// nothing need not be sought anew.
    pub(super) fn lists(&self, unit: &Unit, by: &TheirUnits) -> bool {
        let written = self.by_id.get(&unit.id);
        if let TheirUnits::Keyed(_) = by {
            return written.is_some();
        }
        if written.is_some_and(|name| **name == *unit.name) {
            return true;
        }
        let is_it = |named: &Named<UnitId>| *named.item() == unit.id;
        match self.names.get(&unit.name) {
            Lookup::One(named) => is_it(named),
            Lookup::Doubled(all) => all.iter().any(is_it),
            Lookup::Absent => false,
            Lookup::Unusable(_) => true,
        }
    }

    /// Whether a unit of the building has that name of one of theirs, or that id where spaces are linked by it.
    pub(super) fn knows(&self, theirs: &str, by: &Units) -> bool {
        match by {
            Units::SpaceKeys => UnitId::new(theirs).is_ok_and(|id| self.by_id.contains_key(&id)),
            _ => matches!(self.names.get(theirs), Lookup::One(_) | Lookup::Doubled(_)),
        }
    }
}

/// The index of the latest reading of the building's units, kept beside that reading.
#[derive(Debug, Default)]
pub(super) struct Ours(Mutex<Option<(Arc<BuildingUnits>, Arc<OurIndex>)>>);

impl Ours {
    /// The index of that reading; made once for each.
    pub(super) fn index(&self, units: &Arc<BuildingUnits>) -> Arc<OurIndex> {
        let kept = |kept: &Option<(Arc<BuildingUnits>, Arc<OurIndex>)>| match kept {
            Some((of, index)) if Arc::ptr_eq(of, units) => Some(Arc::clone(index)),
            _ => None,
        };
        if let Some(index) = kept(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return index;
        }
        let index = Arc::new(OurIndex::of(units));
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some((Arc::clone(units), Arc::clone(&index)));
        index
    }
}

/// How one unit of ours stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate<'m> {
    /// The building's list does not hold it.
    NotListed,
    /// Its name can match nothing.
    Unusable(Unusable),
    /// So many units of the building have its name.
    Doubled(usize),
    /// No 2N unit has its name.
    Unmatched,
    /// So many 2N units have its name.
    Ambiguous(usize),
    /// The matched unit has no doors: it was given none, or none of what it was given is one.
    WithoutDoors(&'m TheirUnit),
    /// The matched unit, which has doors.
    Doors(&'m TheirUnit),
}

/// How that unit stands.
pub(super) fn fate<'m>(ours: &'m OurIndex, map: &'m UnitMap, unit: &Unit) -> Fate<'m> {
    let theirs = match &map.units {
        TheirUnits::Named(theirs) => theirs,
        TheirUnits::Keyed(_) if !ours.by_id.contains_key(&unit.id) => return Fate::NotListed,
        TheirUnits::Keyed(theirs) => {
            return match theirs.get(unit.id.as_str()).map_or(&[][..], Vec::as_slice) {
                [] => Fate::Unmatched,
                [unit] => Fate::matched(unit),
                doubled => Fate::Ambiguous(doubled.len()),
            };
        }
    };
    let not_it = |named: &Named<UnitId>| *named.item() != unit.id;
    match counterpart(&ours.names, theirs, &unit.name) {
        Counterpart::Unusable(why) => Fate::Unusable(why),
        Counterpart::NotListed => Fate::NotListed,
        Counterpart::Doubled(all) => Fate::Doubled(all.len()),
        // The one unit of that name is another one: ours is not on the list.
        Counterpart::Unmatched(named) | Counterpart::CounterpartDoubled { unit: named, .. }
            if not_it(named) =>
        {
            Fate::NotListed
        }
        Counterpart::Matched(pair) if not_it(pair.ours) => Fate::NotListed,
        Counterpart::Unmatched(_) => Fate::Unmatched,
        Counterpart::CounterpartDoubled { counterparts, .. } => Fate::Ambiguous(counterparts.len()),
        Counterpart::Matched(pair) => Fate::matched(pair.theirs.item()),
    }
}

impl<'m> Fate<'m> {
    /// The one of theirs that it is matched to.
    pub(super) fn counterpart(self) -> Option<&'m TheirUnit> {
        match self {
            Self::Doors(theirs) | Self::WithoutDoors(theirs) => Some(theirs),
            _ => None,
        }
    }

    fn matched(unit: &'m TheirUnit) -> Self {
        if unit.doors.is_empty() { Self::WithoutDoors(unit) } else { Self::Doors(unit) }
    }
}

impl View {
    /// That door, if one of the occupant's units has it.
    pub(super) fn door(&self, occupant: &Occupant, id: &VendorDoorId) -> Option<&Arc<Door>> {
        let of_unit = |unit| match fate(&self.ours, &self.map, unit) {
            Fate::Doors(theirs) => theirs.doors.iter().find(|door| door.id == *id),
            _ => None,
        };
        occupant.units().iter().find_map(of_unit)
    }
}

impl Inner {
    pub(super) fn grants_of(&self, view: &View, occupant: &Occupant) -> Grants {
        let mut doors: Vec<&Door> = Vec::new();
        let mut problems = Vec::new();
        for unit in occupant.units() {
            match fate(&view.ours, &view.map, unit) {
                Fate::Doors(theirs) => doors.extend(theirs.doors.iter().map(Arc::as_ref)),
                fate => problems.extend(self.problem(fate, unit)),
            }
        }
        doors.sort_unstable_by_key(|door| (&door.name, &door.id));
        // Two units of theirs may share one.
        doors.dedup_by_key(|door| &door.id);
        Grants {
            doors: doors.into_iter().map(Door::grant).collect(),
            problems,
            good_until: view.good_until,
        }
    }

    /// Whether that unit may be told of. Pinned to accounts alone, a space without a door may be another
    /// property's: then it is told of only where it has to do with a unit of this building.
    pub(super) fn is_ours(&self, ours: &OurIndex, name: &str, unit: &TheirUnit) -> bool {
        let pins = &self.settings.pins;
        let is_sure = pins.accounts.is_none() || pins.customer.is_some() || pins.parent.is_some();
        is_sure
            || unit.space.is_none()
            || !unit.doors.is_empty()
            || ours.knows(name, &self.settings.units)
    }

    /// What keeps the unit's doors from its residents.
    pub(super) fn problem(&self, fate: Fate<'_>, unit: &Unit) -> Option<Reason> {
        let about = |cause| {
            let reason = Reason::new(cause).in_system(&self.unit_system);
            let reason = reason.about(&self.client.scrub(&unit.name));
            let spaces = match fate {
                Fate::Unmatched => 0,
                Fate::Ambiguous(spaces) => spaces,
                _ => return reason,
            };
            if !matches!(self.settings.units, Units::SpaceKeys) {
                return reason;
            }
            let key = self.client.scrub(unit.id.as_str());
            let what =
                format!("{spaces} spaces have its id “{key}” as space_key; no name plays a part");
            reason.with_detail(&what)
        };
        Some(match fate {
            Fate::Doors(_) => return None,
            Fate::NotListed => about(Cause::UnitNotListed),
            Fate::Unusable(Unusable::Blank) => about(Cause::UnitNameBlank),
            Fate::Unusable(why @ Unusable::TooLong) => {
                about(Cause::UnitUnmatched).with_detail(&why.to_string())
            }
            Fate::Doubled(_) => about(Cause::UnitNameDoubled),
            Fate::Unmatched => about(Cause::UnitUnmatched),
            Fate::Ambiguous(_) => about(Cause::UnitAmbiguous),
            Fate::WithoutDoors(theirs) if theirs.strangers.is_empty() => {
                about(Cause::UnitWithoutDoors)
            }
            Fate::WithoutDoors(theirs) => return self.misnamed(&unit.name, &theirs.strangers),
        })
    }

    /// That the table of units names devices for that unit that are no doors.
    pub(super) fn misnamed(&self, unit: &str, strangers: &[Stranger]) -> Option<Reason> {
        let (first, others) = strangers.split_first()?;
        let more = match others.len() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let reason = self.reason(Cause::SetupWrong).about(&self.client.scrub(unit));
        Some(reason.with_detail(&format!("{first}{more}")))
    }
}

//! Auditing every unit and resident of the building against the map (N7).

mod changes;
mod kept;
mod people;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use elevate_access::{
    Audited, Auditor, Cause, Context, Difference, Error, Finding as AuditFinding, Freshness,
    Likely, Reason, Subject, SubjectKind, Tally, Unit, UnitId, Urgency, VendorDoorId,
};
use elevate_unit_match::{Finding, Lookup, Matching, match_all, suggest};
use futures_util::future::try_join;

use self::{kept::Kept, people::People};
use super::{
    Inner,
    door::Door,
    map::UnitMap,
    matching::{Fate, OurIndex, fate},
    units::{TheirUnit, TheirUnits},
};

/// The two sides that are compared, and who lives on ours.
struct Sides<'a> {
    map: &'a UnitMap,
    ours: &'a OurIndex,
    /// Every unit of the building once, and how it stands.
    units: Vec<(&'a Unit, Fate<'a>)>,
    /// Both sides brought together, where names are what matches.
    matching: Option<Matching<'a, UnitId, TheirUnit>>,
    people: People,
}

impl<'a> Sides<'a> {
    fn of(map: &'a UnitMap, ours: &'a OurIndex, units: &'a [Unit], people: People) -> Self {
        // A unit that the host lists twice is one unit.
        let mut once: Vec<&Unit> = units.iter().collect();
        once.sort_by(|a, b| (&a.id, &a.name).cmp(&(&b.id, &b.name)));
        once.dedup();
        let units = once.into_iter().map(|unit| (unit, fate(ours, map, unit))).collect();
        let matching = match &map.units {
            TheirUnits::Named(theirs) => Some(match_all(&ours.names, theirs)),
            TheirUnits::Keyed(_) => None,
        };
        Self { map, ours, units, matching, people }
    }

    /// One of ours.
    fn unit(&self, id: &str) -> Option<&'a Unit> {
        self.units.iter().map(|(unit, _)| *unit).find(|unit| unit.id.as_str() == id)
    }

    /// Those of ours that have doors, with the one of theirs that has them.
    fn with_doors(&self) -> impl Iterator<Item = (&'a Unit, &'a TheirUnit)> + '_ {
        self.units.iter().filter_map(|(unit, fate)| match fate {
            Fate::Doors(theirs) => Some((*unit, *theirs)),
            _ => None,
        })
    }
}

impl Inner {
    /// Reads the map anew, a page of which is a call, and compares it with the building's units, its residents,
    /// and what the last audit left.
    pub(super) async fn audit(
        self: &Arc<Self>,
        context: &Context,
        auditor: &Auditor,
    ) -> Result<Audited, Error> {
        self.serves(context, None)?;
        let by = Self::answer_by(context);
        let units = Self::listed(context, Freshness::Fresh, by);
        let map = self.map_by(context.now(), Freshness::Fresh, by);
        let (units, map) = try_join(units, map).await?;
        auditor.called(map.value.calls);
        let ours = self.ours.index(&units.value);
        let names_count = matches!(map.value.units, TheirUnits::Named(_));
        let people = People::of(auditor.roster(), names_count);
        let sides = Sides::of(&map.value, &ours, &units.value, people);
        let count = sides.units.len() as u64;
        auditor.progress("units", count, Some(count)).await;
        let before = auditor.kept().map(|text| Kept::read(text, &self.settings.units));
        let is_lost = before.as_ref().is_some_and(Option::is_none);
        let before = before.flatten();
        let mut now = self.kept(&sides);

        let likely = self.likely(&sides);
        self.units_of_ours(auditor, &sides, before.as_ref(), &likely).await;
        self.residents_without_a_unit(auditor, &sides).await;
        self.units_of_theirs(auditor, &sides, &likely).await;
        self.doors(auditor, &sides).await;
        let of_settings = sides.map.findings.iter().map(|finding| self.finding(finding));
        let lost = is_lost.then(|| Reason::new(Cause::ChangesUnknown).in_system(&self.unit_system));
        for why in of_settings.chain(lost) {
            let what = Subject::new(SubjectKind::Connection, "settings").named("The connection");
            auditor.found(AuditFinding::new(Urgency::WillBite, what, why)).await;
        }
        if let Some(before) = &before {
            let changes = self.changes(&sides, before, &now);
            for finding in changes.findings {
                auditor.found(finding).await;
            }
            if !auditor.accepts_changes() {
                now = now.holding(before, &changes.held);
            }
        }

        let matched = sides.units.iter().filter(|(_, fate)| fate.counterpart().is_some()).count();
        let let_in = sides.people.current_in(sides.with_doors().map(|(unit, _)| unit));
        let theirs = sides.map.units.iter().filter(|(name, unit)| self.is_ours(&ours, name, unit));
        let tallies = vec![
            Tally::part("Units matched to a 2N unit", matched, sides.units.len()),
            Tally::part("Current residents whose unit has doors", let_in, sides.people.current),
            Tally::new("2N units", theirs.count()),
            Tally::new("Doors", sides.map.doors.len()),
            Tally::new("Doors in no unit", sides.map.loose.len()),
        ];
        let audited = Audited::new(tallies);
        Ok(match now.written() {
            Some(text) => audited.keeping(text),
            None => audited,
        })
    }

    /// How each unit of the building stands.
    async fn units_of_ours(
        &self,
        auditor: &Auditor,
        sides: &Sides<'_>,
        before: Option<&Kept>,
        likely: &HashMap<UnitId, Likely>,
    ) {
        for &(unit, fate) in &sides.units {
            let Some(mut why) = self.problem(fate, unit) else { continue };
            let urgency = sides.people.urgency(unit);
            let mut counterpart = None;
            if fate == Fate::Unmatched {
                counterpart = likely.get(&unit.id).cloned();
                let once = before.and_then(|before| before.renamed_from(unit));
                if let Some(once) = once.filter(|_| why.detail().is_none()) {
                    let once = self.client.as_written(once);
                    why = why.with_detail(&format!(
                        "in ElevateOS it was “{once}” at the last audit, and matched"
                    ));
                }
            }
            let who = sides.people.unit(unit);
            auditor.found(AuditFinding::new(urgency, who, why).likely(counterpart)).await;
        }
    }

    /// Residents of units that the building's own list does not hold, or not under the name in their record.
    async fn residents_without_a_unit(&self, auditor: &Auditor, sides: &Sides<'_>) {
        let listed: HashMap<&UnitId, &Unit> =
            sides.units.iter().map(|(unit, _)| (&unit.id, *unit)).collect();
        for unit in sides.people.units() {
            // A unit that the list holds under that name is told of as one of the building's.
            if sides.ours.lists(unit, &sides.map.units) {
                continue;
            }
            let mut why = Reason::new(Cause::UnitNotListed).in_system(&self.unit_system);
            why = why.about(&self.client.as_written(&unit.name));
            if let Some(listed) = listed.get(&unit.id) {
                let listed = self.client.as_written(&listed.name);
                why = why.with_detail(&format!("the building's list calls it “{listed}”"));
            }
            let urgency = sides.people.urgency(unit);
            auditor.found(AuditFinding::new(urgency, sides.people.unit(unit), why)).await;
        }
    }

    /// The likely counterpart of each unit of ours that matches nothing, where names are what matches.
    fn likely(&self, sides: &Sides<'_>) -> HashMap<UnitId, Likely> {
        let suggestions = sides.matching.as_ref().map(suggest).unwrap_or_default();
        let found = suggestions.into_iter().filter(|one| {
            // A neighbour's unit is told of in nothing.
            self.is_ours(sides.ours, one.theirs.name(), one.theirs.item())
        });
        let likely = found.map(|one| {
            let theirs = self.their_unit(one.theirs.name(), one.theirs.item());
            let differences = one.differences.iter();
            let differences = differences.map(|one| Difference::new(one.code(), one.sentence()));
            (one.ours.item().clone(), Likely::new(theirs, differences.collect()))
        });
        likely.collect()
    }

    /// What is wrong with 2N's own units, and which of them are nobody's.
    async fn units_of_theirs(
        &self,
        auditor: &Auditor,
        sides: &Sides<'_>,
        likely: &HashMap<UnitId, Likely>,
    ) {
        let of = |cause| Reason::new(cause).in_system(&self.unit_system);
        for unit in sides.map.units.blank() {
            if self.is_ours(sides.ours, "", unit) {
                let what = self.their_unit("", unit);
                let why = of(Cause::VendorUnitBlank);
                auditor.found(AuditFinding::new(Urgency::WillBite, what, why)).await;
            }
        }
        let likely: HashSet<&str> =
            likely.values().map(|likely| likely.counterpart.id.as_str()).collect();
        for finding in sides.matching.iter().flat_map(|matching| &matching.theirs) {
            let (unit, cause) = match *finding {
                Finding::Unmatched(unit) => (unit, Cause::VendorUnitUnmatched),
                // What a unit of ours is called too is told with that.
                Finding::Doubled([unit, ..])
                    if matches!(sides.ours.names.get(unit.name()), Lookup::Absent) =>
                {
                    (unit, Cause::UnitAmbiguous)
                }
                _ => continue,
            };
            if !self.is_ours(sides.ours, unit.name(), unit.item()) {
                continue;
            }
            let why = of(cause).about(&self.client.as_written(unit.name()));
            let what = self.their_unit(unit.name(), unit.item());
            // Told of with the unit of ours that it likely is.
            if likely.contains(what.id.as_str()) {
                continue;
            }
            auditor.found(AuditFinding::new(Urgency::Information, what, why)).await;
        }
    }

    /// Doors that open for nobody, or not now; and those of exactly two units.
    async fn doors(&self, auditor: &Auditor, sides: &Sides<'_>) {
        let mut of_door: BTreeMap<&VendorDoorId, (&Door, Vec<&Unit>)> = BTreeMap::new();
        let mut with_doors = 0;
        for (unit, theirs) in sides.with_doors() {
            with_doors += 1;
            for door in &theirs.doors {
                of_door.entry(&door.id).or_insert((door, Vec::new())).1.push(unit);
            }
        }
        for (id, (door, units)) in of_door {
            let residents = sides.people.residents_of(units.iter().copied());
            let what = || {
                let what = Subject::new(SubjectKind::Door, id.as_str()).named(door.name.as_str());
                what.lived_in_by(residents.clone())
            };
            if let Some(why) = door.blocked.first() {
                // Privacy is somebody's wish; anything else keeps people out who should not be.
                let urgency = match why.cause() {
                    Cause::DoorPrivate => Urgency::Information,
                    _ if residents.is_empty() => Urgency::WillBite,
                    _ => Urgency::MustFix,
                };
                auditor.found(AuditFinding::new(urgency, what(), why.clone())).await;
            } else if let Some(why) = &door.notice {
                auditor.found(AuditFinding::new(Urgency::WillBite, what(), why.clone())).await;
            }
            if let ([one, other], true) = (units.as_slice(), with_doors > 2) {
                let names = [one, other].map(|unit| self.client.as_written(&unit.name));
                let why = Reason::new(Cause::DoorOfTwoUnits).in_system(&self.unit_system);
                let why = why.about(&door.name);
                let why = why.with_detail(&format!("“{}” and “{}”", names[0], names[1]));
                auditor.found(AuditFinding::new(Urgency::WillBite, what(), why)).await;
            }
        }
    }

    fn their_unit(&self, name: &str, unit: &TheirUnit) -> Subject {
        let id = unit.space.as_ref().map_or(name, |space| space.as_str());
        let (id, name) = (self.client.as_written(id), self.client.as_written(name));
        Subject::new(SubjectKind::VendorUnit, id).named(name)
    }
}

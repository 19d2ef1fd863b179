//! What changed since the last audit, with whom it costs doors.

use std::collections::HashSet;

use elevate_access::{Cause, Finding, Reason, ResidentId, Subject, SubjectKind, Urgency};
use elevate_unit_match::{Change, Seen, changes};

use super::{
    super::{Inner, survey::count},
    Sides,
    kept::Kept,
};

/// What changed.
pub(super) struct Changes {
    /// Each change as a finding of its own.
    pub(super) findings: Vec<Finding>,
    /// Those of theirs whose change nothing else would tell of at the next audit: whoever lives there opens other doors,
    /// and every name matches.
    pub(super) held: HashSet<String>,
}

impl Inner {
    /// What changed since what was there before.
    pub(super) fn changes(&self, sides: &Sides<'_>, before: &Kept, now: &Kept) -> Changes {
        let told = changes(&seen(before), &seen(now));
        let mut findings: Vec<Finding> =
            told.iter().map(|change| self.change(sides, before, now, change)).collect();
        let mut held = HashSet::new();
        for change in &told {
            match change {
                Change::CounterpartChanged { was, is, .. } => {
                    held.extend([(*was).to_owned(), (*is).to_owned()]);
                }
                Change::CounterpartTaken { is, .. } => {
                    held.insert((*is).to_owned());
                }
                _ => {}
            }
        }
        // Other doors under an unchanged name.
        for &(unit, _) in &sides.units {
            let id = unit.id.as_str();
            let of = |kept: &'_ Kept| kept.of(id).map(|one| one.id.clone());
            let Some(theirs) = of(before).filter(|theirs| of(now).as_ref() == Some(theirs)) else {
                continue;
            };
            let cost = Cost::of(before, now, id);
            if let Some(detail) = cost.told() {
                let why = self.why(Cause::DoorsChanged, &unit.name, &detail);
                let residents = sides.people.residents_of([unit]);
                let urgency = cost.urgency(&residents, Urgency::WillBite);
                if urgency != Urgency::Information {
                    held.insert(theirs);
                }
                findings.push(Finding::new(urgency, sides.people.unit(unit), why));
            }
        }
        Changes { findings, held }
    }

    fn change(&self, sides: &Sides<'_>, before: &Kept, now: &Kept, change: &Change<'_>) -> Finding {
        match change {
            Change::Renamed { id, was, is } => {
                let told = format!("{id} was “{was}”, is “{is}”");
                self.about_theirs(sides, before, now, (id, is, Cause::UnitRenamed), was, &told)
            }
            Change::Vanished { id, name } => {
                let told = format!("{id} was “{name}”");
                self.about_theirs(sides, before, now, (id, name, Cause::UnitVanished), name, &told)
            }
            Change::Split { name, was, are } => {
                let told =
                    format!("{was} had the name alone, and {} have it", count(are.len(), "unit"));
                self.about_theirs(sides, before, now, (was, name, Cause::UnitSplit), name, &told)
            }
            Change::Appeared { id, name } => {
                let why = self.why(Cause::UnitAppeared, name, id);
                Finding::new(Urgency::Information, self.subject(id, name), why)
            }
            Change::Merged { name, were, is } => {
                let told = format!("{} had it, {is} has it", count(were.len(), "unit"));
                let why = self.why(Cause::UnitMerged, name, &told);
                Finding::new(Urgency::Information, self.subject(is, name), why)
            }
            Change::CounterpartChanged { ours, was, is, once_of } => {
                let name = before.one(was).map_or(*was, |one| &one.name);
                let told = format!("it was {was} (“{name}”)");
                self.counterpart(sides, before, (ours, is, once_of), &told)
            }
            Change::CounterpartTaken { ours, is, once_of } => {
                self.counterpart(sides, before, (ours, is, once_of), "it was matched to nothing")
            }
            // A change that this version of the crate does not know has no words here.
            _ => {
                let what = Subject::new(SubjectKind::Connection, "changes").named("The connection");
                Finding::new(Urgency::Information, what, Reason::new(Cause::Unrecognised))
            }
        }
    }

    /// One of ours that has what was another's.
    fn counterpart(
        &self,
        sides: &Sides<'_>,
        before: &Kept,
        (ours, is, once_of): (&str, &str, &str),
        was: &str,
    ) -> Finding {
        let told = format!(
            "{was}, is {is} (“{}”), which was that of “{}”",
            before.one(is).map_or(is, |one| &one.name),
            before.name_of_ours(once_of).unwrap_or(once_of),
        );
        let unit = sides.unit(ours);
        let named = unit.map_or(ours, |unit| unit.name.as_str());
        let why = self.why(Cause::CounterpartChanged, named, &told);
        let residents = unit.map_or_else(Vec::new, |unit| sides.people.residents_of([unit]));
        let urgency = if residents.is_empty() { Urgency::WillBite } else { Urgency::MustFix };
        let subject = Subject::new(SubjectKind::Unit, ours).named(named);
        Finding::new(urgency, subject.lived_in_by(residents), why)
    }

    /// Something about one of theirs, with what it costs the residents of ours that it was matched to.
    fn about_theirs(
        &self,
        sides: &Sides<'_>,
        before: &Kept,
        now: &Kept,
        (id, name, cause): (&str, &str, Cause),
        was: &str,
        told: &str,
    ) -> Finding {
        let once = before.one(id).and_then(|one| one.ours.as_deref());
        let unit = once.and_then(|once| sides.unit(once));
        let cost = once.map_or_else(Cost::default, |once| Cost::of(before, now, once));
        let residents = unit.map_or_else(Vec::new, |unit| sides.people.residents_of([unit]));
        let mut told = told.to_owned();
        if let (Some(cost), Some(once)) = (cost.told(), once) {
            let whose = before.name_of_ours(once).unwrap_or(was);
            told = format!("{told}; residents of “{whose}” {cost}");
        }
        let why = self.why(cause, if cause == Cause::UnitRenamed { was } else { name }, &told);
        let urgency = cost.urgency(&residents, Urgency::MustFix);
        Finding::new(urgency, self.subject(id, name).lived_in_by(residents), why)
    }

    fn why(&self, cause: Cause, name: &str, told: &str) -> Reason {
        let why = Reason::new(cause).in_system(&self.unit_system);
        why.about(&self.client.as_written(name)).with_detail(&self.client.scrub(told))
    }

    fn subject(&self, id: &str, name: &str) -> Subject {
        let (id, name) = (self.client.as_written(id), self.client.as_written(name));
        Subject::new(SubjectKind::VendorUnit, id).named(name)
    }
}

fn seen(kept: &Kept) -> Vec<Seen<'_>> {
    kept.theirs
        .iter()
        .map(|one| Seen { id: &one.id, name: &one.name, ours: one.ours.as_deref() })
        .collect()
}

/// How many doors a unit of ours lost and got.
#[derive(Default)]
struct Cost {
    lost: usize,
    got: usize,
}

impl Cost {
    fn of(before: &Kept, now: &Kept, ours: &str) -> Self {
        let (had, has) = (before.doors_of(ours), now.doors_of(ours));
        Self { lost: had.difference(&has).count(), got: has.difference(&had).count() }
    }

    fn told(&self) -> Option<String> {
        match (self.lost, self.got) {
            (0, 0) => None,
            (lost, 0) => Some(format!("lost {}", count(lost, "door"))),
            (0, got) => Some(format!("got {}", count(got, "door"))),
            (lost, got) => Some(format!("lost {} and got {got}", count(lost, "door"))),
        }
    }

    /// So urgent if somebody who lives there lost a door.
    fn urgency(&self, residents: &[ResidentId], if_lost: Urgency) -> Urgency {
        match (self.lost, residents.is_empty()) {
            (0, _) => Urgency::Information,
            (_, false) => if_lost,
            (_, true) => Urgency::WillBite,
        }
    }
}

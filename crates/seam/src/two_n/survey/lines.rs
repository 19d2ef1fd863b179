//! The lines of a survey: one for each thing that was looked at.

use std::sync::Arc;

use elevate_access::{Cause, Check, Reason};
use jiff::{Timestamp, Unit};

use super::{Facts, Figures, Purpose};
use crate::{
    ConnectedAccount, DeviceType, UnmanagedDevice,
    two_n::{
        Inner, Units, door::age, finding::Finding, map::UnitMap, matching::OurIndex,
        units::TheirUnits,
    },
};

/// How many findings of one kind are named; the rest is counted. A go-live report is worked through, so it
/// names more.
const NAMED: usize = 20;
const NAMED_TO_GO_LIVE: usize = 500;

/// How many names are told where nothing is wrong.
const TOLD: usize = 10;

/// Where lines are written down.
pub(super) struct Lines<'a> {
    checks: &'a mut Vec<Check>,
    purpose: Purpose,
}

impl<'a> Lines<'a> {
    pub(super) fn new(checks: &'a mut Vec<Check>, purpose: Purpose) -> Self {
        Self { checks, purpose }
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.purpose
    }

    pub(super) fn passed(&mut self, what: &str) {
        self.checks.push(Check::passed(what));
    }

    pub(super) fn failed(&mut self, what: &str, reason: Reason) {
        self.checks.push(Check::failed(what, reason));
    }

    /// That nothing works, because of this.
    pub(super) fn down(&mut self, what: &str, reason: &Reason) -> Reason {
        self.failed(what, reason.clone());
        reason.clone()
    }

    pub(super) fn unknowable(&mut self, what: &str, why: &str) {
        self.checks.push(Check::unknowable(what, why));
    }

    pub(super) fn seen(&mut self, what: &str, seen: String) {
        self.checks.push(Check::seen(what, seen));
    }

    /// That it holds, or a line for each reason why it does not; beyond a number of them, one that counts.
    pub(super) fn each(&mut self, what: &str, reasons: impl IntoIterator<Item = Reason>) {
        let most = match self.purpose {
            Purpose::Health => NAMED,
            Purpose::GoLive => NAMED_TO_GO_LIVE,
        };
        let mut reasons = reasons.into_iter();
        let before = self.checks.len();
        self.checks.extend(reasons.by_ref().take(most).map(|reason| Check::failed(what, reason)));
        let more = reasons.count();
        let last =
            self.checks.get(before..).and_then(<[_]>::last).and_then(Check::failure).cloned();
        match last {
            None => self.passed(what),
            Some(last) if more > 0 => {
                let reason = Reason::new(last.cause());
                let reason = match last.system() {
                    Some(system) => reason.in_system(system),
                    None => reason,
                };
                self.failed(what, reason.with_detail(&format!("and {more} more of this kind")));
            }
            Some(_) => {}
        }
    }

    /// The same of what keeps residents out only where it should not: open before they are let in, and a figure
    /// afterwards.
    pub(super) fn open(&mut self, what: &str, seen: &str, reasons: Vec<Reason>) {
        if self.purpose == Purpose::GoLive || reasons.is_empty() {
            return self.each(what, reasons);
        }
        let subjects = reasons.iter().filter_map(|reason| reason.subject().map(str::to_owned));
        let names = first_of(subjects).unwrap_or_default();
        self.seen(seen, format!("{}: {names}", count(reasons.len(), "unit")));
    }

    /// Names that it is worth to know, if there are any.
    pub(super) fn names(&mut self, what: &str, names: impl Iterator<Item = String>) {
        if let Some(names) = first_of(names) {
            self.seen(what, names);
        }
    }
}

/// The first of those names, and how many more there are; none if there is none.
fn first_of(mut names: impl Iterator<Item = String>) -> Option<String> {
    let told: Vec<_> = names.by_ref().take(TOLD).map(|name| format!("“{name}”")).collect();
    let more = match names.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!told.is_empty()).then(|| told.join(", ") + &more)
}

/// `1 door`, `2 doors`.
pub(in crate::two_n) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

impl Inner {
    /// What should be there and is not.
    pub(super) fn settings_fit(&self, facts: &Facts, map: &UnitMap, lines: &mut Lines<'_>) {
        let setup = |detail: &str| self.reason(Cause::SetupWrong).with_detail(detail);
        let mut reasons = Vec::new();
        if map.doors.is_empty() {
            let types: Vec<_> = self.settings.device_types.iter().map(DeviceType::as_str).collect();
            let (devices, types) = (count(map.devices_held, "device"), types.join(", "));
            reasons.push(setup(&match self.settings.only_doors {
                None => format!(
                    "Seam lists {devices}, and none of this connection's is of the type {types}"
                ),
                Some(_) => format!(
                    "Seam lists {devices}, and the list of doors names none of the type {types}"
                ),
            }));
        }
        if map.units.is_empty() {
            reasons.push(setup(match self.settings.units {
                Units::Spaces | Units::SpaceDisplayNames => {
                    "Seam lists no spaces, and units come from spaces"
                }
                Units::SpaceKeys => {
                    "Seam lists no space with a space_key, and units come from these"
                }
                Units::Metadata { .. } => "no device names a unit, and units come from metadata",
                Units::Table(_) => "the table of units is empty",
            }));
        }
        let findings = map.findings.iter();
        reasons.extend(findings.filter_map(|finding| self.still_open(facts, map, finding)));
        let units = map.units.iter();
        reasons.extend(units.filter_map(|(name, unit)| self.misnamed(name, &unit.strangers)));
        lines.each("There are doors and units, and the settings name what is there.", reasons);
    }

    /// The finding as a reason, as far as it is not told with the accounts.
    fn still_open(&self, facts: &Facts, map: &UnitMap, finding: &Finding) -> Option<Reason> {
        if let Finding::EmptyAccount(id) = finding
            && let Ok(accounts) = &facts.accounts
        {
            let is_it = |account: &ConnectedAccount| {
                account.connected_account_id == *id
                    && self.settings.pins.is_customer(account.customer_key.as_deref())
            };
            if !accounts.iter().any(is_it) {
                let what = format!("Seam knows no connected account {id} for this connection");
                return Some(self.reason(Cause::SetupWrong).with_detail(&what));
            }
            if let Ok(unmanaged) = &facts.unmanaged {
                let is_of = |one: &&UnmanagedDevice| one.connected_account_id.as_ref() == Some(id);
                let mut left = unmanaged.iter().filter(is_of).peekable();
                // It brought nothing at all, or doors that are not managed.
                if left.peek().is_none() || left.any(|one| self.is_our_device(facts, map, one)) {
                    return None;
                }
            }
        }
        Some(self.finding(finding))
    }

    /// That names can be matched, on either side.
    pub(super) fn names(&self, map: &UnitMap, ours: &Arc<OurIndex>, lines: &mut Lines<'_>) {
        let named = |cause, name: &str, units: usize| {
            let reason = Reason::new(cause).in_system(&self.unit_system);
            reason.about(&self.client.scrub(name)).with_detail(&count(units, "unit"))
        };
        // Names play no part where units are linked by their ids.
        if !matches!(map.units, TheirUnits::Keyed(_)) {
            let doubled = ours.names.doubled().map(|units| {
                let name = units.first().map_or("", |unit| unit.name());
                named(Cause::UnitNameDoubled, name, units.len())
            });
            let blank = ours.names.blank().iter().map(|unit| {
                let reason = Reason::new(Cause::UnitNameBlank).in_system(&self.unit_system);
                reason.with_detail(&format!("unit {}", unit.item()))
            });
            lines.each("No two units of the building have one name.", doubled);
            lines.each("Every unit of the building has a name.", blank);
        }
        let doubled = map.units.doubled().into_iter();
        let doubled = doubled
            .filter(|(name, units)| units.iter().any(|unit| self.is_ours(ours, name, unit)))
            .map(|(name, units)| named(Cause::UnitAmbiguous, name, units.len()));
        let blank = map.units.blank().filter(|unit| self.is_ours(ours, "", unit));
        let blank = blank.map(|unit| {
            let reason = Reason::new(Cause::VendorUnitBlank).in_system(&self.unit_system);
            let of = unit.space.as_ref().map_or_else(String::new, |id| format!("space {id}, "));
            reason.with_detail(&format!("{of}{}", count(unit.doors.len(), "door")))
        });
        match map.units {
            TheirUnits::Named(_) => {
                lines.each("No two 2N units have one name.", doubled);
                lines.each("Every 2N unit has a name.", blank);
            }
            TheirUnits::Keyed(_) => lines.each("No two spaces have one key.", doubled),
        }
    }

    /// What proves nothing, and is worth knowing.
    pub(super) fn seen(
        &self,
        map: &UnitMap,
        figures: Figures,
        now: Timestamp,
        lines: &mut Lines<'_>,
    ) {
        lines.seen("How many units are matched.", rate(figures));
        lines.seen("What Seam says of the doors, which may be minutes old.", states(map, now));
        let loose = map.loose.iter().filter_map(|id| map.doors.get(id));
        let loose = loose.map(|door| door.name.clone());
        lines.names("Doors that are in no unit, and so are nobody's.", loose);
        let told = match (self.settings.believes_notifications(), self.last_told.get()) {
            (false, _) => "none is believed: no signing secret is set".to_owned(),
            (true, None) => "none since this process began".to_owned(),
            (true, Some(at)) => format!("at {}", at.round(Unit::Second).unwrap_or(at)),
        };
        lines.seen("When Seam last told something by itself.", told);
    }
}

fn rate(figures: Figures) -> String {
    let Figures { our_units, matched, their_units, .. } = figures;
    let percent = (matched * 100).checked_div(our_units);
    let percent = percent.map_or_else(String::new, |percent| format!(", {percent} %"));
    format!("{matched} of {}{percent}; 2N has {their_units}", count(our_units, "unit"))
}

fn states(map: &UnitMap, now: Timestamp) -> String {
    let doors = || map.doors.values();
    let online = doors().filter(|door| door.online == Some(true)).count();
    let offline = doors().filter(|door| door.online == Some(false)).count();
    let silent = match map.doors.len() - online - offline {
        0 => String::new(),
        some => format!(", {some} of which it does not say"),
    };
    let since = doors().flat_map(|door| &door.errors).filter_map(|(_, since)| *since).min();
    let oldest = since.and_then(|since| age(since, now));
    let oldest = oldest.map_or_else(String::new, |age| {
        format!("; the oldest trouble: {}", age.trim_start_matches(", for "))
    });
    let all = count(map.doors.len(), "door");
    format!("{all}: {online} online, {offline} offline{silent}{oldest}")
}

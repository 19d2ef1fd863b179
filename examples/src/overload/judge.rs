//! The judge: what callers were told against what left on the wires and what stands in the vendors' ledgers. It shares
//! no code with the crates that it judges.

use std::collections::{BTreeMap, HashMap};

use elevate_access::{Outcome, TapEnd};
use elevate_access_testkit::{Effect, Order};
use tokio::time::Instant;

use super::{
    SEND_WITHIN,
    house::{House, Site},
    plan::{Plan, Planned},
    witness::Body,
};

/// What must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub(super) orders: usize,
    pub(super) late: usize,
    pub(super) double: usize,
    pub(super) wrong_person: usize,
    pub(super) dishonest: usize,
}

pub(super) fn judge(house: &House, plan: &Plan, ends: &[TapEnd], start: Instant) -> Faults {
    let by_id = plan.by_id();
    let mut faults = Faults::default();
    for (number, site) in house.sites.iter().enumerate() {
        let taps: Vec<&Planned> = plan.taps.iter().filter(|tap| tap.connection == number).collect();
        let ended = ends.iter().filter_map(|end| {
            let tap = by_id.get(end.id.as_ref()?.as_str())?;
            (tap.connection == number).then_some((*tap, end))
        });
        let ended: Vec<_> = ended.collect();
        let (bodies, ledger) = (site.witness.started(), site.ledger());
        faults.orders += bodies.len();
        starts(site, &taps, &bodies, start, &mut faults);
        outcomes(site, &ended, &bodies, ledger.orders(), &mut faults);
        people(site, &by_id, ledger.orders(), &mut faults);
    }
    faults
}

/// Each body belongs to a tap on its door of the five seconds before it, and no two to one.
fn starts(site: &Site, taps: &[&Planned], bodies: &[Body], start: Instant, faults: &mut Faults) {
    let mut waiting: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for tap in taps {
        waiting.entry(site.vendor_door(tap.resident)).or_default().push(start + tap.at);
    }
    for taps in waiting.values_mut() {
        taps.sort_unstable();
    }
    let by_id: HashMap<&str, &&Planned> = taps.iter().map(|tap| (tap.id.as_str(), tap)).collect();
    let mut ordered = BTreeMap::<&str, usize>::new();
    for body in bodies {
        // Where the body names its tap, that one it is.
        if let Some(id) = &body.tap {
            let Some(tap) = by_id.get(id.as_str()) else {
                faults.wrong_person += 1;
                continue;
            };
            let orders = ordered.entry(id).or_default();
            *orders += 1;
            faults.double += usize::from(*orders > 1);
            faults.late += usize::from(body.at > start + tap.at + SEND_WITHIN);
            faults.wrong_person += usize::from(site.vendor_door(tap.resident) != body.door);
            continue;
        }
        // Else the oldest that it can belong to: what is older has had its time.
        let Some(taps) = waiting.get_mut(&body.door) else {
            faults.wrong_person += 1;
            continue;
        };
        taps.retain(|tapped| body.at <= *tapped + SEND_WITHIN);
        match taps.first() {
            Some(tapped) if *tapped <= body.at => drop(taps.remove(0)),
            // No tap is left that it may be for: one of them has two, or is too old.
            _ => faults.late += 1,
        }
    }
}

/// What was told is no more than what is so.
fn outcomes(
    site: &Site,
    ended: &[(&Planned, &TapEnd)],
    bodies: &[Body],
    orders: &[Order],
    faults: &mut Faults,
) {
    // Nothing left without an outcome, and no outcome is told of what did not leave.
    let mut balance = BTreeMap::<&str, i64>::new();
    for body in bodies {
        *balance.entry(&body.door).or_default() += 1;
    }
    let doors: Vec<_> = ended.iter().map(|(tap, _)| site.vendor_door(tap.resident)).collect();
    for ((_, end), door) in ended.iter().zip(&doors) {
        *balance.entry(door).or_default() -= i64::from(end.result.is_ok());
    }
    faults.dishonest +=
        balance.values().map(|off| usize::try_from(off.unsigned_abs()).unwrap_or(1)).sum::<usize>();

    let by_reference: HashMap<&str, &Order> =
        orders.iter().filter_map(|order| Some((order.reference.as_deref()?, order))).collect();
    let by_tap: HashMap<&str, &Body> =
        bodies.iter().filter_map(|body| Some((body.tap.as_deref()?, body))).collect();
    for (tap, end) in ended {
        let names_taps = !site.vendor_person(tap.resident).is_empty();
        let is_honest = match &end.result {
            Ok(Outcome::Opened(receipt)) => {
                let order = receipt.reference.as_deref().and_then(|it| by_reference.get(it));
                order.is_some_and(|order| order.effect == Effect::Opened)
            }
            // The vendor took what it has not turned down.
            Ok(Outcome::Accepted(receipt)) => {
                let named = receipt.reference.as_deref().unwrap_or(&tap.id);
                by_reference.get(named).is_some_and(|order| order.effect != Effect::Refused)
            }
            Ok(Outcome::NotOpened(receipt)) if receipt.certain => {
                let order = by_reference.get(tap.id.as_str());
                order.is_none_or(|order| order.effect == Effect::Refused)
            }
            Ok(_) => true,
            Err(_) => !names_taps || !by_tap.contains_key(tap.id.as_str()),
        };
        faults.dishonest += usize::from(!is_honest);
    }
}

/// What arrived is for whom it should be, where the vendor knows people.
fn people(site: &Site, by_id: &HashMap<&str, &Planned>, orders: &[Order], faults: &mut Faults) {
    for order in orders.iter().filter(|order| !order.who.is_empty()) {
        let tap = order.reference.as_deref().and_then(|id| by_id.get(id));
        let is_theirs = tap.is_some_and(|tap| {
            site.vendor_person(tap.resident) == order.who
                && site.vendor_door(tap.resident) == order.door
        });
        faults.wrong_person += usize::from(!is_theirs);
    }
}

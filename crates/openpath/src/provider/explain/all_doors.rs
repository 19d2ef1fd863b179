//! What can be told of all of a user's doors at once, where none was asked about.

use elevate_access::{Cause, Context};

use super::checks::Checks;
use crate::{
    Entry,
    provider::{
        Inner,
        causes::{in_time, reason},
    },
};

pub(super) const LOCKS: &str = "No wireless lock of the user's doors is offline.";
pub(super) const LOCKDOWNS: &str = "No lockdown is on at the user's doors.";
pub(super) const EACH: &str = "What else has to hold at each door.";

pub(super) const ALL_DOORS: [&str; 3] = [LOCKS, LOCKDOWNS, EACH];

impl Inner {
    /// Locks and lockdowns, which one reading tells of all doors; the rest needs a door.
    pub(super) async fn all_doors_checks(
        &self,
        checks: &mut Checks,
        context: &Context,
        own: &[&Entry],
    ) {
        let scrubber = self.client.scrubber();
        let name = |entry: &Entry| scrubber.scrub(entry.name.as_deref().unwrap_or_default());
        let is_offline =
            |entry: &&&Entry| entry.wireless_lock.as_ref().and_then(|l| l.is_offline) == Some(true);
        checks.should(
            LOCKS,
            match own.iter().find(is_offline) {
                Some(entry) => Err(reason(Cause::DoorOffline).about(&name(entry))),
                None => Ok(()),
            },
        );
        match in_time(context, self.client.lockdown_plans().all()).await {
            Err(_) => checks.unknowable(LOCKDOWNS, "the plans for lockdowns could not be read"),
            Ok(plans) => {
                let on: Vec<_> =
                    plans.rows.iter().filter(|plan| plan.is_active == Some(true)).collect();
                let is_locked_down = |entry: &&&Entry| {
                    let zone = entry.zone.as_ref().and_then(|zone| zone.id.as_ref());
                    on.iter().any(|plan| zone.is_some_and(|zone| plan.zone_ids.contains(zone)))
                };
                match own.iter().find(is_locked_down) {
                    Some(entry) => {
                        let on = reason(Cause::DoorLockdown).about(&name(entry));
                        checks.should(LOCKDOWNS, Err(on));
                    }
                    None if on.iter().any(|plan| plan.zone_ids.is_empty()) => {
                        checks.unknowable(LOCKDOWNS, "one is on, and Openpath does not say where");
                    }
                    None => checks.should(LOCKDOWNS, Ok(())),
                }
            }
        }
        checks.unknowable(EACH, "ask about one door to be told");
    }
}

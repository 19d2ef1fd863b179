//! What can be told of all of a user's doors at once, where none was asked about.

use elevate_access::{Cause, Context};

use super::{
    checks::Checks,
    door::{lockdown_at, unread},
};
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
            Err(error) => checks.unknowable(LOCKDOWNS, &unread(&error)),
            Ok(plans) => {
                let judged = own.iter().map(|entry| {
                    let zone = entry.zone.as_ref().and_then(|zone| zone.id.as_ref());
                    lockdown_at(&plans.rows, &scrubber, &name(entry), zone)
                });
                let judged: Vec<_> = judged.collect();
                let on = judged.iter().find(|judged| matches!(judged, Ok(Err(_))));
                match on.or_else(|| judged.iter().find(|judged| judged.is_err())) {
                    Some(Ok(on)) => checks.should(LOCKDOWNS, on.clone()),
                    Some(Err(why)) => checks.unknowable(LOCKDOWNS, why),
                    None => checks.should(LOCKDOWNS, Ok(())),
                }
            }
        }
        checks.unknowable(EACH, "ask about one door to be told");
    }
}

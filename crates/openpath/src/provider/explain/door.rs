//! What has to hold at one door, as far as the service account is shown it.

use elevate_access::{Cause, Context, Reason};
use elevate_transport::Scrubber;
use futures_util::future::join4;

use super::{
    checks::{Checks, NO_RIGHT},
    recent,
};
use crate::{
    Entry, EntryState, Error, ErrorKind, Listing, LockdownPlan, OrgEntry, UserId, ZoneId,
    provider::{
        Inner,
        causes::{in_time, reason},
    },
};

pub(super) const LOCK: &str = "The door's wireless lock is online.";
pub(super) const STATE: &str = "The door's state takes a cloud key now.";
pub(super) const LOCKDOWN: &str = "No lockdown is on at the door.";
pub(super) const SCHEDULE: &str = "The schedules of the user and of the door allow it now.";
pub(super) const CONTROLLER: &str = "The door's controller is online.";
pub(super) const RULES: &str = "No anti-passback rule and no occupancy limit keeps the user out.";
pub(super) const PHONE: &str = "The resident's phone is online at the door.";
const RECENT: &str = "The user's latest activity at this door.";

/// All that is looked at for a door, but for what is shown only where it is known.
pub(super) const DOOR: [&str; 7] = [STATE, LOCKDOWN, SCHEDULE, CONTROLLER, RULES, PHONE, RECENT];

/// Rows of activity that are looked through.
const ACTIVITY: u32 = 200;

impl Inner {
    /// What is known of the door besides that it is the user's.
    pub(super) async fn door_checks(
        &self,
        checks: &mut Checks,
        context: &Context,
        user: &UserId,
        entry: &Entry,
    ) {
        let (described, states, plans, activity) = join4(
            in_time(context, self.client.entry(&entry.id)),
            in_time(context, self.client.entry_states().all()),
            in_time(context, self.client.lockdown_plans().all()),
            in_time(context, self.client.user_activity(user, ACTIVITY).all()),
        )
        .await;
        let scrubber = self.client.scrubber();
        let name = scrubber.scrub(entry.name.as_deref().unwrap_or_default());
        match entry.wireless_lock.as_ref().and_then(|lock| lock.is_offline) {
            Some(true) => checks.should(LOCK, Err(reason(Cause::DoorOffline).about(&name))),
            Some(false) => checks.should(LOCK, Ok(())),
            None => {}
        }
        state(checks, &scrubber, &name, &described, &states);
        let zone = described.as_ref().ok().and_then(|entry| entry.zone.as_ref());
        let zone = zone.or(entry.zone.as_ref()).and_then(|zone| zone.id.as_ref());
        lockdown(checks, &scrubber, &name, zone, &plans);
        let schedule = described.as_ref().ok().and_then(|entry| entry.schedule.as_ref());
        match schedule.and_then(|schedule| schedule.name.as_deref()) {
            Some(schedule) => {
                let schedule = scrubber.scrub(schedule);
                let why = format!("the door follows the schedule “{schedule}”; {NO_RIGHT}");
                checks.unknowable(SCHEDULE, &why);
            }
            None => checks.unknowable(SCHEDULE, NO_RIGHT),
        }
        controller(checks, entry);
        checks.unknowable(RULES, NO_RIGHT);
        checks
            .unknowable(PHONE, "it cannot be seen from here; ask the resident to try another door");
        match activity {
            Ok(listing) => {
                self.notice(&listing.rows);
                let latest =
                    recent::latest(&listing.rows, user, &entry.id, context.now(), &scrubber);
                let none = "Openpath shows none; what is denied at the door may show up later";
                checks.seen(RECENT, latest.as_deref().unwrap_or(none));
            }
            Err(error) => checks.unknowable(RECENT, &unread(&error)),
        }
    }
}

/// Why something that only helps could not be read.
pub(super) fn unread(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Forbidden => NO_RIGHT.to_owned(),
        _ => format!("it could not be read: {}", error.gist()),
    }
}

/// Whether the door's state takes a cloud key. That a state names the cloud key among its ways to unlock is
/// taken to mean so; nobody has seen the vendor act on it.
fn state(
    checks: &mut Checks,
    scrubber: &Scrubber,
    door: &str,
    described: &Result<OrgEntry, Error>,
    states: &Result<Listing<EntryState>, Error>,
) {
    let quoted = |state: &EntryState| {
        let name = state.name.as_deref().or(state.code.as_deref()).unwrap_or_default();
        format!("“{}”", scrubber.scrub(name))
    };
    let own = match described {
        Ok(entry) => entry.entry_state.as_ref(),
        Err(_) => None,
    };
    let (Some(own), Ok(states)) = (own, states) else {
        let why = match (described, states) {
            (Err(error), Ok(states)) if error.kind() == ErrorKind::Forbidden => {
                let forbid = |state: &&EntryState| state.allows_cloud_key() == Some(false);
                let names: Vec<_> = states.rows.iter().filter(forbid).map(quoted).collect();
                match names.as_slice() {
                    [] => NO_RIGHT.to_owned(),
                    names => format!("{NO_RIGHT}; these states take none: {}", names.join(", ")),
                }
            }
            (Err(error), _) | (Ok(_), Err(error)) => unread(error),
            (Ok(_), Ok(_)) => "Openpath names no state of the door".to_owned(),
        };
        return checks.unknowable(STATE, &why);
    };
    let Some(state) = states.rows.iter().find(|state| Some(&state.id) == own.id.as_ref()) else {
        return checks.unknowable(STATE, "the door's state is not among the organisation's");
    };
    match state.allows_cloud_key() {
        Some(true) => checks.should(STATE, Ok(())),
        Some(false) => {
            let detail = format!("its state is {}", quoted(state));
            let forbids = reason(Cause::DoorStateForbids).about(door).with_detail(&detail);
            checks.should(STATE, Err(forbids));
        }
        None => checks.unknowable(STATE, "Openpath does not say what the door's state takes"),
    }
}

fn lockdown(
    checks: &mut Checks,
    scrubber: &Scrubber,
    door: &str,
    zone: Option<&ZoneId>,
    plans: &Result<Listing<LockdownPlan>, Error>,
) {
    match plans.as_ref().map(|plans| lockdown_at(&plans.rows, scrubber, door, zone)) {
        Ok(Ok(held)) => checks.should(LOCKDOWN, held),
        Ok(Err(why)) => checks.unknowable(LOCKDOWN, why),
        Err(error) => checks.unknowable(LOCKDOWN, &unread(error)),
    }
}

/// Whether no lockdown is on at a door of that zone; or why that cannot be told.
pub(super) fn lockdown_at(
    plans: &[LockdownPlan],
    scrubber: &Scrubber,
    door: &str,
    zone: Option<&ZoneId>,
) -> Result<Result<(), Reason>, &'static str> {
    let active: Vec<_> = plans.iter().filter(|plan| plan.is_active != Some(false)).collect();
    let is_at = |plan: &&&LockdownPlan| zone.is_some_and(|zone| plan.zone_ids.contains(zone));
    let is_surely_at = |plan: &&&LockdownPlan| plan.is_active == Some(true) && is_at(plan);
    if let Some(plan) = active.iter().find(is_surely_at) {
        let name = scrubber.scrub(plan.name.as_deref().unwrap_or_default());
        let on = reason(Cause::DoorLockdown).about(door);
        let is_named = !name.is_empty();
        return Ok(Err(if is_named {
            on.with_detail(&format!("the plan “{name}”"))
        } else {
            on
        }));
    }
    if active.iter().any(|plan| is_at(&plan)) {
        return Err("Openpath does not say whether a plan is active");
    }
    // A plan whose zones are not told may cover the door.
    if active.iter().any(|plan| plan.zone_ids.is_empty() || zone.is_none()) {
        return Err("a lockdown is on, and Openpath does not say where");
    }
    Ok(Ok(()))
}

fn controller(checks: &mut Checks, entry: &Entry) {
    match entry.zone.as_ref().and_then(|zone| zone.offline_entry_count) {
        Some(0) => checks.seen(CONTROLLER, "Openpath counts no entry of its zone as offline"),
        Some(count) => {
            let why = format!(
                "Openpath counts {count} of its zone's entries as offline; look in the dashboard"
            );
            checks.unknowable(CONTROLLER, &why);
        }
        None => checks.unknowable(CONTROLLER, NO_RIGHT),
    }
}

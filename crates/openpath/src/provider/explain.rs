//! Why a resident may or may not open doors, precondition by precondition.

mod all_doors;
mod checks;
mod door;
mod recent;

use std::sync::Arc;

use elevate_access::{
    Cause, Check, Context, Error as AccessError, Freshness, Occupant, Reason, ResidentId,
    VendorDoorId, VerifiedEmail,
};
use futures_util::future::{join, join3};
use jiff::Timestamp;

use super::{
    Inner,
    causes::{by, in_time, reason, told_in_time, unread},
    doors::entry_of,
    holder::Holder,
    keys::Key,
    link::{Linked, subject_of},
    people::Found,
    person::{Candidate, active, in_dates, is_surely_over, only_one, remote_unlock},
};
use crate::{Entry, Error, Rights, SelfCheck};
use all_doors::ALL_DOORS;
use checks::{Checks, why};
use door::DOOR;

/// Shown only where it fails.
const BUILDING: &str = "The Openpath connection serves this building.";

/// Every precondition, in the order in which to mend them.
const EMAIL: &str = "ElevateOS vouches for an e-mail address of the resident.";
const SIGN_IN: &str = "The service account can sign in to Openpath.";
const ORG: &str = "The service account belongs to the connection's organisation.";
/// Why an account that names other organisations only may belong here all the same.
pub(super) const ANSWERED: &str =
    "its sign-in names other organisations only, and its calls are answered all the same";
const RIGHTS: &str = "The service account may do what a cloud unlock needs.";
const PLAN: &str = "The organisation's plan includes remote unlock.";
const USER: &str = "The resident's e-mail belongs to one Openpath user.";
const ACTIVE: &str = "That user is active.";
const DATES: &str = "That user is within its start and end date.";
const REMOTE: &str = "That user may unlock remotely.";
const SHARED: &str = "That user is this resident alone.";
const KEY: &str = "That user has a usable cloud key.";
const ONE_KEY: &str = "That user has no more than one cloud key of ours.";
const ENTRIES: &str = "At least one entry is assigned to that user.";
const THIS_DOOR: &str = "This door is among that user's entries.";

/// Shown only where it fails.
const TAPPED: &str = "The door can be asked for now.";

/// The one question about somebody who has left.
const LEFT: &str = "No active Openpath user is left of the former resident.";

const ALL: [&str; 13] =
    [EMAIL, SIGN_IN, ORG, RIGHTS, PLAN, USER, ACTIVE, DATES, REMOTE, SHARED, KEY, ONE_KEY, ENTRIES];

/// What is left of the list from that precondition on.
fn from(what: &str, door: Option<&VendorDoorId>) -> Vec<&'static str> {
    let start = ALL.iter().position(|each| *each == what).unwrap_or(ALL.len());
    let at_the_door: &[&str] = match door {
        Some(_) => &DOOR,
        None => &ALL_DOORS,
    };
    let this_door = door.map(|_| THIS_DOOR);
    ALL[start..].iter().copied().chain(this_door).chain(at_the_door.iter().copied()).collect()
}

impl Inner {
    pub(super) async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let mut checks = Checks::default();
        let rest = |what| if occupant.has_left() { vec![LEFT] } else { from(what, door) };
        if let Err(reason) = self.sites.know(context.building()) {
            checks.settle(BUILDING, Err(reason));
            return checks.close(&rest(EMAIL));
        }
        let email = occupant.email();
        let vouched = email.map(|_| ()).ok_or_else(|| Reason::new(Cause::NoVerifiedEmail));
        let (true, Some(email)) = (checks.settle(EMAIL, vouched), email) else {
            return checks.close(&rest(SIGN_IN));
        };
        let signed_in =
            in_time(context, self.client.sign_in()).await.map_err(|error| why(&unread(error)));
        if !checks.settle(SIGN_IN, signed_in.clone().map(|_| ())) {
            return checks.close(&rest(ORG));
        }
        if signed_in.is_ok_and(|rights| rights == Rights::OtherOrganisation) {
            // What a sign-in names was never seen to be all that there is: the calls decide.
            if in_time(context, self.client.probe_users()).await.is_err() {
                checks.settle(ORG, Err(self.elsewhere()));
                return checks.close(&rest(RIGHTS));
            }
            checks.seen(ORG, ANSWERED);
        } else {
            checks.settle(ORG, Ok(()));
        }

        if occupant.has_left() {
            let found = self.find_in_time(context, occupant, email).await;
            judge_left(&mut checks, found, context.now());
            return checks.list();
        }
        // Neither waits for the other: what only helps must not use up the time of what is needed.
        let account = self.client.self_check_by(by(context));
        let user = self.explain_user(context, occupant, email, door);
        let (account, user) = join(account, user).await;
        judge_account(&mut checks, account);
        checks.append(user);
        checks.list()
    }

    async fn find_in_time(
        &self,
        context: &Context,
        occupant: &Occupant,
        email: &VerifiedEmail,
    ) -> Result<Arc<Found>, AccessError> {
        let record = self.record(context, occupant, email);
        told_in_time(context, self.find(&record, email, Freshness::Fresh)).await
    }

    /// The preconditions from the resident's user on.
    async fn explain_user(
        &self,
        context: &Context,
        occupant: &Occupant,
        email: &VerifiedEmail,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let mut checks = Checks::default();
        let rest = |what| from(what, door);
        let found = self.find_in_time(context, occupant, email).await;
        let found = found.map_err(|error| why(&error));
        let user = found.as_ref().map_err(Reason::clone).and_then(|found| {
            only_one(&found.users, found.is_site_bound).map(|user| (user, found.begun))
        });
        let (user, begun) = match user {
            Ok(user) => user,
            Err(reason) => {
                checks.settle(USER, Err(reason));
                return checks.close(&rest(ACTIVE));
            }
        };
        checks.settle(USER, Ok(()));
        checks.settle(ACTIVE, active(user));
        checks.settle(DATES, in_dates(user, context.now()).map(|_| ()));
        match remote_unlock(user) {
            Ok(None) => checks.unknowable(REMOTE, "Openpath does not say"),
            stated => {
                checks.settle(REMOTE, stated.map(|_| ()));
            }
        }
        if checks.have_failed() {
            return checks.close(&rest(SHARED));
        }

        let linked =
            Linked { user: user.id.clone(), key: None, begun, ends: None, is_from_store: false };
        let holder = self.holder(&linked.user);
        let subject = subject_of(&self.place, &linked.user);
        let (key, entries, sharers) = join3(
            told_in_time(context, self.key(context, &linked, &holder, Freshness::Fresh)),
            told_in_time(context, self.entries(&holder, Freshness::Fresh)),
            context.sharers(occupant, &subject),
        )
        .await;
        judge_sharers(&mut checks, &sharers);
        self.judge_key(&mut checks, context, &holder, key);
        let entries = match entries {
            Ok(entries) => entries.list,
            Err(error) => {
                checks.settle(ENTRIES, Err(why(&error)));
                return checks.close(&rest(ENTRIES)[1..]);
            }
        };
        let own = self.sites.own(context.building(), &entries);
        let some = if own.is_empty() { Err(Self::no_doors(&entries)) } else { Ok(()) };
        checks.settle(ENTRIES, some);
        let Some(door) = door else {
            if checks.have_failed() {
                return checks.close(&ALL_DOORS);
            }
            self.all_doors_checks(&mut checks, context, &own).await;
            return checks.list();
        };
        let is_elsewhere = || entries.iter().any(|entry| entry.id.as_str() == door.as_str());
        let entry = entry_of(&own, door).ok_or_else(|| {
            let none = reason(Cause::DoorNotGranted);
            if is_elsewhere() { none.with_detail("it is at another building's site") } else { none }
        });
        match entry {
            Ok(entry) => {
                checks.settle(THIS_DOOR, Ok(()));
                self.judge_taps(&mut checks, entry, occupant.resident());
                self.door_checks(&mut checks, context, &linked.user, entry).await;
                checks.list()
            }
            Err(reason) => {
                checks.settle(THIS_DOOR, Err(reason));
                checks.close(&DOOR)
            }
        }
    }

    /// Why a tap on the door would be refused before anything is sent. Told only where it would.
    fn judge_taps(&self, checks: &mut Checks, entry: &Entry, who: &ResidentId) {
        if entry.id.as_number().is_none() {
            let odd = reason(Cause::VendorReplyUnusable).with_detail("the entry's id is no number");
            checks.should(TAPPED, Err(odd));
        } else if let Some(left) = self.pauses.left(&entry.id, who) {
            checks.should(TAPPED, Err(reason(Cause::DoorRateLimited).after(left)));
        }
    }

    fn judge_key(
        &self,
        checks: &mut Checks,
        context: &Context,
        holder: &Holder,
        key: Result<Option<Key>, AccessError>,
    ) {
        match key {
            Ok(Some(_)) => {
                checks.settle(KEY, Ok(()));
            }
            Ok(None) => checks.unknowable(KEY, "there is none yet; it is made at the first use"),
            Err(error) => {
                checks.settle(KEY, Err(why(&error)));
            }
        }
        let Some(keys) = holder.keys.peek() else {
            return checks.unknowable(ONE_KEY, "the keys could not be read");
        };
        let surplus =
            match keys.value.surplus(&self.key_name, context.now()).as_slice() {
                [] => Ok(()),
                [used, rest @ ..] => Err(reason(Cause::KeySurplus)
                    .with_detail(&format!("{} besides {used}", rest.len()))),
            };
        checks.should(ONE_KEY, surplus);
    }
}

/// What the account may do, and what the plan includes. Neither keeps the rest from being told: what the
/// vendor says of rights was never seen to be all that decides.
fn judge_account(checks: &mut Checks, account: Result<SelfCheck, Error>) {
    let account = match account {
        Ok(account) => account,
        Err(error) => {
            let why = format!("it could not be read: {}", error.gist());
            checks.unknowable(RIGHTS, &why);
            return checks.unknowable(PLAN, &why);
        }
    };
    checks.should(RIGHTS, super::health::rights(&account));
    match super::health::plan(&account) {
        Some(plan) => checks.should(PLAN, plan),
        None => checks
            .unknowable(PLAN, "Openpath's list of features does not tell, or could not be read"),
    }
}

/// Whether a user with the former resident's e-mail may still be let in, by card, fob or Openpath's own app.
fn judge_left(checks: &mut Checks, found: Result<Arc<Found>, AccessError>, now: Timestamp) {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            checks.settle(LEFT, Err(why(&error)));
            return;
        }
    };
    let is_inactive = |user: &Candidate| {
        let cause = active(user).map_err(|reason| reason.cause());
        matches!(cause, Err(Cause::UserSuspended | Cause::UserArchived))
    };
    if !found.users.iter().all(|user| is_inactive(user) || is_surely_over(user, now)) {
        checks.settle(LEFT, Err(reason(Cause::AccessRemains)));
    } else if found.is_site_bound {
        checks.unknowable(LEFT, "the service account sees some sites only");
    } else {
        checks.settle(LEFT, Ok(()));
    }
}

fn judge_sharers(checks: &mut Checks, sharers: &Result<usize, AccessError>) {
    match sharers {
        Ok(0) => checks.should(SHARED, Ok(())),
        Ok(count) => {
            let detail = format!("{count} more in this building");
            checks.should(SHARED, Err(reason(Cause::UserShared).with_detail(&detail)));
        }
        Err(_) => checks.unknowable(SHARED, "the store or the directory could not be asked"),
    }
}

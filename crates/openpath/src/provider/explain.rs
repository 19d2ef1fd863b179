//! Why a resident may or may not open doors, precondition by precondition.

use elevate_access::{
    Cause, Check, Context, Error as AccessError, Freshness, Occupant, Reason, VendorDoorId,
};
use futures_util::future::join;

use super::{
    Inner,
    causes::{reason, unread},
    doors::entry_of,
    link::Linked,
    person::{active, in_dates, only_one, remote_unlock},
};

/// Shown only where it fails.
const BUILDING: &str = "The Openpath connection serves this building.";

/// Every precondition, in the order in which to mend them.
const EMAIL: &str = "ElevateOS vouches for an e-mail address of the resident.";
const SIGN_IN: &str = "The service account can sign in to Openpath.";
const USER: &str = "The resident's e-mail belongs to one Openpath user.";
const ACTIVE: &str = "That user is active.";
const DATES: &str = "That user is within its start and end date.";
const REMOTE: &str = "That user may unlock remotely.";
const KEY: &str = "That user has a usable cloud key.";
const ENTRIES: &str = "At least one entry is assigned to that user.";
const THIS_DOOR: &str = "This door is among that user's entries.";
const LOCK: &str = "The door's wireless lock is online.";
const STATE: &str =
    "The door's state and schedule allow a cloud key now, and its controller is online.";

const EARLIER: &str = "something above has to be mended first";
const NO_RIGHT: &str = "the service account's rights do not show it";

/// Checks in their order. After one that failed the others cannot be told.
struct Checks {
    list: Vec<Check>,
    failed: bool,
}

impl Checks {
    fn settle(&mut self, what: &str, held: Result<(), Reason>) -> bool {
        self.list.push(match held {
            _ if self.failed => Check::unknowable(what, EARLIER),
            Ok(()) => Check::passed(what),
            Err(reason) => {
                self.failed = true;
                Check::failed(what, reason)
            }
        });
        !self.failed
    }

    fn unknowable(&mut self, what: &str, why: &str) {
        let why = if self.failed { EARLIER } else { why };
        self.list.push(Check::unknowable(what, why));
    }

    /// The rest, once something failed.
    fn close(mut self, whats: &[&str]) -> Vec<Check> {
        self.list.extend(whats.iter().map(|what| Check::unknowable(*what, EARLIER)));
        self.list
    }
}

fn why(error: &AccessError) -> Reason {
    error.reason().clone()
}

impl Inner {
    pub(super) async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let mut all = vec![EMAIL, SIGN_IN, USER, ACTIVE, DATES, REMOTE, KEY, ENTRIES];
        all.extend(door.into_iter().flat_map(|_| [THIS_DOOR, STATE]));
        let mut checks = Checks { list: Vec::new(), failed: false };
        if let Err(reason) = self.sites.know(context.building()) {
            checks.settle(BUILDING, Err(reason));
            return checks.close(&all);
        }

        let email = occupant.email();
        let vouched = email.map(|_| ()).ok_or_else(|| Reason::new(Cause::NoVerifiedEmail));
        let (true, Some(email)) = (checks.settle(EMAIL, vouched), email) else {
            return checks.close(&all[1..]);
        };
        let signed_in = self.client.sign_in().await.map_err(|error| why(&unread(error)));
        if !checks.settle(SIGN_IN, signed_in.map(|_| ())) {
            return checks.close(&all[2..]);
        }

        let record = self.record(context, occupant, email);
        let found = self.find(&record, email, Freshness::Fresh).await.map_err(|error| why(&error));
        let user = found.as_ref().map_err(Reason::clone).and_then(|found| {
            only_one(&found.users, found.is_site_bound).map(|user| (user, found.begun))
        });
        let (user, begun) = match user {
            Ok(user) => user,
            Err(reason) => {
                checks.settle(USER, Err(reason));
                return checks.close(&all[3..]);
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
        if checks.failed {
            return checks.close(&all[6..]);
        }

        let linked =
            Linked { user: user.id.clone(), key: None, begun, ends: None, is_from_store: false };
        let holder = self.holder(&linked.user);
        let (key, entries) = join(
            self.key(context, &linked, &holder, Freshness::Fresh),
            self.entries(&holder, Freshness::Fresh),
        )
        .await;
        match key {
            Ok(Some(_)) => {
                checks.settle(KEY, Ok(()));
            }
            Ok(None) => checks.unknowable(KEY, "there is none yet; it is made at the first use"),
            Err(error) => {
                checks.settle(KEY, Err(why(&error)));
            }
        }
        let entries = match entries {
            Ok(entries) => entries.list,
            Err(error) => {
                checks.settle(ENTRIES, Err(why(&error)));
                return checks.close(&all[8..]);
            }
        };
        let own = self.sites.own(context.building(), &entries);
        let some = if own.is_empty() { Err(Self::no_doors(&entries)) } else { Ok(()) };
        checks.settle(ENTRIES, some);
        if let Some(door) = door {
            let entry = entry_of(&own, door);
            let is_elsewhere = || entries.iter().any(|entry| entry.id.as_str() == door.as_str());
            let there =
                match entry {
                    Some(_) => Ok(()),
                    None if is_elsewhere() => Err(reason(Cause::DoorNotGranted)
                        .with_detail("it is at another building's site")),
                    None => Err(reason(Cause::DoorNotGranted)),
                };
            checks.settle(THIS_DOOR, there);
            let lock = entry.and_then(|entry| entry.wireless_lock.as_ref());
            match lock.and_then(|lock| lock.is_offline) {
                Some(true) => {
                    checks.settle(LOCK, Err(reason(Cause::DoorOffline)));
                }
                Some(false) => {
                    checks.settle(LOCK, Ok(()));
                }
                None => {}
            }
            checks.unknowable(STATE, NO_RIGHT);
        }
        checks.list
    }
}

//! Which users hold more keys of ours than the one that they need.

use std::collections::{HashMap, HashSet};

use elevate_access::{Auditor, Cause, Finding, Reason, RosterEntry, Subject, SubjectKind, Urgency};
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::{Roll, who};
use crate::{
    Error, UserId,
    provider::{
        Inner,
        causes::{reason, unread},
        keys::Keys,
    },
};

/// How many keys of ours the users of this building hold, where that is more than one.
pub(super) type Surplus = HashMap<UserId, usize>;

impl Inner {
    /// Lets every credential of the organisation pass once, and keeps what is of this building's users.
    pub(super) async fn read_keys(
        &self,
        auditor: &Auditor,
        roll: &Roll,
        now: Timestamp,
    ) -> Result<Surplus, Reason> {
        self.count_keys(auditor, roll, now).await.map_err(|error| unread(error).reason().clone())
    }

    async fn count_keys(
        &self,
        auditor: &Auditor,
        roll: &Roll,
        now: Timestamp,
    ) -> Result<Surplus, Error> {
        let residents: HashSet<&UserId> = roll.ids().collect();
        let mut keys: HashMap<UserId, Keys> = HashMap::new();
        let mut credentials = self.aside.credentials();
        let (mut calls, mut read) = (0, 0_u64);
        loop {
            let row = credentials.next().await;
            let pages = credentials.told().pages;
            auditor.called(pages - calls);
            if pages > calls {
                auditor.progress("credentials", read, credentials.told().of).await;
            }
            calls = pages;
            let Some(row) = row.transpose()? else { break };
            read += 1;
            let holder = row.user.and_then(|user| user.id).filter(|id| residents.contains(id));
            if let Some(holder) = holder.filter(|_| row.credential.is_plain_cloud_key()) {
                keys.entry(holder).or_insert_with(|| Keys::of(Vec::new())).add(row.credential);
            }
        }
        let surplus = keys.into_iter().filter_map(|(user, keys)| {
            let ours = keys.surplus(&self.key_name, now).len();
            (ours > 1).then_some((user, ours))
        });
        Ok(surplus.collect())
    }

    /// Reports them; or that it could not be read, which takes nothing from the rest.
    pub(super) async fn tell_keys(
        &self,
        auditor: &Auditor,
        ready: &[(&RosterEntry, UserId)],
        surplus: Result<Surplus, Reason>,
    ) {
        let surplus = match surplus {
            Ok(surplus) => surplus,
            Err(why) => {
                let what = Subject::new(SubjectKind::Connection, "cloud keys")
                    .named("The cloud keys of all users");
                auditor.found(Finding::new(Urgency::Information, what, why)).await;
                return;
            }
        };
        for (entry, user) in ready {
            if let Some(count) = surplus.get(user) {
                let why = reason(Cause::KeySurplus).with_detail(&format!("{count} keys"));
                auditor.found(Finding::new(Urgency::Information, who(entry), why)).await;
            }
        }
    }
}

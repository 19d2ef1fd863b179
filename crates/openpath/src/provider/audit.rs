//! Auditing a building's roster against the organisation's users (O7, O9).

mod keys;
mod roll;

use std::collections::{HashMap, HashSet};

use elevate_access::{
    Audited, Auditor, Cause, Context, Difference, Error as AccessError, Finding, Likely, Reason,
    RosterEntry, Standing, Subject, SubjectKind, Tally, Urgency, VerifiedEmail,
};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};

use self::roll::{HeldBy, Roll, Seen};
use super::{
    Inner,
    causes::{reason, unread},
    person::{is_surely_inactive, is_surely_over, may_open, only_one},
};
use crate::{
    ErrorKind, UserId, UsersQuery,
    emails::{NearIndex, Person, Suggested},
};

/// How near the end of a user's validity has to be to be told of.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many users that are nobody's, and near somebody, wait for the end of the reading: it tells whether they
/// are told of as somebody's likely counterpart.
const MOST_NEAR: usize = 1_000;

/// How many users pass between two words on how far it is.
const TELL_EVERY: u64 = 1_000;

/// A likely counterpart, by the place of the resident on the roster.
type Suggestion = Suggested<usize, UserId>;

impl Inner {
    /// One call for each thousand users and one for each thousand credentials; with `wants_doors_of_each`, one
    /// for each matched resident besides. All go aside, so that no tap waits for one.
    pub(super) async fn audit(
        &self,
        context: &Context,
        auditor: &Auditor,
    ) -> Result<Audited, AccessError> {
        self.sites.know(context.building())?;
        let roster = auditor.roster().entries();
        let now = context.now();
        let (roll, suggestions) = self.read_users(context, auditor, now).await?;
        let keys = self.read_keys(auditor, &roll, now).await;

        let suggestions: HashMap<usize, &Suggestion> =
            suggestions.iter().map(|one| (one.ours, one)).collect();
        let (mut current, mut matched, mut ready) = (0, 0, Vec::new());
        for (place, entry) in roster.iter().enumerate() {
            let likely = || suggestions.get(&place).map(|one| likely(one));
            if entry.has_lived_here && !entry.is_current() {
                self.left(context, auditor, entry, &roll, now).await;
            }
            if entry.has_left() {
                continue;
            }
            current += usize::from(entry.is_current());
            match standing(entry, &roll, now) {
                Ok((user, until)) => {
                    matched += usize::from(entry.is_current());
                    if let Some(end) = until.filter(|end| *end - now < SOON) {
                        let soon = reason(Cause::UserEndsSoon)
                            .with_detail(&format!("on {}", end.strftime("%Y-%m-%d")));
                        auditor.found(Finding::new(Urgency::WillBite, who(entry), soon)).await;
                    }
                    if entry.is_current() {
                        ready.push((entry, user.id().clone()));
                    }
                }
                Err(why) => {
                    // Whoever moves in later may have a user that is valid from later on.
                    let is_early = why.cause() == Cause::UserNotYetValid;
                    if entry.is_future() && is_early {
                        continue;
                    }
                    let is_found = !matches!(
                        why.cause(),
                        Cause::UserNotFound | Cause::UserAmbiguous | Cause::NoVerifiedEmail
                    );
                    matched += usize::from(entry.is_current() && is_found);
                    let urgency =
                        if entry.is_current() { Urgency::MustFix } else { Urgency::WillBite };
                    let missing = why.cause() == Cause::UserNotFound;
                    let likely = if missing { likely() } else { None };
                    auditor.found(Finding::new(urgency, who(entry), why).likely(likely)).await;
                }
            }
            if roll.shares(entry) {
                let shared = reason(Cause::UserShared);
                auditor.found(Finding::new(Urgency::WillBite, who(entry), shared)).await;
            }
        }
        self.tell_keys(auditor, &ready, keys).await;
        let with_doors = self.doors_of_each(context, auditor, &ready).await?;

        let mut tallies = vec![
            Tally::part("Current residents matched to an Openpath user", matched, current),
            Tally::part("Current residents whose user may unlock now", ready.len(), current),
            Tally::new("Openpath users read", roll.read),
            Tally::new("Active users that are no resident's, nor nearly", roll.unclaimed),
        ];
        if let Some(count) = with_doors {
            let of = ready.len();
            tallies.push(Tally::part("Matched residents with at least one entry", count, of));
        }
        Ok(Audited::new(tallies))
    }

    /// Lets every user pass once: who is whose, who is nobody's, and who is nearly somebody's. A list that changes
    /// under the reading is read once more.
    async fn read_users(
        &self,
        context: &Context,
        auditor: &Auditor,
        now: Timestamp,
    ) -> Result<(Roll, Vec<Suggestion>), AccessError> {
        let mut told = HashSet::new();
        match self.pass(context, auditor, now, &mut told).await {
            Err(error) if error.kind() == ErrorKind::Incomplete => {
                self.pass(context, auditor, now, &mut told).await.map_err(unread)
            }
            done => done.map_err(unread),
        }
    }

    async fn pass(
        &self,
        context: &Context,
        auditor: &Auditor,
        now: Timestamp,
        told: &mut HashSet<UserId>,
    ) -> Result<(Roll, Vec<Suggestion>), crate::Error> {
        let roster = auditor.roster().entries();
        let mut roll = Roll::of(roster);
        let ours = roster.iter().enumerate().filter_map(|(place, entry)| {
            let email = entry.email.as_ref()?.expose();
            Some((place, Person { email, name: entry.name.as_deref() }))
        });
        let mut near = NearIndex::of(ours);
        let sites = self.sites.of(context.building());
        let scrubber = self.client.scrubber();
        let mut users = self.aside.users(&UsersQuery::all().with_sites());
        let mut nearly: Vec<Seen> = Vec::new();
        let mut calls = 0;
        loop {
            let user = users.next().await;
            let pages = users.told().pages;
            auditor.called(pages - calls);
            calls = pages;
            let Some(user) = user.transpose()? else { break };
            roll.read += 1;
            if (roll.read as u64).is_multiple_of(TELL_EVERY) {
                auditor.progress("users", roll.read as u64, users.told().of).await;
            }
            let is_own = user.email().is_some_and(|email| self.client.is_own_account(email));
            let seen = Seen::of(user, sites, &scrubber);
            if let Some(email) = &seen.email
                && roll.knows(email)
            {
                roll.add(seen, now);
                continue;
            }
            // The account with which we sign in is nobody's, and nothing to mend.
            if is_own {
                continue;
            }
            // A user who is known to be of other sites only is nobody's here.
            if !seen.is_here {
                continue;
            }
            let is_near = seen.email.as_ref().is_some_and(|email| {
                near.consider(seen.id(), Person { email, name: seen.name.as_deref() })
            });
            if !seen.may_be_active(now) {
                continue;
            }
            if is_near && nearly.len() < MOST_NEAR {
                nearly.push(seen);
            } else {
                roll.unclaimed += 1;
                unclaimed(auditor, &seen, told).await;
            }
        }
        roll.is_site_bound = users.told().is_site_bound;
        auditor.progress("users", roll.read as u64, Some(roll.read as u64)).await;
        let is_missing = |place: &usize| {
            let entry = roster.get(*place);
            entry.is_some_and(|entry| !entry.has_left() && roll.users_of(entry).is_empty())
        };
        let suggestions = near.finish(is_missing);
        // Whoever is somebody's likely counterpart is told of with them: "disable it" would be wrong advice.
        let likely: HashSet<&UserId> = suggestions.iter().map(|one| &one.theirs).collect();
        for seen in nearly.iter().filter(|seen| !likely.contains(seen.id())) {
            roll.unclaimed += 1;
            unclaimed(auditor, seen, told).await;
        }
        Ok((roll, suggestions))
    }

    /// Whether Openpath may still let somebody in who has left, and whose e-mail nobody who lives here now has.
    async fn left(
        &self,
        context: &Context,
        auditor: &Auditor,
        entry: &RosterEntry,
        roll: &Roll,
        now: Timestamp,
    ) {
        let held_by = roll.held_by(entry);
        if held_by == HeldBy::Current {
            return;
        }
        let still = roll.users_of(entry).iter().filter(|user| user.may_be_active(now));
        // One who lives in another building of the organisation keeps the user; and if that user is known to
        // be of no site of this building, nothing is left of their access to it.
        let is_pinned = self.sites.of(context.building()).is_some();
        let mut still = still.filter(|user| {
            !(entry.is_current_elsewhere && is_pinned && user.knows_sites && !user.is_here)
        });
        if still.next().is_none() {
            return;
        }
        let mut remains = reason(Cause::AccessRemains);
        let mut urgency = Urgency::MustFix;
        if entry.is_current_elsewhere {
            urgency = Urgency::WillBite;
            remains = remains.with_detail(
                "they live in another building now: take away only what opens this one",
            );
        } else if held_by == HeldBy::Future {
            urgency = Urgency::WillBite;
            remains = remains.with_detail(
                "whoever has this e-mail is to live here later, and the user may open doors until then",
            );
        } else if let Standing::Other(other) = &entry.standing {
            // It may be a word for Current that the PMS spells otherwise.
            remains = remains.with_detail(&format!("their standing is “{other}”"));
        }
        auditor.found(Finding::new(urgency, who(entry), remains)).await;
    }

    /// Asks for the entries of each, if that is wanted: who has none sees no door.
    async fn doors_of_each(
        &self,
        context: &Context,
        auditor: &Auditor,
        ready: &[(&RosterEntry, UserId)],
    ) -> Result<Option<usize>, AccessError> {
        if !auditor.wants_doors_of_each() {
            return Ok(None);
        }
        let mut with_doors = 0;
        for (done, (entry, user)) in ready.iter().enumerate() {
            auditor.called(1);
            let entries = self.aside.user_entries(user).all().await.map_err(unread)?.rows;
            if self.sites.own(context.building(), &entries).is_empty() {
                let none = Self::no_doors(&entries);
                auditor.found(Finding::new(Urgency::MustFix, who(entry), none)).await;
            } else {
                with_doors += 1;
            }
            auditor.progress("entries", done as u64 + 1, Some(ready.len() as u64)).await;
        }
        Ok(Some(with_doors))
    }
}

/// The user of somebody who lives here or will, and until when it may open doors; or what is wrong.
fn standing<'r>(
    entry: &RosterEntry,
    roll: &'r Roll,
    now: Timestamp,
) -> Result<(&'r Seen, Option<Timestamp>), Reason> {
    if entry.email.is_none() {
        return Err(reason(Cause::NoVerifiedEmail));
    }
    let users = roll.users_of(entry);
    let candidates: Vec<_> = users.iter().map(|seen| seen.candidate.clone()).collect();
    let one = only_one(&candidates, roll.is_site_bound).map_err(|why| in_namespaces(why, users))?;
    let until = may_open(one, now)?;
    let seen = users.iter().find(|seen| *seen.id() == one.id);
    let seen = seen.ok_or_else(|| reason(Cause::UserNotFound))?;
    Ok((seen, until))
}

/// Says that users with one e-mail are in several namespaces, where that is why there can be two.
fn in_namespaces(why: Reason, users: &[Seen]) -> Reason {
    let namespaces: HashSet<_> = users.iter().filter_map(|user| user.namespace.as_ref()).collect();
    match (why.cause(), namespaces.len()) {
        (Cause::UserAmbiguous, count @ 2..) => {
            why.with_detail(&format!("{} users, in {count} namespaces", users.len()))
        }
        _ => why,
    }
}

/// Tells of an active user that is nobody's, once.
async fn unclaimed(auditor: &Auditor, seen: &Seen, told: &mut HashSet<UserId>) {
    if told.insert(seen.id().clone()) {
        let nobody = reason(Cause::UserUnclaimed);
        auditor.found(Finding::new(Urgency::Information, seen.subject(), nobody)).await;
    }
}

fn who(entry: &RosterEntry) -> Subject {
    Subject::new(SubjectKind::Resident, entry.resident.as_str())
        .named_if(entry.name.as_deref())
        .with_email(entry.email.as_ref().map(VerifiedEmail::expose))
        .living_in(entry.units.iter().map(|unit| unit.name.as_str()))
}

fn likely(suggestion: &Suggestion) -> Likely {
    let user = Subject::new(SubjectKind::VendorUser, suggestion.theirs.as_str())
        .named_if(suggestion.name.as_deref())
        .with_email(Some(&suggestion.email));
    let differences = suggestion.differences.iter();
    let differences = differences.map(|one| Difference::new(one.code(), one.sentence())).collect();
    let likely = Likely::new(user, differences);
    if suggestion.is_for_review { likely.for_review() } else { likely }
}

impl Seen {
    fn subject(&self) -> Subject {
        Subject::new(SubjectKind::VendorUser, self.id().as_str())
            .named_if(self.name.as_deref())
            .with_email(self.email.as_deref())
    }

    /// Whether the user opens doors, as far as is known: nobody who has left hides behind a status that is not known.
    pub(super) fn may_be_active(&self, now: Timestamp) -> bool {
        !is_surely_inactive(&self.candidate) && !is_surely_over(&self.candidate, now)
    }
}

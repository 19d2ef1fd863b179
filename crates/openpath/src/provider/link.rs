//! Who a resident is at Openpath: found, kept for as long as the laws allow, forgotten.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use elevate_access::{
    Aged, Cause, Context, EmailDigest, Error as AccessError, Freshness, Link, MaxAge, Occupant,
    Reason, VerifiedEmail,
};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    Inner, LINK_AGE, REFUSAL_AGE,
    keys::Key,
    people::Found,
    person::{Candidate, may_open, only_one},
};
use crate::{CredentialId, UserId};

/// How much longer than a link may be relied on a user or key has to be valid for the link to be written:
/// a link says nothing of when they end. Clocks of nodes differ.
const MARGIN: Duration = Duration::from_mins(1);

/// What is known of one resident under one e-mail. Another e-mail is another record.
#[derive(Debug)]
pub(super) struct Record {
    found: Aged<Found>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// From the store: another process, or an earlier life of this one, confirmed it.
    stored: Option<Linked>,
    /// What was last written there, or found to be nothing to write: user, key, and when the reading began
    /// that confirmed it.
    written: Option<(UserId, Option<CredentialId>, Instant)>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self { found: Aged::new(MaxAge::of(LINK_AGE)), kept: Mutex::default() }
    }

    /// Forgets it: whoever asks next reads first.
    pub(super) fn forget(&self) {
        self.found.forget();
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who a resident is at Openpath, as confirmed by a reading that began then.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    pub(super) user: UserId,
    /// The key, where the store named one: confirmed by the same reading.
    pub(super) key: Option<Key>,
    pub(super) begun: Instant,
    /// When the user's validity ends.
    pub(super) ends: Option<Timestamp>,
    pub(super) is_from_store: bool,
}

impl Linked {
    /// Until when it may be relied on.
    pub(super) fn good_until(&self, now: Timestamp) -> Instant {
        let aged = self.begun + LINK_AGE;
        let left = self.ends.map(|end| Duration::try_from(end.duration_since(now)));
        match left {
            None => aged,
            Some(left) => aged.min(Instant::now() + left.unwrap_or_default()),
        }
    }

    fn is_of_age(&self) -> bool {
        self.begun.elapsed() <= LINK_AGE
    }
}

/// A resident at Openpath, or why there is none.
#[derive(Debug)]
pub(super) enum Who {
    User(Linked),
    Nobody { reason: Reason, begun: Instant },
}

impl Inner {
    pub(super) fn record(
        &self,
        context: &Context,
        occupant: &Occupant,
        email: &VerifiedEmail,
    ) -> Arc<Record> {
        let digest = EmailDigest::of(context.connection(), occupant.resident(), email);
        if let Some(record) = self.records.get(&digest) {
            return record;
        }
        // Two callers at once may each make one: both read, neither is wrong.
        let record = Arc::new(Record::new());
        self.records.insert(digest, record.clone());
        record
    }

    /// Who the occupant is, from memory, from the store, or from Openpath.
    pub(super) async fn who(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Who, AccessError> {
        let Some(email) = occupant.email() else {
            let reason = Reason::new(Cause::NoVerifiedEmail);
            return Ok(Who::Nobody { reason, begun: Instant::now() });
        };
        let record = self.record(context, occupant, email);
        if freshness == Freshness::Cached {
            match record.found.peek().map(|found| found.value) {
                Some(found) => match judge(&found, context.now()) {
                    Who::User(linked) if linked.is_of_age() => return Ok(Who::User(linked)),
                    // A refusal is looked at again soon: it may have been mended.
                    Who::Nobody { reason, begun } if begun.elapsed() <= REFUSAL_AGE => {
                        return Ok(Who::Nobody { reason, begun });
                    }
                    _ => record.found.forget(),
                },
                None => {
                    if let Some(linked) = self.stored(context, occupant, &record).await {
                        return Ok(Who::User(linked));
                    }
                }
            }
        }
        let found = self.find(&record, email, freshness).await?;
        record.kept().stored = None;
        let who = judge(&found, context.now());
        if let Who::Nobody { reason, .. } = &who {
            // Whose link it is, the span around it says.
            tracing::info!(code = reason.code(), "not linked");
            self.unlink(context, occupant).await;
        }
        Ok(who)
    }

    /// The users with that e-mail.
    pub(super) async fn find(
        &self,
        record: &Record,
        email: &VerifiedEmail,
        freshness: Freshness,
    ) -> Result<Arc<Found>, AccessError> {
        let read = || {
            let (people, email) = (self.people.clone(), email.clone());
            async move { people.find(&email, freshness).await }
        };
        Ok(record.found.get(freshness, read).await?.value)
    }

    /// The link that the store holds, if it was confirmed within the last five minutes. A store that fails
    /// costs the reading that the link would have spared, and keeps nobody out.
    async fn stored(
        &self,
        context: &Context,
        occupant: &Occupant,
        record: &Record,
    ) -> Option<Linked> {
        let kept = record.kept().stored.clone();
        if let Some(linked) = kept.filter(Linked::is_of_age) {
            return Some(linked);
        }
        let link = match context.link(occupant).await {
            Ok(link) => link?,
            Err(error) => {
                tracing::warn!(%error, "a link could not be read; the user is looked up instead");
                return None;
            }
        };
        let linked = of_link(&link, &self.place, context.now())?;
        if linked.key.is_some() {
            self.holder(&linked.user).note_key();
        }
        linked.is_of_age().then(|| {
            record.kept().stored = Some(linked.clone());
            linked
        })
    }

    /// Writes the link down, unless the same is there already. A store that fails keeps nobody out.
    ///
    /// A user or key that is about to end is not written down: whoever read that would not know.
    pub(super) async fn remember(
        &self,
        context: &Context,
        occupant: &Occupant,
        linked: &Linked,
        key: Option<&Key>,
    ) {
        let Some(email) = occupant.email() else { return };
        let record = self.record(context, occupant, email);
        let now = (linked.user.clone(), key.map(|key| key.id.clone()), linked.begun);
        let known = linked.key.as_ref().map(|key| &key.id);
        let is_known = linked.is_from_store && known == now.1.as_ref();
        if is_known || record.kept().written.as_ref() == Some(&now) {
            return;
        }
        let now_there = context.now();
        let verified = now_there.checked_sub(linked.begun.elapsed()).unwrap_or(now_there);
        let end = [linked.ends, key.and_then(|key| key.ends)].into_iter().flatten().min();
        let left = end.map(|end| Duration::try_from(end.duration_since(now_there)));
        if left.is_some_and(|left| left.unwrap_or_default() <= LINK_AGE + MARGIN) {
            if self.unlink(context, occupant).await {
                record.kept().written = Some(now);
            }
            return;
        }
        let subject = subject_of(&self.place, &linked.user);
        let key_id = now.1.as_ref().map(CredentialId::as_str);
        match context.set_link(occupant, &subject, key_id, verified).await {
            Ok(()) => {
                let mut kept = record.kept();
                if linked.is_from_store {
                    kept.stored = Some(Linked { key: key.cloned(), ..linked.clone() });
                }
                kept.written = Some(now);
            }
            Err(error) => tracing::warn!(%error, "a link could not be written down"),
        }
    }

    /// Takes the link out of the store, so that no other node relies on it, and says whether it could.
    pub(super) async fn unlink(&self, context: &Context, occupant: &Occupant) -> bool {
        let unlinked = context.unlink(occupant).await;
        if let Err(error) = &unlinked {
            tracing::warn!(%error, "a link could not be removed; it ends within five minutes");
        }
        unlinked.is_ok()
    }
}

/// What the users that were found make of the resident.
fn judge(found: &Found, now: Timestamp) -> Who {
    let judged = only_one(&found.users, found.is_site_bound)
        .and_then(|user: &Candidate| Ok((user, may_open(user, now)?)));
    match judged {
        Ok((user, ends)) => Who::User(Linked {
            user: user.id.clone(),
            key: None,
            begun: found.begun,
            ends,
            is_from_store: false,
        }),
        Err(reason) => Who::Nobody { reason, begun: found.begun },
    }
}

/// How a link names a user: with the place, since a connection may be pointed at another organisation.
pub(super) fn subject_of(place: &str, user: &UserId) -> String {
    format!("{place}/{user}")
}

/// The user that a link names, if it is one of that place.
fn user_of(place: &str, subject: &str) -> Option<UserId> {
    let user = subject.strip_prefix(place)?.strip_prefix('/')?;
    UserId::new(user).ok()
}

/// What a link in the store says, dated by the wall clock; nothing if it makes no sense here.
fn of_link(link: &Link, place: &str, now: Timestamp) -> Option<Linked> {
    let age = Duration::try_from(now.duration_since(link.verified)).ok()?;
    let begun = Instant::now().checked_sub(age)?;
    let user = user_of(place, &link.subject)?;
    let key = match &link.key {
        Some(key) => Some(Key { id: CredentialId::new(key).ok()?, ends: None }),
        None => None,
    };
    Some(Linked { user, key, begun, ends: None, is_from_store: true })
}

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
    people::Found,
    person::{Candidate, may_open, only_one},
};
use crate::{CredentialId, UserId};

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
    /// What was last written there: user, key, and when the reading began that confirmed it.
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
    pub(super) key: Option<CredentialId>,
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
            tracing::info!(resident = %occupant.resident(), code = reason.code(), "not linked");
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
        let linked = of_link(&link, context.now())?;
        if linked.key.is_some() {
            self.holder(&linked.user).note_key();
        }
        linked.is_of_age().then(|| {
            record.kept().stored = Some(linked.clone());
            linked
        })
    }

    /// Writes the link down, unless the same is there already. A store that fails keeps nobody out.
    pub(super) async fn remember(
        &self,
        context: &Context,
        occupant: &Occupant,
        linked: &Linked,
        key: Option<&CredentialId>,
    ) {
        let Some(email) = occupant.email() else { return };
        let record = self.record(context, occupant, email);
        let now = (linked.user.clone(), key.cloned(), linked.begun);
        let is_known = linked.is_from_store && linked.key.as_ref() == key;
        if is_known || record.kept().written.as_ref() == Some(&now) {
            return;
        }
        let now_there = context.now();
        let verified = now_there.checked_sub(linked.begun.elapsed()).unwrap_or(now_there);
        let key = key.map(CredentialId::as_str);
        match context.set_link(occupant, linked.user.as_str(), key, verified).await {
            Ok(()) => {
                let mut kept = record.kept();
                if linked.is_from_store {
                    kept.stored = Some(Linked { key: now.1.clone(), ..linked.clone() });
                }
                kept.written = Some(now);
            }
            Err(error) => tracing::warn!(%error, "a link could not be written down"),
        }
    }

    /// Takes the link out of the store, so that no other node relies on it.
    pub(super) async fn unlink(&self, context: &Context, occupant: &Occupant) {
        if let Err(error) = context.unlink(occupant).await {
            tracing::warn!(%error, "a link could not be removed; it ends within five minutes");
        }
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

/// What a link in the store says, dated by the wall clock; nothing if it makes no sense.
fn of_link(link: &Link, now: Timestamp) -> Option<Linked> {
    let age = Duration::try_from(now.duration_since(link.verified)).ok()?;
    let begun = Instant::now().checked_sub(age)?;
    let user = UserId::new(&link.subject).ok()?;
    let key = match &link.key {
        Some(key) => Some(CredentialId::new(key).ok()?),
        None => None,
    };
    Some(Linked { user, key, begun, ends: None, is_from_store: true })
}

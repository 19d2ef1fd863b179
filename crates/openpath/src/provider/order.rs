//! One unlock: prepared from what is known, sent once, and what its answer says.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use elevate_access::{
    Cause, Context, Error as AccessError, Freshness, Occupant, Reason, ResidentId, TapId,
    UnlockPermit, VendorDoorId, Verdict,
};
use elevate_transport::{Delivery, Gate};
use futures_util::future::try_join;
use tokio::time::{Instant, timeout_at};

use super::{
    Inner,
    causes::{because, is_gone, reason},
    doors::entry_of,
    link::{Linked, Who},
};
use crate::{CloudKeyUnlock, CredentialId, EntryId, Error, ErrorKind};

/// How long a door is left alone after a 429 that does not say.
const PAUSE: Duration = Duration::from_secs(10);

/// The longest that whoever met a 429 is kept from the door, whatever the vendor asks for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// The longest that everybody else is: one who taps on and on is not to shut it for all.
const LONGEST_FOR_OTHERS: Duration = Duration::from_mins(1);

/// Everything that an order needs.
struct Prepared {
    linked: Linked,
    key: CredentialId,
    entry: EntryId,
}

impl Inner {
    pub(super) async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: &UnlockPermit,
    ) -> Verdict {
        let preparing = self.prepare(context, occupant, door);
        let prepared = match timeout_at(permit.send_by(), preparing).await {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(error)) => return Verdict::NotSent(error),
            Err(_) => return Verdict::NotSent(AccessError::new(Cause::TooSlow)),
        };
        if let Some(left) = self.pauses.left(&prepared.entry, occupant.resident()) {
            return Verdict::NotSent(reason(Cause::DoorRateLimited).after(left).into());
        }
        let unlock = CloudKeyUnlock::new(&prepared.linked.user, &prepared.key, &prepared.entry)
            .described(permit.tap().map(TapId::as_str));
        let gate = || Gate::new(permit.open());
        let answer_by = permit.answer_by();
        match self.client.cloud_key_unlock(&unlock, permit.send_by(), answer_by, gate).await {
            Ok(()) => Verdict::Accepted { reference: None },
            Err(error) => {
                let verdict = self.verdict(error, &prepared.entry, occupant.resident());
                if let Verdict::TurnedDown { reason, .. } = &verdict
                    && reason.cause() == Cause::OrderRefused
                {
                    let forgetting = self.forget(context, occupant, &prepared.linked);
                    let _ = timeout_at(answer_by, forgetting).await;
                }
                verdict
            }
        }
    }

    /// Judges the order once more by what is known: `Access` has seen the door among the grants just before,
    /// so as a rule nothing is read here.
    async fn prepare(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
    ) -> Result<Prepared, AccessError> {
        self.sites.know(context.building())?;
        let mut freshness = Freshness::Cached;
        loop {
            let linked = match self.who(context, occupant, freshness).await? {
                Who::User(linked) => linked,
                Who::Nobody { reason, .. } => return Err(reason.into()),
            };
            let holder = self.holder(&linked.user);
            let read = try_join(
                self.entries(&holder, freshness),
                self.key(context, &linked, &holder, freshness),
            );
            match read.await {
                Ok((entries, key)) => {
                    let own = self.sites.own(context.building(), &entries.list);
                    let entry = entry_of(&own, door)
                        .ok_or_else(|| AccessError::from(reason(Cause::DoorNotGranted)))?;
                    let key = key.ok_or_else(|| AccessError::from(reason(Cause::KeyNotReady)))?;
                    self.remember(context, occupant, &linked, Some(&key)).await;
                    let entry = entry.id.clone();
                    return Ok(Prepared { linked, key: key.id, entry });
                }
                Err(error) if is_gone(&error) && freshness == Freshness::Cached => {
                    freshness = Freshness::Fresh;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What an answer that is not the documented success says.
    fn verdict(&self, error: Error, entry: &EntryId, who: &ResidentId) -> Verdict {
        if error.delivery() == Delivery::NeverSent {
            return Verdict::NotSent(match error.kind() {
                ErrorKind::InvalidInput => because(Cause::VendorReplyUnusable, error),
                _ => super::causes::unread(error),
            });
        }
        let told = |cause: Cause| reason(cause).with_detail(&error.gist());
        let turned_down = |certain: bool, reason: Reason| Verdict::TurnedDown { certain, reason };
        let pause = error.retry_after().unwrap_or(PAUSE).min(LONGEST_PAUSE);
        if error.kind() == ErrorKind::Throttled {
            self.pauses.set(entry, who, pause);
        }
        match error.kind() {
            // Whoever answered so may have sent the order on.
            _ if error.status().is_some_and(|status| status.is_client_error())
                && !error.is_refusal() =>
            {
                Verdict::Lost { reference: None, reason: told(Cause::AnswerUnclear) }
            }
            ErrorKind::Unauthorized => turned_down(true, told(Cause::SignInLapsed)),
            ErrorKind::Throttled => turned_down(false, told(Cause::DoorRateLimited).after(pause)),
            ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Rejected => {
                turned_down(false, told(Cause::OrderRefused))
            }
            // Cut off or silent, and perhaps acted on.
            ErrorKind::Unreachable if error.delivery() == Delivery::MaybeSent => {
                Verdict::Lost { reference: None, reason: told(Cause::AnswerLost) }
            }
            _ => Verdict::Lost { reference: None, reason: told(Cause::AnswerUnclear) },
        }
    }

    /// Forgets what an order was based on that Openpath refused: the next reading is a fresh one.
    async fn forget(&self, context: &Context, occupant: &Occupant, linked: &Linked) {
        if let Some(email) = occupant.email() {
            self.record(context, occupant, email).forget();
        }
        self.holder(&linked.user).forget();
        self.unlink(context, occupant).await;
    }
}

/// Doors that are left alone for a while because Openpath asked for it: by everybody, or by one resident.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<HashMap<EntryId, Until>>);

/// Until when each is to leave a door alone; `None` stands for everybody.
type Until = HashMap<Option<ResidentId>, Instant>;

impl Pauses {
    /// How long that resident is still to leave the door alone.
    pub(super) fn left(&self, entry: &EntryId, who: &ResidentId) -> Option<Duration> {
        let pauses = self.lock();
        let at_door = pauses.get(entry)?;
        let until = at_door.get(&None).max(at_door.get(&Some(who.clone())))?;
        until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    fn set(&self, entry: &EntryId, who: &ResidentId, pause: Duration) {
        let now = Instant::now();
        let mut pauses = self.lock();
        pauses.retain(|_, at_door| {
            at_door.retain(|_, until| *until > now);
            !at_door.is_empty()
        });
        let at_door = pauses.entry(entry.clone()).or_default();
        let theirs = (Some(who.clone()), now + pause);
        for (who, until) in [(None, now + pause.min(LONGEST_FOR_OTHERS)), theirs] {
            let known = at_door.entry(who).or_insert(until);
            *known = until.max(*known);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EntryId, Until>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! How often a key is made: a few times a day at most for each user, whatever lists say afterwards.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use elevate_access::Lease;
use tokio::time::Instant;

use crate::UserId;

/// How long it is remembered that a key was made, or may have been.
const DAY: Duration = Duration::from_hours(24);

/// How many creations are sent in a day.
const TRIES: u32 = 3;

/// What was made for whom in the last day.
///
/// A list that does not show what was made, or shows it as something that is no key, would else have keys
/// made without end. It grows only where a creation was sent.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<HashMap<UserId, Tries>>);

#[derive(Debug)]
struct Tries {
    sent: u32,
    last: Instant,
    /// A key was made, and no list has shown one since.
    is_unseen: bool,
    /// Under which it was sent: kept until a list shows a key, or else until it runs out.
    lease: Option<Lease>,
}

impl Made {
    /// Whether a key may be made for that user.
    pub(super) fn allows(&self, user: &UserId) -> bool {
        let made = self.lock();
        let is_spent =
            |tries: &Tries| (tries.is_unseen || tries.sent >= TRIES) && tries.last.elapsed() <= DAY;
        !made.get(user).is_some_and(is_spent)
    }

    /// A key was made: until a list shows one, that is all for a day.
    pub(super) fn made(&self, user: &UserId, lease: Lease) {
        self.sent(user, true, lease);
    }

    /// A key may have been made.
    pub(super) fn perhaps_made(&self, user: &UserId, lease: Lease) {
        self.sent(user, false, lease);
    }

    /// A list shows a key of that user that can be used. If it is gone later, somebody has deleted it.
    /// The lease under which one was made can be given back now.
    pub(super) fn seen(&self, user: &UserId) -> Option<Lease> {
        let mut made = self.lock();
        let tries = made.get_mut(user)?;
        tries.is_unseen = false;
        tries.lease.take()
    }

    fn sent(&self, user: &UserId, is_unseen: bool, lease: Lease) {
        let now = Instant::now();
        let mut made = self.lock();
        made.retain(|_, tries| tries.last.elapsed() <= DAY);
        let sent = made.get(user).map_or(0, |tries| tries.sent);
        let (sent, lease) = (sent.saturating_add(1), Some(lease));
        made.insert(user.clone(), Tries { sent, last: now, is_unseen, lease });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Tries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

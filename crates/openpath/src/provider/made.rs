//! How often a key is made: at most once a day for each user, whatever lists say afterwards.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::UserId;

/// How long it is remembered that a key was made, or may have been.
const DAY: Duration = Duration::from_hours(24);

/// How many creations that may have come to nothing are tried in a day.
const TRIES: u32 = 3;

/// What was made for whom in the last day.
///
/// A list that does not show what was made, or shows it as something that is no key, would else have keys
/// made without end. It grows only where a creation was sent.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<HashMap<UserId, Tries>>);

#[derive(Debug)]
struct Tries {
    count: u32,
    last: Instant,
}

impl Made {
    /// Whether a key may be made for that user.
    pub(super) fn allows(&self, user: &UserId) -> bool {
        let made = self.lock();
        made.get(user).is_none_or(|tries| tries.count < TRIES || tries.last.elapsed() > DAY)
    }

    /// A key was made: that is all for a day.
    pub(super) fn made(&self, user: &UserId) {
        self.count(user, TRIES);
    }

    /// A key may have been made.
    pub(super) fn perhaps_made(&self, user: &UserId) {
        self.count(user, 1);
    }

    fn count(&self, user: &UserId, more: u32) {
        let now = Instant::now();
        let mut made = self.lock();
        made.retain(|_, tries| tries.last.elapsed() <= DAY);
        let tries = made.entry(user.clone()).or_insert(Tries { count: 0, last: now });
        *tries = Tries { count: tries.count.saturating_add(more), last: now };
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Tries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

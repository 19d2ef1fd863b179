use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The most repeats in one burst.
const FULL: u32 = 20;
/// One repeat comes back in this time.
const REFILL: Duration = Duration::from_secs(1);

/// A bucket of repeats. While a vendor is down every call fails, and each would be made thrice: with
/// the bucket empty, each is made once, and one repeat a second goes to find out whether it is back.
pub(super) struct Budget(Mutex<Bucket>);

struct Bucket {
    left: u32,
    /// When the last repeat came back; `None` while the bucket is full.
    refilled: Option<Instant>,
}

impl Budget {
    pub(super) fn full() -> Self {
        Self(Mutex::new(Bucket { left: FULL, refilled: None }))
    }

    /// Takes one repeat, if one is left.
    pub(super) fn spend(&self, now: Instant) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.refill(now);
        let Some(left) = bucket.left.checked_sub(1) else { return false };
        bucket.left = left;
        bucket.refilled.get_or_insert(now);
        true
    }
}

impl Bucket {
    fn refill(&mut self, now: Instant) {
        let Some(since) = self.refilled else { return };
        let seconds = now.saturating_duration_since(since).as_secs() / REFILL.as_secs();
        let back = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.left = self.left.saturating_add(back).min(FULL);
        self.refilled = (self.left < FULL).then(|| since + REFILL.saturating_mul(back));
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_empties_it_and_time_fills_it_up_to_full() {
        let start = Instant::now();
        let budget = Budget::full();
        let spend = |seconds: u64, tenths: u64| {
            budget.spend(start + Duration::from_millis(seconds * 1000 + tenths * 100))
        };
        assert_eq!((0..100).filter(|_| spend(0, 0)).count(), 20);
        assert!(!spend(0, 9));
        assert!(spend(1, 0));
        assert!(!spend(1, 9));
        // Half a second more than two: the half is not lost.
        assert_eq!((0..100).filter(|_| spend(3, 5)).count(), 2);
        assert_eq!((0..100).filter(|_| spend(4, 0)).count(), 1);
        assert_eq!((0..100).filter(|_| spend(10_000_000, 0)).count(), 20);
        // Filled again by a second after the first of those, not by the ages before.
        assert!(!spend(10_000_000, 9));
        assert!(spend(10_000_001, 0));
    }
}

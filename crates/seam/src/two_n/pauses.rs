//! Doors that Seam asked to leave alone for a while.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The pause after a 429 that names none. Seam allows 15 unlocks of a device in a minute, which is one in
/// four seconds: after ten, an allowance that refills has room for two, and one that starts anew each
/// minute is asked six times at most before it does.
const USUAL: Duration = Duration::from_secs(10);

/// The limit is one per minute, so no wish for a longer pause is about it.
const LONGEST: Duration = Duration::from_mins(1);

/// A pause of nothing would let the very next tap press against the limit.
const SHORTEST: Duration = Duration::from_secs(1);

/// Until when each of those is not to be asked: doors, or a resident's share of one.
#[derive(Debug)]
pub(super) struct Pauses<K>(Mutex<BTreeMap<K, Instant>>);

impl<K> Default for Pauses<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Ord> Pauses<K> {
    /// Starts a pause for that one, as long as Seam asked for, and says how long it is.
    pub(super) fn begin(&self, of: &K, asked: Option<Duration>) -> Duration {
        let pause = asked.unwrap_or(USUAL).clamp(SHORTEST, LONGEST);
        let now = Instant::now();
        let mut pauses = self.lock();
        pauses.retain(|_, until| *until > now);
        let until = pauses.entry(of.clone()).or_insert(now);
        *until = (*until).max(now + pause);
        until.duration_since(now)
    }

    /// How much is left of its pause.
    pub(super) fn left(&self, of: &K) -> Option<Duration> {
        let until = *self.lock().get(of)?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, Instant>> {
        // No section under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use elevate_access::VendorDoorId;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_as_long_as_asked_within_what_a_limit_per_minute_can_mean() {
        let pauses = Pauses::default();
        let door = VendorDoorId::new("d").unwrap();
        assert_eq!(pauses.left(&door), None);
        for (asked, pause) in [
            (None, 10),
            (Some(Duration::ZERO), 1),
            (Some(Duration::from_secs(20)), 20),
            (Some(Duration::MAX), 60),
        ] {
            assert_eq!(pauses.begin(&door, asked), Duration::from_secs(pause));
            tokio::time::advance(Duration::from_millis(pause * 1000 - 1)).await;
            assert_eq!(pauses.left(&door), Some(Duration::from_millis(1)));
            tokio::time::advance(Duration::from_millis(1)).await;
            assert_eq!(pauses.left(&door), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_doors_pause_is_nobody_elses_and_is_forgotten_after_its_time() {
        let pauses = Pauses::default();
        let doors: Vec<_> = (0..1000).map(|n| VendorDoorId::new(n.to_string()).unwrap()).collect();
        for door in &doors {
            pauses.begin(door, None);
        }
        assert_eq!(pauses.left(&VendorDoorId::new("other").unwrap()), None);
        tokio::time::advance(Duration::from_secs(11)).await;
        pauses.begin(&doors[0], None);
        assert_eq!(pauses.lock().len(), 1);
    }
}

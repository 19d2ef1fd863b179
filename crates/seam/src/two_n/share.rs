//! How much of a door's allowance one resident may use up.

use std::{num::NonZeroU32, time::Duration};

use elevate_access::{ResidentId, VendorDoorId};
use governor::{
    Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, state::keyed::HashMapStateStore,
};
use tokio::time::Instant;

use super::pauses::Pauses;

/// How many orders a resident has for one door at once; one comes back every [`REFILL`].
const BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// Seam lets a door be unlocked 15 times in a minute. With five at once and one each twelve seconds, a resident
/// has at most ten in any minute, so that some are left for whoever else stands before it.
const REFILL: Duration = Duration::from_secs(12);

/// More shares than this are looked through for those that have refilled.
const MANY: usize = 1024;

/// Whose share, of which door.
type Key = (ResidentId, VendorDoorId);

/// What each resident has left of each door, in this process.
pub(super) struct Shares {
    limiter: RateLimiter<Key, HashMapStateStore<Key>, Ticks, NoOpMiddleware<Duration>>,
    /// Who has used theirs up, and until when.
    spent: Pauses<Key>,
}

impl Shares {
    pub(super) fn new() -> Self {
        let quota = Quota::with_period(REFILL).unwrap_or(Quota::per_minute(BURST));
        let limiter = RateLimiter::hashmap_with_clock(quota.allow_burst(BURST), Ticks::default());
        Self { limiter, spent: Pauses::default() }
    }

    /// Takes one order out of the share, if one is left in it. Called when its body is about to start, so that
    /// what never left costs nothing.
    pub(super) fn take(&self, resident: &ResidentId, door: &VendorDoorId) -> bool {
        if self.limiter.len() > MANY {
            self.limiter.retain_recent();
        }
        let key = (resident.clone(), door.clone());
        match self.limiter.check_key(&key) {
            Ok(()) => true,
            Err(denied) => {
                let wait = denied.wait_time_from(self.limiter.clock().now());
                self.spent.begin(&key, Some(wait));
                false
            }
        }
    }

    /// How long until there is one again, where the resident has been told that there is none.
    pub(super) fn left(&self, resident: &ResidentId, door: &VendorDoorId) -> Option<Duration> {
        self.spent.left(&(resident.clone(), door.clone()))
    }
}

/// Tokio's monotonic time, which tests hold; the crate's own clock would run on beside it.
#[derive(Clone, Debug)]
struct Ticks(Instant);

impl Default for Ticks {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(id: &str) -> VendorDoorId {
        VendorDoorId::new(id).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_has_more_than_ten_of_fifteen_in_any_minute() {
        let (shares, lobby) = (Shares::new(), door("lobby"));
        let jane = ResidentId::new("jane").unwrap();
        let mut taken = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_mins(5) {
            if shares.take(&jane, &lobby) {
                taken.push(begun.elapsed());
            }
            tokio::time::advance(Duration::from_millis(250)).await;
        }
        let within = |from: &Duration| {
            taken.iter().filter(|at| *at >= from && **at < *from + Duration::from_mins(1)).count()
        };
        let most = taken.iter().map(within).max();
        assert!(most.is_some_and(|most| most <= 10), "{most:?}");
        assert!(taken.len() >= 29, "what refills may be used: {}", taken.len());
    }

    #[tokio::test(start_paused = true)]
    async fn one_residents_share_is_nobody_elses_and_of_one_door() {
        let shares = Shares::new();
        let [jane, omar] = ["jane", "omar"].map(|id| ResidentId::new(id).unwrap());
        let (lobby, gate) = (door("lobby"), door("gate"));
        for _ in 0..5 {
            assert!(shares.take(&jane, &lobby));
        }
        assert_eq!(shares.left(&jane, &lobby), None, "nobody was told yet");
        assert!(!shares.take(&jane, &lobby));
        assert_eq!(shares.left(&jane, &lobby), Some(REFILL));
        assert!(shares.take(&jane, &gate) && shares.take(&omar, &lobby));
        assert_eq!(shares.left(&omar, &lobby), None);
        tokio::time::advance(REFILL).await;
        assert_eq!(shares.left(&jane, &lobby), None);
        assert!(shares.take(&jane, &lobby) && !shares.take(&jane, &lobby));
    }

    #[tokio::test(start_paused = true)]
    async fn shares_that_have_refilled_are_forgotten() {
        let (shares, lobby) = (Shares::new(), door("lobby"));
        for n in 0..5000 {
            shares.take(&ResidentId::new(format!("r-{n}")).unwrap(), &lobby);
        }
        tokio::time::advance(Duration::from_mins(5)).await;
        shares.take(&ResidentId::new("last").unwrap(), &lobby);
        assert!(shares.limiter.len() <= 1, "{}", shares.limiter.len());
    }
}

//! How much of a door's allowance one resident may use up.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use elevate_access::{ResidentId, VendorDoorId};
use foldhash::HashMap;
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

/// Within a minute so many orders for one door are for whoever comes; the last ones of the fifteen are for those who
/// have used [`FEW`] at most, so that a handful of eager residents does not shut a lobby for the next one.
const FOR_ALL: usize = 10;
const FEW: usize = 3;
const MINUTE: Duration = Duration::from_mins(1);

/// For so long an order that never left can be taken again.
const GIVEN_BACK: Duration = REFILL.saturating_mul(2);

/// More shares than this are looked through for those that have refilled.
const MANY: usize = 1024;

/// Whose share, of which door.
type Key = (ResidentId, VendorDoorId);

/// What each resident has left of each door, in this process.
pub(super) struct Shares {
    limiter: RateLimiter<Key, HashMapStateStore<Key>, Ticks, NoOpMiddleware<Duration>>,
    /// Who has used theirs up, and until when.
    spent: Pauses<Key>,
    used: Mutex<Used>,
}

/// What was used lately.
struct Used {
    /// Whose orders each door got within the last minute.
    of_door: HashMap<VendorDoorId, VecDeque<(Instant, ResidentId)>>,
    /// Orders that were taken and never left, and when.
    given_back: HashMap<Key, Vec<Instant>>,
    /// When all of it was last looked through for what is over.
    swept: Instant,
}

/// One order, taken out of a share; it goes back unless it was used.
pub(super) struct Taken<'s> {
    shares: &'s Shares,
    key: Key,
    is_used: bool,
}

impl Taken<'_> {
    /// The order's body starts.
    pub(super) fn keep(mut self) {
        self.is_used = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.shares.give_back(&self.key);
        }
    }
}

impl Shares {
    pub(super) fn new() -> Self {
        let quota = Quota::with_period(REFILL).unwrap_or(Quota::per_minute(BURST));
        let limiter = RateLimiter::hashmap_with_clock(quota.allow_burst(BURST), Ticks::default());
        let used = Used {
            of_door: HashMap::default(),
            given_back: HashMap::default(),
            swept: Instant::now(),
        };
        Self { limiter, spent: Pauses::default(), used: Mutex::new(used) }
    }

    /// Takes one order out of the share, if one is left in it. Called when its body is about to start; what never
    /// left goes back, so that it costs nothing.
    pub(super) fn take(&self, resident: &ResidentId, door: &VendorDoorId) -> Option<Taken<'_>> {
        let key = (resident.clone(), door.clone());
        let now = Instant::now();
        let mut used = self.used();
        used.tidy(door, now);
        if let Some(wait) = used.others_first(&key, now) {
            self.spent.begin(&key, Some(wait));
            return None;
        }
        if !used.was_given_back(&key, now) {
            if self.limiter.len() > MANY {
                self.limiter.retain_recent();
            }
            if let Err(denied) = self.limiter.check_key(&key) {
                let wait = denied.wait_time_from(self.limiter.clock().now());
                self.spent.begin(&key, Some(wait));
                return None;
            }
        }
        used.of_door.entry(key.1.clone()).or_default().push_back((now, key.0.clone()));
        drop(used);
        Some(Taken { shares: self, key, is_used: false })
    }

    fn give_back(&self, key: &Key) {
        let mut used = self.used();
        let of_door = used.of_door.get_mut(&key.1);
        let place = of_door.as_ref().and_then(|all| all.iter().rposition(|one| one.1 == key.0));
        if let (Some(of_door), Some(place)) = (of_door, place) {
            of_door.remove(place);
        }
        used.given_back.entry(key.clone()).or_default().push(Instant::now());
    }

    fn used(&self) -> std::sync::MutexGuard<'_, Used> {
        // No section under the lock can panic half-way.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long until there is one again, where the resident has been told that there is none.
    pub(super) fn left(&self, resident: &ResidentId, door: &VendorDoorId) -> Option<Duration> {
        self.spent.left(&(resident.clone(), door.clone()))
    }
}

impl Used {
    /// Lets go of what is over: at that door, and once a minute everywhere.
    fn tidy(&mut self, door: &VendorDoorId, now: Instant) {
        let is_over = |(at, _): &mut (Instant, ResidentId)| now.duration_since(*at) >= MINUTE;
        if now.duration_since(self.swept) < MINUTE {
            if let Some(all) = self.of_door.get_mut(door) {
                while all.pop_front_if(is_over).is_some() {}
            }
            return;
        }
        self.swept = now;
        self.of_door.retain(|_, all| {
            while all.pop_front_if(is_over).is_some() {}
            !all.is_empty()
        });
        self.given_back.retain(|_, all| {
            all.retain(|at| now.duration_since(*at) < GIVEN_BACK);
            !all.is_empty()
        });
    }

    /// How long to wait for others, if what is left of the door's minute is for those who used little.
    fn others_first(&self, (resident, door): &Key, now: Instant) -> Option<Duration> {
        let all = self.of_door.get(door)?;
        let mine = all.iter().filter(|(_, whose)| whose == resident).count();
        let (first, _) = all.front()?;
        let is_others = all.len() >= FOR_ALL && mine >= FEW;
        is_others.then(|| MINUTE.saturating_sub(now.duration_since(*first)))
    }

    /// Takes one that never left, and not long ago.
    fn was_given_back(&mut self, key: &Key, now: Instant) -> bool {
        let last = self.given_back.get_mut(key).and_then(Vec::pop);
        last.is_some_and(|at| now.duration_since(at) < GIVEN_BACK)
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

    /// Takes one and uses it.
    fn take(shares: &Shares, resident: &ResidentId, door: &VendorDoorId) -> bool {
        let taken = shares.take(resident, door);
        taken.map(Taken::keep).is_some()
    }

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
            if take(&shares, &jane, &lobby) {
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
            assert!(take(&shares, &jane, &lobby));
        }
        assert_eq!(shares.left(&jane, &lobby), None, "nobody was told yet");
        assert!(!take(&shares, &jane, &lobby));
        assert_eq!(shares.left(&jane, &lobby), Some(REFILL));
        assert!(take(&shares, &jane, &gate) && take(&shares, &omar, &lobby));
        assert_eq!(shares.left(&omar, &lobby), None);
        tokio::time::advance(REFILL).await;
        assert_eq!(shares.left(&jane, &lobby), None);
        assert!(take(&shares, &jane, &lobby) && !take(&shares, &jane, &lobby));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_left_counts_for_nobody_and_serves_once_while_it_is_young() {
        let (shares, lobby) = (Shares::new(), door("lobby"));
        let [jane, omar] = ["jane", "omar"].map(|id| ResidentId::new(id).unwrap());
        let five_and_no_more = |who| {
            let taken = (0..6).filter(|_| take(&shares, who, &lobby)).count();
            assert_eq!(taken, 5, "{who}");
        };
        for _ in 0..12 {
            drop(shares.take(&jane, &lobby).unwrap());
        }
        five_and_no_more(&omar);
        tokio::time::advance(MINUTE).await;
        let janes = shares.take(&jane, &lobby).unwrap();
        assert!(take(&shares, &omar, &lobby));
        drop(janes);
        let left =
            shares.used().of_door[&lobby].iter().map(|one| one.1.clone()).collect::<Vec<_>>();
        assert_eq!(left, std::slice::from_ref(&omar));
        five_and_no_more(&jane);
        tokio::time::advance(MINUTE * 2).await;
        drop(shares.take(&jane, &lobby).unwrap());
        tokio::time::advance(GIVEN_BACK).await;
        five_and_no_more(&jane);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_of_a_doors_minute_are_for_those_who_used_few() {
        let (shares, lobby) = (Shares::new(), door("lobby"));
        let who = |n: usize| ResidentId::new(format!("r-{n}")).unwrap();
        for taken in 0..FOR_ALL - 1 {
            assert!(take(&shares, &who(taken / FEW), &lobby));
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(take(&shares, &who(9), &lobby), "the tenth is for whoever comes");
        assert!(!take(&shares, &who(0), &lobby));
        assert_eq!(shares.left(&who(0), &lobby), Some(Duration::from_secs(50)));
        assert!(take(&shares, &who(9), &lobby), "who used two");
        tokio::time::advance(Duration::from_secs(50)).await;
        assert!(take(&shares, &who(0), &lobby));
    }

    #[tokio::test(start_paused = true)]
    async fn shares_that_have_refilled_are_forgotten() {
        let (shares, lobby) = (Shares::new(), door("lobby"));
        for n in 0..5000 {
            take(&shares, &ResidentId::new(format!("r-{n}")).unwrap(), &lobby);
        }
        tokio::time::advance(Duration::from_mins(5)).await;
        take(&shares, &ResidentId::new("last").unwrap(), &lobby);
        assert!(shares.limiter.len() <= 1, "{}", shares.limiter.len());
        let jane = ResidentId::new("jane").unwrap();
        for n in 0..100 {
            drop(shares.take(&jane, &door(&format!("d-{n}"))));
        }
        tokio::time::advance(MINUTE).await;
        take(&shares, &jane, &lobby);
        let used = shares.used();
        assert_eq!((used.of_door.len(), used.given_back.len()), (1, 0));
    }
}

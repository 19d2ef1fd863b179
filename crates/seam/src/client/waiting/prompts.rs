//! Who waits for which attempt, and which attempts were named lately.

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::ActionAttemptId;

/// How many attempts that were named lately are remembered, for whoever begins to wait a moment later. An id
/// has at most 256 bytes, so this is 64 KiB at most.
const LATELY: usize = 256;

/// The waiters of one client, and what was named lately. Its size is bounded by the waits under way, whatever
/// is handed in.
#[derive(Default)]
pub(in crate::client) struct Prompts(Mutex<Board>);

#[derive(Default)]
struct Board {
    /// By attempt, then by waiter: an attempt can be waited for more than once.
    waiting: BTreeMap<(ActionAttemptId, u64), watch::Sender<()>>,
    waiters: u64,
    /// Oldest first, each once.
    lately: VecDeque<ActionAttemptId>,
}

impl Prompts {
    /// Tells whoever waits for that attempt, and remembers that it was named.
    pub(super) fn name(&self, attempt: &ActionAttemptId) {
        let mut board = self.lock();
        let waiters = (attempt.clone(), 0)..=(attempt.clone(), u64::MAX);
        // Told again before the waiter took it: still told once.
        board.waiting.range(waiters).for_each(|(_, waiter)| waiter.send_replace(()));
        board.lately.retain(|named| named != attempt);
        if board.lately.len() >= LATELY {
            board.lately.pop_front();
        }
        board.lately.push_back(attempt.clone());
    }

    /// Makes the caller a waiter until the guard is dropped. It starts out told, if the attempt was named
    /// lately.
    pub(super) fn wait_for(&self, attempt: &ActionAttemptId) -> Waiter<'_> {
        let (tell, mut told) = watch::channel(());
        let mut board = self.lock();
        board.waiters += 1;
        let key = (attempt.clone(), board.waiters);
        if board.lately.contains(attempt) {
            told.mark_changed();
        }
        board.waiting.insert(key.clone(), tell);
        Waiter { prompts: self, key, told }
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        // Every change is whole before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits, for as long as this lives.
pub(super) struct Waiter<'a> {
    prompts: &'a Prompts,
    key: (ActionAttemptId, u64),
    told: watch::Receiver<()>,
}

impl Waiter<'_> {
    /// Until the attempt is named, and not before `earliest`. Everything that was named up to then is taken as
    /// one; dropped before its end, this takes nothing.
    pub(super) async fn told(&mut self, earliest: Instant) {
        sleep_until(earliest).await;
        if self.told.changed().await.is_err() {
            // Its sender is on the board for as long as this lives: there is nobody to tell any more.
            pending::<()>().await;
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.prompts.lock().waiting.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use elevate_access_testkit::{MemoryWire, TestClock, Vendor, seam};
    use elevate_transport::Gate;
    use futures_util::FutureExt as _;
    use tokio::time::timeout;

    use super::*;
    use crate::{ApiKey, Client, DeviceId};

    fn attempt(number: usize) -> ActionAttemptId {
        ActionAttemptId::new(format!("attempt-{number}")).unwrap()
    }

    fn is_told(waiter: &mut Waiter<'_>) -> bool {
        waiter.told(Instant::now()).now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_whatever_is_handed_in() {
        let prompts = Prompts::default();
        for number in 0..100_000 {
            prompts.name(&attempt(number));
        }
        let board = prompts.lock();
        assert_eq!((board.lately.len(), board.waiting.len()), (LATELY, 0));
        assert!(board.lately.capacity() <= 2 * LATELY);
        assert_eq!(board.lately.front(), Some(&attempt(100_000 - LATELY)));
    }

    #[tokio::test(start_paused = true)]
    async fn one_attempt_named_a_thousand_times_takes_no_others_place() {
        let prompts = Prompts::default();
        prompts.name(&attempt(1));
        for _ in 0..1000 {
            prompts.name(&attempt(2));
        }
        assert!(is_told(&mut prompts.wait_for(&attempt(1))));
        assert_eq!(prompts.lock().lately.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_for_an_attempt_are_told_once_and_nobody_else() {
        let prompts = Prompts::default();
        let mut waiters = [1, 1, 11].map(|number| prompts.wait_for(&attempt(number)));
        for _ in 0..3 {
            prompts.name(&attempt(1));
        }
        assert_eq!(waiters.each_mut().map(is_told), [true, true, false]);
        assert_eq!(waiters.each_mut().map(is_told), [false; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_leaves_takes_nobody_with_it() {
        let prompts = Prompts::default();
        let (mut stays, leaves) = (prompts.wait_for(&attempt(1)), prompts.wait_for(&attempt(1)));
        drop(leaves);
        prompts.name(&attempt(1));
        assert!(is_told(&mut stays));
        drop(stays);
        assert!(prompts.lock().waiting.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_taken_is_still_there() {
        let prompts = Prompts::default();
        let mut waiter = prompts.wait_for(&attempt(1));
        prompts.name(&attempt(1));
        let later = Instant::now() + Duration::from_millis(100);
        assert!(waiter.told(later).now_or_never().is_none());
        assert!(is_told(&mut waiter));
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_wait_leaves_nothing() {
        let key = "seam_testkey";
        let seam = seam::Seam::new(key).device(seam::Device::two_n("dev-1", "Lobby"));
        let wire = MemoryWire::new(Vendor::new(seam), TestClock::new());
        let client =
            Client::builder(ApiKey::new(key).unwrap()).wire(Arc::new(wire)).build().unwrap();
        let waiting = || client.0.prompts.lock().waiting.len();
        let until = Instant::now() + Duration::from_secs(12);
        let gate = || Gate::new(async { true });
        let lobby = DeviceId::new("dev-1").unwrap();
        let ordered = client.unlock_door(&lobby, until, until, gate).await.unwrap();

        let mut others = Box::pin(client.wait_for_unlock(&ordered, until));
        assert!(others.as_mut().now_or_never().is_none());
        let dropped = timeout(Duration::from_millis(300), client.wait_for_unlock(&ordered, until));
        let mut dropped = Box::pin(dropped);
        assert!(dropped.as_mut().now_or_never().is_none());
        assert_eq!(waiting(), 2);
        assert!(dropped.await.is_err());
        assert_eq!(waiting(), 1);
        others.await;
        assert_eq!(waiting(), 0);
    }
}

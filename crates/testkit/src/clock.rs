use std::time::Duration;

use elevate_access::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// A wall clock that starts at a stated time and runs with tokio's clock, paused or not.
///
/// Clones show the same time. On a thread outside a paused runtime it runs in real time.
#[derive(Clone, Copy, Debug)]
pub struct TestClock {
    epoch: Timestamp,
    started: Instant,
}

impl TestClock {
    /// A clock that shows that time now.
    pub fn starting_at(epoch: Timestamp) -> Self {
        Self { epoch, started: Instant::now() }
    }

    /// A clock that shows noon of 2 March 2026, UTC, now.
    pub fn new() -> Self {
        Self::starting_at(Timestamp::constant(1_772_452_800, 0))
    }

    /// The time that it shows at that moment.
    pub fn at(&self, moment: Instant) -> Timestamp {
        let elapsed = moment.saturating_duration_since(self.started);
        self.epoch.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }
}

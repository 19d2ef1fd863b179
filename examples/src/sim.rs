//! The simulation: both flows over the in-memory wire in simulated time, everything drawn from a seed.
//!
//! A run is cut into episodes, each a house of its own with a runtime of its own, so that a failure can be
//! repeated alone. The judge compares what the front door said with what the wire, the vendors and the store hold; it
//! shares no code with the crates that it judges.
#![expect(clippy::expect_used, reason = "the cast and the stage are constants")]

mod cast;
mod chores;
mod episode;
mod faults;
mod history;
mod judge;
mod lagging;
mod mortal;
mod plant;
mod press;
mod seen;
mod stage;
mod steps;
mod verdicts;
mod witness;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

pub use plant::Plant;
use plant::lock;
pub use verdicts::Verdicts;

/// How many presses an episode has.
const PRESSES: u64 = 200;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many taps to make, in all.
    pub taps: u64,
    /// What everything is drawn from.
    pub seed: u64,
    /// The one episode to run, to repeat a failure.
    pub episode: Option<u64>,
    /// A known bug to put in at a seam.
    pub plant: Option<Plant>,
    /// Ends with the first episode in which something happened that must not.
    pub stop_at_first: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Calls of `unlock`.
    pub taps: u64,
    /// How they ended, by kind.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Bodies of orders that started.
    pub bodies: u64,
    /// Openpath's cloud keys at the end of each episode.
    pub keys: u64,
    /// What must not be.
    pub verdicts: Verdicts,
    /// The first thing that must not be, and how to repeat it.
    pub first: Option<String>,
    /// Simulated time, in seconds.
    pub seconds: u64,
}

impl Report {
    /// Whether nothing happened that must not.
    pub fn is_clean(&self) -> bool {
        self.verdicts == Verdicts::default()
    }

    fn add(&mut self, other: Self) {
        self.taps += other.taps;
        self.bodies += other.bodies;
        self.keys += other.keys;
        self.seconds += other.seconds;
        for (kind, count) in other.outcomes {
            *self.outcomes.entry(kind).or_default() += count;
        }
        self.verdicts += other.verdicts;
        if self.first.is_none() {
            self.first = other.first;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes) = (self.seconds / 3600, self.seconds % 3600 / 60);
        writeln!(f, "{} taps in {hours} h {minutes} min of simulated time", self.taps)?;
        writeln!(f, "{} order bodies started", self.bodies)?;
        writeln!(f, "{} cloud keys", self.keys)?;
        for (kind, count) in &self.outcomes {
            writeln!(f, "  {kind:<24}{count:>10}")?;
        }
        write!(f, "{}", self.verdicts)?;
        if let Some(first) = &self.first {
            writeln!(f, "first: {first}")?;
        }
        let last =
            if self.is_clean() { "passed: nothing happened that must not" } else { "FAILED" };
        writeln!(f, "{last}")
    }
}

thread_local! {
    /// The words of each panic of an episode's tasks, which all run on the episode's own thread.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Runs it, on as many threads as there are processors. Two runs of the same options give the same report.
///
/// Sets the process's panic hook, which counts panics and keeps their words.
///
/// # Panics
/// If a runtime cannot be built, or the stage itself is set up wrongly.
pub fn run(options: &Options) -> Report {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.with_borrow_mut(|panics| panics.push(panic.to_string()));
    }));
    let episodes = match options.episode {
        Some(one) => one..one + 1,
        None => 0..options.taps.div_ceil(PRESSES),
    };
    let (next, done) = (AtomicU64::new(episodes.start), Mutex::new(BTreeMap::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            if number >= episodes.end {
                return;
            }
            let report = one_episode(options, number);
            if options.stop_at_first && !report.is_clean() {
                // Whatever is before it has begun.
                next.store(episodes.end, Ordering::SeqCst);
            }
            lock(&done).insert(number, report);
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            threads.spawn(work);
        }
    });
    let _ = std::panic::take_hook();
    let mut report = Report::default();
    for (_, episode) in std::mem::take(&mut *lock(&done)) {
        report.add(episode);
        if options.stop_at_first && !report.is_clean() {
            break;
        }
    }
    report
}

fn one_episode(options: &Options, number: u64) -> Report {
    let presses = match options.episode {
        Some(_) => PRESSES,
        None => (options.taps - number * PRESSES).min(PRESSES),
    };
    let mut episode = episode::run(options, number, presses);
    let panics = PANICS.take();
    episode.verdicts.panics = panics.len() as u64;
    if let Some(panic) = panics.first() {
        let (panic, seed) = (panic.replace('\n', ": "), options.seed);
        let words = || format!("{panic}; repeat it with --seed {seed} --episode {number}");
        episode.first.get_or_insert_with(words);
    }
    episode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_that_it_passed_or_failed() {
        let mut report = Report::default();
        assert!(report.to_string().ends_with("\npassed: nothing happened that must not\n"));
        report.verdicts.late = 1;
        report.first = Some("an order was late".to_owned());
        assert!(report.to_string().ends_with("first: an order was late\nFAILED\n"));
    }
}

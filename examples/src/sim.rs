//! The simulation: both flows over the in-memory wire in simulated time, everything drawn from a seed.
//!
//! A run is cut into episodes, each a house of its own with a runtime of its own, so that a failure can be
//! repeated alone. The judge compares what the front door said with what the wire and the vendors saw; it
//! shares no code with the crates that it judges.
#![expect(clippy::expect_used, reason = "the cast and the stage are constants")]

mod cast;
mod episode;
mod faults;
mod history;
mod judge;
mod mortal;
mod plant;
mod stage;
mod steps;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

pub use judge::Verdicts;
pub use plant::Plant;

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

/// Panics of any task, counted by the hook that [`run`] sets.
static PANICS: AtomicU64 = AtomicU64::new(0);

static FIRST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs it. Two runs of the same options give the same report.
///
/// Sets the process's panic hook, which counts panics and keeps the first one's words.
///
/// # Panics
/// If a runtime cannot be built, or the stage itself is set up wrongly.
pub fn run(options: &Options) -> Report {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        if let Ok(mut first) = FIRST_PANIC.lock() {
            first.get_or_insert_with(|| panic.to_string());
        }
    }));
    let mut report = Report::default();
    let episodes = match options.episode {
        Some(one) => one..=one,
        None => 0..=options.taps.div_ceil(PRESSES).saturating_sub(1),
    };
    for number in episodes {
        let left = options.taps.saturating_sub(report.taps).max(1);
        let presses = if options.episode.is_some() { PRESSES } else { left.min(PRESSES) };
        let before = PANICS.load(Ordering::SeqCst);
        let mut episode = episode::run(options, number, presses);
        episode.verdicts.panics = PANICS.load(Ordering::SeqCst) - before;
        if episode.verdicts.panics > 0 && episode.first.is_none() {
            let panic = FIRST_PANIC.lock().ok().and_then(|mut first| first.take());
            let panic = panic.unwrap_or_default().replace('\n', ": ");
            let repeat = format!("--seed {} --episode {number}", options.seed);
            episode.first = Some(format!("{panic}; repeat it with {repeat}"));
        }
        report.add(episode);
        if options.stop_at_first && !report.is_clean() {
            break;
        }
    }
    let _ = std::panic::take_hook();
    report
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

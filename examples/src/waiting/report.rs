//! What the ways to wait come to, for people and for tests.

use std::{
    fmt::{self, Display},
    process::ExitCode,
    time::Duration,
};

use super::{EVENT_AFTER, ONE_WAY, SIGMA, Wait};

/// By when the schedule has to know: in the median, and in 99 of 100.
const KNOWN: (Duration, Duration) = (Duration::from_millis(115), Duration::from_millis(360));

/// By when the look has to leave in the median, if there are events.
const ASKED_WITH_EVENTS: Duration = Duration::from_millis(60);

/// How late, over all waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Half of them were as late, or less.
    pub median: Duration,
    /// 99 of 100 were as late, or less.
    pub p99: Duration,
}

/// What a way to wait came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// From an attempt's settling until the look that found it settled left.
    pub asked: Spread,
    /// From an attempt's settling until the wait returned.
    pub known: Spread,
    /// How many looks a wait made.
    pub mean_looks: f64,
    /// Waits that did not end with a confirmed attempt.
    pub unknown: usize,
}

impl Row {
    pub(super) fn of(attempts: usize, known: &[Wait]) -> Self {
        let looks: u32 = known.iter().map(|wait| wait.looks).sum();
        #[expect(clippy::cast_precision_loss, reason = "there are a million at most")]
        let mean_looks = f64::from(looks) / (known.len().max(1) as f64);
        Self {
            asked: Spread::of(known.iter().map(|wait| wait.asked)),
            known: Spread::of(known.iter().map(|wait| wait.known)),
            mean_looks,
            unknown: attempts - known.len(),
        }
    }

    fn is_earlier_than(&self, other: &Self) -> bool {
        self.known.median < other.known.median && self.known.p99 < other.known.p99
    }
}

impl Spread {
    fn of(late: impl Iterator<Item = Duration>) -> Self {
        let mut late: Vec<_> = late.collect();
        late.sort_unstable();
        // The smallest that so many in a hundred do not exceed.
        let rank = |percent: usize| {
            let place = (late.len() * percent).div_ceil(100).saturating_sub(1);
            late.get(place).copied().unwrap_or_default()
        };
        Self { median: rank(50), p99: rank(99) }
    }
}

/// What all ways came to, over one draw.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many attempts there were.
    pub attempts: u32,
    /// What they were drawn from.
    pub seed: u64,
    /// `Client::wait_for_unlock`.
    pub schedule: Row,
    /// Wait a second, look, repeat.
    pub every_second: Row,
    /// Wait half a second, look, repeat.
    pub every_half_second: Row,
    /// `Client::wait_for_unlock`, with events handed in.
    pub with_events: Row,
}

impl Report {
    fn rows(&self) -> [(&'static str, &Row); 4] {
        [
            ("schedule", &self.schedule),
            ("every 1 s", &self.every_second),
            ("every 0.5 s", &self.every_half_second),
            ("schedule and events", &self.with_events),
        ]
    }

    /// The goals that were missed.
    pub fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        let mut want = |met: bool, goal: String| {
            if !met {
                missed.push(goal);
            }
        };
        let (median, p99) = KNOWN;
        let Self { schedule, every_second, every_half_second, with_events, .. } = self;
        want(
            schedule.known.median <= median,
            format!("schedule: known by {} ms in the median", ms(median)),
        );
        want(schedule.known.p99 <= p99, format!("schedule: known by {} ms in 99 of 100", ms(p99)));
        for (name, polling) in [("1 s", every_second), ("0.5 s", every_half_second)] {
            want(schedule.is_earlier_than(polling), format!("schedule: earlier than every {name}"));
        }
        let asked = ASKED_WITH_EVENTS;
        want(
            with_events.asked.median <= asked,
            format!("events: asked by {} ms in the median", ms(asked)),
        );
        let known = asked + 2 * ONE_WAY;
        want(
            with_events.known.median <= known,
            format!("events: known by {} ms in the median", ms(known)),
        );
        for (name, row) in self.rows() {
            want(
                row.unknown == 0,
                format!("{name}: no wait without its end, and there are {}", row.unknown),
            );
        }
        missed
    }

    /// 0 if the goals are met, else 1.
    pub fn exit_code(&self) -> ExitCode {
        if self.missed().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, seed, .. } = self;
        let (event, trip) = (ms(EVENT_AFTER), ms(2 * ONE_WAY));
        writeln!(
            f,
            "attempts {attempts}, seed {seed}, sigma {SIGMA}, round trip {trip} ms, events after {event} ms"
        )?;
        writeln!(f, "{:<20} {:>15} {:>15} {:>7}", "ms after settling", "asked", "known", "looks")?;
        writeln!(
            f,
            "{:<20} {:>7} {:>7} {:>7} {:>7} {:>7}",
            "", "median", "p99", "median", "p99", "mean"
        )?;
        for (name, Row { asked, known, mean_looks, .. }) in self.rows() {
            let [asked, asked99] = [asked.median, asked.p99].map(ms);
            let [known, known99] = [known.median, known.p99].map(ms);
            writeln!(
                f,
                "{name:<20} {asked:>7} {asked99:>7} {known:>7} {known99:>7} {mean_looks:>7.1}"
            )?;
        }
        writeln!(
            f,
            "An event only prompts a look: what it told is known {event} + {trip} ms after settling."
        )?;
        let missed = self.missed();
        for goal in &missed {
            writeln!(f, "missed: {goal}")?;
        }
        match missed.len() {
            0 => writeln!(f, "passed: every goal is met"),
            _ => writeln!(f, "FAILED; --attempts {attempts} --seed {seed} repeats it"),
        }
    }
}

/// In whole milliseconds, rounded.
fn ms(time: Duration) -> u128 {
    (time + Duration::from_micros(500)).as_millis()
}

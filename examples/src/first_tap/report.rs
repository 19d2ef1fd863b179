//! What a race comes to, for people and for tests.

use std::{
    fmt::{self, Display},
    process::ExitCode,
    time::Duration,
};

use super::{
    faults::Drawn,
    house::{DOORS, NODES},
    judge::Round,
    step::Step,
};

/// How long a line of the report may be.
const WIDTH: usize = 100;

/// What a race came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many taps raced.
    pub racers: u16,
    /// What everything was drawn from.
    pub seed: u64,
    /// Within what time the taps came.
    pub within: Duration,
    /// The faults that were drawn.
    pub faults: Drawn,
    /// How many of them a request met.
    pub met: usize,
    /// The race.
    pub race: Round,
    /// The same racers' taps afterwards, with the faults over.
    pub calm: Round,
    /// Cloud keys that the resident had after the race.
    pub keys_after_race: usize,
    /// Cloud keys that the resident had in the end. Before the race they had none.
    pub keys: usize,
    /// Calls at the vendor that write what is not ours to write, such as deleting a key.
    pub foreign_writes: usize,
}

impl Report {
    /// What happened that must not: nothing, if all holds.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.keys_after_race > 1 {
            broken.push(format!("{} keys were made in the race", self.keys_after_race));
        }
        if self.keys != 1 {
            broken.push(format!("there are {} keys in the end, not 1", self.keys));
        }
        for (name, round) in [("race", &self.race), ("calm", &self.calm)] {
            if round.most_orders() > 1 {
                broken.push(format!("{name}: a tap sent {} orders", round.most_orders()));
            }
            if round.nobodys > 0 {
                broken.push(format!("{name}: {} orders name no tap", round.nobodys));
            }
            if let Some(first) = round.dishonest.first() {
                let count = round.dishonest.len();
                broken.push(format!("{name}: {count} dishonest outcomes, first {first}"));
            }
            if round.endless > 0 {
                broken.push(format!("{name}: {} taps never ended", round.endless));
            }
        }
        let shut = u64::from(self.racers) - self.calm.ended("accepted");
        if shut > 0 {
            broken.push(format!("calm: {shut} taps were not accepted, with nothing wrong"));
        }
        if self.foreign_writes > 0 {
            broken.push(format!("{} calls write what is not ours", self.foreign_writes));
        }
        broken
    }

    /// 0 if all holds, else 1.
    pub fn exit_code(&self) -> ExitCode {
        if self.broken().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { racers, seed, within, faults, met, race, calm, .. } = self;
        writeln!(f, "racers {racers}, nodes {NODES} of one store, doors {DOORS}, seed {seed}")?;
        writeln!(f, "the taps come within {} ms", within.as_millis())?;
        writeln!(f, "faults drawn {}, met {met}", faults.count())?;
        for step in Step::ALL.into_iter().filter(|step| *step != Step::Creation) {
            let kinds = faults.of(step);
            list(f, step.name(), kinds.iter().map(|(kind, count)| format!("{count} × {kind}")))?;
        }
        let creations = faults.creations().into_iter();
        let creations = creations.map(|met| met.unwrap_or_else(|| "well".to_owned()));
        list(f, "key creations, one after the other", creations)?;
        row(f, "", "the race", "calm taps")?;
        for step in Step::ALL {
            let [race, calm] =
                [race, calm].map(|round| round.sent.get(&step).copied().unwrap_or(0));
            if step != Step::Other || race + calm > 0 {
                row(f, &format!("{} sent", step.name()), race, calm)?;
            }
        }
        let mut ends: Vec<_> = race.ends.keys().chain(calm.ends.keys()).collect();
        ends.sort();
        ends.dedup();
        for words in ends {
            row(f, &format!("taps: {words}"), race.ended(words), calm.ended(words))?;
        }
        row(f, "taps that never ended", race.endless, calm.endless)?;
        row(f, "most orders of one tap", race.most_orders(), calm.most_orders())?;
        row(f, "orders that name no tap", race.nobodys, calm.nobodys)?;
        row(f, "dishonest outcomes", race.dishonest.len(), calm.dishonest.len())?;
        row(f, "keys created, in all", self.keys_after_race, self.keys)?;
        if self.keys_after_race == 0 {
            writeln!(
                f,
                "No creation came through in the race, so it made no key: the calm taps have to."
            )?;
        }
        let broken = self.broken();
        for words in &broken {
            writeln!(f, "broken: {words}")?;
        }
        match broken.len() {
            0 => writeln!(f, "passed: one key, no tap with two orders, nothing dishonest"),
            _ => writeln!(f, "FAILED; --racers {racers} --seed {seed} repeats it"),
        }
    }
}

fn row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    race: impl Display,
    calm: impl Display,
) -> fmt::Result {
    writeln!(f, "{name:<32}{race:>10}{calm:>12}")
}

/// A line of these things, or more than one where they are many; none where there are none.
fn list(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    things: impl Iterator<Item = String>,
) -> fmt::Result {
    let mut width = 0;
    for thing in things {
        let more = thing.chars().count();
        let (before, start) = match width {
            0 => (format!("  {name}: "), name.len() + 4),
            _ if width + more + 3 > WIDTH => (";\n    ".to_owned(), 4),
            _ => ("; ".to_owned(), width + 2),
        };
        write!(f, "{before}{thing}")?;
        width = start + more;
    }
    if width == 0 { Ok(()) } else { writeln!(f) }
}

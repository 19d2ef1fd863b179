//! Both flows in simulated time, with residents, doors, changes, forged ids, double taps, cancelled callers, clocks that
//! differ, residents who are forgotten and every fault at every step drawn from a seed; exits with 1 if anything
//! happened that must not.
#![expect(clippy::print_stdout, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser;
use elevate_examples::sim::{self, Options, Plant};

const AFTER_HELP: &str = "\
What is printed: how the calls of unlock ended. Outcomes stand in words (opened, accepted, not opened,
unknown); refusals, where no order was sent, stand by their code (not_current, door_not_granted, …).
`forgotten` and `pruned` count how often somebody was forgotten and old taps were removed; `found out later`, orders.
Then nine counts, each of which has to be 0:
  late                    an order that began to leave after the time within which the tap allows it
  double                  an order more than there were taps to cause it
  wrong person            an order for a door that the resident was not granted, or for one not Current
  dishonest               an answer to the caller that disagrees with what the wire or the vendor saw
  not forgotten           what was kept of somebody who was forgotten
  keys per user           a user of Openpath with more than one cloud key
  other writes            what was written to a vendor that is neither a key nor an unlock
  hung past the deadline  a call that did not end in time
  panics                  a task that panicked
The last line is `passed: nothing happened that must not`, or `FAILED`. Before `FAILED` stands the first thing
that went wrong, and how to repeat it.

Exit codes: 0 if all counts are 0, 1 if not, 2 if the arguments cannot be used.";

/// Simulates taps over the in-memory wire and counts what must not be.
#[derive(Parser)]
#[command(after_long_help = AFTER_HELP)]
struct Arguments {
    /// How many taps.
    #[arg(long, default_value_t = 20_000)]
    taps: u64,
    /// What everything is drawn from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Runs this episode alone, to repeat a failure.
    #[arg(long)]
    episode: Option<u64>,
    /// Plants a known bug, which the run must then find.
    #[arg(long, value_enum)]
    plant: Option<Plant>,
}

fn main() -> ExitCode {
    let Arguments { taps, seed, episode, plant } = Arguments::parse();
    let report = sim::run(&Options { taps, seed, episode, plant, stop_at_first: false });
    print!("seed {seed}\n{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

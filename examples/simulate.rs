//! Both flows in simulated time, with residents, doors, changes, forged ids, double taps, cancelled callers
//! and every fault at every step drawn from a seed; exits with 1 if anything happened that must not.
#![expect(clippy::print_stdout, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser;
use elevate_examples::sim::{self, Options, Plant};

/// Simulates taps over the in-memory wire and counts what must not be.
#[derive(Parser)]
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

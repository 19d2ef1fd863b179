//! The first taps of one resident race on several nodes while replies get lost: one key is made.
//!
//! ```sh
//! cargo run --release --example first_tap -- --racers 64 --seed 7
//! cargo run --release --example first_tap -- --racers 64 --processes 4
//! ```
//!
//! The race is in `examples/src/first_tap.rs`, that of real processes in `examples/src/chaos/race.rs`; exits with 1 if
//! anything happened that must not.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser as _;
use elevate_access::MemoryStore;
use elevate_examples::{
    chaos,
    first_tap::{Arguments, race},
    quickstart::Failure,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match (arguments.worker, arguments.processes) {
        (true, _) => real(chaos::worker::run()).map(|()| ExitCode::SUCCESS),
        (false, Some(processes)) => real(on_processes(&arguments, processes)),
        (false, None) => race(&arguments, &MemoryStore::new()).map(|report| {
            print!("{report}");
            report.exit_code()
        }),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("The race could not be set up: {error}");
        ExitCode::FAILURE
    })
}

/// Runs it in real time.
fn real<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn on_processes(arguments: &Arguments, processes: u16) -> Result<ExitCode, Failure> {
    let Arguments { racers, seed, kills, .. } = *arguments;
    let folder = tempfile::tempdir()?;
    let own = folder.path().join("access.db").display().to_string();
    let store = arguments.store.as_deref().unwrap_or(&own);
    let chaos = chaos::Arguments { processes, residents: 1, kills, seed, worker: false };
    let report = chaos::race::run(&chaos, racers, store).await?;
    print!("{report}");
    Ok(report.exit_code())
}

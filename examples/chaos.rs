//! Processes that share one PostgreSQL are killed at random: one key a user, one order a tap.
//!
//! ```sh
//! cargo run --release --example chaos -- --processes 4 --residents 200 --kills 25 --seed 7
//! ```
//!
//! The story is in `examples/src/chaos`; exits with 1 if anything happened that must not.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::chaos::{Arguments, run, worker};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.worker {
        return match worker::run().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("a process could not go on: {error}");
                ExitCode::FAILURE
            }
        };
    }
    match run(&arguments).await {
        Ok(Some(report)) => {
            print!("{report}");
            report.exit_code()
        }
        Ok(None) => {
            eprintln!("It needs PostgreSQL, which is not installed here: see --help.");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("It could not be set up: {error}");
            ExitCode::FAILURE
        }
    }
}

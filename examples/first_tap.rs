//! The first taps of one resident race on several nodes while replies get lost: one key is made.
//!
//! ```sh
//! cargo run --release --example first_tap -- --racers 64 --seed 7
//! ```
//!
//! The race is in `examples/src/first_tap.rs`; exits with 1 if anything happened that must not.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser as _;
use elevate_access::MemoryStore;
use elevate_examples::first_tap::{Arguments, race};

fn main() -> ExitCode {
    match race(&Arguments::parse(), &MemoryStore::new()) {
        Ok(report) => {
            print!("{report}");
            report.exit_code()
        }
        Err(error) => {
            eprintln!("The race could not be set up: {error}");
            ExitCode::FAILURE
        }
    }
}

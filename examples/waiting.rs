//! How late a wait for an unlock knows what became of it: this SDK's schedule of looks, fixed polling, and the
//! schedule with events handed in, over the same draw in simulated time.
//!
//! ```sh
//! cargo run --release --example waiting -- --attempts 20000 --seed 1
//! ```
//!
//! The comparison is in `examples/src/waiting.rs`; exits with 1 if a goal is missed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::waiting::{Arguments, compare};

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(report) => {
            print!("{report}");
            report.exit_code()
        }
        Err(error) => {
            eprintln!("The comparison could not be made: {error}");
            ExitCode::FAILURE
        }
    }
}

//! What 2N through Seam costs in calls while nobody asks, and on a busy morning, in simulated time: see `--help`.
//!
//! ```sh
//! cargo run --release --example idle_load -- --buildings 3000 --nodes 10 --minutes 10
//! ```
//!
//! How the world is made is in `examples/src/idle_load/world.rs`.

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::idle_load::{Arguments, run};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(report) => {
            #[expect(clippy::print_stdout, reason = "the report is what the program is for")]
            {
                print!("{report}");
            }
            if report.is_fine() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "there is nobody else to tell")]
            {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}

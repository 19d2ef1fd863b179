//! Ten thousand taps at once over fifty connections, ten of which stall: what the others feel of it, what is in
//! flight, and what is left. See `--help`.
//!
//! ```sh
//! cargo run --release --example overload
//! cargo run --release --example overload -- --sockets --taps 1000
//! ```
//!
//! How the taps come is in `examples/src/overload.rs`; exits with 1 where a claim does not hold.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its report")]

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::overload::{Arguments, Memory, run, sockets};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let memory = Memory {
        now: || MEMORY.current_usage(),
        peak: || MEMORY.peak_usage(),
        reset: || MEMORY.reset_peak_usage(),
    };
    let told = if arguments.sockets {
        sockets::run(&arguments).map(|report| (report.to_string(), report.is_fine()))
    } else {
        run(&arguments, Some(memory)).map(|report| (report.to_string(), report.is_fine()))
    };
    match told {
        Ok((report, is_fine)) => {
            print!("{report}");
            if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("The taps could not be made: {error}");
            ExitCode::FAILURE
        }
    }
}

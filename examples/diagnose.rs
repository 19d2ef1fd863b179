//! Why a resident's door stays shut, and what to mend where, on seeded buildings: see `--help`.
//!
//! ```sh
//! cargo run --example diagnose
//! cargo run --example diagnose -- --building larkspur-court --resident sven
//! ```
//!
//! The buildings and what is wrong in them are in `examples/src/diagnose/`.
#![expect(clippy::print_stderr, reason = "a program that says why it failed")]

use std::{io, process::ExitCode};

use clap::Parser as _;
use elevate_examples::diagnose::{Arguments, run};

fn main() -> ExitCode {
    match run(&Arguments::parse(), &mut io::stdout()) {
        Ok(ended) => ended.code().into(),
        Err(error) => {
            eprintln!("It could not be asked: {error}");
            ExitCode::from(2)
        }
    }
}

//! A walk through cloud unlock with both vendors on loopback: nothing to install, nothing to configure.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! The steps are in `examples/src/quickstart/`; start with `service.rs`.
#![expect(clippy::print_stderr, reason = "a program that says why it failed")]

use std::{io, process::ExitCode};

use elevate_examples::quickstart;

#[tokio::main]
async fn main() -> ExitCode {
    match quickstart::run(&mut io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe tour ended early: {error}");
            ExitCode::FAILURE
        }
    }
}

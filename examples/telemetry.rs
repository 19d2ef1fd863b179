//! One tap, seen from inside: its span tree through OpenTelemetry, its metrics, and the host's own log.
//!
//! ```sh
//! cargo run --example telemetry
//! ```
//!
//! What to copy is in `examples/src/telemetry.rs`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that shows something")]

use std::process::ExitCode;

use elevate_examples::telemetry;

#[tokio::main]
async fn main() -> ExitCode {
    println!("What OpenTelemetry's own exporter prints, each span when it ends:\n");
    match telemetry::run().await {
        Ok(seen) => {
            println!("\n\n{seen}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nIt ended early: {error}");
            ExitCode::FAILURE
        }
    }
}

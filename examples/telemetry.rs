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
    println!(
        "Three taps on one door: Jane's first, which signs in, meets a connection that breaks off (error.type broken) and \
         makes her key; her second at the same moment, which joins it; and Tom's, who has no door there.\n\n\
         First what OpenTelemetry's own exporter prints, each span when it ends; at the end the same as trees.\n"
    );
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

//! Both vendors' stand-ins on loopback, for a while: something to point the unlock programs at.
//!
//! ```sh
//! cargo run --example stand_ins
//! ```
//!
//! It prints the commands to try. How the vendors are set up is in `examples/src/quickstart/stand_ins.rs`.
#![expect(clippy::print_stderr, reason = "a program that says why it failed")]

use std::{io, process::ExitCode, time::Duration};

use clap::Parser;
use elevate_examples::stand_ins;

/// Serves stand-ins of Openpath and of Seam on loopback, and prints how to try the unlock programs on them.
///
/// They hold what the quickstart begins with, and forget it at the end. All secrets in them are made up.
#[derive(Parser)]
#[command(verbatim_doc_comment)]
struct Arguments {
    /// For how many seconds; Ctrl-C ends it earlier. At most a day.
    #[arg(long, value_name = "N", default_value_t = 600,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { seconds } = Arguments::parse();
    match stand_ins::run(Duration::from_secs(seconds), &mut io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The stand-ins could not be served: {error}");
            ExitCode::FAILURE
        }
    }
}

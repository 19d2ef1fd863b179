//! Connects a 2N building through Seam and says what is still open: against a stand-in in this process, or at any
//! base URL. See `--help`.
//!
//! ```sh
//! cargo run --example connect_two_n
//! ```
//!
//! How it goes is in `examples/src/unlock_cli/connect.rs`.

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::unlock_cli::{connect, in_this_process};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = connect::Arguments::parse();
    in_this_process(async |environment, terminal| {
        connect::run(&arguments, environment, terminal).await
    })
    .await
}

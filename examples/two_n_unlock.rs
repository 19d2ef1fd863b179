//! Opens a 2N door through Seam, once, at the real service or at any base URL: see `--help`.
//!
//! ```sh
//! cargo run --example two_n_unlock -- --help
//! ```
//!
//! How it is set up is in `examples/src/unlock_cli/two_n.rs`.

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::unlock_cli::{in_this_process, two_n};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = two_n::Arguments::parse();
    in_this_process(async |environment, terminal| {
        two_n::run(&arguments, environment, terminal).await
    })
    .await
}

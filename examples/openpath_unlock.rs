//! Opens an Openpath entry, once, at the real service or at any base URL: see `--help`.
//!
//! ```sh
//! cargo run --example openpath_unlock -- --help
//! ```
//!
//! How it is set up is in `examples/src/unlock_cli/openpath.rs`.

use std::process::ExitCode;

use clap::Parser as _;
use elevate_examples::unlock_cli::{in_this_process, openpath};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = openpath::Arguments::parse();
    in_this_process(async |environment, terminal| {
        openpath::run(&arguments, environment, terminal).await
    })
    .await
}

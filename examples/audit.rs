//! Audits a building: who would be locked out, and who has access who should not. See `--help`.
//!
//! ```sh
//! cargo run --example audit
//! cargo run --example audit -- --format html --out target/audit.html
//! ```
//!
//! How it goes is in `examples/src/audit.rs`.

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;
use elevate_examples::audit::{Arguments, run};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_terminal = std::io::stderr().is_terminal();
    let environment = |name: &str| std::env::var(name).ok();
    let ended =
        run(&arguments, &environment, &mut std::io::stdout(), &mut std::io::stderr(), is_terminal)
            .await;
    ExitCode::from(ended)
}

//! What is done to this workspace: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that tells what it does")]
#![expect(clippy::disallowed_methods, reason = "it waits for other programs, in real time")]

mod dependencies;
mod registry;
mod registry_proof;
mod workspace;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Why a task ended early.
type Failure = Box<dyn Error + Send + Sync>;

/// What is done to this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Judges what stands beneath the crates: licences, sources, what is banned, what may be there once only.
    Dependencies,
    /// Publishes the workspace to a registry on loopback, and builds and tests a service that depends on it by version.
    ///
    /// Then a second version is published, which the service takes by `cargo update`, and a mirror of the registry serves
    /// the same crates. Needs crates.io for third parties' crates. Everything that it makes it removes.
    RegistryProof,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Dependencies => dependencies::run(),
        Task::RegistryProof => registry_proof::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! What is done to this workspace: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that tells what it does")]
#![expect(clippy::disallowed_methods, reason = "it waits for other programs, in real time")]

mod api;
mod baseline;
mod book;
mod changelog;
mod consumer;
mod dependencies;
mod features;
mod index;
mod origin;
mod registry;
mod registry_proof;
mod release;
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
    /// Compares the public interface of each crate with the text in `api`, and that with the last release.
    ///
    /// A line that is gone, a variant or field where callers may have named all, a method that whoever implements a trait
    /// has to write, break callers: then CHANGELOG.md has to have a heading "### Breaking" under Unreleased.
    Api {
        /// Writes the text instead, for review.
        #[arg(long)]
        bless: bool,
    },
    /// Looks whether every link in the documentation that `cargo doc` has made leads somewhere.
    Book,
    /// Judges what stands beneath the crates: licences, sources, what is banned, what may be there once only.
    Dependencies,
    /// Builds each crate with none of its features, with each alone, and with all, and has clippy look at each.
    Features,
    /// Publishes the workspace to a registry on loopback, and builds and tests a service that depends on it by version.
    ///
    /// Then a second version is published, which the service takes by `cargo update`, and a mirror of the registry serves
    /// the same crates. Needs crates.io for third parties' crates. Everything that it makes it removes.
    RegistryProof,
    /// Cuts a release: the gates, the new version, the changelog, the registry's proof, a commit and its tag.
    ///
    /// Where `CARGO_REGISTRIES_ELEVATEOS_INDEX` names a registry it is published there, too.
    Release {
        /// Such as 0.2.0. One that breaks callers raises the second number, until 1.0; else the third is enough.
        version: semver::Version,
    },
    /// Publishes what is tagged as that version to the registry that `CARGO_REGISTRIES_ELEVATEOS_INDEX` names, and builds and
    /// tests a service that has it from there. What is there already stays: call it again where it ended half-way.
    Publish {
        /// Such as 0.2.0.
        version: semver::Version,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Api { bless } => api::run(bless),
        Task::Book => book::run(),
        Task::Dependencies => dependencies::run(),
        Task::Features => features::run(),
        Task::RegistryProof => registry_proof::of(&workspace::root()),
        Task::Release { version } => release::cut(&version),
        Task::Publish { version } => release::publish(&version),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! Real processes that share one real PostgreSQL are killed at random, and so is the database; the phones ask again.
//!
//! [`run`] is the whole of it; [`worker::run`] is what each process does.

mod conductor;
mod phone;
pub mod race;
mod report;
mod truth;
pub mod worker;

pub use conductor::run;
pub use report::Report;

const AFTER_HELP: &str = "\
How it goes: every resident is a user of a stand-in for Openpath, with two doors and no cloud key. Each
taps twice, at about the same moment, on two doors and through any of the processes; then once more at
the end. Meanwhile processes are killed (SIGKILL) at random and started again, and once PostgreSQL is.
A phone that hears nothing, or an error, sends the same tap again, through any process.

What has to hold, judged by the vendor's own ledger:
  - one cloud key for each resident
  - at most one order for each tap
  - no dishonest outcome: no `accepted` without an order, no certain `not opened` of one, and no outcome
    that changes when it is asked for again
  - every tap ends

It needs PostgreSQL's programs (Debian's package postgresql) and makes a server of its own in a
temporary folder; with DATABASE_URL it uses that one, in a schema of its own, and leaves it running.
It takes two to three minutes of real time: who waits for a key that a dead process was making waits
until its lease is over.

Exit codes: 0 if all of that holds, 1 if not, 2 if the arguments cannot be used.";

/// Kills processes that serve taps from one database, and counts keys and orders.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "chaos", after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// How many processes serve.
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(2..=32))]
    pub processes: u16,
    /// How many residents tap.
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pub residents: u16,
    /// How many times a process is killed.
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub kills: u16,
    /// What is drawn is drawn from this. Real processes never run twice alike, so a seed does not repeat.
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
    /// Be one of the processes, and read from standard input what to do: for the program itself.
    #[arg(long, hide = true)]
    pub worker: bool,
}

//! The laws of the front door, each able to fail, in simulated time over the in-memory system.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod at_most_once;
mod audits;
mod connections;
#[cfg(feature = "metrics")]
mod counted;
mod crossing;
mod endings;
mod health;
mod history;
mod honest;
mod house;
mod in_time;
mod late;
mod lists;
mod right_person;
mod rosters;
mod tap_log;
mod tickets;
mod trees;
mod webhooks;

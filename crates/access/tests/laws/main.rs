//! The laws of the front door, each able to fail, in simulated time over the in-memory system.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod at_most_once;
mod audits;
mod connections;
mod health;
mod history;
mod honest;
mod house;
mod in_time;
mod lists;
mod right_person;
mod tickets;
mod webhooks;

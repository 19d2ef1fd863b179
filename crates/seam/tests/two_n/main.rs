//! The provider, driven through the front door, against the vendor's stand-in in memory and in paused time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod audit_changes;
mod contract;
mod diagnosis;
mod freshness;
mod go_live;
mod health;
mod house;
mod late;
mod matching;
mod orders_of_lists;
mod pins;
mod recheck;
mod secrets;
mod shares;
mod sources;
mod states;
mod stood;
mod strangers;
mod taps;
mod told;

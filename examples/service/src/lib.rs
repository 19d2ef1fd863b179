//! A small service that gives residents cloud unlock over HTTP: what to copy into a backend.
//!
//! Read it in this order; each part is short.
//!
//! - `tables.rs`: the service's own tables, and the two traits over them: who lives where ([`Directory`]), and which
//!   building has which door systems ([`Connections`]).
//! - `start.rs`: what happens once, when the service starts: the store and its migrations, ticket keys, the log of taps.
//! - `http.rs`: the routes that an app calls, and the one for webhooks.
//! - `staff.rs`: those for whoever runs the service: health, audits, diagnosis, metrics.
//! - `upkeep.rs`: what it does by itself, once a day and when it starts.
//! - `main.rs`: settings from the environment, and a shutdown that loses no outcome.
//!
//! The guide to embedding, in the documentation of `elevate-access`, goes through it.
//!
//! [`Directory`]: elevate_access::Directory
//! [`Connections`]: elevate_access::Connections

pub mod http;
pub mod staff;
pub mod start;
pub mod tables;
pub mod upkeep;

/// Why the service does not start, or ended.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

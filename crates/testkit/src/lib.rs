//! Vendor stand-ins for tests of cloud unlock.

mod http;
mod ledger;

pub use http::{Model, Received, Reply};
pub use ledger::{Effect, Ledger, Order};

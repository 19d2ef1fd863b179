// Without a database there is nobody who uses what both share.
#![cfg_attr(
    not(any(feature = "postgres", feature = "sqlite")),
    expect(dead_code, unused_imports, unused_macros, reason = "there is no store to use it")
)]
// The README defines it too, as a folder. The first definition counts.
#![doc = "[access]: elevate_access"]
#![doc = ""]
#![doc = include_str!("../README.md")]

mod dialect;
mod error;
mod migrate;
#[cfg(feature = "postgres")]
mod postgres;
mod sign_ins;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod taps;

pub use error::{Error, ErrorKind};
#[cfg(feature = "postgres")]
pub use postgres::{PgStore, Postgres};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, SqliteStore};
pub use store::SqlStore;

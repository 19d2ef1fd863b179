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

//! What happens once, when the service starts.

use std::path::Path;

use elevate_access::{Access, Error, Outcome, TapEnd, TicketKeys};
use elevate_access_sql::SqliteStore;
use tokio::sync::mpsc;

use crate::{Failure, tables::Tables};

/// How many ends of taps may wait to be written to the log before some are left out.
const LOG_ROOM: usize = 10_000;

/// The front door on the service's tables, and what comes out of its log of taps.
///
/// Favourites, links and taps are kept in the file `store`. A service of several nodes shares a PostgreSQL instead:
/// `PgStore::on_pool(pool, "access")`, on the pool that it has anyway.
///
/// # Errors
/// If the store cannot be opened, or the secret is too short to sign tickets.
pub async fn access(
    tables: &Tables,
    store: &Path,
    ticket_secret: &[u8],
) -> Result<(Access, mpsc::Receiver<TapEnd>), Failure> {
    let store = SqliteStore::open(store).await?;
    // Here at the start, or in a step of the deployment: safe from many nodes at once.
    store.migrate().await?;
    let (log, ends) = mpsc::channel(LOG_ROOM);
    let access = Access::builder()
        .directory(tables.clone())
        .connections(tables.clone())
        .store(store)
        .tickets(TicketKeys::new("k1", ticket_secret)?)
        .tap_log(log)
        .build()?;
    Ok((access, ends))
}

/// Writes the log of taps: who, which door, how it ended. It comes back when the last order has ended, after every clone
/// of the front door is gone.
pub async fn log_taps(mut ends: mpsc::Receiver<TapEnd>) {
    while let Some(end) = ends.recv().await {
        let (resident, door) = (&end.tapped.resident, &end.tapped.door);
        let ended = end.result.as_ref().map_or_else(Error::code, Outcome::code);
        let took_ms = end.took.as_millis();
        tracing::info!(target: "taps", %resident, %door, ended, took_ms, "tap");
    }
}

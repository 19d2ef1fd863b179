//! What happens once, when the service starts.

use std::{fmt::Display, path::Path, sync::Arc, time::Duration};

use elevate_access::{Access, AccessBuilder, Error, Outcome, TapEnd, Taps, TicketKeys};
use elevate_access_sql::{PgStore, SqliteStore};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::{sync::mpsc, time::interval};
use tracing::subscriber::{NoSubscriber, with_default};

use crate::{Failure, tables::Tables};

/// How many ends of taps may wait to be written to the log before some are left out.
const LOG_ROOM: usize = 10_000;

/// How long a tap waits for a connection to the database, before it is refused.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often what was measured is summed up.
const SUMMED_UP: Duration = Duration::from_secs(5);

/// Installs what counts and measures, before there is anything to measure.
///
/// # Errors
/// If there is another one already.
pub fn metrics() -> Result<PrometheusHandle, Failure> {
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let kept = metrics.clone();
    // Where nobody scrapes, it would keep each single value.
    tokio::spawn(async move {
        let mut now_and_then = interval(SUMMED_UP);
        loop {
            now_and_then.tick().await;
            kept.run_upkeep();
        }
    });
    Ok(metrics)
}

/// What a running service has.
#[derive(Debug)]
pub struct Started {
    /// The front door.
    pub access: Access,
    /// What comes out of its log of taps.
    pub ends: mpsc::Receiver<TapEnd>,
    /// The history, to be pruned.
    pub taps: History,
}

/// The table of taps, whichever database has it. Cheap to clone.
#[derive(Clone)]
pub struct History(pub Arc<dyn Taps>);

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

/// The front door on the service's tables.
///
/// Favourites, links and taps are kept in `store`: a file, or a PostgreSQL's URL, which several nodes share.
///
/// # Errors
/// If the store cannot be opened, or the secret is too short to sign tickets.
pub async fn access(
    tables: &Tables,
    store: &str,
    ticket_secret: &[u8],
) -> Result<Started, Failure> {
    let (log, ends) = mpsc::channel(LOG_ROOM);
    let access = Access::builder()
        .directory(tables.clone())
        .connections(tables.clone())
        .tickets(TicketKeys::new("k1", ticket_secret)?)
        .tap_log(log);
    let (access, taps) = kept_in(store, access).await?;
    Ok(Started { access: access.build()?, ends, taps })
}

async fn kept_in(store: &str, access: AccessBuilder) -> Result<(AccessBuilder, History), Failure> {
    if store.starts_with("postgres") {
        let database = database(store)?;
        // A service has a pool already, and hands that over.
        let pool = PgPoolOptions::new().acquire_timeout(PATIENCE).connect_with(database).await?;
        let store = PgStore::on_pool(pool, "access")?;
        store.migrate().await?;
        return Ok((access.store(store.clone()), History(Arc::new(store))));
    }
    let store = SqliteStore::open(Path::new(store)).await?;
    // Here at the start, or in a step of the deployment: safe from many nodes at once.
    store.migrate().await?;
    Ok((access.store(store.clone()), History(Arc::new(store))))
}

/// What a PostgreSQL's URL says.
fn database(url: &str) -> Result<PgConnectOptions, Failure> {
    // Of a parameter that it does not know, such as `pasword`, sqlx would write the value into the log.
    let options = with_default(NoSubscriber::new(), || url.parse());
    Ok(options.map_err(|_: sqlx::Error| "STORE is no URL of a PostgreSQL")?)
}

/// Writes the log of taps: who, which door, how it ended. It comes back when the last order has ended, after every clone
/// of the front door is gone.
pub async fn log_taps(mut ends: mpsc::Receiver<TapEnd>) {
    while let Some(end) = ends.recv().await {
        let (resident, door) = (plain(&end.tapped.resident), plain(&end.tapped.door));
        let ended = end.result.as_ref().map_or_else(Error::code, Outcome::code);
        let took_ms = end.took.as_millis();
        tracing::info!(target: "taps", %resident, %door, ended, took_ms, "tap");
    }
}

/// An id, if it is written as ids are. What a phone names may be anything, such as an e-mail.
fn plain(id: &impl Display) -> String {
    let id = id.to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    if id.chars().all(is_plain) { id } else { "***".to_owned() }
}

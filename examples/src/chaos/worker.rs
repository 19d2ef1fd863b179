//! One process of the service: taps come in as lines, outcomes go out as lines.

use std::{sync::Arc, time::Duration};

use elevate_access::{Access, ConnectionId, MemoryConnections, Outcome, Store, Tap, TapId};
use elevate_access_sql::{PgStore, SqliteStore};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    sync::mpsc,
};

use super::truth;
use crate::quickstart::Failure;

/// What a process is told when it is started: on its input, for the database's address may hold a password, and
/// arguments can be read by anybody.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) vendor: String,
    pub(super) residents: u16,
}

/// A tap on its way in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) resident: u16,
    pub(super) entry: u64,
    pub(super) tap: String,
}

/// An answer on its way out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) number: u64,
    /// The code of an error, where there is no outcome.
    pub(super) outcome: Result<Outcome, String>,
}

/// Serves taps until its input ends, or until it is killed.
///
/// # Errors
/// If it cannot be set up, or its input cannot be read.
pub async fn run() -> Result<(), Failure> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let orders = lines.next_line().await?.ok_or("nothing was said")?;
    let orders: Orders = serde_json::from_str(&orders)?;
    let access = access(&orders).await?;
    let (tell, mut told) = mpsc::unbounded_channel::<Told>();
    let writing = tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(told) = told.recv().await {
            let Ok(mut line) = serde_json::to_vec(&told) else { continue };
            line.push(b'\n');
            if out.write_all(&line).await.is_err() || out.flush().await.is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.next_line().await? {
        let asked: Asked = serde_json::from_str(&line)?;
        let (access, tell) = (access.clone(), tell.clone());
        let (resident, door) = (truth::resident(asked.resident)?, truth::door(asked.entry)?);
        let tap = Tap::now().with_id(TapId::new(asked.tap)?);
        tokio::spawn(async move {
            let outcome = access.unlock(&resident, &door, tap).await;
            let outcome = outcome.map_err(|e| e.code().to_owned());
            let _ = tell.send(Told { number: asked.number, outcome });
        });
    }
    drop(tell);
    Ok(writing.await?)
}

/// Whether that names a PostgreSQL, and not a file.
pub(super) fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

async fn access(orders: &Orders) -> Result<Access, Failure> {
    if !is_postgres(&orders.database) {
        return serving(orders, SqliteStore::open(&orders.database).await?);
    }
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(Duration::from_secs(2))
        .connect_lazy(&orders.database)?;
    serving(orders, PgStore::on_pool(pool, &orders.schema)?)
}

fn serving(orders: &Orders, store: impl Store + Clone) -> Result<Access, Failure> {
    let credentials = Credentials::password(truth::ACCOUNT.0, truth::ACCOUNT.1);
    let client = Client::builder(&orders.vendor, OrgId::from(truth::ORG), credentials)
        .sign_ins(Arc::new(store.clone()))
        .build()?;
    let connections = MemoryConnections::new();
    let provider = Arc::new(OpenpathProvider::new(client));
    connections.connect(&truth::building()?, &ConnectionId::new(truth::CONNECTION)?, provider);
    Ok(Access::builder()
        .directory(truth::directory(orders.residents)?)
        .connections(connections)
        .store(store)
        .build()?)
}

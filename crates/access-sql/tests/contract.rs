//! Both databases keep the contract of stores.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use elevate_access::{Store, async_trait};
use elevate_access_sql::{PgStore, SqliteStore};
use elevate_access_testkit::store_contract::{self, StoreStage};
use support::{Postgres, aged, pool, schema, swept};

/// A file, opened anew by each node.
struct File {
    folder: tempfile::TempDir,
    nodes: Vec<SqliteStore>,
    handed: std::sync::atomic::AtomicUsize,
}

impl File {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(SqliteStore::open(folder.path().join("access.db")).await.unwrap());
        }
        nodes[0].migrate().await.unwrap();
        Self { folder, nodes, handed: 0.into() }
    }
}

#[async_trait]
impl StoreStage for File {
    fn node(&self) -> Arc<dyn Store> {
        let next = self.handed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Arc::new(self.nodes[next % self.nodes.len()].clone())
    }

    async fn pass(&self, time: Duration) {
        let url = format!("sqlite://{}", self.folder.path().join("access.db").display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        aged!(&pool, "access_", time);
        pool.close().await;
    }
}

/// A schema of its own, by a pool a node.
struct Tables {
    nodes: Vec<PgStore>,
    pool: sqlx::PgPool,
    schema: String,
    handed: std::sync::atomic::AtomicUsize,
}

impl Tables {
    async fn new(postgres: &Postgres) -> Self {
        let schema = schema("contract");
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(PgStore::on_pool(pool(postgres).await, &schema).unwrap());
        }
        nodes[0].migrate().await.unwrap();
        Self { nodes, pool: pool(postgres).await, schema, handed: 0.into() }
    }
}

#[async_trait]
impl StoreStage for Tables {
    fn node(&self) -> Arc<dyn Store> {
        let next = self.handed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Arc::new(self.nodes[next % self.nodes.len()].clone())
    }

    async fn pass(&self, time: Duration) {
        aged!(&self.pool, &format!("\"{}\".access_", self.schema), time);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_the_contract() {
    store_contract::run_all(File::new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgresql_keeps_the_contract() {
    let Some(postgres) = Postgres::found() else { return };
    store_contract::run_all(async || Tables::new(&postgres).await).await;
    swept(&postgres, "contract").await;
}

//! A PostgreSQL to test against, and a way to let time pass in a database.
#![expect(clippy::print_stdout, reason = "who runs the tests is told what they skip")]
#![allow(dead_code, unused_macros, unused_imports, reason = "not every test file needs all of it")]

use std::sync::atomic::{AtomicU32, Ordering};

use elevate_access::{DoorId, Outcome, ResidentId, Tapped};
use elevate_access_testkit::postgres::{Cluster, DATABASE_URL};
use jiff::Timestamp;

pub(crate) const NOON: Timestamp = Timestamp::constant(1_790_000_000, 0);

pub(crate) fn jane() -> ResidentId {
    "jane".parse().unwrap()
}

/// A tap of Jane's.
pub(crate) fn tapped() -> Tapped {
    let door: DoorId = "c/1".parse().unwrap();
    Tapped { resident: jane(), door, place: None, at: NOON }
}

/// An outcome of hers, as its code says, with the vendor's reference.
pub(crate) fn told(outcome: &str, reference: &str) -> Outcome {
    let told = serde_json::json!({
        "outcome": outcome, "door": "c/1", "tap": "t", "reference": reference, "took_ms": 0, "reason": null,
        "certain": outcome == "opened"
    });
    serde_json::from_value(told).unwrap()
}

/// A server: the one that was named, or one of our own.
pub(crate) enum Postgres {
    Named(String),
    Own(Cluster),
}

impl Postgres {
    /// `None`, and a line that says so, where there is none and none is required.
    pub(crate) fn found() -> Option<Self> {
        if let Ok(url) = std::env::var(DATABASE_URL) {
            return Some(Self::Named(url));
        }
        let own = Cluster::start().unwrap();
        if own.is_none() {
            println!("skipped: PostgreSQL is not installed");
        }
        own.map(Self::Own)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Named(url) => url.clone(),
            Self::Own(cluster) => cluster.url(),
        }
    }
}

pub(crate) async fn pool(postgres: &Postgres) -> sqlx::PgPool {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(8);
    options.connect(&postgres.url()).await.unwrap()
}

/// A schema's name that nobody has used, for that test.
pub(crate) fn schema(test: &str) -> String {
    static USED: AtomicU32 = AtomicU32::new(0);
    let number = USED.fetch_add(1, Ordering::Relaxed);
    format!("test_{test}_{}_{number}", std::process::id())
}

/// A pool all of whose unnamed tables are in that schema, which is made.
pub(crate) async fn pool_in(postgres: &Postgres, schema: &str) -> sqlx::PgPool {
    let make = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    // Two that make one at once: one of them may fail, and there it is.
    let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&pool(postgres).await).await;
    let options = postgres.url().parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let options = options.options([("search_path", schema)]);
    sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap()
}

/// Removes the schemas that the test has made, for a server that goes on.
pub(crate) async fn swept(postgres: &Postgres, test: &str) {
    let pool = pool(postgres).await;
    let mine = format!("test\\_{test}\\_{}\\_%", std::process::id());
    let named = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE $1";
    let named: Vec<(String,)> = sqlx::query_as(named).bind(mine).fetch_all(&pool).await.unwrap();
    assert!(!named.is_empty(), "it has made some");
    for (schema,) in named {
        let drop = format!("DROP SCHEMA {schema} CASCADE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&pool).await.unwrap();
    }
}

/// The state of an account, so much older: its moments, but not how long they last.
pub(crate) fn older(state: &str, seconds: u64) -> String {
    fn age(value: &mut serde_json::Value, by: u64) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields.iter_mut().filter(|(name, _)| *name != "lasts") {
                    match value.as_u64().filter(|_| name == "secs") {
                        Some(at) => *value = at.saturating_sub(by).into(),
                        None => age(value, by),
                    }
                }
            }
            serde_json::Value::Array(values) => values.iter_mut().for_each(|v| age(v, by)),
            _ => {}
        }
    }
    let mut state = serde_json::from_str(state).unwrap();
    age(&mut state, seconds);
    state.to_string()
}

/// Makes every moment that the database's own clock has given so much older.
macro_rules! aged {
    ($pool:expr, $tables:expr, $time:expr) => {{
        let (pool, tables, time): (_, &str, Duration) = ($pool, $tables, $time);
        let micros = i64::try_from(time.as_micros()).unwrap();
        for sql in [
            format!("UPDATE {tables}taps SET written_at = written_at - $1"),
            format!("UPDATE {tables}leases SET until = until - $1"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(micros).execute(pool).await.unwrap();
        }
        let all = format!("SELECT name, state FROM {tables}accounts");
        let all: Vec<(String, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(all)).fetch_all(pool).await.unwrap();
        for (name, state) in all {
            let sql = format!("UPDATE {tables}accounts SET state = $1 WHERE name = $2");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(support::older(&state, time.as_secs()))
                .bind(name)
                .execute(pool)
                .await
                .unwrap();
        }
    }};
}

pub(crate) use aged;

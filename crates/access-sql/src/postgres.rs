//! PostgreSQL: one database for all nodes.

use async_trait::async_trait;
use sqlx::{
    Connection as _,
    error::DatabaseError,
    postgres::{PgConnection, PgPool},
};

use crate::{
    Error, ErrorKind, SqlStore,
    dialect::{Arg, Dialect, Statement, Value, bound, values},
    error::Call,
    migrate::migrator,
};

/// A [`Store`](elevate_access::Store) in the host's own PostgreSQL, by its own pool, in a schema of its own:
/// for any number of nodes.
///
/// Leases and ages are counted by the server's clock, the same for all nodes. No connection is held while a
/// vendor is asked. Give the pool an `acquire_timeout` of a second or two: its 30 s are longer than a tap may
/// take, so that taps with an id all end as *too slow* while the server is down.
///
/// ```
/// # async fn example(pool: sqlx::PgPool) -> Result<(), elevate_access_sql::Error> {
/// let store = elevate_access_sql::PgStore::on_pool(pool, "access")?;
/// store.migrate().await?; // or once, in a deployment step: the service itself needs no right to make tables
/// # Ok(())
/// # }
/// ```
pub type PgStore = SqlStore<Postgres>;

/// The PostgreSQL of a [`PgStore`].
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    schema: String,
    tables: String,
}

impl SqlStore<Postgres> {
    /// The store in that schema of the pool's database. Asks nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a schema's name that is not of lower-case letters, digits and `_`, 63 at
    /// most, a letter first.
    pub fn on_pool(pool: PgPool, schema: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let starts = schema.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || schema.len() > 63 || !schema.chars().all(plain) {
            return Err(Error::new(ErrorKind::InvalidInput, Call::OnPool, "schema"));
        }
        let tables = format!("\"{schema}\".access_");
        Ok(Self::on(Postgres { pool, schema: schema.to_owned(), tables }))
    }

    /// Makes the schema if there is none, and brings its tables up to this version. Safe from many nodes at
    /// once and beside the host's own migrations; what is there stays. The right to make a schema is needed only
    /// where it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Migration`] if the tables were made by a later version, or by something else;
    /// [`ErrorKind::Unavailable`].
    pub async fn migrate(&self) -> Result<(), Error> {
        let failed = Error::in_call(Call::Migrate);
        // A connection of its own, closed at the end: the lock is the session's, and would stay with the pool.
        let mut connection = self.db.acquire().await.map_err(failed)?.detach();
        let done = self.migrate_on(&mut connection).await;
        let closed = connection.close().await;
        done?;
        closed.map_err(failed)
    }

    async fn migrate_on(&self, connection: &mut PgConnection) -> Result<(), Error> {
        // "If not exists" asks for the right to make it although it is there.
        let is_there = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
        let is_there = sqlx::query_scalar(is_there).bind(&self.db.schema);
        let mut migrator = migrator(&*self.db);
        let is_there = is_there.fetch_one(&mut *connection).await;
        if !is_there.map_err(Error::in_call(Call::Migrate))? {
            migrator.create_schema(format!("\"{}\"", self.db.schema));
        }
        Ok(migrator.run_direct(None, connection, false).await?)
    }
}

/// Fails within a transaction, and does nothing outside of one.
///
/// Whoever drops the beginning of a transaction half-way leaves it open on a connection that goes back to the pool, which
/// sqlx does not notice; and the pool is the host's. A claim that is made there is seen by no other node, and is gone with
/// the connection: an order that is sent twice.
const OUTSIDE: &str = "DO 'BEGIN COMMIT; END'";

impl Postgres {
    /// A connection that nobody left inside a transaction. That costs each call a round trip.
    async fn acquire(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, sqlx::Error> {
        loop {
            let mut connection = self.pool.acquire().await?;
            match sqlx::raw_sql(OUTSIDE).execute(&mut *connection).await {
                Ok(_) => return Ok(connection),
                // One fewer of them in the pool.
                Err(error) if is_inside(&error) => connection.close().await?,
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether it says that there is a transaction around it, or one that has failed.
fn is_inside(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "2D000" | "25P02"))
}

#[async_trait]
impl Dialect for Postgres {
    const NOW: &'static str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
    const NUMBER: &'static str = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    fn tables(&self) -> &str {
        &self.tables
    }

    async fn rows(&self, statement: Statement<'_>) -> Result<Vec<Vec<Value>>, sqlx::Error> {
        let mut connection = self.acquire().await?;
        let rows = bound!(statement).fetch_all(&mut *connection).await?;
        rows.iter().map(|row| values!(row)).collect()
    }

    async fn execute(&self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        let mut connection = self.acquire().await?;
        Ok(bound!(statement).execute(&mut *connection).await?.rows_affected())
    }

    async fn together(&self, statements: Vec<Statement<'_>>) -> Result<(), sqlx::Error> {
        let mut connection = self.acquire().await?;
        let mut writing = connection.begin().await?;
        for statement in statements {
            bound!(statement).execute(&mut *writing).await?;
        }
        writing.commit().await
    }
}

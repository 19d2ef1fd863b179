//! SQLite: one file, for one machine.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
    },
};

use tokio::time::{Instant, sleep};

use crate::{
    Error, SqlStore,
    dialect::{Arg, Dialect, Statement, Value, bound, values},
    error::Call,
    migrate::migrator,
};

/// How long a writer waits for another one's transaction.
const BUSY: Duration = Duration::from_secs(2);

/// How often a new file that somebody else is making is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// How long a call waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);

/// A [`Store`](elevate_access::Store) in a file that all processes of one machine may share.
///
/// Every change is on the disk before it is told of: a claim that a power cut takes back would be an order
/// that is sent twice. What is deleted is overwritten.
///
/// ```
/// # async fn example() -> Result<(), elevate_access_sql::Error> {
/// let store = elevate_access_sql::SqliteStore::open("access.db").await?;
/// store.migrate().await?;
/// # Ok(())
/// # }
/// ```
pub type SqliteStore = SqlStore<Sqlite>;

/// The SQLite of a [`SqliteStore`].
#[derive(Debug)]
pub struct Sqlite(SqlitePool);

impl SqlStore<Sqlite> {
    /// Opens the file, and makes it if there is none. Its tables are made by [`migrate`](Self::migrate).
    ///
    /// It has to lie on a disk of this machine: over a network SQLite's locks cannot be relied on.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if it cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new().max_connections(4).acquire_timeout(ACQUIRE);
        // Whoever comes first turns a new file's log on, and SQLite does not wait for that by itself.
        let give_up = Instant::now() + BUSY;
        loop {
            match pool.clone().connect_with(options.clone()).await {
                Ok(pool) => return Ok(Self::on(Sqlite(pool))),
                Err(e) if is_busy(&e) && Instant::now() < give_up => sleep(LOOK_AGAIN).await,
                Err(e) => return Err(Error::in_call(Call::Open)(e)),
            }
        }
    }

    /// Brings the tables up to this version. Safe from many processes at once; what is there stays.
    ///
    /// # Errors
    /// [`ErrorKind::Migration`](crate::ErrorKind::Migration) if the file was made by a later version, or by
    /// something else; [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable).
    pub async fn migrate(&self) -> Result<(), Error> {
        let failed = Error::in_call(Call::Migrate);
        // SQLite's migrations take no lock of their own: whoever has begun to write has the only one.
        let mut writing = self.db.0.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        migrator(&*self.db).run_direct(None, &mut *writing, false).await?;
        writing.commit().await.map_err(failed)
    }

    /// Closes the file, when what is under way has ended.
    pub async fn close(&self) {
        self.db.0.close().await;
    }
}

/// Whether somebody else has the file, for now.
fn is_busy(e: &sqlx::Error) -> bool {
    // The primary code is in the lowest byte.
    let code = e.as_database_error().and_then(|e| e.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

#[async_trait]
impl Dialect for Sqlite {
    const NOW: &'static str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
    const NUMBER: &'static str = "INTEGER PRIMARY KEY AUTOINCREMENT";

    fn tables(&self) -> &'static str {
        "access_"
    }

    async fn rows(&self, statement: Statement<'_>) -> Result<Vec<Vec<Value>>, sqlx::Error> {
        let rows = bound!(statement).fetch_all(&self.0).await?;
        rows.iter().map(|row| values!(row)).collect()
    }

    async fn execute(&self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        Ok(bound!(statement).execute(&self.0).await?.rows_affected())
    }

    async fn together(&self, statements: Vec<Statement<'_>>) -> Result<(), sqlx::Error> {
        let mut writing = self.0.begin_with("BEGIN IMMEDIATE").await?;
        for statement in statements {
            bound!(statement).execute(&mut *writing).await?;
        }
        writing.commit().await
    }

    async fn erased(&self) {
        // What was deleted stands in the log, too, until that is begun anew, which a reader may prevent for now. Nobody
        // waits for that, or writers would: it is done the next time. A connection of its own has no patience.
        let options = (*self.0.connect_options()).clone().busy_timeout(Duration::ZERO);
        if let Ok(mut connection) = SqliteConnection::connect_with(&options).await {
            let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
            let _ = connection.close().await;
        }
    }
}

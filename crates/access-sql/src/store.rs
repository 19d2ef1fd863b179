//! One store for both databases: favourites, links and leases.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use elevate_access::{
    ConnectionId, DoorId, EmailDigest, HostError, Lease, Link, ResidentId, Store, TAPS_KEPT,
};
use jiff::Timestamp;

use crate::{
    Error,
    dialect::{Arg, Dialect, Statement, Value},
    error::Call,
};

/// A [`Store`] in a database: a `SqliteStore` or a `PgStore`.
///
/// Every change is one statement, or one transaction, so that any number of nodes may make it at once, and
/// one that dies in the middle leaves nothing half done.
///
/// Cheap to clone; all clones are one.
pub struct SqlStore<D> {
    pub(crate) db: Arc<D>,
}

impl<D> Clone for SqlStore<D> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone() }
    }
}

impl<D: Dialect> SqlStore<D> {
    pub(crate) fn on(db: D) -> Self {
        Self { db: Arc::new(db) }
    }

    /// The statement in this database's words: `{t}` for the tables, `{now}` for the moment.
    pub(crate) fn sql(&self, text: &str) -> String {
        text.replace("{t}", self.db.tables()).replace("{now}", D::NOW)
    }

    pub(crate) async fn rows(
        &self,
        call: &'static str,
        text: &str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, Error> {
        let rows = self.db.rows((self.sql(text), args.to_vec())).await;
        let rows = rows.map_err(Error::in_call(Call::Read(call)))?;
        Ok(rows.into_iter().map(|values| Row { call, values: values.into_iter() }).collect())
    }

    /// How many rows it changed.
    pub(crate) async fn execute(
        &self,
        call: &'static str,
        text: &str,
        args: &[Arg<'_>],
    ) -> Result<u64, Error> {
        let done = self.db.execute((self.sql(text), args.to_vec())).await;
        done.map_err(Error::in_call(Call::Read(call)))
    }

    /// Erases what there is of the resident: all of it, or none.
    async fn erase(&self, resident: &ResidentId) -> Result<(), Error> {
        let kept = [Arg::Text(resident.as_str()), Arg::Int(micros(TAPS_KEPT))];
        let statements: [(&str, &[Arg<'_>]); 4] = [
            ("DELETE FROM {t}favorites WHERE resident = $1", &kept[..1]),
            ("DELETE FROM {t}links WHERE resident = $1", &kept[..1]),
            (
                "DELETE FROM {t}taps WHERE resident = $1 \
                 AND (id IS NULL OR written_at <= {now} - $2)",
                &kept,
            ),
            (
                "UPDATE {t}taps SET resident = NULL, door = NULL, building = NULL, \
                 door_name = NULL, outcome = NULL, later = NULL WHERE resident = $1",
                &kept[..1],
            ),
        ];
        let statements: Vec<Statement<'_>> =
            statements.iter().map(|(text, args)| (self.sql(text), args.to_vec())).collect();
        let erased = self.db.together(statements).await;
        erased.map_err(Error::in_call(Call::Read("forget")))?;
        self.db.erased().await;
        Ok(())
    }
}

/// A row, read from the left.
pub(crate) struct Row {
    call: &'static str,
    values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn maybe_text(&mut self, column: &'static str) -> Result<Option<String>, Error> {
        match self.values.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(Error::unreadable(Call::Read(self.call), column)),
        }
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, Error> {
        self.maybe_text(column)?.ok_or_else(|| Error::unreadable(Call::Read(self.call), column))
    }

    pub(crate) fn maybe_int(&mut self, column: &'static str) -> Result<Option<i64>, Error> {
        match self.values.next() {
            Some(Value::Int(int)) => Ok(Some(int)),
            Some(Value::Null) => Ok(None),
            _ => Err(Error::unreadable(Call::Read(self.call), column)),
        }
    }

    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, Error> {
        self.maybe_int(column)?.ok_or_else(|| Error::unreadable(Call::Read(self.call), column))
    }

    pub(crate) fn moment(&mut self, column: &'static str) -> Result<Timestamp, Error> {
        Timestamp::from_microsecond(self.int(column)?)
            .map_err(|_| Error::unreadable(Call::Read(self.call), column))
    }

    /// A column whose text is something more than text.
    pub(crate) fn parsed<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Error> {
        parse(&self.text(column)?).ok_or_else(|| Error::unreadable(Call::Read(self.call), column))
    }
}

/// As many microseconds; more than a database can hold is as long as it can.
pub(crate) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

#[async_trait]
impl<D: Dialect> Store for SqlStore<D> {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        let text = "SELECT door FROM {t}favorites WHERE resident = $1 ORDER BY position, door";
        let mut rows = self.rows("favorites", text, &[Arg::Text(resident.as_str())]).await?;
        let doors = rows.iter_mut().map(|row| row.parsed("door", |text| text.parse().ok()));
        Ok(doors.collect::<Result<_, Error>>()?)
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        let door = door.to_string();
        let text = if favorite {
            "INSERT INTO {t}favorites (resident, door, position) \
             SELECT $1, $2, COALESCE(MAX(position), 0) + 1 FROM {t}favorites WHERE resident = $1 \
             ON CONFLICT (resident, door) DO NOTHING"
        } else {
            "DELETE FROM {t}favorites WHERE resident = $1 AND door = $2"
        };
        let args = [Arg::Text(resident.as_str()), Arg::Text(&door)];
        self.execute("set_favorite", text, &args).await?;
        Ok(())
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        let text = "SELECT email_digest, subject, vendor_key, verified FROM {t}links \
                    WHERE connection = $1 AND resident = $2";
        let args = [Arg::Text(connection.as_str()), Arg::Text(resident.as_str())];
        let Some(mut row) = self.rows("link", text, &args).await?.pop() else { return Ok(None) };
        let digest = |text: &str| serde_json::from_value::<EmailDigest>(text.into()).ok();
        Ok(Some(Link {
            email: row.parsed("email_digest", digest)?,
            subject: row.text("subject")?,
            key: row.maybe_text("vendor_key")?,
            verified: row.moment("verified")?,
        }))
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        let text = "SELECT resident FROM {t}links WHERE connection = $1 AND subject = $2";
        let args = [Arg::Text(connection.as_str()), Arg::Text(subject)];
        let mut rows = self.rows("linked", text, &args).await?;
        let residents = rows.iter_mut().map(|row| row.parsed("resident", |t| t.parse().ok()));
        let mut residents: Vec<ResidentId> = residents.collect::<Result<_, Error>>()?;
        // By our own order: a database's depends on its language.
        residents.sort();
        Ok(residents)
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        let (connection, resident) = (Arg::Text(connection.as_str()), Arg::Text(resident.as_str()));
        let Some(link) = link else {
            let text = "DELETE FROM {t}links WHERE connection = $1 AND resident = $2";
            self.execute("set_link", text, &[connection, resident]).await?;
            return Ok(());
        };
        let text = "INSERT INTO {t}links \
                    (connection, resident, email_digest, subject, vendor_key, verified) \
                    VALUES ($1, $2, $3, $4, $5, $6) \
                    ON CONFLICT (connection, resident) DO UPDATE SET \
                    email_digest = excluded.email_digest, subject = excluded.subject, \
                    vendor_key = excluded.vendor_key, verified = excluded.verified";
        let args = [
            connection,
            resident,
            Arg::Text(link.email.as_str()),
            Arg::Text(&link.subject),
            Arg::MaybeText(link.key.as_deref()),
            Arg::Int(link.verified.as_microsecond()),
        ];
        self.execute("set_link", text, &args).await?;
        Ok(())
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        // A row stays when its lease has ended, so that no token is ever given twice. What ends later than it could
        // was taken by a clock that was ahead and is set right.
        let text = "INSERT INTO {t}leases AS l (name, token, until, lasts) \
                    VALUES ($1, {now}, {now} + $2, $2) \
                    ON CONFLICT (name) DO UPDATE \
                    SET token = l.token + 1, until = excluded.until, lasts = excluded.lasts \
                    WHERE l.until <= {now} OR l.until > {now} + 2 * l.lasts RETURNING token";
        let args = [Arg::Text(name), Arg::Int(micros(ttl))];
        let Some(mut row) = self.rows("lease", text, &args).await?.pop() else {
            return Ok(None);
        };
        let token = row.int("token")?.to_string();
        Ok(Some(Lease { name: name.to_owned(), token }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        // What is no token of ours is no lease that is held.
        let Ok(token) = lease.token.parse() else { return Ok(()) };
        let text = "UPDATE {t}leases SET until = 0 WHERE name = $1 AND token = $2";
        self.execute("release", text, &[Arg::Text(&lease.name), Arg::Int(token)]).await?;
        Ok(())
    }

    async fn forget(&self, resident: &ResidentId) -> Result<(), HostError> {
        let (store, resident) = (self.clone(), resident.clone());
        // In a task of its own, which no caller can drop: a transaction that is dropped while it begins stays open.
        let erasing = tokio::spawn(async move { store.erase(&resident).await });
        Ok(erasing.await.map_err(|_| HostError::msg("forgetting was ended"))??)
    }
}

impl<D> fmt::Debug for SqlStore<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

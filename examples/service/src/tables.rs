//! The service's own tables: residents, units, connections. Yours look otherwise; what matters is what is read when.

use std::{fmt, path::Path, sync::Arc};

use elevate_access::{
    AccessProvider, BuildingId, ConnectionRef, Connections, Directory, HostError, Residency,
    Resident, ResidentId, RosterStream, Standing, Unit, UnitId, VerifiedEmail, async_trait,
};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId, SiteId};
use elevate_seam::{
    ApiKey, TwoNProvider, TwoNSettings, WebhookSecret, WebhookVerifier, WorkspaceId,
};
use elevate_transport::Wire;
use futures_util::{TryFutureExt as _, stream};
use sqlx::{
    FromRow, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

/// Where a secret is kept: by its name, as the table has it.
pub type Secrets = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The tables, and what it takes to reach a door system. Cheap to clone.
#[derive(Clone)]
pub struct Tables {
    pool: SqlitePool,
    /// One wire for all connections: it holds the sockets, and the rules under which a request may leave.
    wire: Arc<dyn Wire>,
    secrets: Secrets,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").finish_non_exhaustive()
    }
}

/// One residency with its resident.
#[derive(FromRow)]
struct Row {
    resident: String,
    name: String,
    email: Option<String>,
    building: String,
    unit: String,
    unit_name: String,
    status: String,
}

/// One door system of a building.
#[derive(FromRow)]
struct ConnectionRow {
    building: String,
    vendor: String,
    base_url: Option<String>,
    /// Openpath's organisation, or Seam's workspace.
    account: String,
    /// Openpath's service account.
    login: Option<String>,
    /// The building's sites at Openpath, with commas between.
    sites: Option<String>,
    /// What the secret is called: an Openpath password or a Seam API key. The secret itself is in no table.
    secret: String,
    /// Which edition of the secret it is.
    secret_revision: i64,
    /// What the secret of Seam's webhook is called.
    webhook_secret: Option<String>,
}

const RESIDENCIES: &str = "SELECT r.id AS resident, r.name, r.email, u.building, u.id AS unit, u.name AS unit_name, l.status \
                           FROM residents r JOIN residencies l ON l.resident = r.id JOIN units u ON u.id = l.unit ";

impl Tables {
    /// Opens the tables in that file, and makes them if there are none.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub async fn open(
        file: &Path,
        wire: Arc<dyn Wire>,
        secrets: Secrets,
    ) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::raw_sql(include_str!("tables.sql")).execute(&pool).await?;
        Ok(Self { pool, wire, secrets })
    }

    /// The pool, for what the rest of the service does with its tables.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    fn secret(&self, name: &str) -> Result<String, HostError> {
        let missing = || HostError::msg(format!("there is no secret called {name}"));
        (self.secrets)(name).ok_or_else(missing)
    }
}

/// Makes residents of rows that are ordered by resident.
fn residents(rows: Vec<Row>) -> Result<Vec<Resident>, HostError> {
    let mut residents: Vec<Resident> = Vec::new();
    for row in rows {
        let id = ResidentId::new(row.resident)?;
        if residents.last().is_none_or(|last| last.id != id) {
            let mut resident = Resident::new(id).with_name(row.name);
            // The PMS's address: residents cannot change it here. One that cannot be an address is none.
            let email = row.email.and_then(|text| VerifiedEmail::from_pms(&text).ok());
            if let Some(email) = email {
                resident = resident.with_email(email);
            }
            residents.push(resident);
        }
        let standing = match row.status.as_str() {
            "Current" => Standing::Current,
            "Former" => Standing::Former,
            "Future" => Standing::Future,
            other => Standing::Other(other.to_owned()),
        };
        let unit = Unit::new(UnitId::new(row.unit)?, row.unit_name);
        let home = Residency::new(BuildingId::new(row.building)?, unit, standing);
        if let Some(resident) = residents.pop() {
            residents.push(resident.with_residency(home));
        }
    }
    Ok(residents)
}

#[async_trait]
impl Directory for Tables {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        let sql = format!("{RESIDENCIES} WHERE r.id = $1");
        let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id.as_str());
        Ok(residents(rows.fetch_all(&self.pool).await?)?.pop())
    }

    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        let all = async move {
            // All residencies of whoever has one in this building, those elsewhere too.
            let sql = format!(
                "{RESIDENCIES} WHERE r.id IN (SELECT l.resident FROM residencies l \
                 JOIN units u ON u.id = l.unit WHERE u.building = $1) ORDER BY r.id"
            );
            let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(building.as_str());
            let all = residents(rows.fetch_all(&self.pool).await?)?;
            Ok::<_, HostError>(stream::iter(all.into_iter().map(Ok)))
        };
        Box::pin(all.try_flatten_stream())
    }

    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        let rows = sqlx::query_as("SELECT id, name FROM units WHERE building = $1 ORDER BY id");
        let rows: Vec<(String, String)> =
            rows.bind(building.as_str()).fetch_all(&self.pool).await?;
        rows.into_iter().map(|(id, name)| Ok(Unit::new(UnitId::new(id)?, name))).collect()
    }
}

#[async_trait]
impl Connections for Tables {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        let rows = sqlx::query_as(
            "SELECT id, revision FROM connections WHERE building = $1 ORDER BY position, id",
        );
        let rows: Vec<(String, i64)> = rows.bind(building.as_str()).fetch_all(&self.pool).await?;
        let read = |(id, revision): (String, i64)| {
            Ok(ConnectionRef::new(id.parse()?, revision.to_string()))
        };
        rows.into_iter().map(read).collect()
    }

    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        let row = sqlx::query_as("SELECT * FROM connections WHERE id = $1");
        let row: ConnectionRow = row.bind(connection.id.as_str()).fetch_one(&self.pool).await?;
        let (secret, wire) = (self.secret(&row.secret)?, self.wire.clone());
        match row.vendor.as_str() {
            "openpath" => {
                let account = row.login.ok_or(HostError::msg("a service account is needed"))?;
                let url = row.base_url.as_deref().unwrap_or("https://api.openpath.com");
                let edition = row.secret_revision.to_string();
                let credentials = Credentials::password(account, secret).revision(edition);
                let org = OrgId::new(row.account)?;
                let client = elevate_openpath::Client::builder(url, org, credentials);
                let provider = OpenpathProvider::new(client.wire(wire).build()?);
                let Some(sites) = row.sites else { return Ok(Arc::new(provider)) };
                let sites = sites.split(',').map(|id| SiteId::new(id.trim()));
                let sites = sites.collect::<Result<Vec<_>, _>>()?;
                Ok(Arc::new(provider.at_sites(BuildingId::new(row.building)?, sites)))
            }
            "seam" => {
                let mut client = elevate_seam::Client::builder(ApiKey::new(secret)?).wire(wire);
                if let Some(url) = &row.base_url {
                    client = client.base_url(url);
                }
                let mut settings = TwoNSettings::new(BuildingId::new(row.building)?);
                if let Some(name) = &row.webhook_secret {
                    let secret = WebhookSecret::new(self.secret(name)?)?;
                    let workspace = WorkspaceId::new(row.account)?;
                    settings = settings.webhooks(WebhookVerifier::new(workspace, [secret])?);
                }
                Ok(Arc::new(TwoNProvider::new(client.build()?, settings)))
            }
            other => Err(HostError::msg(format!("no door system is called {other}"))),
        }
    }
}

//! What the host brings: its residents and units, its vendor connections, its clock.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    AccessProvider, BuildingId, ConnectionId, HostError, Resident, ResidentId, RosterStream, Unit,
};

/// The host's residents and units.
///
/// Read afresh for every tap, within the last second before an order starts: do not put a cache of
/// standings in front of it. A reading that is not complete must fail; an error keeps a door shut, a
/// list with something missing can open the wrong one.
///
/// ```
/// use elevate_access::{
///     BuildingId, Directory, HostError, Residency, Resident, ResidentId, RosterStream, Standing, Unit,
///     UnitId, VerifiedEmail, async_trait,
/// };
/// use futures_util::{TryFutureExt as _, stream};
/// # struct Row { email: String, building: String, unit_id: String, unit: String, status: String }
/// # struct Database;
/// # impl Database {
/// #     async fn residencies(&self, _: &str) -> Result<Vec<Row>, std::io::Error> { Ok(Vec::new()) }
/// #     async fn ever_lived_in(&self, _: &str) -> Result<Vec<String>, std::io::Error> {
/// #         Ok(Vec::new())
/// #     }
/// #     async fn units(&self, _: &str) -> Result<Vec<(String, String)>, std::io::Error> {
/// #         Ok(Vec::new())
/// #     }
/// # }
///
/// struct Tables(Database);
///
/// #[async_trait]
/// impl Directory for Tables {
///     async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
///         let rows = self.0.residencies(id.as_str()).await?;
///         let Some(first) = rows.first() else { return Ok(None) };
///         let mut resident = Resident::new(id.clone());
///         // The PMS's address. One that cannot be an address is none.
///         if let Ok(email) = VerifiedEmail::from_pms(&first.email) {
///             resident = resident.with_email(email);
///         }
///         for row in rows {
///             let standing = match row.status.as_str() {
///                 "Current" => Standing::Current,
///                 other => Standing::Other(other.to_owned()),
///             };
///             let unit = Unit::new(UnitId::new(row.unit_id)?, row.unit);
///             let home = Residency::new(BuildingId::new(row.building)?, unit, standing);
///             resident = resident.with_residency(home);
///         }
///         Ok(Some(resident))
///     }
///
///     fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
///         // Ids first, then each resident as above; a join that makes whole residents is better.
///         let residents = async move {
///             let mut residents = Vec::new();
///             for id in self.0.ever_lived_in(building.as_str()).await? {
///                 residents.extend(self.resident(&ResidentId::new(id)?).await?);
///             }
///             Ok::<_, HostError>(stream::iter(residents.into_iter().map(Ok)))
///         };
///         Box::pin(residents.try_flatten_stream())
///     }
///
///     async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
///         let rows = self.0.units(building.as_str()).await?;
///         rows.into_iter().map(|(id, name)| Ok(Unit::new(UnitId::new(id)?, name))).collect()
///     }
/// }
/// ```
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The resident as of now, or `None` if there is none by that id.
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError>;

    /// Everybody with a residency in that building, of whichever standing, former ones too: for audits. All of a
    /// resident's residencies belong to each, those elsewhere too.
    ///
    /// Read it from a cursor where it is long. It is compared whole: one that ends early shows residents as
    /// strangers, so what cannot be read to the end has to end in an error.
    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a>;

    /// *Every* unit of the building, lived in or not: a name that stands twice can be seen no other way.
    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError>;
}

/// One vendor connection of a building, as the host's table has it now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionRef {
    /// The host's id of the connection.
    pub id: ConnectionId,
    /// Changes whenever anything about the connection does, such as a rotated credential.
    pub revision: String,
}

impl ConnectionRef {
    /// The connection of that id in that revision.
    pub fn new(id: ConnectionId, revision: impl Into<String>) -> Self {
        Self { id, revision: revision.into() }
    }
}

/// The host's vendor connections.
///
/// Asked at each call: a connection that was added, removed or given a new revision takes effect at the
/// next one, with no restart.
///
/// ```
/// use std::sync::Arc;
///
/// use elevate_access::{
///     AccessProvider, BuildingId, ConnectionRef, Connections, HostError, async_trait,
/// };
/// # struct Row { id: String, revision: String }
/// # struct Database;
/// # impl Database {
/// #     async fn connections(&self, _: &str) -> Result<Vec<Row>, std::io::Error> { Ok(Vec::new()) }
/// #     async fn provider(&self, _: &str) -> Result<Arc<dyn AccessProvider>, std::io::Error> {
/// #         Err(std::io::Error::other("none"))
/// #     }
/// # }
///
/// struct Tables(Database);
///
/// #[async_trait]
/// impl Connections for Tables {
///     async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
///         let rows = self.0.connections(building.as_str()).await?;
///         rows.into_iter().map(|r| Ok(ConnectionRef::new(r.id.parse()?, r.revision))).collect()
///     }
///
///     async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
///         // Read the vendor and the secret, build the client, and wrap it in its provider.
///         Ok(self.0.provider(connection.id.as_str()).await?)
///     }
/// }
/// ```
#[async_trait]
pub trait Connections: Send + Sync + 'static {
    /// The building's connections, in the order in which their doors are to be listed.
    ///
    /// Give each building a connection of its own. One that serves several has its doors listed once, under
    /// the first; and a system that knows people by e-mail gives all of a user's doors, also those of a
    /// building that they have left, unless its provider is pinned to what belongs to each building.
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError>;

    /// Makes the provider for that connection in that revision. Called on first use and when the revision
    /// has changed; the provider is kept until then.
    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError>;
}

/// Wall-clock time, for what is compared across nodes or with a vendor's dates. Never for deadlines.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

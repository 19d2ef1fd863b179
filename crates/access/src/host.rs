//! What the host brings: its residents and units, its vendor connections, its clock.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{AccessProvider, BuildingId, ConnectionId, HostError, Resident, ResidentId, Unit};

/// The host's residents and units.
///
/// Read afresh for every tap, within the last second before an order starts: do not put a cache of
/// standings in front of it. A reading that is not complete must fail; an error keeps a door shut, a
/// list with something missing can open the wrong one.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The resident as of now, or `None` if there is none by that id.
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError>;

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
#[async_trait]
pub trait Connections: Send + Sync + 'static {
    /// The building's connections, in the order in which their doors are to be listed.
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

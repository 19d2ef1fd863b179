//! What a service does once, when it starts: a client and a provider for each connection, and the front
//! door on them. This is the part to copy.

use std::{path::Path, sync::Arc};

use elevate_access::{Access, ConnectionId, MemoryConnections, MemoryDirectory};
use elevate_access_sql::SqliteStore;
use elevate_openpath::{Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};
use elevate_transport::{HttpWire, Wire};

use super::{
    Failure,
    people::{larkspur, maple},
    stand_ins::{self, StandIns},
};

pub(super) async fn access(
    vendors: &StandIns,
    directory: MemoryDirectory,
    store_file: &Path,
) -> Result<Access, Failure> {
    // One wire for all clients: it holds the connections and the rules under which a request may leave.
    // The stand-ins speak plain http, so no certificate is needed; a service leaves that line out.
    let wire: Arc<dyn Wire> = Arc::new(HttpWire::builder().only_root_certificates([]).build()?);

    // Larkspur Court: an Openpath organisation and a service account in it. The real API is at
    // https://api.openpath.com; the password comes from where a service keeps its secrets.
    let (email, password) = stand_ins::openpath_account()?;
    let openpath = elevate_openpath::Client::builder(
        vendors.openpath_url(),
        OrgId::new("5120")?,
        Credentials::password(email, password),
    )
    .wire(wire.clone())
    .build()?;

    // Maple Court: a Seam workspace and its key. Without `base_url` it is Seam's own.
    let seam = elevate_seam::Client::builder(ApiKey::new(stand_ins::seam_key()?)?)
        .base_url(vendors.seam_url())
        .wire(wire)
        .build()?;

    // Which building has which connections. A service reads this from its own table, with its own
    // `Connections`; what changes there takes effect at the next call.
    let connections = MemoryConnections::new();
    connections.connect(
        &larkspur()?,
        &ConnectionId::new("larkspur-openpath")?,
        Arc::new(OpenpathProvider::new(openpath)),
    );
    connections.connect(
        &maple()?,
        &ConnectionId::new("maple-2n")?,
        Arc::new(TwoNProvider::new(seam, TwoNSettings::new(maple()?))),
    );

    // What has to outlive this process: favourites, links, and which taps were sent. Nodes that share a
    // building share a PostgreSQL instead, by the service's own pool: `PgStore::on_pool`.
    let store = SqliteStore::open(store_file).await?;
    store.migrate().await?;

    // The front door. The clock is the stand-ins' own; a service leaves it out.
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(store)
        .clock(vendors.clock)
        .build()?;
    Ok(access)
}

//! A service with many buildings, all warm: what taps come to.

use std::{net::SocketAddr, sync::Arc};

use elevate_access::{
    Access, BuildingId, ConnectionId, DoorId, Freshness, MemoryConnections, MemoryDirectory,
    MemoryStore, Residency, Resident, ResidentId, Unit, UnitId, VendorDoorId, VerifiedEmail,
};
use elevate_seam::{ApiKey, Client, TwoNProvider, TwoNSettings};

use super::{
    Failure,
    server::{UNITS, door},
};

/// How often each resident taps: a resident's share of a door is five at once, and this is no benchmark of refusals.
const TAPS_EACH: usize = 4;

pub(crate) const KEY: &str = "seam_benchmark2xKw9TqLrV7";

pub(crate) struct House {
    pub(crate) access: Access,
    pub(crate) client: Client,
    /// Who taps at which door, each as often as is asked for.
    people: Vec<(ResidentId, DoorId)>,
    tapped: usize,
}

impl House {
    /// As many buildings as so many taps need, with their lists read.
    pub(crate) async fn open(address: SocketAddr, taps: usize) -> Result<Self, Failure> {
        let client = client(address)?;
        let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
        let access = Access::builder()
            .directory(directory.clone())
            .connections(connections.clone())
            .store(MemoryStore::new())
            .build()?;
        let mut people = Vec::new();
        for number in 0..taps.div_ceil(UNITS * TAPS_EACH) {
            let building = BuildingId::new(format!("building-{number}"))?;
            let connection = ConnectionId::new(format!("building-{number}-2n"))?;
            let provider = TwoNProvider::new(client.clone(), TwoNSettings::new(building.clone()));
            connections.connect(&building, &connection, Arc::new(provider));
            let mut units = Vec::new();
            for at in 0..UNITS {
                let id = UnitId::new(format!("unit-{number}-{at}"))?;
                let unit = Unit::new(id, format!("Apt {at}"));
                let resident = ResidentId::new(format!("resident-{number}-{at}"))?;
                let email =
                    VerifiedEmail::from_pms(format!("resident.{number}.{at}@example.test"))?;
                let home = Residency::current(building.clone(), unit.clone());
                directory
                    .put(Resident::new(resident.clone()).with_email(email).with_residency(home));
                people.push((
                    resident,
                    DoorId::new(connection.clone(), VendorDoorId::new(door(at))?),
                ));
                units.push(unit);
            }
            directory.set_units(&building, units);
            if let Some((resident, _)) = people.last() {
                let list = access.doors(resident, Freshness::Cached).await?;
                if list.doors.len() != 3 || !list.problems.is_empty() {
                    return Err(
                        format!("a resident's list is not as it has to be: {list:?}").into()
                    );
                }
            }
        }
        Ok(Self { access, client, people, tapped: 0 })
    }

    /// The next so many taps: one resident after the other, and each again only once all others of their building
    /// have tapped.
    pub(crate) fn next(&mut self, many: usize) -> Vec<(ResidentId, DoorId)> {
        let from = self.tapped;
        self.tapped += many;
        (from..self.tapped)
            .filter_map(|tap| {
                let (building, within) = (tap / (UNITS * TAPS_EACH), tap % UNITS);
                self.people.get(building * UNITS + within).cloned()
            })
            .collect()
    }
}

fn client(address: SocketAddr) -> Result<Client, Failure> {
    let wire = elevate_transport::HttpWire::builder().only_root_certificates([]).build()?;
    let client = Client::builder(ApiKey::new(KEY)?)
        .base_url(format!("http://{address}"))
        .wire(Arc::new(wire))
        .build()?;
    Ok(client)
}

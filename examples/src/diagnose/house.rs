//! One building over the stand-ins: seeded from its cast, asked once, and looked at for what was written.

use std::{sync::Arc, time::Duration};

use elevate_access::{
    Access, AccessProvider, BuildingId, Clock as _, ConnectionHealth, ConnectionId, Diagnosis,
    DoorId, Freshness, MemoryConnections, MemoryDirectory, MemoryStore, Residency, Resident,
    ResidentId, Standing, Unit, UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryWire, Model, TestClock, Vendor,
    openpath::{Activity, Openpath},
    seam::Seam,
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};

use super::cast::{ACCOUNT, Building, ORG, Pms, Role, SEAM_KEY};
use crate::quickstart::Failure;

/// The id of the first resident's first user at Openpath, and of the first one's second.
const FIRST_USERS: [u64; 2] = [7001, 7501];

/// One building, its vendors, and the service that is asked.
pub(super) struct House {
    pub(super) openpath: Vendor<Openpath>,
    pub(super) seam: Vendor<Seam>,
    clock: TestClock,
    building: BuildingId,
    connections: MemoryConnections,
    access: Access,
}

impl House {
    /// The building as on a quiet day, or as that resident finds it.
    pub(super) async fn build(building: &Building, who: Option<&Role>) -> Result<Self, Failure> {
        let clock = TestClock::new();
        let (connections, directory) = (MemoryConnections::new(), MemoryDirectory::new());
        let mut openpath = (building.openpath)();
        let (mut units, id) = (Vec::new(), BuildingId::new(building.id)?);
        for (number, role) in (0..).zip(building.residents) {
            for (first, make) in FIRST_USERS.iter().zip(role.users) {
                let user = make(first + number, &role.email());
                openpath.add_user(user.named(role.id, "Example"));
            }
            let unit = Unit::new(unit_of(role, building)?, role.unit);
            if role.pms != Pms::Unlisted && !units.contains(&unit) {
                units.push(unit.clone());
            }
            directory.put(resident(role, &id, unit)?);
            if role.pms == Pms::Missing {
                directory.remove(&ResidentId::new(role.id)?);
            }
        }
        directory.set_units(&id, units);
        let access = Access::builder()
            .directory(directory)
            .connections(connections.clone())
            .store(MemoryStore::new())
            .clock(clock)
            .build()?;
        let (openpath, seam) = (Vendor::new(openpath), Vendor::new((building.seam)()));
        let house = Self { openpath, seam, clock, building: id, connections, access };
        (building.connect)(&house, &house.building)?;
        house.before(building).await?;
        if let Some(role) = who {
            let number = building.residents.iter().position(|other| other.id == role.id);
            (role.when)(&house, FIRST_USERS[0] + number.unwrap_or_default() as u64);
        }
        Ok(house)
    }

    /// What has happened before anybody calls.
    async fn before(&self, building: &Building) -> Result<(), Failure> {
        for role in building.residents.iter().filter(|role| role.uses_the_app) {
            self.access.doors(&ResidentId::new(role.id)?, Freshness::Fresh).await?;
        }
        if building.has_rival {
            let rival = self.client(ORG, ACCOUNT.1)?;
            for _ in 0..4 {
                self.access.check(&self.building).await?;
                // Each signs in as soon as the other's sign-in has ended its own.
                rival.self_check().await?;
            }
        }
        Ok(())
    }

    fn client(&self, org: u64, password: &str) -> Result<Client, Failure> {
        let credentials = Credentials::password(ACCOUNT.0, password);
        let wire = Arc::new(MemoryWire::new(self.openpath.clone(), self.clock));
        let client = Client::builder("https://openpath.example", OrgId::from(org), credentials);
        Ok(client.wire(wire).build()?)
    }

    /// Openpath, as a connection with that organisation and password reaches it.
    pub(super) fn openpath_provider(
        &self,
        org: u64,
        password: &str,
    ) -> Result<OpenpathProvider, Failure> {
        Ok(OpenpathProvider::new(self.client(org, password)?))
    }

    /// 2N through Seam, as a connection that is set up for that building reaches it.
    pub(super) fn two_n(
        &self,
        building: &BuildingId,
        settings: impl FnOnce(TwoNSettings) -> TwoNSettings,
    ) -> Result<TwoNProvider, Failure> {
        let wire = Arc::new(MemoryWire::new(self.seam.clone(), self.clock));
        let client = elevate_seam::Client::builder(ApiKey::new(SEAM_KEY)?);
        let client = client.base_url("https://seam.example").wire(wire).build()?;
        Ok(TwoNProvider::new(client, settings(TwoNSettings::new(building.clone()))))
    }

    /// Connects the building through that provider.
    pub(super) fn connect(
        &self,
        building: &BuildingId,
        connection: &str,
        provider: impl AccessProvider,
    ) -> Result<(), Failure> {
        self.connections.connect(building, &ConnectionId::new(connection)?, Arc::new(provider));
        Ok(())
    }

    /// Has Openpath show that in the user's activity, as of so long ago.
    pub(super) fn shows(&self, user: u64, row: Activity, ago: Duration) {
        let row = row.at(self.clock.now() - ago);
        self.openpath.with(|openpath| openpath.activity(user, row));
    }

    /// Why that resident's doors, or that door, open or stay shut.
    pub(super) async fn diagnose(
        &self,
        resident: &str,
        door: Option<&DoorId>,
    ) -> Result<Diagnosis, Failure> {
        Ok(self.access.diagnose(&ResidentId::new(resident)?, door).await?)
    }

    /// How the building's connections are.
    pub(super) async fn check(&self) -> Result<Vec<ConnectionHealth>, Failure> {
        Ok(self.access.check(&self.building).await?)
    }

    /// Every order and every other write that came before a vendor: there must be none.
    pub(super) fn written(&self) -> Vec<String> {
        let mut written = writes(&self.openpath, &["/auth/login", "/users/list"]);
        written.extend(writes(&self.seam, &["/list", "/get"]));
        written
    }
}

/// The orders in the vendor's ledger, and the requests that do anything but read.
fn writes<M: Model>(vendor: &Vendor<M>, reads: &[&str]) -> Vec<String> {
    let ledger = vendor.ledger();
    let orders = ledger.orders().iter().map(|order| format!("an order for {}", order.door));
    let reads = |path: &str| reads.iter().any(|read| path.ends_with(read));
    let seen = vendor.seen().into_iter();
    let written = seen.filter(|seen| seen.method.as_str() != "GET" && !reads(&seen.path));
    orders.chain(written.map(|seen| format!("{} {}", seen.method, seen.path))).collect()
}

/// The unit's id: one for all who live in a unit of that name, but for those whose unit is another.
fn unit_of(role: &Role, building: &Building) -> Result<UnitId, Failure> {
    let mut residents = building.residents.iter();
    let is_housemate = |other: &&Role| other.unit == role.unit && !other.is_unit_apart;
    let first = residents.find(is_housemate).filter(|_| !role.is_unit_apart);
    Ok(UnitId::new(format!("unit-of-{}", first.unwrap_or(role).id))?)
}

fn resident(role: &Role, building: &BuildingId, unit: Unit) -> Result<Resident, Failure> {
    let standing = match role.pms {
        Pms::Former => Standing::Former,
        Pms::Future => Standing::Future,
        Pms::Status(status) => Standing::Other(status.to_owned()),
        Pms::Current | Pms::NoEmail | Pms::Unlisted | Pms::Missing => Standing::Current,
    };
    let residency = Residency::new(building.clone(), unit, standing);
    let resident = Resident::new(ResidentId::new(role.id)?).with_residency(residency);
    Ok(if role.pms == Pms::NoEmail {
        resident
    } else {
        resident.with_email(VerifiedEmail::from_pms(role.email())?)
    })
}

#[cfg(test)]
mod tests {
    use elevate_access::Tap;

    use super::{super::larkspur, *};

    #[tokio::test(start_paused = true)]
    async fn an_order_and_a_new_key_count_as_written() {
        let house = House::build(&larkspur::BUILDING, None).await.unwrap();
        let named = |id: &str| ResidentId::new(id).unwrap();
        house.access.doors(&named("omar"), Freshness::Fresh).await.unwrap();
        assert_eq!(house.written(), Vec::<String>::new());

        house.access.doors(&named("mira"), Freshness::Fresh).await.unwrap();
        let made = house.written();
        assert!(matches!(made.as_slice(), [key] if key.ends_with("/credentials")), "{made:?}");

        let door: DoorId = "larkspur-openpath/4401".parse().unwrap();
        house.access.unlock(&named("omar"), &door, Tap::now()).await.unwrap();
        assert!(house.written().contains(&"an order for 4401".to_owned()));
    }
}

//! A building with 2N doors, and the people in it.

use std::{sync::Arc, time::Duration};

use elevate_access::{
    Access, BuildingId, Cause, ConnectionId, Door, DoorId, DoorList, Error, Freshness, Health,
    MemoryConnections, MemoryDirectory, MemoryStore, Outcome, Reason, Residency, Resident,
    ResidentId, Tap, Unit, UnitId,
};
use elevate_access_testkit::{
    Latency, MemoryWire, TestClock, Vendor,
    seam::{Device, Seam},
};
use elevate_seam::{ApiKey, Client, TwoNProvider, TwoNSettings};

pub(crate) const KEY: &str = "seam_testkey";

pub(crate) fn building() -> BuildingId {
    BuildingId::new("maple").unwrap()
}

/// A unit by its name; its id follows from it.
pub(crate) fn unit(name: &str) -> Unit {
    Unit::new(UnitId::new(format!("u-{}", name.escape_unicode())).unwrap(), name)
}

/// Two units and three doors: the lobby is everybody's, the gate is 101's, the garage is 102's.
pub(crate) fn maple() -> Seam {
    Seam::new(KEY)
        .space("sp-101", "101")
        .space("sp-102", "102")
        .device(Device::two_n("dev-lobby", "Lobby").in_spaces(["sp-101", "sp-102"]))
        .device(Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]))
        .device(Device::two_n("dev-garage", "Garage").in_spaces(["sp-102"]))
}

pub(crate) struct House {
    pub(crate) vendor: Vendor<Seam>,
    pub(crate) directory: MemoryDirectory,
    pub(crate) connections: MemoryConnections,
    pub(crate) clock: TestClock,
    pub(crate) access: Access,
}

impl House {
    /// Jane lives in 101, Omar in 102.
    pub(crate) fn of(seam: Seam) -> Self {
        Self::with(seam, |settings| settings)
    }

    pub(crate) fn with(seam: Seam, set: impl FnOnce(TwoNSettings) -> TwoNSettings) -> Self {
        Self::distant(seam, Latency::NONE, set)
    }

    pub(crate) fn distant(
        seam: Seam,
        latency: Latency,
        set: impl FnOnce(TwoNSettings) -> TwoNSettings,
    ) -> Self {
        Self::over(Vendor::new(seam), TestClock::new(), latency, set)
    }

    /// The same before a vendor that is there already.
    pub(crate) fn over(
        vendor: Vendor<Seam>,
        clock: TestClock,
        latency: Latency,
        set: impl FnOnce(TwoNSettings) -> TwoNSettings,
    ) -> Self {
        let settings = set(TwoNSettings::new(building()));
        let provider = Self::provider_at(&vendor, clock, latency, settings);

        let directory = MemoryDirectory::new();
        directory.set_units(&building(), vec![unit("101"), unit("102")]);
        let connections = MemoryConnections::new();
        connections.connect(&building(), &connection(), Arc::new(provider));
        let access = Access::builder()
            .directory(directory.clone())
            .connections(connections.clone())
            .store(MemoryStore::new())
            .clock(clock)
            .build()
            .unwrap();
        let house = Self { vendor, directory, connections, clock, access };
        house.moves_in("jane", &["101"]);
        house.moves_in("omar", &["102"]);
        house
    }

    /// A provider before that vendor.
    pub(crate) fn provider(
        vendor: &Vendor<Seam>,
        clock: TestClock,
        settings: TwoNSettings,
    ) -> TwoNProvider {
        Self::provider_at(vendor, clock, Latency::NONE, settings)
    }

    fn provider_at(
        vendor: &Vendor<Seam>,
        clock: TestClock,
        latency: Latency,
        settings: TwoNSettings,
    ) -> TwoNProvider {
        let wire = MemoryWire::new(vendor.clone(), clock).with_latency(latency, 1);
        let key = ApiKey::new(vendor.with(|seam| seam.api_key().to_owned())).unwrap();
        let client = Client::builder(key).wire(Arc::new(wire)).build().unwrap();
        TwoNProvider::new(client, settings)
    }

    /// The building's whole list of units.
    pub(crate) fn has_units(&self, names: &[&str]) -> &Self {
        self.directory.set_units(&building(), names.iter().map(|name| unit(name)).collect());
        self
    }

    pub(crate) fn moves_in(&self, who: &str, units: &[&str]) -> &Self {
        let mut resident = Resident::new(resident(who));
        for name in units {
            resident = resident.with_residency(Residency::current(building(), unit(name)));
        }
        self.directory.put(resident);
        self
    }

    pub(crate) async fn doors(&self, who: &str) -> DoorList {
        self.access.doors(&resident(who), Freshness::Cached).await.unwrap()
    }

    pub(crate) async fn refreshed(&self, who: &str) -> DoorList {
        self.access.doors(&resident(who), Freshness::Fresh).await.unwrap()
    }

    /// The names on somebody's list.
    pub(crate) async fn sees(&self, who: &str) -> Vec<String> {
        self.doors(who).await.doors.into_iter().map(|door| door.name).collect()
    }

    /// What keeps somebody's doors from them.
    pub(crate) async fn problems(&self, who: &str) -> Vec<Reason> {
        self.doors(who).await.problems.into_iter().map(|problem| problem.reason).collect()
    }

    pub(crate) async fn causes(&self, who: &str) -> Vec<Cause> {
        self.problems(who).await.iter().map(Reason::cause).collect()
    }

    pub(crate) async fn door(&self, who: &str, id: &str) -> Door {
        let list = self.doors(who).await;
        list.doors.into_iter().find(|d| d.id == door(id)).unwrap()
    }

    pub(crate) async fn tap(&self, who: &str, id: &str) -> Result<Outcome, Error> {
        self.access.unlock(&resident(who), &door(id), Tap::now()).await
    }

    /// The cause for which a tap sent nothing.
    pub(crate) async fn refused(&self, who: &str, id: &str) -> Cause {
        self.tap(who, id).await.unwrap_err().cause()
    }

    /// The connection's health, looked up now.
    pub(crate) async fn health(&self) -> Health {
        self.access.check(&building()).await.unwrap().remove(0).health
    }

    /// What was asked of the vendor since it was last forgotten, by path.
    pub(crate) fn asked(&self) -> Vec<(String, usize)> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for seen in self.vendor.seen() {
            match counts.iter_mut().find(|(path, _)| *path == seen.path) {
                Some((_, count)) => *count += 1,
                None => counts.push((seen.path, 1)),
            }
        }
        counts
    }
}

pub(crate) fn resident(id: &str) -> ResidentId {
    ResidentId::new(id).unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("seam-1").unwrap()
}

pub(crate) fn door(id: &str) -> DoorId {
    format!("seam-1/{id}").parse().unwrap()
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

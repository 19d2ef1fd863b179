use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, ConnectionId, DoorId, Error, MemoryConnections, MemoryDirectory,
    MemoryStore, Outcome, Residency, Resident, ResidentId, Tap, TapEnd, Unit, UnitId,
    VerifiedEmail,
};
use elevate_access_testkit::{
    Fault, FaultKind, Loopback, TestClock, Vendor,
    openpath::{Entry, Openpath, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use elevate_transport::HttpWire;
use tokio::sync::mpsc;

use crate::quickstart::Failure;

const ORG: u64 = 5120;
const ACCOUNT: (&str, &str) = ("svc@larkspur.example", "correct horse battery");

/// A building with one Openpath connection, served on loopback, and the front door to it.
pub(super) struct House {
    vendor: Vendor<Openpath>,
    _served: Loopback,
    access: Access,
    door: DoorId,
}

impl House {
    pub(super) async fn open(log: mpsc::Sender<TapEnd>) -> Result<Self, Failure> {
        let clock = TestClock::new();
        let jane = User::active(7001, "jane@larkspur.example")
            .named("Jane", "Doe")
            .entry(Entry::new(4401, "Main entrance"));
        let tom = User::active(7002, "tom@larkspur.example").named("Tom", "Roe");
        let openpath =
            Openpath::new(ORG).service_account(ACCOUNT.0, ACCOUNT.1).user(jane).user(tom);
        let vendor = Vendor::new(openpath);
        let served = Loopback::start(vendor.clone(), clock).await?;

        let wire = HttpWire::builder().only_root_certificates([]).build()?;
        let credentials = Credentials::password(ACCOUNT.0, ACCOUNT.1);
        let client = Client::builder(served.base_url(), OrgId::from(ORG), credentials)
            .wire(Arc::new(wire))
            .build()?;
        let building = BuildingId::new("larkspur-court")?;
        let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
        for (resident, unit) in [("jane", "101"), ("tom", "102")] {
            let home = Residency::current(building.clone(), Unit::new(UnitId::new(unit)?, unit));
            let email = VerifiedEmail::from_pms(format!("{resident}@larkspur.example"))?;
            let resident = Resident::new(ResidentId::new(resident)?);
            directory.put(resident.with_email(email).with_residency(home));
        }
        let provider = Arc::new(OpenpathProvider::new(client));
        connections.connect(&building, &ConnectionId::new("larkspur-openpath")?, provider);
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(MemoryStore::new())
            .clock(clock)
            .tap_log(log)
            .build()?;
        let door = "larkspur-openpath/4401".parse()?;
        Ok(Self { vendor, _served: served, access, door })
    }

    /// The next request whose path ends so is cut off.
    pub(super) fn breaks_off_once(&self, path_end: &str) {
        self.vendor.faults(|f| f.next_on(path_end, Fault::before(FaultKind::Reset)));
    }

    pub(super) async fn tap(&self, resident: &str, tap: Tap) -> Result<Outcome, Error> {
        self.access.unlock(&ResidentId::new(resident)?, &self.door, tap).await
    }
}

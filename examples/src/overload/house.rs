//! Many connections of both kinds, each with its own stand-in, doors and residents, behind one front door.

use std::{
    collections::BTreeSet,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use elevate_access::{
    Access, AccessProvider, BuildingId, Clock as _, ConnectionId, DoorId, MemoryConnections,
    MemoryDirectory, MemoryStore, Residency, Resident, ResidentId, Store as _, TapEnd, Unit,
    UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    Latency, Ledger, MemoryWire, TestClock, Vendor, WatchedStore,
    openpath::{self, Openpath, User},
    seam::{self, Seam},
};
use elevate_openpath::{Client as OpenpathClient, Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, Client as SeamClient, TwoNProvider, TwoNSettings};
use elevate_transport::Wire;
use tokio::sync::mpsc;

use super::{
    way::Way,
    witness::{Bodies, InFlight, Witness},
};

/// What stands in the place of a connection's wire: the wire itself, or a bug around it.
pub(super) type Dress<'a> = &'a dyn Fn(Arc<dyn Wire>) -> Arc<dyn Wire>;

const LATENCY: Latency = Latency {
    connect: (Duration::from_millis(10), Duration::from_millis(60)),
    travel: (Duration::from_millis(10), Duration::from_millis(40)),
};

/// How long a 2N door takes to open.
const OPENS_IN: Duration = Duration::from_millis(300);

const PASSWORD: &str = "made up for this process";
const FIRST_USER: u64 = 10_000;
const FIRST_ENTRY: u64 = 4_400;
const FIRST_KEY: u64 = 700_000;

/// Of so many residents at Openpath one has no cloud key yet.
const KEYLESS: u32 = 10;

/// Everything, and the witnesses.
pub(super) struct House {
    pub(super) access: Access,
    pub(super) ends: mpsc::Receiver<TapEnd>,
    pub(super) store: MemoryStore,
    pub(super) sites: Vec<Site>,
    /// The requests in flight of all connections together.
    pub(super) in_flight: Arc<InFlight>,
    /// The names of all leases that were taken.
    leases: Arc<Mutex<BTreeSet<String>>>,
}

/// A building, its one connection, and the vendor behind it.
pub(super) struct Site {
    pub(super) connection: ConnectionId,
    pub(super) kind: Kind,
    pub(super) witness: Arc<Witness>,
    doors: u32,
    clock: TestClock,
}

/// The vendor of a connection.
pub(super) enum Kind {
    Openpath(Vendor<Openpath>),
    TwoN(Vendor<Seam>),
}

impl House {
    /// So many connections and doors of each; residents of each by number, the same number of doors taking turns.
    pub(super) fn build(
        (connections, doors, residents): (u32, u32, u32),
        room_for_ends: usize,
        seed: u64,
        dress: Dress<'_>,
    ) -> Result<Self, Box<dyn Error>> {
        let clock = TestClock::new();
        let (people, table) = (MemoryDirectory::new(), MemoryConnections::new());
        let in_flight = Arc::<InFlight>::default();
        let mut sites = Vec::new();
        for number in 0..connections {
            let building = settle(&people, number, doors, residents)?;
            let witness = Arc::new(Witness::new(Arc::clone(&in_flight)));
            let connection = ConnectionId::new(format!("connection-{number}"))?;
            let seed = seed.wrapping_add(u64::from(number));
            let at = vendor_at(number);
            let (kind, provider) = if number % 2 == 0 {
                let vendor = Vendor::new(organisation(number, doors, residents));
                let wire = wire(&vendor, clock, &witness, openpath::ORDER_PATH, seed);
                let provider = openpath_provider(at, number, dress(wire), seed)?;
                (Kind::Openpath(vendor), provider)
            } else {
                let vendor = Vendor::new(workspace(number, doors));
                let wire = wire(&vendor, clock, &witness, seam::ORDER_PATH, seed);
                let provider = two_n_provider(at, number, &building, dress(wire), seed)?;
                (Kind::TwoN(vendor), provider)
            };
            table.connect(&building, &connection, provider);
            sites.push(Site { connection, kind, witness, doors, clock });
        }
        let (store, leases) = (MemoryStore::new(), Arc::<Mutex<BTreeSet<String>>>::default());
        let noted = Arc::clone(&leases);
        let watched = WatchedStore::around(store.clone()).changing_leases(move |name, lease| {
            if lease.is_some() {
                noted.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
            }
            lease
        });
        let (log, ends) = mpsc::channel(room_for_ends.max(1));
        let access = Access::builder()
            .directory(people)
            .connections(table)
            .store(watched)
            .clock(clock)
            .tap_log(log)
            .build()?;
        Ok(Self { access, ends, store, sites, in_flight, leases })
    }

    /// How many leases were taken, and how many somebody still holds.
    pub(super) async fn leases(&self) -> Result<(usize, usize), Box<dyn Error>> {
        let names = self.leases.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut held = 0;
        for name in &names {
            // For a moment only: it ends by itself.
            match self.store.lease(name, Duration::from_millis(1)).await {
                Ok(Some(_)) => {}
                Ok(None) => held += 1,
                Err(_) => return Err("the store cannot be asked".into()),
            }
        }
        Ok((names.len(), held))
    }
}

impl Site {
    /// The door that resident has, as callers name it.
    pub(super) fn door_of(&self, resident: u32) -> Result<DoorId, Box<dyn Error>> {
        Ok(format!("{}/{}", self.connection, self.vendor_door(resident)).parse()?)
    }

    /// The same door, as the vendor names it.
    pub(super) fn vendor_door(&self, resident: u32) -> String {
        vendor_door(matches!(self.kind, Kind::Openpath(_)), resident % self.doors)
    }

    /// Whom the vendor knows that resident as; nothing where it knows no residents.
    pub(super) fn vendor_person(&self, resident: u32) -> String {
        match &self.kind {
            Kind::Openpath(_) => (FIRST_USER + u64::from(resident)).to_string(),
            Kind::TwoN(_) => String::new(),
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        match &self.kind {
            Kind::Openpath(vendor) => vendor.ledger(),
            Kind::TwoN(vendor) => {
                vendor.with(|seam| seam.advance(self.clock.now()));
                vendor.ledger()
            }
        }
    }

    /// How many of so many residents had no cloud key, and have one now.
    pub(super) fn keys_made(&self, residents: u32) -> usize {
        let Kind::Openpath(vendor) = &self.kind else { return 0 };
        let keyless = (0..residents).filter(|one| one % KEYLESS == 0);
        vendor.with(|it| keyless.map(|one| it.cloud_keys(FIRST_USER + u64::from(one))).sum())
    }

    pub(super) fn stalls(&self, way: Way) {
        match &self.kind {
            Kind::Openpath(vendor) => vendor.faults(|faults| way.arrange(faults)),
            Kind::TwoN(vendor) => vendor.faults(|faults| way.arrange(faults)),
        }
    }

    pub(super) fn comes_back(&self) {
        match &self.kind {
            Kind::Openpath(vendor) => vendor.faults(elevate_access_testkit::Faults::clear),
            Kind::TwoN(vendor) => vendor.faults(elevate_access_testkit::Faults::clear),
        }
    }
}

type Provider = Result<Arc<dyn AccessProvider>, Box<dyn Error>>;

/// The building of that number, and those who live there: their doors take turns.
pub(super) fn settle(
    people: &MemoryDirectory,
    number: u32,
    doors: u32,
    residents: u32,
) -> Result<BuildingId, Box<dyn Error>> {
    let building = BuildingId::new(format!("building-{number}"))?;
    let units: Result<Vec<_>, Box<dyn Error>> = (0..doors).map(unit).collect();
    people.set_units(&building, units?);
    for one in 0..residents {
        let home = Residency::current(building.clone(), unit(one % doors)?);
        let resident = Resident::new(resident(number, one)?)
            .with_email(VerifiedEmail::from_pms(email(number, one))?)
            .with_residency(home);
        people.put(resident);
    }
    Ok(building)
}

/// The organisation at Openpath of that building.
pub(super) fn organisation(number: u32, doors: u32, residents: u32) -> Openpath {
    let mut organisation = Openpath::new(org(number)).service_account(&account(number), PASSWORD);
    for one in 0..residents {
        let door = one % doors;
        let entry = openpath::Entry::new(entry(door), &format!("Door {door}"));
        let mut user = User::active(FIRST_USER + u64::from(one), &email(number, one)).entry(entry);
        if one % KEYLESS != 0 {
            let key = openpath::Credential::cloud_key(FIRST_KEY + u64::from(one));
            user = user.credential(key);
        }
        organisation.add_user(user);
    }
    organisation
}

/// The workspace at Seam of that building.
pub(super) fn workspace(number: u32, doors: u32) -> Seam {
    let mut workspace = Seam::new(&key(number)).workspace(&format!("workspace-{number}"));
    for door in 0..doors {
        let (space, name) = (format!("space-{door}"), unit_name(door));
        let own = seam::Device::two_n(&device(door), &format!("Door {name}"));
        workspace = workspace.space(&space, &name).device(own.in_spaces([space]));
    }
    workspace.attempts_take(OPENS_IN);
    workspace
}

pub(super) fn openpath_provider(
    base_url: String,
    number: u32,
    wire: Arc<dyn Wire>,
    seed: u64,
) -> Provider {
    let credentials = Credentials::password(account(number), PASSWORD);
    let client = OpenpathClient::builder(base_url, OrgId::from(org(number)), credentials);
    Ok(Arc::new(OpenpathProvider::new(client.wire(wire).jitter_seed(seed).build()?)))
}

pub(super) fn two_n_provider(
    base_url: String,
    number: u32,
    building: &BuildingId,
    wire: Arc<dyn Wire>,
    seed: u64,
) -> Provider {
    let client = SeamClient::builder(ApiKey::new(key(number))?).base_url(base_url);
    let client = client.wire(wire).jitter_seed(seed).build()?;
    Ok(Arc::new(TwoNProvider::new(client, TwoNSettings::new(building.clone()))))
}

/// A wire to that vendor whose every request the witness sees, and every order's body.
fn wire<M: elevate_access_testkit::Model>(
    vendor: &Vendor<M>,
    clock: TestClock,
    witness: &Arc<Witness>,
    order_path: &'static str,
    seed: u64,
) -> Arc<dyn Wire> {
    let bodies: Arc<Bodies> = witness.bodies();
    let wire = MemoryWire::new(vendor.clone(), clock).with_latency(LATENCY, seed).observing(
        move |request| {
            if request.path.ends_with(order_path) {
                bodies.note(&request.body);
            }
        },
    );
    witness.around(Arc::new(wire))
}

pub(super) fn resident(connection: u32, number: u32) -> Result<ResidentId, Box<dyn Error>> {
    Ok(ResidentId::new(format!("resident-{connection}-{number}"))?)
}

fn vendor_at(number: u32) -> String {
    format!("https://vendor-{number}.example")
}

fn org(number: u32) -> u64 {
    5_000 + u64::from(number)
}

fn account(number: u32) -> String {
    format!("service{number}@example.com")
}

fn key(number: u32) -> String {
    format!("seam_connection{number}")
}

fn email(connection: u32, number: u32) -> String {
    format!("resident{number}@building{connection}.example")
}

/// The door of that number, as its vendor names it.
pub(super) fn vendor_door(is_openpath: bool, door: u32) -> String {
    if is_openpath { entry(door).to_string() } else { device(door) }
}

fn entry(door: u32) -> u64 {
    FIRST_ENTRY + u64::from(door)
}

fn device(door: u32) -> String {
    format!("door-{door}")
}

fn unit_name(door: u32) -> String {
    (101 + door).to_string()
}

fn unit(door: u32) -> Result<Unit, Box<dyn Error>> {
    Ok(Unit::new(UnitId::new(format!("unit-{door}"))?, unit_name(door)))
}

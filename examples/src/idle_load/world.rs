//! Many buildings, each a workspace of its own; many nodes; and who lives there.

use std::{
    collections::BTreeMap,
    error::Error,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, BuildingId, ConnectionId, ConnectionRef, Connections, HostError,
    MemoryDirectory, MemoryStore, Residency, Resident, ResidentId, Unit, UnitId,
};
use elevate_access_testkit::{
    Latency, MemoryWire, Received, TestClock, Vendor,
    seam::{Device, Seam},
};
use elevate_seam::{ApiKey, Client, TwoNProvider, TwoNSettings};

use super::Calls;

/// How many units a building has; each has the lobby, and a door of its own.
const UNITS: u32 = 8;

pub(super) struct World {
    buildings: Arc<Vec<Building>>,
    nodes: Vec<Access>,
    residents: Vec<ResidentId>,
    first: Vec<ResidentId>,
    counted: Arc<Mutex<Calls>>,
}

/// A building and the workspace behind it.
struct Building {
    id: BuildingId,
    key: ApiKey,
    vendor: Vendor<Seam>,
    wire: Arc<MemoryWire<Seam>>,
}

/// One node's table of connections: it opens its own provider for each, as a service's node does.
struct Table(Arc<Vec<Building>>, BTreeMap<BuildingId, usize>);

#[async_trait]
impl Connections for Table {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        let id = ConnectionId::new(format!("{building}-2n"))?;
        Ok(vec![ConnectionRef::new(id, "1")])
    }

    async fn open(&self, connection: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        let id = connection.id.as_str().trim_end_matches("-2n");
        let building = self.1.get(&BuildingId::new(id)?).and_then(|at| self.0.get(*at));
        let building = building.ok_or_else(|| HostError::msg("no such connection"))?;
        let client = Client::builder(building.key.clone()).wire(building.wire.clone()).build();
        let client = client.map_err(|error| HostError::msg(error.to_string()))?;
        Ok(Arc::new(TwoNProvider::new(client, TwoNSettings::new(building.id.clone()))))
    }
}

impl World {
    pub(super) fn new(
        buildings: u32,
        nodes: u32,
        residents: u32,
        dice: &mut fastrand::Rng,
    ) -> Result<Self, Box<dyn Error>> {
        let (clock, people) = (TestClock::new(), MemoryDirectory::new());
        let counted = Arc::new(Mutex::new(Calls::new()));
        let mut all = Vec::new();
        for number in 0..buildings {
            all.push(Building::new(number, clock, &counted)?);
        }
        for building in &all {
            people.set_units(&building.id, (0..UNITS).map(unit).collect::<Result<_, _>>()?);
        }
        let settle = |name: String, building: &Building, home: u32| {
            let id = ResidentId::new(name)?;
            let home = Residency::current(building.id.clone(), unit(home)?);
            people.put(Resident::new(id.clone()).with_residency(home));
            Ok::<_, Box<dyn Error>>(id)
        };
        let first =
            all.iter().map(|building| settle(format!("first-{}", building.id), building, 0));
        let first = first.collect::<Result<Vec<_>, _>>()?;
        let mut settled = Vec::new();
        for number in 0..residents {
            let (building, home) = (&all[dice.usize(..all.len())], dice.u32(..UNITS));
            settled.push(settle(format!("resident-{number}"), building, home)?);
        }
        let buildings = Arc::new(all);
        let places: BTreeMap<_, _> =
            buildings.iter().enumerate().map(|(at, building)| (building.id.clone(), at)).collect();
        let store = MemoryStore::new();
        let node = |_| {
            Access::builder()
                .directory(people.clone())
                .connections(Table(Arc::clone(&buildings), places.clone()))
                .store(store.clone())
                .clock(clock)
                .build()
        };
        let nodes = (0..nodes).map(node).collect::<Result<_, _>>()?;
        Ok(Self { buildings, nodes, residents: settled, first, counted })
    }

    pub(super) fn nodes(&self) -> &[Access] {
        &self.nodes
    }

    pub(super) fn residents(&self) -> &[ResidentId] {
        &self.residents
    }

    pub(super) fn first_of_each_building(&self) -> &[ResidentId] {
        &self.first
    }

    /// The calls since this was last asked.
    pub(super) fn calls(&self) -> Calls {
        mem::take(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many orders arrived, and how many doors opened.
    pub(super) fn orders(&self) -> (usize, usize) {
        let count = |building: &Building| {
            let ledger = building.vendor.ledger();
            let opened = ledger
                .orders()
                .iter()
                .filter(|order| order.effect == elevate_access_testkit::Effect::Opened);
            (ledger.orders().len(), opened.count())
        };
        let counts = self.buildings.iter().map(count);
        counts.fold((0, 0), |(orders, opened), (o, d)| (orders + o, opened + d))
    }
}

impl Building {
    fn new(
        number: u32,
        clock: TestClock,
        counted: &Arc<Mutex<Calls>>,
    ) -> Result<Self, Box<dyn Error>> {
        let key = format!("seam_building{number}");
        let mut seam = Seam::new(&key).workspace(&format!("workspace-{number}"));
        for unit in 0..UNITS {
            let (space, name) = (format!("sp-{unit}"), (101 + unit).to_string());
            let own = Device::two_n(&format!("door-{unit}"), &format!("Door {name}"));
            seam = seam.space(&space, &name).device(own.in_spaces([space]));
        }
        let spaces = (0..UNITS).map(|unit| format!("sp-{unit}"));
        let vendor = Vendor::new(seam.device(Device::two_n("lobby", "Lobby").in_spaces(spaces)));
        let ms = Duration::from_millis;
        let latency = Latency { connect: (ms(20), ms(20)), travel: (ms(20), ms(20)) };
        let counted = Arc::clone(counted);
        let count = move |received: &Received| {
            let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
            *counted.entry(received.path.clone()).or_default() += 1;
        };
        let wire = MemoryWire::new(vendor.clone(), clock)
            .with_latency(latency, u64::from(number))
            .observing(count);
        let id = BuildingId::new(format!("building-{number}"))?;
        Ok(Self { id, key: ApiKey::new(key)?, vendor, wire: Arc::new(wire) })
    }
}

fn unit(number: u32) -> Result<Unit, Box<dyn Error>> {
    Ok(Unit::new(UnitId::new(format!("unit-{number}"))?, (101 + number).to_string()))
}

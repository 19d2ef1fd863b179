//! The stage of an episode: both vendors in memory, three nodes of a service, and witnesses between them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{
    Access, AccessProvider, ConnectionId, MemoryConnections, MemoryDirectory, TicketKeys,
};
use elevate_access_testkit::{
    Latency, MemoryWire, TestClock, Vendor as Standing, WatchedStore, openpath, seam,
};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};
use elevate_transport::Wire;
use jiff::SignedDuration;

use super::{
    cast::{self, UNITS, Vendor},
    history::{History, Truth},
    lagging::{Lag, LaggingWire},
    mortal::{Life, MortalWire, Trouble, mortal_store},
    plant::{
        Plant, PlantedClock, PlantedDirectory, PlantedProvider, PlantedStore, PlantedWire, lock,
        planted_store,
    },
    witness::{Notes, Recorder, Witness, is_order, note_body},
};

pub(super) struct Stage {
    pub(super) openpath: Standing<openpath::Openpath>,
    pub(super) seam: Standing<seam::Seam>,
    pub(super) people: MemoryDirectory,
    pub(super) directory_delay: Arc<Mutex<Duration>>,
    pub(super) store: PlantedStore,
    pub(super) store_trouble: Arc<Mutex<Trouble>>,
    pub(super) nodes: Vec<Node>,
    pub(super) notes: Arc<Mutex<Notes>>,
    pub(super) history: History,
    /// The true time, which is the vendors'.
    pub(super) clock: TestClock,
    pub(super) plant: Option<Plant>,
    /// How far the slowest of the nodes' clocks may be from it.
    slowest: SignedDuration,
    lag: Lag,
    /// What the next node's dice are thrown from.
    seed: u64,
}

/// One process of the service.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) access: Access,
    pub(super) store: WatchedStore,
    pub(super) life: Life,
}

/// How many nodes there are at any time.
const NODES: usize = 3;

/// By how many milliseconds the wall clocks of any two nodes may differ.
const MOST_APART: i64 = 1_000;

impl Stage {
    pub(super) fn set(seed: u64, plant: Option<Plant>) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let clock = TestClock::new();
        let truth = Truth::at_first(|most| dice.usize(..most));
        let people = MemoryDirectory::new();
        people.set_units(&cast::building(), (0..UNITS.len()).map(cast::unit).collect());
        for (number, person) in truth.people.iter().enumerate() {
            people.put(person.as_resident(number));
        }
        let mut stage = Self {
            openpath: Standing::new(organisation(&truth)),
            seam: Standing::new(workspace(&truth)),
            people,
            directory_delay: Arc::default(),
            store: PlantedStore::new(plant),
            store_trouble: Arc::default(),
            nodes: Vec::new(),
            notes: Arc::default(),
            history: History::new(truth),
            clock,
            plant,
            slowest: -SignedDuration::from_millis(dice.i64(0..=MOST_APART)),
            lag: Lag::draw(&mut dice),
            seed: seed.wrapping_mul(4),
        };
        stage.nodes = (0..NODES).map(|_| stage.node()).collect();
        stage
    }

    /// A node dies, and another one takes its place.
    pub(super) fn kill(&mut self, number: usize) {
        self.nodes[number].life.end();
        self.nodes[number] = self.node();
    }

    fn node(&mut self) -> Node {
        let (seed, plant, life) = (self.seed, self.plant, Life::begin());
        self.seed = self.seed.wrapping_add(1);
        let connections = MemoryConnections::new();
        let connect = |name: &str, vendor, provider: Arc<dyn AccessProvider>| {
            let planted = Arc::new(PlantedProvider { inner: provider, plant });
            let witness = Arc::new(Witness { inner: planted, vendor });
            let connection = ConnectionId::new(name).expect("a constant");
            connections.connect(&cast::building(), &connection, witness);
        };
        let wire = |vendor| self.wire(vendor, seed, &life);
        let openpath = openpath_provider(wire(Vendor::Openpath), seed);
        connect(cast::OPENPATH, Vendor::Openpath, Arc::new(openpath));
        connect(cast::SEAM, Vendor::Seam, Arc::new(seam_provider(wire(Vendor::Seam), seed)));
        let directory = PlantedDirectory {
            inner: self.people.clone(),
            plant,
            delay: self.directory_delay.clone(),
            kept: Arc::default(),
        };
        let notes = self.notes.clone();
        let unreleased = move |at| lock(&notes).unreleased.push(at);
        let store = mortal_store(self.store.clone(), &life, &self.store_trouble, unreleased);
        let store = planted_store(store, plant);
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(store.clone())
            .clock(PlantedClock { inner: self.clock, ahead: self.ahead(seed), plant })
            .tickets(TicketKeys::new("sim", &[7; 32]).expect("a constant"))
            .build()
            .expect("all is named");
        Node { access, store, life }
    }

    /// What was written to the vendors that is never ours to write.
    pub(super) fn other_writes(&self) -> Vec<String> {
        let mut writes = self.seam.with(|s| s.forbidden().to_vec());
        let on_openpath = self.openpath.with(|o| o.forbidden().to_vec());
        writes.extend(on_openpath.iter().map(|operation| format!("{operation:?}")));
        writes
    }

    /// How far a node's wall clock is from the true time.
    fn ahead(&self, seed: u64) -> SignedDuration {
        let mut dice = fastrand::Rng::with_seed(seed ^ 0xc10c);
        let millis = match dice.u8(..4) {
            0 => 0,
            1 => MOST_APART,
            _ => dice.i64(0..=MOST_APART),
        };
        let further = if self.plant == Some(Plant::ClocksDifferByMore) { 5 } else { 1 };
        self.slowest + SignedDuration::from_millis(millis) * further
    }

    /// A node's wire to a vendor: witnessed at both ends, and ending with the node.
    fn wire(&self, vendor: Vendor, seed: u64, life: &Life) -> Arc<dyn Wire> {
        let latency = Latency {
            connect: (Duration::from_millis(2), Duration::from_millis(80)),
            travel: (Duration::from_millis(5), Duration::from_millis(60)),
        };
        let written = self.notes.clone();
        let observe = move |received: &elevate_access_testkit::Received| {
            if is_order(&received.path) {
                note_body(&written, vendor);
            }
        };
        let clock = self.clock;
        let bare: Arc<dyn Wire> = match vendor {
            Vendor::Openpath => {
                let wire = MemoryWire::new(self.openpath.clone(), clock);
                let inner = Arc::new(wire.with_latency(latency, seed).observing(observe));
                Arc::new(LaggingWire { inner, lag: self.lag.clone() })
            }
            Vendor::Seam => {
                let wire = MemoryWire::new(self.seam.clone(), clock);
                Arc::new(wire.with_latency(latency, seed).observing(observe))
            }
        };
        let planted = PlantedWire { inner: bare, plant: self.plant, kept: Mutex::default() };
        let recorded = Recorder { inner: Arc::new(planted), notes: self.notes.clone() };
        Arc::new(MortalWire { inner: Arc::new(recorded), life: life.clone() })
    }
}

fn openpath_provider(wire: Arc<dyn Wire>, seed: u64) -> OpenpathProvider {
    let org = OrgId::new("77").expect("a constant");
    let credentials = Credentials::password("service@example.com", "a password");
    let client = elevate_openpath::Client::builder("https://openpath.invalid", org, credentials)
        .wire(wire)
        .jitter_seed(seed)
        .build()
        .expect("all is named");
    OpenpathProvider::new(client)
}

fn seam_provider(wire: Arc<dyn Wire>, seed: u64) -> TwoNProvider {
    let key = ApiKey::new("seam_simulated_key").expect("a constant");
    let client = elevate_seam::Client::builder(key)
        .base_url("https://seam.invalid")
        .wire(wire)
        .jitter_seed(seed)
        .build()
        .expect("all is named");
    TwoNProvider::new(client, TwoNSettings::new(cast::building()))
}

fn organisation(truth: &Truth) -> openpath::Openpath {
    let org = openpath::Openpath::new(77).service_account("service@example.com", "a password");
    truth.users.iter().fold(org, |org, (id, user)| {
        let made = openpath::User::active(*id, &user.email);
        org.user(user.entries.iter().fold(made, |made, entry| made.entry(entry_of(*entry))))
    })
}

pub(super) fn entry_of(entry: u64) -> openpath::Entry {
    openpath::Entry::new(entry, &format!("Entry {entry}"))
}

fn workspace(truth: &Truth) -> seam::Seam {
    let space = |seam: seam::Seam, n: usize| seam.space(&cast::space_id(n), &truth.spaces[n]);
    let seam = (0..truth.spaces.len()).fold(seam::Seam::new("seam_simulated_key"), space);
    truth.devices.iter().fold(seam, |seam, (id, spaces)| {
        let spaces = spaces.iter().map(|n| cast::space_id(*n));
        seam.device(seam::Device::two_n(id, id).in_spaces(spaces).can_remotely_unlock(Some(true)))
    })
}

//! One resident, the nodes that serve them, and the vendor that knows them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use elevate_access::{
    Access, BuildingId, ConnectionId, DoorId, MemoryConnections, MemoryDirectory, Residency,
    Resident, ResidentId, Store, Unit, UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    Latency, MemoryWire, Order, Received, TestClock, Vendor,
    openpath::{Entry, Openpath, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use elevate_transport::Wire;
use serde_json::Value;
use tokio::time::Instant;

use super::step::Step;
use crate::quickstart::Failure;

/// How many nodes the service has.
pub(super) const NODES: usize = 4;

/// How many doors the resident has: taps on one door and one node may share an order, others do not.
pub(super) const DOORS: usize = 8;

const ORG: u64 = 5120;
const USER: u64 = 7001;
const EMAIL: &str = "jane@example.com";
const ACCOUNT: (&str, &str) = ("service@example.com", "a password");
const CONNECTION: &str = "openpath";
const FIRST_ENTRY: u64 = 4400;

const LATENCY: Latency = Latency {
    connect: (Duration::from_millis(2), Duration::from_millis(80)),
    travel: (Duration::from_millis(5), Duration::from_millis(60)),
};

pub(super) fn resident() -> Result<ResidentId, Failure> {
    Ok(ResidentId::new("jane")?)
}

fn entry(door: usize) -> u64 {
    FIRST_ENTRY + door as u64
}

pub(super) fn door_id(door: usize) -> Result<DoorId, Failure> {
    Ok(format!("{CONNECTION}/{}", entry(door)).parse()?)
}

/// What left the nodes.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) requests: BTreeMap<Step, u64>,
    pub(super) orders: Vec<Body>,
}

/// The body of an order, as it began to leave.
pub(super) struct Body {
    /// The tap that it names.
    pub(super) tap: Option<String>,
    pub(super) node: usize,
    /// The number of the door, if it is one of ours.
    pub(super) door: Option<usize>,
    pub(super) at: Instant,
}

pub(super) struct House {
    pub(super) openpath: Vendor<Openpath>,
    pub(super) nodes: Vec<Access>,
    sent: Arc<Mutex<Sent>>,
    /// How many orders of the vendor's ledger were looked at.
    read: usize,
}

impl House {
    pub(super) fn build<S: Store + Clone>(
        store: &S,
        dress: &impl Fn(Arc<dyn Wire>) -> Arc<dyn Wire>,
        seed: u64,
    ) -> Result<Self, Failure> {
        let clock = TestClock::new();
        let entries = (0..DOORS).map(|door| Entry::new(entry(door), &format!("Door {door}")));
        let jane = entries.fold(User::active(USER, EMAIL), User::entry);
        let openpath = Openpath::new(ORG).service_account(ACCOUNT.0, ACCOUNT.1).user(jane);
        let openpath = Vendor::new(openpath);

        let building = BuildingId::new("north-tower")?;
        let home = Unit::new(UnitId::new("u-101")?, "101");
        let directory = MemoryDirectory::new();
        directory.put(
            Resident::new(resident()?)
                .with_email(VerifiedEmail::from_pms(EMAIL)?)
                .with_residency(Residency::current(building.clone(), home)),
        );

        let sent = Arc::<Mutex<Sent>>::default();
        let mut nodes = Vec::new();
        for node in 0..NODES {
            let seed = seed.wrapping_add(node as u64);
            let written = sent.clone();
            let wire = MemoryWire::new(openpath.clone(), clock)
                .with_latency(LATENCY, seed)
                .observing(move |request| note(&written, node, request));
            let credentials = Credentials::password(ACCOUNT.0, ACCOUNT.1);
            let client = Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
                .wire(dress(Arc::new(wire)))
                .jitter_seed(seed)
                .build()?;
            let connections = MemoryConnections::new();
            let provider = Arc::new(OpenpathProvider::new(client));
            connections.connect(&building, &ConnectionId::new(CONNECTION)?, provider);
            nodes.push(
                Access::builder()
                    .directory(directory.clone())
                    .connections(connections)
                    .store(store.clone())
                    .clock(clock)
                    .build()?,
            );
        }
        Ok(Self { openpath, nodes, sent, read: 0 })
    }

    /// How many cloud keys the resident has. They had none, so all are ours.
    pub(super) fn keys(&self) -> usize {
        self.openpath.with(|openpath| openpath.cloud_keys(USER))
    }

    /// What left, and which orders arrived, since this was last asked.
    pub(super) fn take_notes(&mut self) -> (Sent, Vec<Order>) {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner));
        let arrived = self.openpath.ledger().orders()[self.read..].to_vec();
        self.read += arrived.len();
        (sent, arrived)
    }
}

fn note(sent: &Mutex<Sent>, node: usize, request: &Received) {
    let step = Step::of(request);
    let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    *sent.requests.entry(step).or_default() += 1;
    if step == Step::Order {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let tap = body["description"].as_str().map(str::to_owned);
        let door = (0..DOORS).find(|door| body["entryId"].as_u64() == Some(entry(*door)));
        sent.orders.push(Body { tap, node, door, at: Instant::now() });
    }
}

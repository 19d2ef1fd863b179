//! The stage of an episode: both vendors in memory, three nodes of a service, and witnesses between them.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, Audited, Auditor, Check, ConnectionId, Context, Error, Freshness,
    Grants, Health, MemoryConnections, MemoryDirectory, MemoryStore, Notification, Notified,
    Occupant, PastOrder, ProviderInfo, TicketKeys, UnlockPermit, VendorDoorId, Verdict,
};
use elevate_access_testkit::{Latency, MemoryWire, TestClock, Vendor as Standing, openpath, seam};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};
use elevate_transport::{Answer, Delivery, Request, Wire, WireError};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    cast::{self, NAMES, UNITS, Vendor},
    history::{History, Truth},
    judge::{Answered, Attempt, Body, Sent},
    mortal::{Life, MortalWire, Trouble, mortal_store},
    plant::{
        Plant, PlantedClock, PlantedDirectory, PlantedProvider, PlantedWire, lock, planted_store,
    },
};

/// On whose behalf the running task orders.
#[derive(Clone, Debug)]
struct OnBehalf {
    resident: usize,
    vendor: Vendor,
    door: String,
    id: Option<String>,
}

tokio::task_local! {
    static ORDER: RefCell<OnBehalf>;
    static STATUS: Cell<Option<u16>>;
}

/// The status of the last answer to the running task's order.
pub(super) fn last_status() -> Option<u16> {
    STATUS.try_with(Cell::get).ok().flatten()
}

/// What the witnesses wrote down.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) bodies: Vec<Body>,
    pub(super) sent: Vec<Sent>,
    pub(super) attempts: std::collections::BTreeMap<String, Attempt>,
    /// When the store kept a node from releasing a claim.
    pub(super) unreleased: Vec<Instant>,
}

pub(super) struct Stage {
    pub(super) openpath: Standing<openpath::Openpath>,
    pub(super) seam: Standing<seam::Seam>,
    pub(super) people: MemoryDirectory,
    pub(super) directory_delay: Arc<Mutex<Duration>>,
    pub(super) store: MemoryStore,
    pub(super) store_trouble: Arc<Mutex<Trouble>>,
    pub(super) nodes: Vec<Node>,
    pub(super) notes: Arc<Mutex<Notes>>,
    pub(super) history: History,
    clock: TestClock,
    plant: Option<Plant>,
    /// What the next node's dice are thrown from.
    seed: u64,
}

/// One process of the service.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) access: Access,
    pub(super) life: Life,
}

/// How many nodes there are at any time.
const NODES: usize = 3;

const ORDER_PATHS: [&str; 2] = ["/cloudKeyEntryUnlock", "/locks/unlock_door"];

fn is_order(path: &str) -> bool {
    ORDER_PATHS.iter().any(|end| path.ends_with(end))
}

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
            store: MemoryStore::new(),
            store_trouble: Arc::default(),
            nodes: Vec::new(),
            notes: Arc::default(),
            history: History::new(truth),
            clock,
            plant,
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
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(planted_store(store, plant))
            .clock(PlantedClock { inner: self.clock, plant })
            .tickets(TicketKeys::new("sim", &[7; 32]).expect("a constant"))
            .build()
            .expect("all is named");
        Node { access, life }
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
                Arc::new(wire.with_latency(latency, seed).observing(observe))
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

fn note_body(notes: &Mutex<Notes>, vendor: Vendor) {
    let on_behalf = ORDER.try_with(|o| o.borrow().clone()).ok();
    let mut notes = lock(notes);
    // An order that no provider was asked for would be one more than there are presses.
    let on_behalf = on_behalf.unwrap_or(OnBehalf {
        resident: 0,
        vendor,
        door: "nobody's".to_owned(),
        id: Some("nobody's".to_owned()),
    });
    let OnBehalf { resident, vendor, door, id } = on_behalf;
    notes.bodies.push(Body { resident, vendor, door, id, at: Instant::now() });
}

/// Stands before a provider and remembers, for the wire below, whom an order is for.
#[derive(Debug)]
struct Witness {
    inner: Arc<dyn AccessProvider>,
    vendor: Vendor,
}

#[async_trait]
impl AccessProvider for Witness {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        self.inner.grants(context, occupant, freshness).await
    }

    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let resident = NAMES.iter().position(|n| *n == occupant.resident().as_str());
        let on_behalf = OnBehalf {
            resident: resident.expect("one of the cast"),
            vendor: self.vendor,
            door: door.as_str().to_owned(),
            id: permit.tap().map(|id| id.as_str().to_owned()),
        };
        let ordering = self.inner.unlock(context, occupant, door, permit);
        STATUS.scope(Cell::new(None), ORDER.scope(RefCell::new(on_behalf), ordering)).await
    }

    async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        self.inner.look_back(context, occupant, order).await
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        self.inner.explain(context, occupant, door).await
    }

    async fn check(&self, context: &Context) -> Health {
        self.inner.check(context).await
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        self.inner.audit(context, auditor).await
    }

    async fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        self.inner.notified(context, notification).await
    }
}

/// Stands on the wire and writes down how orders were answered, and what was said of attempts.
struct Recorder {
    inner: Arc<dyn Wire>,
    notes: Arc<Mutex<Notes>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Writes down that no answer was awaited to the end, unless it was.
struct Unfinished<'a> {
    notes: &'a Mutex<Notes>,
    place: Option<usize>,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let mut notes = lock(self.notes);
        if let Some(sent) = self.place.and_then(|place| notes.sent.get_mut(place)) {
            sent.answer = Answered::Lost;
        }
    }
}

#[async_trait]
impl Wire for Recorder {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let order = is_order(request.url.path());
        let on_behalf = ORDER.try_with(|o| o.borrow().clone()).ok().filter(|_| order);
        let mut unfinished = Unfinished { notes: &self.notes, place: None };
        if let Some(OnBehalf { resident, vendor, door, id }) = on_behalf {
            let (at, answer) = (Instant::now(), Answered::Lost);
            let mut notes = lock(&self.notes);
            notes.sent.push(Sent { resident, vendor, door, id, at, answer });
            unfinished.place = Some(notes.sent.len() - 1);
        }
        let result = self.inner.send(request).await;
        let mut notes = lock(&self.notes);
        let attempt = result.as_ref().ok().and_then(|answer| attempt_in(&answer.body));
        if let Some((id, became)) = attempt.clone()
            && notes.attempts.get(&id).is_none_or(|before| *before == Attempt::Pending)
        {
            notes.attempts.insert(id, became);
        }
        if let Some(place) = unfinished.place.take() {
            notes.sent[place].answer = match &result {
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    let _ = STATUS.try_with(|s| s.set(Some(status)));
                    let (empty, attempt) = (answer.body.is_empty(), attempt.map(|(id, _)| id));
                    Answered::Whole { status, empty, attempt }
                }
                Err(e) if e.delivery() == Delivery::NeverSent => Answered::Never,
                Err(_) => Answered::Lost,
            };
        }
        drop(notes);
        result
    }
}

/// The action attempt that an answer speaks of, read here on its own.
fn attempt_in(body: &[u8]) -> Option<(String, Attempt)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let attempt = &body["action_attempt"];
    let id = attempt["action_attempt_id"].as_str()?.to_owned();
    let became = match attempt["status"].as_str()? {
        "success" if attempt["result"]["was_confirmed_by_device"] == true => Attempt::Confirmed,
        "success" => Attempt::Unconfirmed,
        "error" => Attempt::Failed,
        _ => Attempt::Pending,
    };
    Some((id, became))
}

//! A stand-in for Openpath, a client of it, and a house whose residents use it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, BuildingId, Cause, ConnectionId, DoorId, DoorList, Error as AccessError, Freshness,
    MemoryConnections, MemoryDirectory, MemoryStore, Outcome, Residency, Resident, ResidentId,
    Store, Tap, Unit, UnitId, VerifiedEmail,
};
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    openpath::{Credential, Entry, Openpath, Operation, User},
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId, Wire};
use elevate_transport::{Answer, Bytes, Request, Url, WireError};
use tokio::time::advance;

pub(crate) const ORG: u64 = 5120;
pub(crate) const ACCOUNT: &str = "svc@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An organisation with a service account and nobody else in it.
pub(crate) fn openpath() -> Openpath {
    Openpath::new(ORG).service_account(ACCOUNT, PASSWORD)
}

/// The same with Jane, who has two doors and no key.
pub(crate) fn with_jane() -> Openpath {
    openpath().user(jane())
}

pub(crate) fn jane() -> User {
    User::active(7001, "jane@example.com")
        .named("Jane", "Doe")
        .entry(Entry::new(4401, "Main entrance"))
        .entry(Entry::new(4402, "Garage").zone(302, "Basement"))
}

/// Jane with a key.
pub(crate) fn with_janes_key() -> Openpath {
    openpath().user(jane().credential(Credential::cloud_key(88_001)))
}

pub(crate) fn client_over(wire: Arc<dyn Wire>) -> Client {
    let credentials = Credentials::password(ACCOUNT, PASSWORD);
    Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
        .wire(wire)
        .build()
        .unwrap()
}

/// The vendor in memory, and a client of it.
pub(crate) struct Line {
    pub(crate) vendor: Vendor<Openpath>,
    pub(crate) clock: TestClock,
    pub(crate) client: Client,
}

impl Line {
    pub(crate) fn to(openpath: Openpath) -> Self {
        let (vendor, clock) = (Vendor::new(openpath), TestClock::new());
        let client = client_over(Arc::new(MemoryWire::new(vendor.clone(), clock)));
        Self { vendor, clock, client }
    }

    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.vendor.with(|openpath| openpath.count(operation))
    }
}

pub(crate) async fn pass(time: Duration) {
    advance(time).await;
    // Whatever was due gets to run.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// A house of one building and one Openpath connection.
pub(crate) struct House {
    pub(crate) vendor: Vendor<Openpath>,
    pub(crate) clock: TestClock,
    pub(crate) directory: MemoryDirectory,
    pub(crate) connections: MemoryConnections,
    pub(crate) access: Access,
}

impl House {
    /// Jane lives there.
    pub(crate) fn at(openpath: Openpath) -> Self {
        Self::with_store(openpath, MemoryStore::new())
    }

    pub(crate) fn with_store(openpath: Openpath, store: impl Store) -> Self {
        let (vendor, clock) = (Vendor::new(openpath), TestClock::new());
        let house = Self::node(vendor, clock, MemoryDirectory::new(), store);
        house.settle("jane", "jane@example.com");
        house
    }

    /// One node of the service: a client, a provider and a front door of its own.
    pub(crate) fn node(
        vendor: Vendor<Openpath>,
        clock: TestClock,
        directory: MemoryDirectory,
        store: impl Store,
    ) -> Self {
        let connections = MemoryConnections::new();
        let access = Access::builder()
            .directory(directory.clone())
            .connections(connections.clone())
            .store(store)
            .clock(clock)
            .build()
            .unwrap();
        let house = Self { vendor, clock, directory, connections, access };
        house.connect_anew();
        house
    }

    /// Replaces the provider by a new one that knows nothing yet, as a restart does.
    pub(crate) fn connect_anew(&self) {
        self.connect(OpenpathProvider::new(client_over(self.wire())));
    }

    /// A new provider whose answers are rewritten on their way, by the request's path.
    pub(crate) fn connect_rewriting(&self, rewrite: Rewrite) {
        let wire = Rewriting { to: self.wire(), rewrite };
        self.connect(OpenpathProvider::new(client_over(Arc::new(wire))));
    }

    pub(crate) fn connect(&self, provider: OpenpathProvider) {
        self.connections.connect(&building(), &connection(), Arc::new(provider));
    }

    pub(crate) fn wire(&self) -> Arc<dyn Wire> {
        Arc::new(MemoryWire::new(self.vendor.clone(), self.clock))
    }

    pub(crate) fn settle(&self, resident: &str, email: &str) {
        let unit = Unit::new(UnitId::new("u-101").unwrap(), "101");
        let resident = Resident::new(ResidentId::new(resident).unwrap())
            .with_email(email_of(email))
            .with_residency(Residency::current(building(), unit));
        self.directory.put(resident);
    }

    pub(crate) async fn tap(&self, resident: &str, entry: u64) -> Result<Outcome, AccessError> {
        let resident = ResidentId::new(resident).unwrap();
        self.access.unlock(&resident, &door(&entry.to_string()), Tap::now()).await
    }

    pub(crate) async fn doors(&self, resident: &str, freshness: Freshness) -> DoorList {
        let resident = ResidentId::new(resident).unwrap();
        self.access.doors(&resident, freshness).await.unwrap()
    }

    /// The list's doors, by name, and its problems, by cause.
    pub(crate) async fn list(&self, freshness: Freshness) -> (Vec<String>, Vec<Cause>) {
        let list = self.doors("jane", freshness).await;
        let doors = list.doors.into_iter().map(|door| door.name).collect();
        (doors, list.problems.iter().map(|problem| problem.reason.cause()).collect())
    }

    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.vendor.with(|openpath| openpath.count(operation))
    }

    /// Orders that reached the vendor.
    pub(crate) fn orders(&self) -> usize {
        self.vendor.ledger().orders().len()
    }
}

pub(crate) fn building() -> BuildingId {
    BuildingId::new("north-tower").unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("openpath").unwrap()
}

pub(crate) fn door(entry: &str) -> DoorId {
    format!("openpath/{entry}").parse().unwrap()
}

pub(crate) fn email_of(text: &str) -> VerifiedEmail {
    VerifiedEmail::from_pms(text).unwrap()
}

/// The cause of a tap that came to nothing, or the code of its outcome.
pub(crate) fn said(result: Result<Outcome, AccessError>) -> &'static str {
    match result {
        Ok(outcome) => outcome.code(),
        Err(error) => error.code(),
    }
}

/// Makes another body of a path and a body.
pub(crate) type Rewrite = fn(&str, &str) -> String;

/// A wire that changes what comes back.
#[derive(Debug)]
struct Rewriting {
    to: Arc<dyn Wire>,
    rewrite: Rewrite,
}

#[async_trait]
impl Wire for Rewriting {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let path = request.url.path().to_owned();
        let mut answer = self.to.send(request).await?;
        let body = (self.rewrite)(&path, std::str::from_utf8(&answer.body).unwrap());
        answer.body = Bytes::from(body);
        Ok(answer)
    }
}

/// A request as a wire got it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) url: Url,
    pub(crate) body: Bytes,
}

/// A wire that writes down what it carries.
#[derive(Debug)]
pub(crate) struct Recorder {
    to: Arc<dyn Wire>,
    sent: Mutex<Vec<Sent>>,
}

impl Recorder {
    pub(crate) fn before(to: Arc<dyn Wire>) -> Arc<Self> {
        Arc::new(Self { to, sent: Mutex::default() })
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl Wire for Recorder {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        self.sent
            .lock()
            .unwrap()
            .push(Sent { url: request.url.clone(), body: request.body.clone() });
        self.to.send(request).await
    }
}

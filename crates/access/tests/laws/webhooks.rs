//! Notifications: whose they are, and what they may do.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, Audited, Auditor, BuildingId, Cause, Check, ConnectionId, Context,
    Error, Freshness, Grants, Health, Identity, MemoryConnections, MemoryDirectory, MemoryStore,
    Notification, Notified, Occupant, ProviderInfo, System, UnlockPermit, VendorDoorId, Verdict,
};

use crate::house::House;

/// A system whose notifications are signed by the word "please", and which counts what it is told.
#[derive(Debug, Default)]
struct Told(AtomicUsize);

#[async_trait]
impl AccessProvider for Told {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(System::new("Told", "the telling console"), Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        Err(Error::new(Cause::VendorUnreachable))
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        _: UnlockPermit,
    ) -> Verdict {
        Verdict::NotSent(Error::new(Cause::Internal))
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, _: &Auditor) -> Result<Audited, Error> {
        Ok(Audited::default())
    }
    async fn notified(&self, _: &Context, told: &Notification<'_>) -> Result<Notified, Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let is_signed = |(name, value): (&str, &[u8])| name == "please" && value == b"yes";
        assert!(!told.body().starts_with(b"panic"), "a provider's bug");
        if told.headers().any(is_signed) {
            Ok(Notified::of("door.moved\u{1b}[2J").stale())
        } else {
            Err(Error::new(Cause::DeliveryRefused))
        }
    }
}

fn told(house: &House, building: &str, id: &str) -> (BuildingId, ConnectionId, Arc<Told>) {
    let (building, id) = (BuildingId::new(building).unwrap(), ConnectionId::new(id).unwrap());
    let provider = Arc::new(Told::default());
    house.connections.connect(&building, &id, provider.clone());
    (building, id, provider)
}

const SIGNED: [(&str, &[u8]); 1] = [("please", b"yes")];

#[tokio::test(start_paused = true)]
async fn a_notification_reaches_the_connection_that_it_is_for_and_no_other() {
    let house = House::new();
    let (north, one, first) = told(&house, "north", "one");
    let (south, two, second) = told(&house, "south", "two");
    let signed = Notification::new(SIGNED, b"{}");

    let notified = house.access.webhook(&north, &one, &signed).await.unwrap();
    assert_eq!(notified.event, "door.moved [2J", "fit for a log");
    assert!(notified.is_stale);
    let unsigned = Notification::new([], b"{}");
    let refused = house.access.webhook(&north, &one, &unsigned).await.unwrap_err();
    assert_eq!((refused.cause(), refused.operation()), (Cause::DeliveryRefused, "webhook"));
    assert_eq!(refused.reason().system().map(|s| s.name.as_ref()), Some("Told"));

    // Another building's connection is none of this building's.
    let foreign = house.access.webhook(&south, &one, &signed).await.unwrap_err();
    let unknown = house.access.webhook(&south, &"no-such".parse().unwrap(), &signed).await;
    assert_eq!(foreign.cause(), Cause::DeliveryRefused);
    assert_eq!(foreign.to_string(), unknown.unwrap_err().to_string());
    assert_eq!((first.0.load(Ordering::SeqCst), second.0.load(Ordering::SeqCst)), (2, 0));
    house.access.webhook(&south, &two, &signed).await.unwrap();
    assert_eq!(second.0.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_sends_none_refuses_all() {
    let house = House::new();
    let memory = ConnectionId::new("memory-1").unwrap();
    let signed = Notification::new(SIGNED, b"{}");
    let refused = house.access.webhook(&house.building, &memory, &signed).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DeliveryRefused);
    assert!(house.vendor.started().is_empty(), "the vendor was asked");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_refused_before_anybody_looks() {
    let house = House::new();
    let (north, one, provider) = told(&house, "north", "one");
    let huge = vec![b' '; 1024 * 1024 + 1];
    let many: [(&str, &[u8]); 201] = [("please", b"yes"); 201];
    for notification in [Notification::new(SIGNED, &huge), Notification::new(many, b"{}")] {
        let refused = house.access.webhook(&north, &one, &notification).await.unwrap_err();
        assert_eq!(refused.cause(), Cause::DeliveryRefused);
    }
    assert_eq!(provider.0.load(Ordering::SeqCst), 0);
    house.access.webhook(&north, &one, &Notification::new(SIGNED, &huge[1..])).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_a_notification_is_an_error_and_nothing_else() {
    let house = House::new();
    let (north, one, _) = told(&house, "north", "one");
    let broken = Notification::new(SIGNED, b"panic");
    let failed = house.access.webhook(&north, &one, &broken).await.unwrap_err();
    assert_eq!(failed.cause(), Cause::Internal);
    house.access.webhook(&north, &one, &Notification::new(SIGNED, b"{}")).await.unwrap();
}

#[test]
fn a_notification_does_not_print_what_it_holds() {
    let told = Notification::new([("svix-signature", b"v1,c2VjcmV0".as_slice())], b"ann@x.org");
    let shown = format!("{told:?}");
    assert!(!shown.contains("c2VjcmV0") && !shown.contains("ann"), "{shown}");
}

#[tokio::test]
async fn nothing_is_kept_of_buildings_that_strangers_make_up() {
    let access = Access::builder()
        .directory(MemoryDirectory::new())
        .connections(MemoryConnections::new())
        .store(MemoryStore::new())
        .build()
        .unwrap();
    let connection = ConnectionId::new("x").unwrap();
    let resident_kib = || -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).map(str::to_owned);
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
    };
    let before = resident_kib();
    for n in 0..100_000_u32 {
        let made_up = BuildingId::new(format!("{n:0>240}")).unwrap();
        let told = Notification::new([], b"{}");
        let error = access.webhook(&made_up, &connection, &told).await.unwrap_err();
        assert_eq!(error.cause(), Cause::DeliveryRefused);
    }
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 12_000, "it grew by {grown} KiB");
}

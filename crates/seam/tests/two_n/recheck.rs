//! What changes between the judgement and the order: the provider judges once more, by the map as it is.

use std::time::Duration;

use async_trait::async_trait;
use elevate_access::{
    Access, Cause, Claim, ConnectionId, DoorId, Error, HostError, Lease, Link, MemoryStore,
    Outcome, ResidentId, SignInEnd, SignIns, Store, Tap, TapId, Turn,
};
use elevate_access_testkit::seam::{Device, Seam};
use jiff::Timestamp;
use tokio::time::sleep;

use super::house::{House, door, maple, ms, resident, secs};

/// Jane taps; while the store takes its time over the tap's id, the vendor's side changes and is read anew.
async fn tapped_while(change: fn(&mut Seam)) -> (Result<Outcome, Error>, House) {
    let house = House::of(maple());
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(Slow(MemoryStore::new()))
        .build()
        .unwrap();
    let tap = Tap::now().with_id(TapId::new("tap-1").unwrap());
    let (jane, gate) = (resident("jane"), door("dev-gate"));
    let (tapped, ()) = tokio::join!(access.unlock(&jane, &gate, tap), async {
        sleep(secs(1)).await;
        house.vendor.with(change);
        house.refreshed("omar").await;
    });
    (tapped, house)
}

#[tokio::test(start_paused = true)]
async fn without_a_change_the_order_goes_out() {
    let (tapped, house) = tapped_while(|_| ()).await;
    assert!(matches!(tapped, Ok(Outcome::Opened(_))), "{tapped:?}");
    assert_eq!(house.vendor.ledger().opened("dev-gate"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_door_taken_from_the_unit_meanwhile_is_not_ordered_open() {
    let (tapped, house) = tapped_while(|seam| {
        seam.move_device("dev-gate", &["sp-102"]);
    })
    .await;
    assert_eq!(tapped.unwrap_err().cause(), Cause::DoorNotGranted);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn a_door_that_was_removed_meanwhile_is_not_ordered_open() {
    let (tapped, house) = tapped_while(|seam| {
        let gate = Device::two_n("dev-gate", "Gate").in_spaces(["sp-101"]);
        seam.add_device(gate.error("device_removed"));
    })
    .await;
    assert_eq!(tapped.unwrap_err().cause(), Cause::DoorRemoved);
    assert_eq!(house.vendor.ledger().orders(), []);
}

/// A store that takes its time over claims.
struct Slow(MemoryStore);

#[async_trait]
impl Store for Slow {
    async fn claim(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        sleep(ms(1500)).await;
        self.0.claim(id, resident, door, answer_by).await
    }

    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        self.0.favorites(resident).await
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        self.0.set_favorite(resident, door, favorite).await
    }

    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        self.0.tap(id, resident, door).await
    }

    async fn settle(&self, id: &TapId, outcome: &Outcome) -> Result<Outcome, HostError> {
        self.0.settle(id, outcome).await
    }

    async fn unclaim(&self, id: &TapId) -> Result<(), HostError> {
        self.0.unclaim(id).await
    }

    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError> {
        self.0.link(connection, resident).await
    }

    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError> {
        self.0.set_link(connection, resident, link).await
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError> {
        self.0.lease(name, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        self.0.release(lease).await
    }

    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError> {
        self.0.linked(connection, subject).await
    }
}

#[async_trait]
impl SignIns for Slow {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        self.0.take_turn(account, step, hold).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        self.0.end_turn(account, turn, end).await
    }
}

//! What changes between the judgement and the order: the provider judges once more, by the map as it is.

use elevate_access::{Access, Cause, Error, MemoryStore, Outcome, Tap, TapId};
use elevate_access_testkit::{
    Fault, FaultKind, Side, StoreCall, WatchedStore,
    seam::{Device, Seam},
};
use serde_json::json;
use tokio::time::sleep;

use super::{
    house::{House, building, connection, door, maple, ms, resident, secs},
    told,
};

/// Jane taps; while the store takes its time over the tap's id, the vendor's side changes and is read anew.
async fn tapped_while(change: fn(&mut Seam)) -> (Result<Outcome, Error>, House) {
    let house = House::of(maple());
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(slow(MemoryStore::new()))
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
fn slow(store: MemoryStore) -> WatchedStore {
    WatchedStore::new(store, |call, side| {
        Box::pin(async move {
            if (call, side) == (StoreCall::Claim, Side::Before) {
                sleep(ms(1500)).await;
            }
            Ok(())
        })
    })
}

#[tokio::test(start_paused = true)]
async fn what_is_told_while_an_order_connects_keeps_it_from_being_sent() {
    let connecting = Fault::before(FaultKind::SlowConnect(secs(4)));
    let event = House::event("space.device_membership_changed", &json!({"space_id": "sp-101"}));
    let house = told::house(maple());
    house.doors("jane").await;
    house.vendor.faults(|f| f.next_on("/locks/unlock_door", connecting));
    let (told, ()) = tokio::join!(house.tap("jane", "dev-gate"), async {
        sleep(ms(500)).await;
        house.vendor.with(|seam| {
            seam.move_device("dev-gate", &["sp-102"]);
        });
        house.tells(&event).await.unwrap();
    });
    assert_eq!(told.unwrap_err().cause(), Cause::DoorNotGranted);
    assert_eq!(house.vendor.ledger().opened("dev-gate"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_of_a_connection_that_is_taken_away_meanwhile_is_not_sent() {
    let house = told::house(maple());
    house.doors("jane").await;
    let connecting = Fault::before(FaultKind::SlowConnect(secs(4)));
    house.vendor.faults(|f| f.next_on("/locks/unlock_door", connecting));
    let (told, ()) = tokio::join!(house.tap("jane", "dev-gate"), async {
        sleep(ms(500)).await;
        house.connections.disconnect(&building(), &connection());
    });
    assert_eq!(told.unwrap_err().cause(), Cause::NoConnection);
    assert_eq!(house.vendor.ledger().opened("dev-gate"), 0);
}

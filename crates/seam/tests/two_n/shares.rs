//! What one resident may use up of a door that is everybody's.

use elevate_access::{Cause, Outcome, Tap};
use elevate_access_testkit::{
    Fault, FaultKind,
    seam::{AttemptEnd, ORDER_PATH},
};
use tokio::time::sleep;

use super::house::{House, door, maple, ms, resident, secs};

fn quick() -> House {
    let mut seam = maple();
    seam.attempts_settle_at_once();
    House::of(seam)
}

#[tokio::test(start_paused = true)]
async fn one_resident_cannot_drain_a_door() {
    let house = quick();
    // Jane taps the lobby twice a second for a minute; Omar comes home in the midst of it.
    for n in 0..120 {
        let tapped = house.tap("jane", "dev-lobby").await;
        if let Err(error) = tapped {
            assert_eq!(error.cause(), Cause::DoorRateLimited, "{error}");
        }
        if n == 90 {
            let omar = house.tap("omar", "dev-lobby").await;
            assert!(matches!(omar, Ok(Outcome::Opened(_))), "{omar:?}");
        }
        sleep(ms(500)).await;
    }
    let orders = house.vendor.ledger().orders().len();
    assert!(orders <= 11, "{orders} orders in a minute, of which Seam allows fifteen");
    assert_eq!(house.vendor.ledger().opened("dev-lobby"), orders, "and none was turned down");
}

#[tokio::test(start_paused = true)]
async fn who_has_used_up_their_share_is_told_how_long_and_nothing_is_sent() {
    let house = quick();
    for _ in 0..5 {
        house.tap("jane", "dev-lobby").await.unwrap();
    }
    for _ in 0..2 {
        let error = house.tap("jane", "dev-lobby").await.unwrap_err();
        assert_eq!(error.cause(), Cause::DoorRateLimited);
        assert_eq!(error.retry_after(), Some(secs(12)));
        assert!(error.for_resident().contains("in 12 seconds"), "{}", error.for_resident());
    }
    assert_eq!(house.vendor.ledger().orders().len(), 5);
    // Another door has a share of its own, and it comes back.
    house.tap("jane", "dev-gate").await.unwrap();
    sleep(secs(12)).await;
    assert!(matches!(house.tap("jane", "dev-lobby").await, Ok(Outcome::Opened(_))));
}

#[tokio::test(start_paused = true)]
async fn the_diagnosis_knows_who_has_used_up_their_share() {
    let house = quick();
    for _ in 0..6 {
        let _ = house.tap("jane", "dev-lobby").await;
    }
    let ask = async |who: &str| {
        let told = house.access.diagnose(&resident(who), Some(&door("dev-lobby"))).await.unwrap();
        told.first_failure().map(elevate_access::Reason::cause)
    };
    assert_eq!(ask("jane").await, Some(Cause::DoorRateLimited));
    assert_eq!(ask("omar").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_never_left_costs_nothing_of_the_share() {
    let house = quick();
    house.doors("jane").await;
    house
        .vendor
        .faults(|faults| faults.on(ORDER_PATH, 0, u32::MAX - 1, Fault::before(FaultKind::Refuse)));
    for _ in 0..10 {
        assert_eq!(house.refused("jane", "dev-lobby").await, Cause::VendorUnreachable);
    }
    house.vendor.faults(elevate_access_testkit::Faults::clear);
    for _ in 0..5 {
        assert!(matches!(house.tap("jane", "dev-lobby").await, Ok(Outcome::Opened(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_says_why_in_our_words() {
    for (kind, cause) in [
        ("device_offline", Cause::DoorOffline),
        ("hub_disconnected", Cause::DoorOffline),
        ("privacy_mode", Cause::DoorPrivate),
        ("device_removed", Cause::DoorRemoved),
        ("account_disconnected", Cause::SignInNeeded),
        ("missing_device_credentials", Cause::RightsMissing),
        ("uncategorized_error", Cause::OrderFailed),
        ("a_type_that_nobody_knows", Cause::OrderFailed),
    ] {
        let mut seam = maple();
        seam.attempts_end(AttemptEnd::error(kind, "the vendor's words"));
        let house = House::of(seam);
        let Ok(Outcome::NotOpened(receipt)) = house.tap("jane", "dev-gate").await else {
            panic!("{kind}")
        };
        let reason = receipt.reason.unwrap();
        assert_eq!((reason.cause(), receipt.certain), (cause, false), "{kind}");
        assert!(!reason.for_resident().contains("vendor's words"), "{kind}");
        assert!(reason.for_manager().contains(kind), "{}", reason.for_manager());
    }
}

#[tokio::test(start_paused = true)]
async fn who_lives_in_two_units_opens_the_doors_of_both() {
    let house = quick();
    house.moves_in("jane", &["101", "102"]);
    let list = house.doors("jane").await.doors;
    let omars = house.doors("omar").await.doors;
    assert!(omars.iter().all(|door| list.iter().any(|one| one.id == door.id)));
    for door in &list {
        let told = house.access.unlock(&resident("jane"), &door.id, Tap::now()).await;
        assert!(matches!(told, Ok(Outcome::Opened(_))), "{}: {told:?}", door.name);
    }
}

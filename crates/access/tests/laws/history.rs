//! Every tap is written down: who, which door, when, and what became of it.

use elevate_access::{Cause, Outcome, Tap, TapId, TapQuery, TapRecord, TapState};
use elevate_access_testkit::{Fault, FaultKind, MemorySystem, StoreCall};
use tokio::time::sleep;

use crate::house::{Broken, House, millis, seconds, tap_id};

async fn history(house: &House) -> Vec<TapRecord> {
    // What has no id is written down after everybody was told.
    sleep(millis(1)).await;
    house.access.taps(&TapQuery::new()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_tap_is_in_the_history_with_its_doors_name_and_outcome_with_an_id_or_without() {
    let house = House::new();
    let (told, at) = (house.tap().await.unwrap(), house.now());
    sleep(seconds(1)).await;
    let told_again = house.tap_with("t").await.unwrap();
    let taps = history(&house).await;
    assert_eq!(taps.len(), 2);
    assert_eq!((taps[0].last_known(), taps[1].last_known()), (Some(&told_again), Some(&told)));
    assert_eq!(taps[0].id.as_ref().map(TapId::as_str), Some("t"));
    assert_eq!(taps[1].id, None);
    for tap in &taps {
        let place = tap.tapped.place.as_ref().unwrap();
        assert_eq!((&place.building, place.name.as_str()), (&house.building, "Front door"));
        assert_eq!((&tap.tapped.resident, &tap.tapped.door), (&house.jane, &house.door));
    }
    assert_eq!(taps[1].tapped.at, at, "when the tap came");
}

#[tokio::test(start_paused = true)]
async fn a_doors_name_is_kept_as_a_database_takes_it_whatever_the_vendor_calls_it() {
    let house = House::new();
    let long = format!("Gate\0\u{202e}{}", "x".repeat(5_000));
    house.vendor.with(|system| {
        *system = MemorySystem::new().door("front", &long).granting("jane", "front");
    });
    house.tap_with("t").await.unwrap();
    let kept = history(&house).await[0].tapped.place.clone().unwrap().name;
    assert!(kept.starts_with("Gate  xxx") && kept.chars().count() == 200, "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tap_whose_order_never_left_is_not_in_the_history() {
    let house = House::new();
    house.directory.down(true);
    assert!(house.tap().await.is_err() && house.tap_with("t").await.is_err());
    house.directory.down(false);
    assert_eq!(history(&house).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_history_that_cannot_be_written_keeps_nobody_outside_and_nobody_waiting() {
    for how in [Broken::Fails, Broken::Hangs, Broken::Panics] {
        let house = House::new();
        house.store.break_at(StoreCall::Record, how);
        let begun = tokio::time::Instant::now();
        assert!(matches!(house.tap().await.unwrap(), Outcome::Opened(_)));
        assert!(matches!(house.tap().await.unwrap(), Outcome::Opened(_)));
        assert!(begun.elapsed() < millis(500), "{:?}", begun.elapsed());
        house.store.mend();
        assert_eq!(house.orders().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn taps_that_share_an_order_are_one_each_if_they_have_an_id() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(millis(500)))));
    let (led, joined, nameless) =
        tokio::join!(house.tap_with("a"), house.tap_with("b"), house.tap());
    assert!([&led, &joined, &nameless].iter().all(|told| told.is_ok()));
    assert_eq!(house.orders().len(), 1);
    let taps = history(&house).await;
    let mut ids: Vec<_> = taps.iter().map(|tap| tap.id.as_ref().unwrap().as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["a", "b"], "who joined without one is told with the order's");
    assert!(taps.iter().all(|tap| tap.tapped.place.is_some()), "{taps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tap_is_under_way_in_the_history_until_it_is_settled() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(2)))));
    let (_, meanwhile) = tokio::join!(house.tap_with("t"), async {
        sleep(seconds(1)).await;
        history(&house).await
    });
    assert!(matches!(meanwhile[0].state, TapState::UnderWay { .. }), "{meanwhile:?}");
    assert!(matches!(history(&house).await[0].last_known(), Some(Outcome::Opened(_))));
}

#[tokio::test(start_paused = true)]
async fn who_is_forgotten_leaves_nothing_and_their_tap_id_opens_nothing_more() {
    let house = House::new();
    house.access.set_favorite(&house.jane, &house.door, true).await.unwrap();
    house.tap().await.unwrap();
    house.tap_with("t").await.unwrap();
    sleep(millis(1)).await;
    house.access.forget(&house.jane).await.unwrap();
    assert_eq!(history(&house).await, []);
    let list = house.access.doors(&house.jane, elevate_access::Freshness::Cached).await.unwrap();
    assert!(list.doors.iter().all(|door| !door.favorite));
    let again = house.access.unlock(&house.jane, &house.door, tap_id("t")).await.unwrap_err();
    assert_eq!(again.cause(), Cause::TapIdTaken);
    assert_eq!(house.orders().len(), 2);
    house.access.unlock(&house.jane, &house.door, Tap::now()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_history_that_cannot_be_read_is_an_error_and_not_an_empty_one() {
    let house = House::new();
    for (call, how) in [(StoreCall::Taps, Broken::Fails), (StoreCall::Forget, Broken::Hangs)] {
        house.store.break_at(call, how);
    }
    let failed = house.access.taps(&TapQuery::new()).await.unwrap_err();
    assert_eq!(failed.cause(), Cause::StoreFailed);
    assert_eq!(house.access.forget(&house.jane).await.unwrap_err().cause(), Cause::StoreFailed);
}

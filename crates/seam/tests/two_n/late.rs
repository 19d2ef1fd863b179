//! Late truth: an attempt is looked at by its id, and no other one is taken for it.

use elevate_access::{Outcome, TapQuery};
use elevate_access_testkit::{
    Fault, FaultKind,
    seam::{AttemptEnd, ORDER_PATH as UNLOCK},
};
use tokio::time::sleep;

use super::house::{House, maple, secs};

const LOOK: &str = "/action_attempts/get";

#[tokio::test(start_paused = true)]
async fn an_attempt_that_ends_after_its_tap_is_found_out_by_its_id() {
    for (end, known) in [
        (AttemptEnd::Confirmed, "opened"),
        (AttemptEnd::Unconfirmed, "accepted"),
        (AttemptEnd::error("device_offline", "The device did not respond"), "door_offline"),
        (AttemptEnd::PendingForever, "still_pending"),
    ] {
        let mut seam = maple();
        seam.attempts_take(secs(25)).attempts_end(end);
        let house = House::of(seam);
        let told = house.tap("jane", "dev-gate").await.unwrap();
        assert_eq!(told.code(), "still_pending");
        let looks = house.vendor.requests_on(LOOK);
        sleep(secs(60)).await;
        let [record] = house.access.taps(&TapQuery::new()).await.unwrap().try_into().unwrap();
        let last = record.last_known().unwrap();
        assert_eq!(last.code(), known);
        assert_eq!(last.receipt().reference, told.receipt().reference);
        assert_eq!(house.vendor.requests_on(LOOK), looks + 1, "one look");
        assert_eq!(house.vendor.requests_on(UNLOCK), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_answer_was_lost_is_never_taken_for_another_attempt() {
    let house = House::of(maple());
    house.vendor.faults(|f| f.next_on(UNLOCK, Fault::after(FaultKind::Reset)));
    assert!(matches!(house.tap("jane", "dev-gate").await, Ok(Outcome::Unknown(_))));
    // Another one opens, of which Seam would tell.
    assert!(matches!(house.tap("jane", "dev-lobby").await, Ok(Outcome::Opened(_))));
    let looks = house.vendor.requests_on(LOOK);
    sleep(secs(60)).await;
    assert_eq!(house.vendor.requests_on(LOOK), looks, "there is no id to ask for");
}

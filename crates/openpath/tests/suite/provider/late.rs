//! Late truth: a row of activity is an order's only if it carries the tap's id.

use elevate_access::{Clock as _, Outcome, Tap, TapId, TapQuery};
use elevate_access_testkit::openpath::{Activity, Operation};

use crate::support::{House, door, pass, with_janes_key};

/// A house in which rows may carry what was sent with their orders, and one has been seen or not.
async fn house(described: bool, seen: bool) -> House {
    let house = House::at(with_janes_key().behaving(|it| it.activity_is_described = described));
    if seen {
        let row = Activity::granted(4401).sent_with("front desk");
        house.vendor.with(|openpath| openpath.activity(7001, row));
        let (jane, door) = ("jane".parse().unwrap(), door("4401"));
        house.access.diagnose(&jane, Some(&door)).await.unwrap();
    }
    house
}

async fn tapped(house: &House, id: &str) -> Outcome {
    let tap = Tap::now().with_id(TapId::new(id).unwrap());
    house.access.unlock(&"jane".parse().unwrap(), &door("4401"), tap).await.unwrap()
}

/// What is known of each tap after a while, newest first.
async fn known(house: &House) -> Vec<String> {
    pass(std::time::Duration::from_mins(1)).await;
    let records = house.access.taps(&TapQuery::new()).await.unwrap();
    records.iter().map(|record| record.last_known().unwrap().code().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_with_the_taps_id_says_what_became_of_it() {
    let house = house(true, true).await;
    assert!(matches!(tapped(&house, "t").await, Outcome::Accepted(_)));
    assert_eq!(known(&house).await, ["opened"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_while_no_row_was_seen_to_carry_anything() {
    for described in [false, true] {
        let house = house(described, false).await;
        tapped(&house, "t").await;
        assert_eq!(known(&house).await, ["accepted"]);
        assert_eq!(house.count(Operation::GetUserActivity), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_without_the_taps_id_is_nobodys_however_near_it_is() {
    // Granted, of the same user and entry, by a cloud key, within the second.
    let house = house(false, true).await;
    tapped(&house, "t").await;
    let row = Activity::granted(4401).sent_with("t2").at(house.clock.now());
    house.vendor.with(|openpath| openpath.activity(7001, row));
    assert_eq!(known(&house).await, ["accepted"]);
    assert_eq!(house.count(Operation::GetUserActivity), 2, "a diagnosis, and one look");
}

#[tokio::test(start_paused = true)]
async fn a_row_from_before_the_tap_is_another_ones_of_the_same_id() {
    for (before, expected) in [(3_600, "accepted"), (60, "opened")] {
        let house = house(false, true).await;
        let at = house.clock.now() - std::time::Duration::from_secs(before);
        tapped(&house, "t").await;
        let row = Activity::granted(4401).sent_with("t").at(at);
        house.vendor.with(|openpath| openpath.activity(7001, row));
        assert_eq!(known(&house).await, [expected], "{before} s before");
    }
}

#[tokio::test(start_paused = true)]
async fn two_rows_of_one_id_or_a_row_of_another_door_or_kind_say_nothing() {
    let now = elevate_access_testkit::TestClock::new().now();
    let row = |entry| Activity::granted(entry).sent_with("t").at(now);
    for rows in [vec![row(4401), row(4401)], vec![row(4402)], vec![row(4401).by("mobile")]] {
        let house = house(false, true).await;
        tapped(&house, "t").await;
        for row in rows {
            house.vendor.with(|openpath| openpath.activity(7001, row));
        }
        assert_eq!(known(&house).await, ["accepted"]);
    }
}

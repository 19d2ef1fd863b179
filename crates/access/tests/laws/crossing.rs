//! L3: taps of one resident at one door that meet on several nodes, each asked about on another one as well.

use elevate_access::{Access, Cause, DoorId, Error, Outcome, Tap, TapId, Tapped, Taps as _};
use elevate_access_testkit::{Fault, FaultKind, Side, StoreCall, TestClock, WatchedStore};
use tokio::time::{Instant, sleep};

use crate::house::{Broken, House, millis, seconds, tap_id};

/// A tap of that age and id, so much later.
async fn tapped(
    house: &House,
    node: &Access,
    (id, age): (&str, u64),
    after: u64,
) -> Result<Outcome, Error> {
    sleep(millis(after)).await;
    let tap = Tap::aged(millis(age)).with_id(TapId::new(id).unwrap());
    node.unlock(&house.jane, &house.door, tap).await
}

#[tokio::test(start_paused = true)]
async fn two_taps_that_cross_on_two_nodes_do_not_wait_for_each_other() {
    let house = House::new();
    let (one, two) = (&house.access, &house.second_node());
    // Finding the door takes a while, and the app asks again meanwhile.
    house.directory.slow_by(millis(1_000));
    let (x, y, x_again, y_again) = tokio::join!(
        tapped(&house, one, ("x", 0), 0),
        tapped(&house, two, ("y", 0), 100),
        tapped(&house, two, ("x", 600), 600),
        tapped(&house, one, ("y", 400), 500),
    );
    for (told, again) in [(x, x_again), (y, y_again)] {
        let told = told.unwrap();
        assert!(matches!(told, Outcome::Opened(_)), "{told:?}");
        assert_eq!(again.unwrap().code(), told.code());
    }
    assert!((1..=2).contains(&house.orders().len()), "an order a tap at most");
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_joins_on_one_node_does_not_keep_the_node_that_leads_it_from_sending() {
    let house = House::new();
    let (one, two) = (&house.access, &house.second_node());
    house.directory.slow_by(millis(1_000));
    // An old tap leads on the second node, and will be too slow.
    let (old, led, joined) = tokio::join!(
        tapped(&house, two, ("old", 4_500), 0),
        tapped(&house, one, ("x", 0), 100),
        tapped(&house, two, ("x", 200), 300),
    );
    assert_eq!(old.unwrap_err().code(), "too_slow");
    assert!(matches!(led, Ok(Outcome::Opened(_))), "{led:?}");
    // What it joined sent nothing, and on its own node nothing had been sent for it by then.
    assert_eq!(joined.unwrap_err().code(), "too_slow");
    assert_eq!(house.orders().len(), 1);
    // And it stays so.
    let again = one.unlock(&house.jane, &house.door, tap_id("x")).await;
    assert!(matches!(again, Ok(Outcome::Opened(_))));
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_settles_second_is_told_what_stands() {
    let house = House::new();
    // A node whose clock is a minute ahead takes the other one's claim for a dead node's.
    let ahead = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(house.store.watched())
        .clock(TestClock::starting_at(house.now() + seconds(60)))
        .build()
        .unwrap();
    let slow = Fault::before(FaultKind::SlowConnect(seconds(2)));
    house.vendor.faults(|faults| faults.next_on("/open", slow));
    let (sent, other) = tokio::join!(house.tap_with("t"), tapped(&house, &ahead, ("t", 500), 500));
    let stands = house.tap_with("t").await.unwrap();
    assert_eq!((sent.unwrap(), other.unwrap()), (stands.clone(), stands));
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_on_another_node_gives_the_leader_the_time_to_settle() {
    let house = House::new();
    // The answer comes at the last moment, and it takes the leader's store most of a second to write it down.
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Trickle(millis(410)))));
    let store = WatchedStore::new(house.store.kept.clone(), |call, side| {
        Box::pin(async move {
            if (call, side) == (StoreCall::Settle, Side::Before) {
                sleep(millis(950)).await;
            }
            Ok(())
        })
    });
    let leads = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(store)
        .clock(house.clock)
        .build()
        .unwrap();
    let (led, waited) = tokio::join!(
        tapped(&house, &leads, ("t", 0), 0),
        tapped(&house, &house.access, ("t", 0), 990)
    );
    let (led, waited) = (led.unwrap(), waited.unwrap());
    let answered = led.receipt().took;
    assert!((millis(11_050)..millis(12_000)).contains(&answered), "or it shows nothing: {led:?}");
    assert!(matches!(led, Outcome::Opened(_)), "{led:?}");
    assert_eq!(waited, led);
    assert_eq!(house.orders().len(), 1);
}

/// L2: what a tap joins may be told as late as an answer may be, and its own claim comes after that.
#[tokio::test(start_paused = true)]
async fn a_joiner_whose_claim_hangs_is_answered_as_soon_as_any_other_tap() {
    let house = House::new();
    house.directory.slow_by(millis(1_000));
    let meanwhile = async {
        sleep(millis(200)).await;
        // A node that dies with it takes the leader's id, and from then on the store takes no more.
        let (resident, door) = (house.jane.clone(), house.door.clone());
        let taken = Tapped { resident, door, place: None, at: house.now() };
        let (id, by) = (TapId::new("led").unwrap(), house.now() + seconds(60));
        house.store.kept.claim(&id, &taken, by).await.unwrap();
        sleep(seconds(2)).await;
        house.store.break_at(StoreCall::Claim, Broken::Hangs);
    };
    let joining = async {
        sleep(millis(100)).await;
        let begun = Instant::now();
        let joined = house.tap_with("joins").await;
        (joined, begun.elapsed())
    };
    let (led, (joined, took), ()) = tokio::join!(house.tap_with("led"), joining, meanwhile);
    assert!(matches!(led.unwrap(), Outcome::Unknown(_)));
    assert!(
        matches!(joined.unwrap(), Outcome::Unknown(_)),
        "as much as is known of what it shares"
    );
    assert!(took <= seconds(13), "{took:?}");
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_joiner_whose_own_tap_was_answered_elsewhere_hears_of_that_where_what_it_joined_was_not_sent()
 {
    let house = House::new();
    let outcome = house.tap().await.unwrap();
    house.directory.slow_by(millis(800));
    let garage: DoorId = "memory-1/garage".parse().unwrap();
    let joining = async {
        sleep(millis(100)).await;
        house.access.unlock(&house.jane, &garage, tap_id("t")).await
    };
    let elsewhere = async {
        sleep(millis(500)).await;
        let (resident, door) = (house.jane.clone(), garage.clone());
        let taken = Tapped { resident, door, place: None, at: house.now() };
        let (id, by) = (TapId::new("t").unwrap(), house.now() + seconds(12));
        house.store.kept.claim(&id, &taken, by).await.unwrap();
        house.store.kept.settle(&id, &outcome, None).await.unwrap();
    };
    let led = house.access.unlock(&house.jane, &garage, Tap::now());
    let (led, joined, ()) = tokio::join!(led, joining, elsewhere);
    assert_eq!(led.unwrap_err().cause(), Cause::DoorNotGranted);
    assert_eq!(joined.unwrap(), outcome);
}

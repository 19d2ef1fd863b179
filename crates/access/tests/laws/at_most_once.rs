//! L3: one tap starts at most one body.

use elevate_access::{Cause, Claim, Outcome, Tap, TapId, Tapped, Taps as _};
use elevate_access_testkit::{Fault, FaultKind, StoreCall};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use crate::house::{Broken, House, millis, seconds, tap_id};

fn slow_order(house: &House, by: u64) {
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(millis(by)))));
}

#[tokio::test(start_paused = true)]
async fn leader_cancelled_joiner_sends_nothing() {
    let house = House::new();
    slow_order(&house, 1_000);
    assert!(timeout(millis(100), house.tap()).await.is_err());
    let joined = house.tap().await.unwrap();
    assert!(matches!(joined, Outcome::Opened(_)));
    sleep(seconds(60)).await;
    assert_eq!((house.orders().len(), house.opened()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_joiner_is_judged_by_its_own_age() {
    let house = House::new();
    slow_order(&house, 1_000);
    let (led, joined) = tokio::join!(house.tap(), async {
        sleep(millis(100)).await;
        house.access.unlock(&house.jane, &house.door, Tap::aged(seconds(6))).await
    });
    led.unwrap();
    assert_eq!(joined.unwrap_err().cause(), Cause::TapTooOld);
}

#[tokio::test(start_paused = true)]
async fn many_taps_at_once_are_one_order() {
    let house = House::new();
    slow_order(&house, 500);
    let taps =
        (0..64).map(|n| house.access.unlock(&house.jane, &house.door, tap_id(&format!("t{n}"))));
    let outcomes = join_all(taps).await;
    assert_eq!((house.orders().len(), house.opened()), (1, 1));
    for (n, outcome) in outcomes.into_iter().enumerate() {
        let outcome = outcome.unwrap();
        assert!(matches!(outcome, Outcome::Opened(_)));
        let id = TapId::new(format!("t{n}")).unwrap();
        assert_eq!(outcome.receipt().tap.as_ref(), Some(&id), "each tap has its own receipt");
        let again = house.access.unlock(&house.jane, &house.door, Tap::now().with_id(id)).await;
        assert_eq!(again.unwrap(), outcome, "and gets it again");
    }
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn tried_again_only_while_the_body_has_not_started() {
    // The in-memory provider does not try again at all; that the vendors' ones do, and when, is shown in
    // their crates. Here: an order that never started leaves the tap's id free, one that did does not.
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::Refuse)));
    house.tap_with("t").await.unwrap_err();
    assert!(matches!(house.tap_with("t").await.unwrap(), Outcome::Opened(_)));
    assert_eq!(house.opened(), 1);
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
    assert!(matches!(house.tap_with("u").await.unwrap(), Outcome::Unknown(_)));
    assert!(matches!(house.tap_with("u").await.unwrap(), Outcome::Unknown(_)));
    assert_eq!((house.orders().len(), house.opened()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn same_tap_id_again_gets_the_first_outcome() {
    let house = House::new();
    let first = house.tap_with("t").await.unwrap();
    sleep(seconds(20)).await;
    // Even where a new tap would be refused: the claim is read before anything else is judged.
    house.directory.down(true);
    let old = Tap::aged(seconds(60)).with_id(TapId::new("t").unwrap());
    let again = house.access.unlock(&house.jane, &house.door, old).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn second_node_gets_the_first_outcome() {
    let house = House::new();
    let second = house.second_node();
    slow_order(&house, 2_000);
    let (first, other) = tokio::join!(house.tap_with("t"), async {
        sleep(millis(300)).await;
        second.unlock(&house.jane, &house.door, tap_id("t")).await
    });
    assert_eq!(first.unwrap(), other.unwrap());
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_nodes_at_the_same_instant_send_one_order() {
    let house = House::new();
    let second = house.second_node();
    let begun = Instant::now();
    let (one, two) =
        tokio::join!(house.tap_with("t"), second.unlock(&house.jane, &house.door, tap_id("t")));
    assert_eq!(one.unwrap(), two.unwrap());
    assert!(begun.elapsed() < seconds(1), "the other node's outcome is told once it stands");
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn crash_after_claim_is_unknown_everywhere() {
    let house = House::new();
    let id = TapId::new("t").unwrap();
    let by = house.now() + seconds(12);
    let (resident, door) = (house.jane.clone(), house.door.clone());
    let tapped = Tapped { resident, door, place: None, at: house.now() };
    let claim = house.store.kept.claim(&id, &tapped, by).await.unwrap();
    assert!(matches!(claim, Claim::Granted { .. }), "a node claims, and dies");
    let outcome = house.tap_with("t").await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    let second = house.second_node().unlock(&house.jane, &house.door, tap_id("t")).await;
    assert!(matches!(second.unwrap(), Outcome::Unknown(_)));
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_dead_nodes_claim_is_waited_for_no_longer_than_its_own_time() {
    for (left, told_after) in [(0, 0..=0), (2_000, 2_000..=2_200)] {
        let house = House::new();
        let (resident, door) = (house.jane.clone(), house.door.clone());
        let tapped = Tapped { resident, door, place: None, at: house.now() };
        let by = house.now() + seconds(13);
        house.store.kept.claim(&TapId::new("t").unwrap(), &tapped, by).await.unwrap();
        sleep(millis(13_000 - left)).await;
        let begun = Instant::now();
        let outcome = house.tap_with("t").await.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        let took = begun.elapsed().as_millis();
        assert!(told_after.contains(&took), "{left} ms were left to it, and it took {took} ms");
        assert!(house.orders().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn tap_id_of_another_resident_or_door_refused() {
    let house = House::new();
    house.tap_with("t").await.unwrap();
    let garage = "memory-1/garage".parse().unwrap();
    let tom = house.access.unlock(&house.tom, &garage, tap_id("t")).await.unwrap_err();
    assert_eq!(tom.cause(), Cause::TapIdTaken);
    let elsewhere = house.access.unlock(&house.jane, &garage, tap_id("t")).await.unwrap_err();
    assert_eq!(elsewhere.cause(), Cause::TapIdTaken);
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_claim_no_send() {
    for call in [StoreCall::Tap, StoreCall::Claim] {
        for how in [Broken::Fails, Broken::Hangs] {
            let house = House::new();
            house.store.break_at(call, how);
            let refused = house.tap_with("t").await.unwrap_err();
            assert_eq!(refused.cause(), Cause::StoreFailed, "{call:?}");
            assert!(house.orders().is_empty());
            // Without an id a tap needs no store.
            house.tap().await.unwrap();
            house.store.mend();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_cannot_be_written_down_is_still_told_and_never_sent_again() {
    let house = House::new();
    house.store.break_at(StoreCall::Settle, Broken::Fails);
    assert!(matches!(house.tap_with("t").await.unwrap(), Outcome::Opened(_)));
    house.store.mend();
    // What became of it is no longer known, which is said; that it may have opened is never forgotten.
    assert!(matches!(house.tap_with("t").await.unwrap(), Outcome::Unknown(_)));
    assert_eq!(house.orders().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_joiner_is_told_of_the_order_that_it_shares_whatever_the_store_does() {
    for how in [Broken::Fails, Broken::Hangs] {
        let house = House::new();
        slow_order(&house, 1_000);
        let (led, joined) = tokio::join!(house.tap(), async {
            sleep(millis(100)).await;
            house.store.break_at(StoreCall::Claim, how);
            house.tap_with("t").await
        });
        assert!(matches!(led.unwrap(), Outcome::Opened(_)));
        let joined = joined.unwrap();
        assert!(matches!(joined, Outcome::Opened(_)), "{joined:?}");
        assert_eq!(joined.receipt().tap.as_ref().map(TapId::as_str), Some("t"));
        assert_eq!(house.orders().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_joiner_whose_id_another_node_holds_is_told_of_the_order_that_it_shares_if_the_store_says_no_more()
 {
    let house = House::new();
    slow_order(&house, 1_000);
    let joining = async {
        sleep(millis(100)).await;
        house.tap_with("t").await
    };
    let meanwhile = async {
        sleep(millis(500)).await;
        let (resident, door) = (house.jane.clone(), house.door.clone());
        let taken = Tapped { resident, door, place: None, at: house.now() };
        let (id, by) = (TapId::new("t").unwrap(), house.now() + seconds(60));
        house.store.kept.claim(&id, &taken, by).await.unwrap();
        house.store.break_at(StoreCall::Tap, Broken::Fails);
    };
    let (led, joined, ()) = tokio::join!(house.tap(), joining, meanwhile);
    assert!(matches!(led.unwrap(), Outcome::Opened(_)));
    assert!(matches!(joined.unwrap(), Outcome::Opened(_)));
    assert_eq!(house.orders().len(), 1);
    let id = TapId::new("t").unwrap();
    let stands = house.store.kept.tap(&id, &house.jane, &house.door).await.unwrap();
    assert!(matches!(stands, Some(Claim::Open { .. })), "it is the other node's: {stands:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_is_sent_again_hears_of_its_own_order_though_the_store_cannot_be_read() {
    for how in [Broken::Fails, Broken::Hangs] {
        let house = House::new();
        // Its answer takes its time.
        house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Trickle(millis(100)))));
        let (led, again) = tokio::join!(house.tap_with("t"), async {
            sleep(millis(500)).await;
            assert_eq!(house.orders().len(), 1, "its order is out");
            house.store.break_at(StoreCall::Tap, how);
            house.tap_with("t").await
        });
        assert_eq!(again.unwrap(), led.unwrap());
        assert_eq!(house.orders().len(), 1);
    }
}

/// L10: what one resident floods is not everybody's store.
#[tokio::test(start_paused = true)]
async fn more_taps_at_once_than_a_thumb_makes_are_refused_before_the_store_is_asked() {
    let house = House::new();
    house.store.break_at(StoreCall::Tap, Broken::Hangs);
    let flood = join_all((0..200).map(|n| {
        let house = &house;
        async move {
            let begun = Instant::now();
            (house.tap_with(&format!("t-{n}")).await.unwrap_err().cause(), begun.elapsed())
        }
    }));
    let toms = async {
        sleep(millis(10)).await;
        house.access.unlock(&house.tom, &house.door, Tap::now()).await.unwrap_err().cause()
    };
    let (told, toms) = tokio::join!(flood, toms);
    let (at_once, asked): (Vec<_>, Vec<_>) = told.into_iter().partition(|(_, took)| took.is_zero());
    assert_eq!((at_once.len(), asked.len()), (200 - 64, 64));
    assert!(at_once.iter().all(|(cause, _)| *cause == Cause::Overloaded), "{at_once:?}");
    assert!(asked.iter().all(|(cause, _)| *cause == Cause::StoreFailed), "{asked:?}");
    assert_eq!(toms, Cause::DoorNotGranted, "Tom is not of that crowd");
    // And whoever tapped has their room again.
    house.store.mend();
    assert!(matches!(house.tap_with("later").await.unwrap(), Outcome::Opened(_)));
}

#[tokio::test(start_paused = true)]
async fn another_door_and_another_resident_have_orders_of_their_own() {
    let house = House::new();
    house.vendor.with(|s| s.grant("jane", "garage"));
    slow_order(&house, 1_000);
    let garage = "memory-1/garage".parse().unwrap();
    let (one, two, three) = tokio::join!(
        house.tap(),
        house.access.unlock(&house.jane, &garage, Tap::now()),
        house.access.unlock(&house.tom, &garage, Tap::now()),
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(house.orders().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_joiners_id_is_free_again_when_nothing_was_sent() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(6)))));
    let (led, joined) = tokio::join!(house.tap_with("t"), async {
        sleep(millis(100)).await;
        house.tap_with("u").await
    });
    assert!(led.is_err() && joined.is_err());
    for id in ["t", "u"] {
        assert!(matches!(house.tap_with(id).await.unwrap(), Outcome::Opened(_)), "{id}");
    }
    assert_eq!(house.orders().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_hides_no_order() {
    let house = House::new();
    house.store.break_at(StoreCall::Settle, Broken::Panics);
    let outcome = house.tap_with("t").await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(house.opened(), 1);
    house.tap().await.unwrap();
    assert_eq!(house.opened(), 2, "the door is not lost to the resident");

    let house = House::new();
    slow_order(&house, 1_000);
    let (led, joined) = tokio::join!(house.tap(), async {
        sleep(millis(100)).await;
        house.store.break_at(StoreCall::Settle, Broken::Panics);
        house.tap_with("t").await
    });
    assert!(matches!(led.unwrap(), Outcome::Opened(_)));
    assert!(matches!(joined.unwrap(), Outcome::Unknown(_)));

    let house = House::new();
    house.store.break_at(StoreCall::Claim, Broken::Panics);
    house.tap_with("t").await.unwrap_err();
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_id_of_two_residents_at_one_instant_is_one_order() {
    let house = House::new();
    let garage = "memory-1/garage".parse().unwrap();
    let (jane, tom) =
        tokio::join!(house.tap_with("t"), house.access.unlock(&house.tom, &garage, tap_id("t")),);
    assert_eq!(house.orders().len(), 1);
    let refused = [jane, tom].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(
        refused.iter().map(elevate_access::Error::cause).collect::<Vec<_>>(),
        [Cause::TapIdTaken]
    );
}

#[tokio::test(start_paused = true)]
async fn a_joiners_error_is_not_followed_by_an_order() {
    let house = House::new();
    let access = elevate_access::Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(house.store.watched())
        .clock(house.clock)
        .answer_within(seconds(5))
        .build()
        .unwrap();
    slow_order(&house, 4_000);
    let (led, joined) = tokio::join!(access.unlock(&house.jane, &house.door, Tap::now()), async {
        sleep(seconds(1)).await;
        let joined = access.unlock(&house.jane, &house.door, Tap::aged(millis(4_900))).await;
        (joined, house.orders().len())
    });
    led.unwrap();
    let (joined, started) = joined;
    assert!(joined.is_ok() || (started, house.orders().len()) == (0, 0), "{joined:?}");
}

#[tokio::test(start_paused = true)]
async fn of_64_taps_that_are_under_way_one_that_ends_makes_room_for_one() {
    let house = House::new();
    house.directory.slow_by(millis(1_500));
    let tap = |door: usize| {
        let (access, jane) = (house.access.clone(), house.jane.clone());
        let door = format!("memory-1/d{door}").parse().unwrap();
        tokio::spawn(async move { access.unlock(&jane, &door, Tap::now()).await })
    };
    let first = tap(0);
    sleep(seconds(1)).await;
    let others: Vec<_> = (1..64).map(tap).collect();
    sleep(millis(600)).await;
    assert!(first.is_finished() && others.iter().all(|other| !other.is_finished()));
    let mut refused = 0;
    for more in (64..74).map(tap).collect::<Vec<_>>() {
        refused += usize::from(more.await.unwrap().unwrap_err().cause() == Cause::Overloaded);
    }
    assert_eq!(refused, 9);
}

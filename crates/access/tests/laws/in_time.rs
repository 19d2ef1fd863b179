//! L2: no late order.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use elevate_access::{Access, Cause, Clock, MemoryStore, Outcome, Tap};
use elevate_access_testkit::{Fault, FaultKind, TestClock};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::house::{House, millis, seconds};

#[tokio::test(start_paused = true)]
async fn old_tap_refused() {
    let house = House::new();
    let tap = Tap::aged(millis(5_001));
    let refused = house.access.unlock(&house.jane, &house.door, tap).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::TapTooOld);
    let tap = Tap::aged(seconds(3));
    sleep(millis(2_001)).await; // in the service's own queue
    let refused = house.access.unlock(&house.jane, &house.door, tap).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::TapTooOld);
    let tap = Tap::aged(std::time::Duration::MAX);
    assert!(house.access.unlock(&house.jane, &house.door, tap).await.is_err());
    assert_eq!(house.vendor.requests(), 0);
    house.access.unlock(&house.jane, &house.door, Tap::aged(millis(4_900))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_body_after_a_wait_past_send_within() {
    for (age, connect, starts) in
        [(0, 4_900, true), (0, 5_100, false), (3_000, 1_900, true), (3_000, 2_100, false)]
    {
        let house = House::new();
        house.vendor.faults(|f| {
            f.next_on("/open", Fault::before(FaultKind::SlowConnect(millis(connect))));
        });
        let tapped = Instant::now();
        let tap = Tap::aged(millis(age));
        let result = house.access.unlock(&house.jane, &house.door, tap).await;
        sleep(seconds(60)).await;
        assert_eq!(
            house.orders().len(),
            usize::from(starts),
            "{age} ms old, {connect} ms to connect"
        );
        assert_eq!(result.is_ok(), starts);
        for order in house.orders() {
            assert!(order.at - tapped <= millis(5_000 - age));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_directory_keeps_the_gate_shut() {
    // Quick enough to be read, too slow to be true within a second of the body's start.
    for (delay, opens) in [(900, true), (1_100, false), (1_900, false)] {
        let house = House::new();
        house.directory.slow_by(millis(delay));
        assert_eq!(house.tap().await.is_ok(), opens, "{delay} ms");
        assert_eq!(house.orders().len(), usize::from(opens));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_awaited_until_answer_within_and_no_longer() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Stall)));
    let begun = Instant::now();
    let outcome =
        house.access.unlock(&house.jane, &house.door, Tap::aged(seconds(2))).await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(
        begun.elapsed().as_secs(),
        9,
        "12 s after the tap, which was 2 s old (less the way back)"
    );
    assert_eq!(house.opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_may_lower_the_limits_and_not_raise_them() {
    let house = House::new();
    let builder = || {
        Access::builder()
            .directory(house.directory.clone())
            .connections(house.connections.clone())
            .store(MemoryStore::new())
    };
    for (wrong, field) in [
        (builder().send_within(millis(5_001)), "send_within"),
        (builder().answer_within(seconds(13)), "answer_within"),
        (builder().list_within(seconds(11)), "list_within"),
        (builder().send_within(millis(0)), "send_within"),
        (builder().send_within(seconds(4)).answer_within(seconds(3)), "send_within"),
        (Access::builder(), "connections"),
    ] {
        let refused = wrong.build().unwrap_err();
        assert_eq!(refused.cause(), Cause::InvalidInput);
        assert!(refused.to_string().contains(field), "{refused}");
    }
    let strict = builder().send_within(seconds(1)).build().unwrap();
    let tap = Tap::aged(millis(1_500));
    let refused = strict.unlock(&house.jane, &house.door, tap).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::TapTooOld);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_gate_is_shut_at_send_within_ends_there() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(seconds(9)))));
    let begun = Instant::now();
    assert_eq!(house.tap().await.unwrap_err().cause(), Cause::TooSlow);
    assert!(begun.elapsed() <= millis(5_100), "{:?}", begun.elapsed());
    sleep(seconds(60)).await;
    assert!(house.orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_joiner_waits_no_longer_than_its_own_tap_allows() {
    let house = House::new();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Stall)));
    let (led, joined) = tokio::join!(house.tap(), async {
        sleep(seconds(1)).await;
        let begun = Instant::now();
        let tap = Tap::aged(seconds(4));
        let outcome = house.access.unlock(&house.jane, &house.door, tap).await.unwrap();
        (outcome, begun.elapsed())
    });
    assert!(matches!(led.unwrap(), Outcome::Unknown(_)));
    let (joined, took) = joined;
    assert!(matches!(joined, Outcome::Unknown(_)), "{joined:?}");
    assert!(took <= millis(8_001), "8 s are left to a tap of 4 s: {took:?}");
    assert_eq!(house.orders().len(), 1);
}

/// A wall clock that goes on while the machine, and its monotonic clock with it, is suspended.
#[derive(Clone)]
struct Wall(TestClock, Arc<AtomicI64>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        self.0.now() + SignedDuration::from_secs(self.1.load(Ordering::SeqCst))
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_suspended_while_an_order_was_on_its_way_sends_nothing() {
    // A clock that is corrected meanwhile, forth or back, shuts nobody out.
    for (passed, sends) in [(600, false), (2, false), (1, true), (-600, true)] {
        let house = House::new();
        let suspended = Arc::new(AtomicI64::new(0));
        let access = Access::builder()
            .directory(house.directory.clone())
            .connections(house.connections.clone())
            .store(house.store.watched())
            .clock(Wall(house.clock, suspended.clone()))
            .build()
            .unwrap();
        let slow = Fault::before(FaultKind::SlowConnect(millis(500)));
        house.vendor.faults(|faults| faults.next_on("/open", slow));
        let (told, ()) = tokio::join!(access.unlock(&house.jane, &house.door, Tap::now()), async {
            sleep(millis(100)).await;
            suspended.store(passed, Ordering::SeqCst);
        });
        assert_eq!(told.map_err(|e| e.cause()).is_ok(), sends, "{passed} s");
        assert_eq!(house.orders().len(), usize::from(sends), "{passed} s");
    }
}

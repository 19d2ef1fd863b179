//! The host's own log of taps: every end once, and nothing of it felt by a tap.

use std::sync::Arc;

use elevate_access::{Access, Outcome, Tap, TapEnd};
use elevate_access_testkit::{Fault, FaultKind, Spans, StoreCall};
use tokio::{
    sync::mpsc::{self, Receiver},
    time::{Instant, sleep, timeout},
};

use crate::house::{Broken, House, millis, seconds, tap_id};

fn logging(house: &House, room: usize) -> (Access, Receiver<TapEnd>) {
    let (log, ends) = mpsc::channel(room);
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(house.store.watched())
        .clock(house.clock)
        .tap_log(log)
        .build()
        .unwrap();
    (access, ends)
}

fn slow_order(house: &House, by: u64) {
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(millis(by)))));
}

/// What came so far, one line each: id, door's name, system, when it sent, how long it took, how it ended.
async fn told(ends: &mut Receiver<TapEnd>) -> Vec<String> {
    sleep(seconds(60)).await;
    let mut told = Vec::new();
    while let Ok(end) = ends.try_recv() {
        let id = end.id.as_ref().map_or("-", |id| id.as_str());
        let place = end.tapped.place.as_ref().map_or("-", |place| place.name.as_str());
        let system = end.system.as_ref().map_or("-", |system| system.name.as_ref());
        let sent = end.sent.map_or("-".to_owned(), |sent| format!("{}", sent.as_millis()));
        let how = match &end.result {
            Ok(outcome) => outcome.code(),
            Err(error) => error.code(),
        };
        let took = end.took.as_millis();
        told.push(format!("{id} | {place} | {system} | {sent} | {took} | {how}"));
    }
    told
}

#[tokio::test(start_paused = true)]
async fn every_end_is_told_once_refusals_too() {
    let house = House::new();
    let (access, mut ends) = logging(&house, 100);
    let at = house.now();
    let tap = |tap| access.unlock(&house.jane, &house.door, tap);
    let opened = tap(tap_id("a")).await.unwrap();
    let end = ends.recv().await.unwrap();
    assert_eq!((&end.tapped.resident, &end.tapped.door), (&house.jane, &house.door));
    assert_eq!(end.tapped.at, at);
    assert!(opened.receipt().reference.is_some());
    assert_eq!(end.result.unwrap(), opened, "what the caller was told, the vendor's reference too");

    tap(tap_id("a")).await.unwrap();
    tap(Tap::aged(seconds(6))).await.unwrap_err();
    access.unlock(&house.tom, &house.door, tap_id("a")).await.unwrap_err();
    slow_order(&house, 500);
    let (led, joined, shared) = tokio::join!(tap(Tap::now()), tap(Tap::now()), tap(tap_id("b")));
    led.unwrap();
    joined.unwrap();
    shared.unwrap();
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::Refuse)));
    tap(tap_id("c")).await.unwrap_err();
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
    tap(tap_id("c")).await.unwrap();
    insta::assert_snapshot!(told(&mut ends).await.join("\n"), @r"
    a | - | - | - | 0 | opened
    - | - | - | - | 0 | tap_too_old
    a | - | - | - | 0 | tap_id_taken
    - | Front door | Memory | 500 | 500 | opened
    b | Front door | Memory | - | 500 | opened
    - | Front door | Memory | - | 500 | opened
    c | Front door | Memory | - | 0 | vendor_unreachable
    c | Front door | Memory | 0 | 0 | answer_lost
    ");
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_though_the_caller_has_left() {
    let house = House::new();
    let (access, mut ends) = logging(&house, 100);
    slow_order(&house, 1_000);
    let tap = |tap| timeout(millis(100), access.unlock(&house.jane, &house.door, tap));
    tap(Tap::now()).await.unwrap_err();
    tap(tap_id("joins")).await.unwrap_err();
    tap(Tap::now()).await.unwrap_err();
    let told = told(&mut ends).await;
    // The third had no end of its own: it only waited.
    insta::assert_snapshot!(told.join("\n"), @r"
    - | Front door | Memory | 1000 | 1000 | opened
    joins | Front door | Memory | - | 900 | opened
    ");
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_though_what_had_to_tell_it_panicked() {
    let house = House::new();
    let (access, mut ends) = logging(&house, 100);
    house.store.break_at(StoreCall::Settle, Broken::Panics);
    let tap = |id| access.unlock(&house.jane, &house.door, tap_id(id));
    assert!(matches!(tap("a").await.unwrap(), Outcome::Unknown(_)));
    house.store.mend();
    house.store.break_at(StoreCall::Claim, Broken::Panics);
    tap("b").await.unwrap_err();
    slow_order(&house, 500);
    let led = access.unlock(&house.jane, &house.door, Tap::now());
    let (led, joined) = tokio::join!(led, async {
        sleep(millis(100)).await;
        tap("joins").await
    });
    led.unwrap();
    // The order that it shares is on its way by then.
    assert!(matches!(joined.unwrap(), Outcome::Unknown(_)));
    insta::assert_snapshot!(told(&mut ends).await.join("\n"), @r"
    a | Front door | Memory | 0 | 0 | answer_lost
    b | Front door | - | - | 0 | internal
    joins | Front door | Memory | - | 400 | answer_lost
    - | Front door | Memory | 500 | 500 | opened
    ");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_nobody_reads_delays_no_tap_and_what_is_missing_is_said() {
    let house = House::new();
    let (access, mut ends) = logging(&house, 1);
    let spans = Spans::default();
    let listening = spans.listen();
    let begun = Instant::now();
    for id in ["a", "b", "c"] {
        access.unlock(&house.jane, &house.door, tap_id(id)).await.unwrap();
    }
    sleep(millis(1)).await;
    assert_eq!(begun.elapsed(), millis(1));
    assert_eq!(told(&mut ends).await.len(), 1);
    drop(ends);
    access.unlock(&house.jane, &house.door, tap_id("d")).await.unwrap();
    sleep(millis(1)).await;
    drop(listening);
    let missing = |why: &str| spans.text().matches(&format!(r#"\"why\": \"{why}\""#)).count();
    assert_eq!((missing("full"), missing("closed")), (2, 1), "{}", spans.text());
}

#[tokio::test(start_paused = true)]
async fn the_log_ends_when_the_last_order_has() {
    let house = House::new();
    let (access, mut ends) = logging(&house, 100);
    slow_order(&house, 1_000);
    let access = Arc::new(access);
    timeout(millis(100), access.unlock(&house.jane, &house.door, Tap::now())).await.unwrap_err();
    drop(access);
    assert!(matches!(ends.recv().await.unwrap().result, Ok(Outcome::Opened(_))));
    assert!(timeout(seconds(60), ends.recv()).await.unwrap().is_none());
}

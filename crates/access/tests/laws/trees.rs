//! One tap, one tree: what a `tracing` subscriber sees.

use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, Cause, ConnectionId, DoorId, Freshness, Notification, Outcome, Residency,
    Resident, ResidentId, Tap, TapId, TicketKeys,
};
use elevate_access_testkit::{
    Fault, FaultKind, KeptSpan, MemoryAnswer, MemoryProvider, MemoryWire, Spans, StoreCall,
};
use elevate_transport::{Answer, Request, Wire, WireError};
use tokio::time::{sleep, timeout};

use crate::house::{Broken, House, millis, seconds, tap_id, unit};

fn slow_order(house: &House, by: u64) {
    house.vendor.faults(|f| f.next_on("/open", Fault::before(FaultKind::SlowConnect(millis(by)))));
}

fn field<'a>(span: &'a KeptSpan, name: &str) -> Option<&'a str> {
    span.fields.get(name).map(String::as_str)
}

fn roots(spans: &Spans) -> Vec<String> {
    spans.all().into_iter().filter(|s| s.parent.is_none()).map(|s| s.name).collect()
}

/// The only tap, which has to be over.
fn the_tap(spans: &Spans) -> KeptSpan {
    let mut taps = spans.named("unlock");
    assert_eq!(taps.len(), 1, "{}", spans.outline());
    assert!(spans.all().iter().all(|span| span.is_closed), "{}", spans.text());
    taps.remove(0)
}

#[tokio::test(start_paused = true)]
async fn one_tap_is_one_tree() {
    let house = House::new();
    let (spans, id) = (Spans::default(), TapId::new("t-1").unwrap());
    let listening = spans.listen();
    let tap = Tap::aged(millis(400)).with_id(id);
    house.access.unlock(&house.jane, &house.door, tap).await.unwrap();
    sleep(seconds(1)).await;
    drop(listening);
    insta::assert_snapshot!(spans.outline(), @r"
    unlock
      store.tap
      directory.resident
      connections.of
      connections.open
      provider.grants
      store.claim
      provider.unlock
      store.settle
    ");
    let tap = the_tap(&spans);
    let told: Vec<_> = tap.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    connection: memory-1
    door: memory-1/front
    outcome: opened
    resident: jane
    sent_after_ms: 0
    tap: t-1
    ");
    assert_eq!(field(&spans.named("provider.unlock")[0], "system"), Some("Memory"));
}

#[tokio::test(start_paused = true)]
async fn a_tree_ends_with_its_tap_and_what_is_looked_for_later_is_a_tree_of_its_own() {
    let house = House::new();
    house.vendor.with(|system| system.answer_with(MemoryAnswer::Takes));
    let spans = Spans::default();
    let listening = spans.listen();
    house.tap_with("t").await.unwrap();
    sleep(seconds(1)).await;
    assert_eq!(field(&the_tap(&spans), "outcome"), Some("accepted"));
    sleep(seconds(60)).await;
    drop(listening);
    assert_eq!(roots(&spans), ["unlock", "look_back"]);
    let later = &spans.named("look_back")[0];
    assert_eq!((field(later, "tap"), field(later, "outcome")), (Some("t"), Some("opened")));
}

#[tokio::test(start_paused = true)]
async fn the_tree_is_whole_when_the_caller_has_left() {
    let house = House::new();
    slow_order(&house, 1_000);
    let spans = Spans::default();
    let listening = spans.listen();
    assert!(timeout(millis(100), house.tap()).await.is_err());
    sleep(seconds(60)).await;
    drop(listening);
    assert_eq!(roots(&spans), ["unlock"]);
    let tap = the_tap(&spans);
    assert_eq!(field(&tap, "outcome"), Some("opened"));
    assert_eq!(field(&tap, "sent_after_ms"), Some("1000"));
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_joins_says_so_and_follows_the_one_that_leads() {
    let house = House::new();
    slow_order(&house, 500);
    let spans = Spans::default();
    let listening = spans.listen();
    let led = house.tap();
    let with_id = async {
        sleep(millis(100)).await;
        house.tap_with("t").await
    };
    let (led, joined, shared) = tokio::join!(led, async { house.tap().await }, with_id);
    for outcome in [led, joined, shared] {
        assert!(matches!(outcome.unwrap(), Outcome::Opened(_)));
    }
    sleep(seconds(1)).await;
    drop(listening);
    insta::assert_snapshot!(spans.outline(), @r"
    unlock
      directory.resident
      connections.of
      connections.open
      provider.grants
      provider.unlock
      store.record
    unlock
    unlock
      store.tap
      store.claim
      store.settle
    ");
    let taps = spans.named("unlock");
    for (at, tap) in taps.iter().enumerate() {
        assert_eq!(field(tap, "outcome"), Some("opened"));
        let (joined, follows) = if at == 0 { (None, vec![]) } else { (Some("true"), vec![0]) };
        assert_eq!((field(tap, "joined"), &tap.follows), (joined, &follows), "{at}");
        assert_eq!(field(tap, "sent_after_ms").is_some(), at == 0, "only one of them sent");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_comes_again_while_its_order_is_under_way_joins_it() {
    let house = House::new();
    slow_order(&house, 500);
    let spans = Spans::default();
    let listening = spans.listen();
    let (first, again) = tokio::join!(house.tap_with("t"), async {
        sleep(millis(100)).await;
        house.tap_with("t").await
    });
    assert_eq!(first.unwrap(), again.unwrap());
    drop(listening);
    let taps = spans.named("unlock");
    assert_eq!((field(&taps[1], "joined"), &taps[1].follows), (Some("true"), &vec![0]));
}

#[tokio::test(start_paused = true)]
async fn a_tap_that_came_to_nothing_says_why() {
    let house = House::new();
    let spans = Spans::default();
    let listening = spans.listen();
    let old = Tap::aged(seconds(6));
    house.access.unlock(&house.jane, &house.door, old).await.unwrap_err();
    house.access.unlock(&house.tom, &house.door, Tap::now()).await.unwrap_err();
    house.directory.down(true);
    house.tap().await.unwrap_err();
    house.directory.down(false);
    house.vendor.faults(|f| f.next_on("/open", Fault::after(FaultKind::Reset)));
    house.tap().await.unwrap();
    house.store.break_at(StoreCall::Tap, Broken::Hangs);
    house.tap_with("t").await.unwrap_err();
    drop(listening);
    let told: Vec<_> = spans
        .named("unlock")
        .iter()
        .map(|tap| {
            ["outcome", "error.type", "otel.status_code"].map(|name| tap.fields[name].clone())
        })
        .collect();
    let refused = |cause: &'static str| ["refused", cause, "ERROR"];
    assert_eq!(
        told,
        [
            refused("tap_too_old"),
            refused("door_not_granted"),
            refused("directory_failed"),
            ["unknown", "answer_lost", "ERROR"],
            refused("store_failed"),
        ]
    );
    let store = &spans.named("store.tap")[0];
    assert_eq!(field(store, "error.type"), Some("store_failed"));
}

/// A wire that asks the gate in a task of its own, as an HTTP client's connection does.
#[derive(Debug)]
struct Elsewhere(Arc<dyn Wire>);

#[elevate_access::async_trait]
impl Wire for Elsewhere {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let to = Arc::clone(&self.0);
        tokio::spawn(async move { to.send(request).await }).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_gate_reads_hangs_beneath_the_order_whoever_asks_it() {
    let house = House::new();
    let wire = MemoryWire::new(house.vendor.clone(), house.clock);
    let provider =
        MemoryProvider::new(Arc::new(Elsewhere(Arc::new(wire))), "http://memory.invalid");
    let connection = ConnectionId::new("memory-1").unwrap();
    house.connections.connect(&house.building, &connection, Arc::new(provider.unwrap()));
    // By then the first reading is too old.
    slow_order(&house, 1_500);
    let spans = Spans::default();
    let listening = spans.listen();
    house.tap().await.unwrap();
    sleep(seconds(1)).await;
    drop(listening);
    insta::assert_snapshot!(spans.outline(), @r"
    unlock
      directory.resident
      connections.of
      connections.open
      provider.grants
      provider.unlock
        directory.resident
        connections.of
      store.record
    ");
    the_tap(&spans);
}

#[tokio::test(start_paused = true)]
async fn every_call_of_the_front_door_is_a_tree() {
    let house = House::new();
    let spans = Spans::default();
    let listening = spans.listen();
    let access = &house.access;
    access.doors(&house.jane, Freshness::Fresh).await.unwrap();
    access.set_favorite(&house.jane, &house.door, true).await.unwrap();
    access.link_status(&house.jane).await.unwrap();
    access.diagnose(&house.jane, Some(&house.door)).await.unwrap();
    access.check(&house.building).await.unwrap();
    let connection = ConnectionId::new("memory-1").unwrap();
    let sent = Notification::new([], b"{}");
    let told = access.webhook(&house.building, &connection, &sent).await.unwrap_err();
    assert_eq!(told.cause(), Cause::DeliveryRefused);
    access.taps(&elevate_access::TapQuery::new()).await.unwrap();
    access.forget(&house.jane).await.unwrap();
    drop(listening);
    insta::assert_snapshot!(spans.outline());
    let webhook = &spans.named("webhook")[0];
    assert_eq!(field(webhook, "error.type"), Some("delivery_refused"));
    assert_eq!(field(webhook, "connection"), Some("memory-1"));
    assert_eq!(field(&spans.named("diagnose")[0], "door"), Some("memory-1/front"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_plain_id_is_not_told() {
    let house = House::new();
    let home = Residency::current(house.building.clone(), unit("u1", "101"));
    let jane = ResidentId::new("jane@example.com").unwrap();
    house.directory.people.put(Resident::new(jane.clone()).with_residency(home));
    let door: DoorId = "tom@example.com/key=secret".parse().unwrap();
    let spans = Spans::default();
    let listening = spans.listen();
    let tap = Tap::now().with_id(TapId::new("jane@example.com").unwrap());
    house.access.unlock(&jane, &door, tap.clone()).await.unwrap_err();
    house.access.unlock(&jane, &house.door, tap).await.unwrap_err();
    let _ = house.access.doors(&jane, Freshness::Cached).await;
    let _ = house.access.set_favorite(&jane, &door, true).await;
    let _ = house.access.diagnose(&jane, Some(&door)).await;
    let _ = house.access.forget(&jane).await;
    let nowhere = BuildingId::new("tom@example.com").unwrap();
    let _ = house.access.check(&nowhere).await;
    drop(listening);
    let text = spans.text();
    assert!(text.contains("***"), "{text}");
    for told in ["@", "example.com", "secret"] {
        assert!(!text.contains(told), "{told}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_told_by_its_id_and_never_itself() {
    let house = House::new();
    let access = Access::builder()
        .directory(house.directory.clone())
        .connections(house.connections.clone())
        .store(house.store.watched())
        .clock(house.clock)
        .tickets(TicketKeys::new("k", b"a secret of thirty-two bytes, no less").unwrap())
        .build()
        .unwrap();
    let ticket = access.ticket(&house.jane, &house.door).unwrap();
    let spans = Spans::default();
    let listening = spans.listen();
    let outcome = access.unlock(&house.jane, &house.door, Tap::ticket(&ticket)).await.unwrap();
    drop(listening);
    let id = outcome.receipt().tap.as_ref().unwrap();
    assert_eq!(field(&spans.named("unlock")[0], "tap"), Some(id.as_str()));
    assert!(!spans.text().contains(&ticket.to_string()));
}

#[tokio::test(start_paused = true)]
async fn a_tree_is_whole_though_the_store_panics() {
    let house = House::new();
    house.store.break_at(StoreCall::Settle, Broken::Panics);
    let spans = Spans::default();
    let listening = spans.listen();
    let told = house.access.unlock(&house.jane, &house.door, tap_id("t")).await.unwrap();
    assert!(matches!(told, Outcome::Unknown(_)));
    sleep(seconds(1)).await;
    drop(listening);
    assert_eq!(field(&the_tap(&spans), "outcome"), Some("unknown"));
}

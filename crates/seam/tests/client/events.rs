//! Events: what they concern, and a list of them that has no pages of Seam's making.

use std::{fmt::Write as _, sync::Arc};

use elevate_access_testkit::{
    Fault, FaultKind, Ledger, MemoryWire, Model, Received, Reply, TestClock, Vendor, seam::fixture,
};
use elevate_seam::{
    ApiKey, Client, Concern, DenialReason, Error, ErrorKind, Event, EventId, EventType,
    EventsQuery, LockMethod,
};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KEY, bounds::json, connect, house, in_secs};

/// The event of that file, by the call that it answers.
async fn event_of(name: &str) -> Event {
    let reply: Value = serde_json::from_str(fixture(name).unwrap()).unwrap();
    let id = EventId::new(reply["event"]["event_id"].as_str().unwrap()).unwrap();
    let (client, vendor) = connect(house());
    vendor.with(|seam| {
        seam.reply_to("/events/get", 200, fixture(name).unwrap()).requests("");
    });
    client.get_event(&id, in_secs(10)).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_event_says_what_is_worth_reading_anew_and_is_no_outcome() {
    let mut table = String::new();
    for name in [
        "event-unlock-succeeded.json",
        "event-unlock-failed.json",
        "event-lock-unlocked.json",
        "event-lock-unlocked-by-code.json",
        "event-access-denied.json",
        "event-device-disconnected.json",
        "event-device-unmanaged.json",
        "event-space-membership.json",
        "event-space-odd-ids.json",
        "event-account-first-sync.json",
        "event-webview-succeeded.json",
        "event-webview-failed.json",
        "event-unknown-type.json",
        "event-nulls.json",
        "event-odd-types.json",
    ] {
        let event = event_of(name).await;
        writeln!(table, "{:?} {:?}", event.event_type, event.concerns()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn every_type_that_may_change_who_opens_what_concerns_the_map() {
    let concern_of = |event_type: &str| {
        let event = json!({
            "event_id": "e", "event_type": event_type, "workspace_id": "w", "device_id": "d",
            "action_attempt_id": "a", "connect_webview_id": "v", "connected_account_id": "c",
        });
        serde_json::from_value::<Event>(event).unwrap().concerns()
    };
    for event_type in [
        "device.added",
        "device.removed",
        "device.deleted",
        "device.name_changed",
        "device.converted_to_unmanaged",
        "device.unmanaged.converted_to_managed",
        "device.salto.privacy_mode_activated",
        "space.created",
        "space.deleted",
        "space.device_membership_changed",
        "space.of_tomorrow",
        "device.of_tomorrow",
        "acs_entrance.added",
        "acs_entrance.removed",
        "connected_account.connected",
        "connected_account.disconnected",
        "connected_account.deleted",
        "connected_account.reauthorization_requested",
        "connected_account.completed_first_sync",
        "connected_account.completed_first_sync_after_reconnection",
        "connected_account.of_tomorrow",
    ] {
        assert_eq!(concern_of(event_type), Concern::Map, "{event_type}");
    }
    for event_type in ["device.connected", "device.disconnected", "device.connection_became_flaky"]
    {
        assert!(matches!(concern_of(event_type), Concern::DeviceState(_)), "{event_type}");
    }
    for event_type in [
        "action_attempt.unlock_door.succeeded",
        "action_attempt.unlock_door.failed",
        "lock.unlocked",
    ] {
        assert!(matches!(concern_of(event_type), Concern::Attempt(_)), "{event_type}");
    }
    for event_type in ["noise_sensor.noise_threshold_triggered", "device.low_battery", "", "spaces"]
    {
        assert_eq!(concern_of(event_type), Concern::Nothing, "{event_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_event_tells_is_kept_and_what_it_should_not_know_is_not_read() {
    let by_code = event_of("event-lock-unlocked-by-code.json").await;
    assert_eq!(by_code.method, Some(LockMethod::Keycode));
    let shown = format!("{by_code:?} {by_code:#?}");
    assert!(fixture("event-lock-unlocked-by-code.json").unwrap().contains("4711"), "a vain test");
    assert!(!shown.contains("4711") && !shown.contains("101"), "{shown}");

    let denied = event_of("event-access-denied.json").await;
    assert_eq!(denied.reason.unwrap().reason_code, DenialReason::ExpiredCode);
    let odd = event_of("event-access-denied-unknown-reason.json").await;
    let shown = format!("{odd:?} {:?}", odd.reason);
    assert!(shown.len() < 1000 && !shown.contains(['\u{1b}', '\u{202e}']), "{shown}");

    let odd = event_of("event-odd-types.json").await;
    assert_eq!((odd.method, odd.created_at, odd.device_id, odd.reason), (None, None, None, None));
    let unknown = event_of("event-unknown-type.json").await;
    assert_eq!(unknown.event_type, EventType::from("space.renamed"));
}

proptest! {
    /// An event with one field of any sort at all decodes, or is refused for what an event cannot do without.
    #[test]
    fn no_field_of_the_wrong_type_breaks_an_event_that_can_do_without_it(
        field in prop_oneof![
            Just("event_id"), Just("event_type"), Just("workspace_id"), Just("occurred_at"),
            Just("created_at"), Just("device_id"), Just("action_attempt_id"),
            Just("connected_account_id"), Just("connect_webview_id"), Just("space_id"),
            Just("device_ids"), Just("status"), Just("method"), Just("reason"),
        ],
        value in json(),
    ) {
        let mut event = json!({
            "event_id": "e", "event_type": "lock.unlocked", "workspace_id": "w",
            "action_attempt_id": "a",
        });
        event[field] = value;
        let needed = ["event_id", "event_type", "workspace_id"].contains(&field);
        match serde_json::from_value::<Event>(event) {
            Ok(event) => { let _ = format!("{event:?} {:?}", event.concerns()); }
            Err(error) => prop_assert!(needed, "{}: {}", field, error),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_an_event_is_none_and_another_event_is_no_answer() {
    let (client, vendor) = connect(house());
    let id = EventId::new("ev-1").unwrap();
    for name in ["event-absent.json", "event-null.json"] {
        vendor.with(|seam| {
            seam.reply_once_to("/events/get", 200, fixture(name).unwrap()).requests("");
        });
        assert_eq!(client.get_event(&id, in_secs(10)).await.unwrap(), None, "{name}");
    }
    for (name, path) in [
        ("event-lock-unlocked.json", None),
        ("event-without-id.json", Some("event.event_id")),
        ("event-without-workspace.json", Some("event.workspace_id")),
    ] {
        vendor.with(|seam| {
            seam.reply_once_to("/events/get", 200, fixture(name).unwrap()).requests("");
        });
        let error = client.get_event(&id, in_secs(10)).await.unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::UnusableReply, path), "{name}");
    }
}

/// Which end a list begins with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    OldestFirst,
    NewestFirst,
    None,
}

/// Seam's log of events, as far as its documentation goes: a span with its ends excluded, and 500 at most.
struct Log {
    /// Ids, and when they were made.
    events: Vec<(String, Timestamp)>,
    order: Order,
    asked: Vec<Value>,
    /// Comes while the list is read, once.
    late: Option<(String, Timestamp)>,
    ledger: Ledger,
}

impl Model for Log {
    fn answer(&mut self, request: &Received, _: Timestamp) -> Reply {
        assert_eq!(request.path, "/events/list");
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let time = |value: &Value| value.as_str().map(|text| text.parse::<Timestamp>().unwrap());
        let (since, between) = (&asked["since"], &asked["between"]);
        assert!(since.is_null() != between.is_null(), "one of the two: {asked}");
        // As the vendor's own fake compares them.
        assert!(between.is_null() || between[0].as_str() < between[1].as_str(), "{asked}");
        let after = time(since).or_else(|| time(&between[0])).unwrap();
        let before = time(&between[1]).unwrap_or(Timestamp::MAX);
        let limit = usize::try_from(asked["limit"].as_u64().unwrap()).unwrap();
        self.asked.push(asked);
        let mut listed: Vec<_> =
            self.events.iter().filter(|(_, at)| *at > after && *at < before).cloned().collect();
        match self.order {
            Order::OldestFirst => listed.sort_by_key(|(_, at)| *at),
            Order::NewestFirst => listed.sort_by_key(|(_, at)| std::cmp::Reverse(*at)),
            Order::None => {}
        }
        listed.truncate(limit);
        self.events.extend(self.late.take());
        let event = |(id, at): &(String, Timestamp)| {
            // Shown in milliseconds, whatever is stored.
            let shown = Timestamp::from_millisecond(at.as_millisecond()).unwrap();
            json!({ "event_id": id, "event_type": "lock.unlocked", "workspace_id": "ws-1",
                    "created_at": shown, "occurred_at": shown })
        };
        let events: Vec<_> = listed.iter().map(event).collect();
        Reply::json(200, json!({ "ok": true, "events": events }).to_string())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

fn start() -> Timestamp {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

fn at(micros: i64) -> Timestamp {
    start() + SignedDuration::from_micros(micros)
}

/// So many events, one each so many microseconds.
fn log(events: i64, apart: i64, order: Order) -> Log {
    let events = (1..=events).map(|n| (format!("ev-{n}"), at(n * apart))).collect();
    Log { events, order, asked: Vec::new(), late: None, ledger: Ledger::new() }
}

fn reader(log: Log) -> (Client, Vendor<Log>) {
    let vendor = Vendor::new(log);
    let wire = MemoryWire::new(vendor.clone(), TestClock::new());
    let client = Client::builder(ApiKey::new(KEY).unwrap()).wire(Arc::new(wire)).build().unwrap();
    (client, vendor)
}

async fn ids_of(client: &Client, query: &EventsQuery) -> Result<Vec<String>, Error> {
    let events = client.events(query).all(in_secs(30)).await?;
    Ok(events.iter().map(|event| event.event_id.to_string()).collect())
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

#[tokio::test(start_paused = true)]
async fn every_event_comes_once_whichever_end_seam_begins_with() {
    // Many share a millisecond with their neighbours, and pages end in the midst of those.
    for (events, apart) in
        [(0, 1), (1, 1), (499, 700), (500, 700), (501, 700), (1777, 300), (2500, 5)]
    {
        for order in [Order::OldestFirst, Order::NewestFirst] {
            for query in
                [EventsQuery::since(start()), EventsQuery::between(start(), at(10_000_000))]
            {
                let (client, vendor) = reader(log(events, apart, order));
                let listed = ids_of(&client, &query).await.unwrap();
                let all = (1..=events).map(|n| format!("ev-{n}")).collect();
                assert_eq!(sorted(listed), sorted(all), "{events} {apart} {order:?}");
                // Two of three of the densest come twice, and even they take few requests.
                let most = if apart == 5 { 30 } else { usize::try_from(events).unwrap() / 490 + 1 };
                let asked = vendor.requests();
                assert!(asked <= most, "{events} {apart} {order:?}: {asked}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_while_the_list_is_read_hides_nothing() {
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let mut growing = log(1200, 1000, order);
        growing.late = Some(("ev-late".to_owned(), at(9_000_000)));
        let (client, _) = reader(growing);
        let listed = ids_of(&client, &EventsQuery::since(start())).await.unwrap();
        let before: Vec<_> = listed.into_iter().filter(|id| id != "ev-late").collect();
        assert_eq!(before.len(), 1200, "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_events_of_one_instant_than_a_page_holds_are_an_error_and_no_shorter_list() {
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let (client, vendor) = reader(log(501, 0, order));
        vendor.with(|log| log.events.iter_mut().for_each(|(_, time)| *time = at(1500)));
        let error = ids_of(&client, &EventsQuery::since(start())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EndlessList, "{order:?}: {error}");
        assert!(vendor.requests() <= 3, "{order:?}: {}", vendor.requests());
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_page_in_no_order_of_time_is_an_error() {
    let mut shuffled = log(600, 1000, Order::None);
    shuffled.events.swap(10, 400);
    let (client, _) = reader(shuffled);
    let error = ids_of(&client, &EventsQuery::since(start())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EndlessList);
    assert!(error.to_string().contains("in no order of time"), "{error}");

    // On a page that is not full, nothing depends on it.
    let mut few = log(300, 1000, Order::None);
    few.events.swap(10, 200);
    assert_eq!(ids_of(&reader(few).0, &EventsQuery::since(start())).await.unwrap().len(), 300);
}

#[tokio::test(start_paused = true)]
async fn full_pages_without_times_or_without_end_are_an_error() {
    let event = |n: usize, more: Value| {
        let mut event =
            json!({ "event_id": format!("e-{n}"), "event_type": "t", "workspace_id": "w" });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    for more in [
        json!({}),
        json!({ "created_at": null }),
        json!({ "created_at": "soon" }),
        json!({ "created_at": "2026-05-04T10:00:00Z" }),
        json!({ "created_at": "-009999-01-02T01:59:59Z" }),
        json!({ "created_at": "9999-12-30T22:00:00.999999999Z" }),
    ] {
        let (client, vendor) = connect(house());
        let events: Vec<_> = (0..500).map(|n| event(n, more.clone())).collect();
        let body = json!({ "ok": true, "events": events }).to_string();
        vendor.with(|seam| seam.reply_to("/events/list", 200, body).requests(""));
        let error = ids_of(&client, &EventsQuery::since(start())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EndlessList, "{more}: {error}");
        assert!(vendor.requests() <= 2, "{more}: {}", vendor.requests());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_asks_with_what_it_was_given_on_every_page() {
    let (client, vendor) = reader(log(501, 1000, Order::OldestFirst));
    let query = EventsQuery::since(start())
        .types([EventType::LockUnlocked])
        .devices(["d-1".parse().unwrap(), "d-2".parse().unwrap()])
        .spaces(["s-1".parse().unwrap()])
        .connected_account("a-1".parse().unwrap())
        .customer_key("maple");
    ids_of(&client, &query).await.unwrap();
    let asked = vendor.with(|log| log.asked.clone());
    let page = |since: &str| {
        json!({
            "since": since, "limit": 500, "event_types": ["lock.unlocked"],
            "device_ids": ["d-1", "d-2"], "space_ids": ["s-1"], "connected_account_id": "a-1",
            "customer_key": "maple",
        })
    };
    assert_eq!(asked, [page("2026-05-04T10:00:00.000Z"), page("2026-05-04T10:00:00.499Z")]);
}

#[tokio::test(start_paused = true)]
async fn a_span_is_asked_for_to_the_millisecond_and_outwards() {
    let (client, vendor) = reader(log(0, 1, Order::OldestFirst));
    for (before, asked) in
        [(1_000, "00.001"), (1_001, "00.002"), (1_999, "00.002"), (1_000_000, "01.000")]
    {
        ids_of(&client, &EventsQuery::between(at(700), at(before))).await.unwrap();
        let between = vendor.with(|log| log.asked.pop()).unwrap()["between"].clone();
        let ends = ["00.000", asked].map(|end| format!("2026-05-04T10:00:{end}Z"));
        assert_eq!(between, json!(ends), "{before}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_asks_when_it_is_polled_and_ends_with_its_first_error() {
    let (client, vendor) = reader(log(600, 1000, Order::OldestFirst));
    vendor.faults(|faults| {
        faults.on("/events/list", 1, u32::MAX - 1, Fault::before(FaultKind::status(400, "{}")));
    });
    let mut events = client.events(&EventsQuery::since(start()));
    assert_eq!(vendor.requests(), 0);
    for n in 1..=500 {
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(event.event_id.as_str(), format!("ev-{n}"));
    }
    assert_eq!(vendor.requests(), 1);
    assert!(events.next().await.unwrap().is_err());
    assert!(events.next().await.is_none());
    assert!(client.events(&EventsQuery::since(start())).all(in_secs(30)).await.is_err());
}

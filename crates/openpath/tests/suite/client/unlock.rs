use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, Reply,
    openpath::{NotGranted, Operation},
};
use elevate_openpath::{
    Client, CloudKeyUnlock, CredentialId, CredentialTypeId, Delivery, EntryId, Error, ErrorKind,
    Gate, UserId, Wire,
};
use elevate_transport::{Answer, Instant, Request, StatusCode, WireError, WireErrorKind};
use serde_json::Value;

use crate::support::{Line, Recorder, client_over, with_janes_key};

const UNLOCK: &str = elevate_access_testkit::openpath::ORDER_PATH;

async fn order_with(line: &Line, entry: &str, gate: bool) -> Result<(), Error> {
    order_by(&line.client, entry, gate).await
}

async fn order_by(client: &Client, entry: &str, gate: bool) -> Result<(), Error> {
    let (user, key) = (UserId::from(7001), CredentialId::from(88_001));
    let door = EntryId::new(entry).unwrap();
    let now = Instant::now();
    let unlock = CloudKeyUnlock::new(&user, &key, &door);
    let (send_by, answer_by) = (now + Duration::from_secs(5), now + Duration::from_secs(12));
    client.cloud_key_unlock(&unlock, send_by, answer_by, || Gate::new(ready(gate))).await
}

async fn order(line: &Line) -> Result<(), Error> {
    order_with(line, "4401", true).await
}

#[tokio::test(start_paused = true)]
async fn an_unlock_is_one_request_that_opens_one_door() {
    let line = Line::to(with_janes_key());
    order(&line).await.unwrap();
    let ledger = line.vendor.ledger();
    let [order] = ledger.orders() else { panic!("one order: {ledger:?}") };
    assert_eq!((order.door.as_str(), order.who.as_str()), ("4401", "7001"));
    assert_eq!(line.vendor.requests_on(UNLOCK), 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_documented_204_is_success() {
    let said = |reply: Reply| async move {
        let line = Line::to(with_janes_key());
        line.vendor.faults(|f| f.next_on(UNLOCK, Fault::after(FaultKind::Instead(reply))));
        let error = order(&line).await.unwrap_err();
        assert_eq!(line.vendor.requests_on(UNLOCK), 1, "sent again: {error}");
        assert_eq!(error.delivery(), Delivery::Answered);
        error.kind()
    };
    for status in [200, 201, 202, 205, 206, 301, 302, 303, 307, 308] {
        assert_eq!(said(Reply::empty(status)).await, ErrorKind::UnexpectedStatus, "{status}");
    }
    assert_eq!(said(Reply::json(204, "{}")).await, ErrorKind::UnexpectedStatus);
    for status in [500, 502, 503, 504, 599] {
        assert_eq!(said(Reply::empty(status)).await, ErrorKind::Server, "{status}");
    }
    for (status, kind) in [
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (408, ErrorKind::Rejected),
        (422, ErrorKind::Rejected),
        (429, ErrorKind::Throttled),
    ] {
        assert_eq!(said(Reply::empty(status)).await, kind, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_told_and_the_order_not_repeated() {
    for fault in [FaultKind::Reset, FaultKind::Stall, FaultKind::Cut] {
        let line = Line::to(with_janes_key());
        line.vendor.faults(|f| f.next_on(UNLOCK, Fault::after(fault.clone())));
        let error = order(&line).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{fault:?}");
        assert_ne!(error.delivery(), Delivery::NeverSent, "{fault:?}");
        assert_eq!(line.vendor.ledger().opened("4401"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_stays_shut_lets_nothing_out() {
    let line = Line::to(with_janes_key());
    let error = order_with(&line, "4401", false).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Withheld, Delivery::NeverSent));
    assert_eq!(line.vendor.requests_on(UNLOCK), 0);
    assert!(line.vendor.started().iter().all(|s| !s.gated));
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_is_no_number_is_refused_before_any_io() {
    let line = Line::to(with_janes_key());
    for id in ["main", "4401a", "04401", "-1"] {
        let error = order_with(&line, id, true).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::InvalidInput, Delivery::NeverSent)
        );
    }
    assert_eq!(line.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_takes_too_long_sends_no_order() {
    let line = Line::to(with_janes_key());
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(6)));
    line.vendor.faults(|f| f.next_on("/auth/login", slow));
    let begun = Instant::now();
    let error = order(&line).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unreachable, Delivery::NeverSent));
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(line.vendor.requests_on(UNLOCK), 0);
}

#[tokio::test(start_paused = true)]
async fn ids_cannot_reach_another_route() {
    for text in [
        "7001/../7002",
        "..",
        "%2e%2e",
        ".%2e",
        "a\\..",
        "x?y=1",
        "x#f",
        "a;b",
        "a%00b",
        "\u{ff0e}",
    ] {
        let error = UserId::new(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
    }
    let line = Line::to(with_janes_key());
    let recorder = Recorder::before(Arc::new(MemoryWire::new(line.vendor.clone(), line.clock)));
    let client = client_over(recorder.clone());
    let user = UserId::new("7_001-b").unwrap();
    assert!(client.user_entries(&user).all().await.is_err());
    let asked = recorder.sent().last().unwrap().url.clone();
    assert_eq!(asked.path(), "/orgs/5120/users/7_001-b/entries");
}

#[tokio::test(start_paused = true)]
async fn the_body_is_what_the_vendor_documents() {
    let line = Line::to(with_janes_key());
    let recorder = Recorder::before(Arc::new(MemoryWire::new(line.vendor.clone(), line.clock)));
    let client = client_over(recorder.clone());
    let (user, key, door) = (UserId::from(7001), CredentialId::from(88_001), EntryId::from(4401));
    let long = "t".repeat(256);
    for (description, body) in [
        (None, r#"{"entryId":4401}"#.to_owned()),
        (Some("tap-1"), r#"{"entryId":4401,"description":"tap-1"}"#.to_owned()),
        (Some(long.as_str()), format!(r#"{{"entryId":4401,"description":"{}"}}"#, "t".repeat(100))),
    ] {
        let by = Instant::now() + Duration::from_secs(5);
        let unlock = CloudKeyUnlock::new(&user, &key, &door).described(description);
        client.cloud_key_unlock(&unlock, by, by, || Gate::new(ready(true))).await.unwrap();
        let sent = recorder.sent().last().unwrap().body.clone();
        let (sent, body): (Value, Value) =
            (serde_json::from_slice(&sent).unwrap(), serde_json::from_str(&body).unwrap());
        assert_eq!(sent, body);
    }
    assert_eq!(line.count(Operation::CloudKeyEntryUnlock), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_granted_is_a_refusal_whatever_its_status() {
    for (answer, kind) in [
        (NotGranted::Forbidden, ErrorKind::Forbidden),
        (NotGranted::NotFound, ErrorKind::NotFound),
        (NotGranted::Unprocessable, ErrorKind::Rejected),
    ] {
        let line = Line::to(with_janes_key().behaving(|it| it.unlock_not_granted = answer));
        let error = order_with(&line, "9999", true).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.message(), Some("User does not have access to this entry"));
    }
}

/// A wire whose peer answers 401 to a request's head, before its body, from when tokens end until somebody
/// signs in.
#[derive(Debug)]
struct Early {
    to: Arc<dyn Wire>,
    ended: AtomicBool,
}

#[async_trait]
impl Wire for Early {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        if request.url.path() == "/auth/login" {
            self.ended.store(false, Ordering::SeqCst);
        }
        if self.ended.load(Ordering::SeqCst) {
            return Err(WireError::new(WireErrorKind::Broken, Delivery::NeverSent)
                .with_early_status(StatusCode::UNAUTHORIZED));
        }
        self.to.send(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_401_that_comes_before_the_body_ends_the_token_too() {
    let line = Line::to(with_janes_key());
    let to = Arc::new(MemoryWire::new(line.vendor.clone(), line.clock));
    let early = Arc::new(Early { to, ended: AtomicBool::new(false) });
    let client = client_over(early.clone());
    let (jane, kind) = (UserId::from(7001), CredentialTypeId::from(34));
    order_by(&client, "4401", true).await.unwrap();

    early.ended.store(true, Ordering::SeqCst);
    let error = order_by(&client, "4401", true).await.unwrap_err();
    assert_eq!((error.delivery(), error.is_transient()), (Delivery::NeverSent, true));
    order_by(&client, "4401", true).await.unwrap();
    assert_eq!((line.vendor.requests_on(UNLOCK), line.count(Operation::Login)), (2, 2));

    early.ended.store(true, Ordering::SeqCst);
    assert!(client.create_cloud_key(&jane, &kind, "Jane").await.unwrap_err().is_transient());
    client.create_cloud_key(&jane, &kind, "Jane").await.unwrap();
    assert_eq!((line.count(Operation::CreateCredential), line.count(Operation::Login)), (1, 3));

    // A read is repeated at once.
    early.ended.store(true, Ordering::SeqCst);
    client.user_entries(&jane).all().await.unwrap();
    assert_eq!(line.count(Operation::Login), 4);
}

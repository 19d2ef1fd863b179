//! The service's routes in this process, over its own tables, against a stand-in on loopback.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use elevate_access_testkit::{
    Fault, FaultKind, Loopback, TestClock, Vendor,
    openpath::{Entry, ORDER_PATH, Openpath, User},
};
use elevate_example_service::{http, start, tables::Tables};
use elevate_transport::HttpWire;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A building with one door at Openpath, and the service over it.
struct Building {
    openpath: Vendor<Openpath>,
    service: Router,
    /// What it stands on, for as long as it stands.
    _ground: (Loopback, TempDir),
}

impl Building {
    async fn new() -> Self {
        let jane = User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main entrance"));
        let openpath = Openpath::new(5120).service_account("svc@example.com", "a password");
        let openpath = Vendor::new(openpath.user(jane));
        // Nobody listens any more once it is dropped.
        let loopback = Loopback::start(openpath.clone(), TestClock::new()).await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        let (wire, secrets) =
            (HttpWire::builder().build().unwrap(), |_: &str| Some("a password".into()));
        let file = folder.path().join("service.db");
        let tables = Tables::open(&file, Arc::new(wire), Arc::new(secrets)).await.unwrap();
        let rows = format!(
            "INSERT INTO units VALUES ('u-1', 'larkspur', '1A'), ('u-2', 'larkspur', '1B');
             INSERT INTO residents VALUES ('jane', 'Jane Doe', 'jane@example.com'), ('tom', 'Tom Poe', NULL);
             INSERT INTO residencies VALUES ('jane', 'u-1', 'Current'), ('tom', 'u-2', 'Current');
             INSERT INTO connections (id, building, vendor, base_url, account, login, secret)
                 VALUES ('doors', 'larkspur', 'openpath', '{}', '5120', 'svc@example.com', 'ANY')",
            loopback.base_url(),
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(tables.pool()).await.unwrap();
        let store = folder.path().join("access.db").display().to_string();
        let started = start::access(&tables, &store, &[7; 32]).await.unwrap();
        let service = http::routes(started.access);
        Self { openpath, service, _ground: (loopback, folder) }
    }

    async fn ask(&self, who: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("x-resident", who);
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn ticket(&self, who: &str) -> Value {
        let (_, told) = self.ask(who, Method::POST, "/doors/doors/4401/ticket", Value::Null).await;
        json!({ "ticket": told["ticket"] })
    }

    async fn tap(&self, who: &str, ticket: &Value) -> (StatusCode, Value) {
        self.ask(who, Method::POST, "/doors/doors/4401/unlock", ticket.clone()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_is_listed_kept_as_a_favourite_and_opened() {
    let building = Building::new().await;
    let (status, _) =
        building.ask("jane", Method::PUT, "/doors/doors/4401/favorite", Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, list) = building.ask("jane", Method::GET, "/doors", Value::Null).await;
    assert_eq!(list["doors"][0]["name"], "Main entrance");
    assert_eq!(list["doors"][0]["favorite"], true);
    let (_, told) = building.tap("jane", &building.ticket("jane").await).await;
    assert_eq!(told["code"], "accepted", "{told}");
    assert_eq!(building.openpath.ledger().opened("4401"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_told_as_unknown_and_its_ticket_opens_once() {
    let building = Building::new().await;
    // Openpath opens the door, and its answer is lost.
    building.openpath.faults(|f| f.next_on(ORDER_PATH, Fault::after(FaultKind::Reset)));
    let ticket = building.ticket("jane").await;
    let first = building.tap("jane", &ticket).await;
    assert_eq!(first.1["door"], "unknown", "{}", first.1);
    // A phone that tries again hears the same, and nothing is sent.
    assert_eq!(building.tap("jane", &ticket).await, first);
    assert_eq!(building.openpath.ledger().opened("4401"), 1);
    // A fault on a path that nobody asks for never strikes, and proves nothing.
    assert_eq!(building.openpath.faults(|f| f.unused()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_is_refused_and_nothing_is_ordered() {
    let building = Building::new().await;
    let (status, told) = building.tap("tom", &building.ticket("tom").await).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{told}");
    assert_eq!(building.openpath.ledger().opened("4401"), 0);
}

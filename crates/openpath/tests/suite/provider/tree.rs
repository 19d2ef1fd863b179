//! What hangs beneath a tap: every request that it made, also those that were made on other tasks.

use std::time::Duration;

use elevate_access::Freshness::Fresh;
use elevate_access_testkit::{Fault, FaultKind, KeptSpan, Spans};
use tokio::time::{sleep, timeout};

use crate::support::{House, pass, said, with_jane, with_janes_key};

fn slow_order(house: &House) {
    let slow = FaultKind::SlowConnect(Duration::from_millis(500));
    house.vendor.faults(|f| f.next_on("/cloudKeyEntryUnlock", Fault::before(slow)));
}

/// All are over, and every request hangs beneath one of those roots.
fn hangs_beneath(spans: &Spans, roots: &[&str]) {
    let all = spans.all();
    let found: Vec<_> = all.iter().filter(|s| s.parent.is_none()).map(|s| &*s.name).collect();
    assert_eq!(found, roots, "{}", spans.outline());
    assert!(all.iter().all(|span| span.is_closed), "{}", spans.text());
}

fn requests(spans: &Spans) -> usize {
    spans.all().iter().filter(|span| span.fields.contains_key("http.request.method")).count()
}

#[tokio::test(start_paused = true)]
async fn a_first_tap_signs_in_and_makes_a_key_in_its_own_tree() {
    let house = House::at(with_jane());
    let spans = Spans::default();
    let listening = spans.listen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    sleep(Duration::from_secs(1)).await;
    drop(listening);
    insta::assert_snapshot!(spans.outline(), @r"
    unlock
      directory.resident
      connections.of
      connections.open
      provider.grants
        store.link
        openpath.sign_in
          POST /auth/login
        POST /orgs/{org}/users/list
        GET /orgs/{org}/users/{user}/entries
        store.lease
        GET /orgs/{org}/users/{user}/credentials
        GET /orgs/{org}/credentialTypes
        POST /orgs/{org}/users/{user}/credentials
        store.set_link
      provider.unlock
        POST /orgs/{org}/users/{user}/credentials/{credential}/cloudKeyEntryUnlock
      store.record
    ");
    hangs_beneath(&spans, &["unlock"]);
    assert_eq!(requests(&spans), house.vendor.seen().len());
    let order = spans.all().into_iter().find(|s| s.name.ends_with("/cloudKeyEntryUnlock"));
    let KeptSpan { fields, .. } = order.unwrap();
    let told: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    http.request.body.size: 16
    http.request.method: POST
    http.response.body.size: 0
    http.response.status_code: 204
    operation: openpath.unlock
    otel.kind: client
    server.address: openpath.example
    server.port: 443
    url.template: /orgs/{org}/users/{user}/credentials/{credential}/cloudKeyEntryUnlock
    ");
}

#[tokio::test(start_paused = true)]
async fn the_tree_of_a_first_tap_is_whole_when_its_caller_has_left() {
    let house = House::at(with_jane());
    slow_order(&house);
    let spans = Spans::default();
    let listening = spans.listen();
    assert!(timeout(Duration::from_millis(1), house.tap("jane", 4401)).await.is_err());
    sleep(Duration::from_mins(1)).await;
    drop(listening);
    hangs_beneath(&spans, &["unlock"]);
    assert_eq!((requests(&spans), house.orders()), (house.vendor.seen().len(), 1));
    assert_eq!(spans.named("unlock")[0].fields["outcome"], "accepted");
}

#[tokio::test(start_paused = true)]
async fn taps_that_share_a_flight_have_its_requests_in_the_tree_of_the_one_that_leads() {
    let house = House::at(with_jane());
    slow_order(&house);
    let spans = Spans::default();
    let listening = spans.listen();
    let (led, joined) = tokio::join!(house.tap("jane", 4401), house.tap("jane", 4401));
    assert_eq!((said(led), said(joined)), ("accepted", "accepted"));
    sleep(Duration::from_secs(1)).await;
    drop(listening);
    hangs_beneath(&spans, &["unlock", "unlock"]);
    let taps = spans.named("unlock");
    assert_eq!((taps[1].fields["joined"].as_str(), &taps[1].follows), ("true", &vec![0]));
    let all = spans.all();
    let second = all.iter().rposition(|span| span.name == "unlock").unwrap();
    assert!(all.iter().all(|span| span.parent != Some(second)), "{}", spans.outline());
    assert_eq!(requests(&spans), house.vendor.seen().len());
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_a_request_of_its_own_in_the_same_tree() {
    let house = House::at(with_janes_key());
    house.doors("jane", Fresh).await;
    house.vendor.faults(|f| f.on("/cloudKeyEntryUnlock", 0, 2, Fault::before(FaultKind::Refuse)));
    let spans = Spans::default();
    let listening = spans.listen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    drop(listening);
    let all = spans.all();
    let attempts = all.iter().filter(|span| span.name.ends_with("/cloudKeyEntryUnlock"));
    let told: Vec<_> = attempts
        .map(|span| {
            ["http.request.resend_count", "error.type", "http.response.status_code"]
                .map(|name| span.fields.get(name).map_or("-", String::as_str))
        })
        .collect();
    assert_eq!(told, [["-", "connect", "-"], ["1", "connect", "-"], ["2", "-", "204"]]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_renewed_ahead_is_in_nobodys_tree() {
    let house = House::at(with_jane());
    house.vendor.with(|it| it.set_token_life(Some(Duration::from_mins(10))));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    pass(Duration::from_secs(560)).await;
    let spans = Spans::default();
    let listening = spans.listen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    sleep(Duration::from_secs(1)).await;
    drop(listening);
    hangs_beneath(&spans, &["unlock", "openpath.sign_in"]);
    assert_eq!(spans.named("openpath.sign_in")[0].follows.len(), 1);
}

//! How many requests things cost, exactly.

use std::time::Duration;

use elevate_access::Freshness::{Cached, Fresh};
use elevate_access_testkit::openpath::Operation;

use crate::support::{House, pass, said, with_jane, with_janes_key};

#[tokio::test(start_paused = true)]
async fn a_first_tap_is_seven_requests_in_five_rounds() {
    let house = House::at(with_jane());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let seen: Vec<_> = house.vendor.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(seen.len(), 7, "{seen:#?}");
    assert_eq!(seen[0], "/auth/login");
    assert_eq!(seen[1], "/orgs/5120/users/list");
    let mut third = seen[2..5].to_vec();
    third.sort();
    assert_eq!(
        third,
        [
            "/orgs/5120/credentialTypes",
            "/orgs/5120/users/7001/credentials",
            "/orgs/5120/users/7001/entries",
        ]
    );
    assert_eq!(seen[5], "/orgs/5120/users/7001/credentials");
    assert!(seen[6].ends_with("/cloudKeyEntryUnlock"));
    assert_eq!(house.vendor.ledger().opened("4401"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_third_round_is_one_round() {
    // With 100 ms for each way, five rounds are one second.
    use elevate_access_testkit::{Latency, MemoryWire};
    use elevate_openpath::OpenpathProvider;
    let way = Duration::from_millis(100);
    let latency = Latency { travel: (way, way), ..Latency::NONE };
    let house = House::at(with_jane());
    let wire = MemoryWire::new(house.vendor.clone(), house.clock).with_latency(latency, 0);
    let provider = OpenpathProvider::new(crate::support::client_over(std::sync::Arc::new(wire)));
    let (building, connection) = (crate::support::building(), crate::support::connection());
    house.connections.connect(&building, &connection, std::sync::Arc::new(provider));
    let begun = tokio::time::Instant::now();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(begun.elapsed(), 10 * way);
}

#[tokio::test(start_paused = true)]
async fn a_warm_tap_is_one_request() {
    let house = House::at(with_jane());
    house.doors("jane", Cached).await;
    for entry in [4401, 4402, 4401] {
        house.vendor.forget_seen();
        assert_eq!(said(house.tap("jane", entry).await), "accepted");
        assert_eq!(house.vendor.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_warm_list_is_no_request_and_an_idle_house_asks_nothing() {
    let house = House::at(with_jane());
    house.doors("jane", Cached).await;
    house.vendor.forget_seen();
    pass(Duration::from_mins(5)).await;
    house.doors("jane", Cached).await;
    assert_eq!(house.vendor.requests(), 0);
    pass(Duration::from_hours(24 * 30)).await;
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn after_five_minutes_user_and_key_are_looked_at_again_and_after_ten_the_entries() {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    let counts = || {
        [Operation::ListUsersPost, Operation::ListCredentials, Operation::ListUserEntries]
            .map(|operation| house.count(operation))
    };
    assert_eq!(counts(), [1, 1, 1]);
    pass(Duration::from_secs(301)).await;
    house.doors("jane", Cached).await;
    assert_eq!(counts(), [2, 2, 1]);
    pass(Duration::from_secs(301)).await;
    house.doors("jane", Cached).await;
    assert_eq!(counts(), [3, 3, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_reads_everything_once() {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    house.vendor.forget_seen();
    house.doors("jane", Fresh).await;
    assert_eq!(house.vendor.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_restart_relies_on_the_stored_link() {
    let house = House::at(with_jane());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    house.connect_anew();
    house.vendor.forget_seen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    let paths: Vec<_> = house.vendor.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths.len(), 3, "login, entries, unlock: {paths:#?}");
    assert_eq!(house.vendor.requests_on("/entries"), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_but_keys_and_unlocks_is_ever_written() {
    let house = House::at(with_jane());
    for _ in 0..5 {
        house.doors("jane", Fresh).await;
        let _ = house.tap("jane", 4401).await;
        pass(Duration::from_mins(7)).await;
    }
    house.vendor.with(|openpath| {
        assert_eq!(openpath.forbidden(), []);
        assert_eq!(openpath.strays(), Vec::<String>::new());
        assert_eq!(openpath.secrets_in_urls(), 0);
        assert_eq!(openpath.cloud_key_names(7001), ["ElevateOS"]);
    });
}

//! What was read counts from when its reading began, whoever asked for it: L8.

use std::time::Duration;

use elevate_access::{
    Cause,
    Freshness::{Cached, Fresh},
    MemoryStore,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Entry, ORDER_PATH, User},
};

use crate::support::{House, openpath, pass, said, with_janes_key};

#[tokio::test(start_paused = true)]
async fn no_order_starts_once_the_entries_behind_it_are_too_old() {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    pass(Duration::from_secs(301)).await;
    // User and key are read anew, the entries are not.
    house.doors("jane", Cached).await;
    pass(Duration::from_millis(298_500)).await;
    let slow = Fault::before(FaultKind::SlowConnect(Duration::from_secs(1)));
    house.vendor.faults(|f| f.next_on(ORDER_PATH, slow));
    let late = said(house.tap("jane", 4401).await);
    assert_ne!(late, "accepted");
    assert_eq!(house.orders(), 0, "{late}");
    assert_eq!(said(house.tap("jane", 4401).await), "accepted", "they are read anew");
}

#[tokio::test(start_paused = true)]
async fn a_user_found_in_an_older_scan_is_relied_on_no_longer_than_that_scan() {
    // These two go into no filter, so both are looked for in one scan of everybody.
    let brien = User::active(7002, "o'brien@example.com")
        .entry(Entry::new(4401, "Main"))
        .credential(Credential::cloud_key(88_002));
    let house = House::at(openpath().user(User::active(7001, "o'neil@example.com")).user(brien));
    house.settle("neil", "o'neil@example.com");
    house.settle("brien", "o'brien@example.com");
    house.doors("neil", Cached).await;
    pass(Duration::from_mins(4)).await;
    assert_eq!(said(house.tap("brien", 4401).await), "accepted");

    house.vendor.with(|openpath| openpath.set_email(7002, "somebody.else@example.com"));
    pass(Duration::from_millis(60_001)).await;
    assert_eq!(said(house.tap("brien", 4401).await), "user_not_found");
    assert_eq!(house.orders(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stored_link_is_over_once_a_reading_has_refused() {
    let store = MemoryStore::new();
    let one = House::with_store(with_janes_key(), store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store);
    one.doors("jane", Cached).await;
    two.doors("jane", Cached).await;
    pass(Duration::from_mins(1)).await;
    one.vendor.with(|openpath| openpath.suspend(7001));
    assert_eq!(two.list(Fresh).await.1, [Cause::UserSuspended]);

    // The refusal is looked at again, and nobody can be asked.
    pass(Duration::from_secs(15)).await;
    one.vendor.faults(|f| f.on("/users/list", 0, 99, Fault::before(FaultKind::Refuse)));
    for _ in 0..3 {
        assert_eq!(said(two.tap("jane", 4401).await), "vendor_unreachable");
    }
    assert_eq!(one.orders(), 0);
}

//! One key for each user: L9.

use std::time::Duration;

use elevate_access::{
    Cause,
    Freshness::{Cached, Fresh},
    MemoryStore, Store as _,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Openpath, Operation},
};
use futures_util::future::join_all;

use crate::support::{House, jane, openpath, pass, said, with_jane};

fn keys(house: &House) -> usize {
    house.vendor.with(|openpath| openpath.cloud_keys(7001))
}

/// Creations, as opposed to lists, which have the same path.
fn creations(openpath: &Openpath) -> u64 {
    openpath.count(Operation::CreateCredential)
}

/// The next creations meet that fault.
fn creation_meets(house: &House, times: u32, fault: Fault) {
    house.vendor.faults(|f| {
        let is_creation = |request: &elevate_access_testkit::Received| {
            request.method == elevate_transport::Method::POST
                && request.path.ends_with("/credentials")
        };
        f.rule(is_creation, 0, times, fault);
    });
}

#[tokio::test(start_paused = true)]
async fn a_key_is_made_at_first_use_and_only_then() {
    let house = House::at(with_jane());
    house.doors("jane", Cached).await;
    assert_eq!(keys(&house), 1);
    for _ in 0..5 {
        house.doors("jane", Fresh).await;
        assert_eq!(said(house.tap("jane", 4401).await), "accepted");
        pass(Duration::from_mins(6)).await;
    }
    assert_eq!(keys(&house), 1);
    assert_eq!(house.vendor.with(|openpath| creations(openpath)), 1);
}

#[tokio::test(start_paused = true)]
async fn first_taps_racing_in_one_process_make_one_key() {
    let house = House::at(with_jane());
    let taps = join_all((0..64).map(|n| house.tap("jane", if n % 2 == 0 { 4401 } else { 4402 })));
    for result in taps.await {
        assert_eq!(said(result), "accepted");
    }
    assert_eq!(keys(&house), 1);
    assert_eq!(house.vendor.with(|openpath| creations(openpath)), 1);
}

#[tokio::test(start_paused = true)]
async fn two_residents_who_are_one_user_share_one_key() {
    let house = House::at(with_jane());
    house.settle("jane-too", "JANE@example.com");
    let both = join_all(["jane", "jane-too"].map(|resident| house.tap(resident, 4401))).await;
    for result in both {
        assert_eq!(said(result), "accepted");
    }
    assert_eq!(keys(&house), 1);
}

#[tokio::test(start_paused = true)]
async fn first_taps_racing_on_many_nodes_of_one_store_make_one_key() {
    let store = MemoryStore::new();
    let first = House::with_store(with_jane(), store.clone());
    let nodes: Vec<_> = (0..10)
        .map(|_| {
            let (vendor, directory) = (first.vendor.clone(), first.directory.clone());
            House::node(vendor, first.clock, directory, store.clone())
        })
        .collect();
    let taps = join_all(nodes.iter().map(|node| node.tap("jane", 4401))).await;
    for result in taps {
        assert_eq!(said(result), "accepted");
    }
    assert_eq!(keys(&first), 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_waits_for_the_one_that_makes_the_key() {
    let store = MemoryStore::new();
    let one = House::with_store(with_jane(), store.clone());
    let two = House::node(one.vendor.clone(), one.clock, one.directory.clone(), store);
    // The first node's creation is slow to connect; the second finds the lease taken, waits, and uses the
    // key that the first one made.
    creation_meets(&one, 1, Fault::before(FaultKind::SlowConnect(Duration::from_secs(2))));
    let (a, b) = tokio::join!(one.tap("jane", 4401), two.tap("jane", 4402));
    assert_eq!((said(a), said(b)), ("accepted", "accepted"));
    assert_eq!(keys(&one), 1);
}

#[tokio::test(start_paused = true)]
async fn lost_create_reply_lists_before_creating() {
    let house = House::at(with_jane());
    creation_meets(&house, 1, Fault::after(FaultKind::Reset));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!((keys(&house), house.vendor.with(|openpath| creations(openpath))), (1, 1));
    assert_eq!(house.count(Operation::ListCredentials), 2);

    // Found at once, so the list has nothing to complain of.
    let house = House::at(with_jane());
    creation_meets(&house, 1, Fault::after(FaultKind::Stall));
    let list = house.list(Cached);
    assert_eq!(
        tokio::time::timeout(Duration::from_mins(1), list).await.unwrap().1,
        [Cause::VendorUnreachable]
    );
    assert_eq!(house.list(Cached).await.1, []);
    assert_eq!((keys(&house), house.vendor.with(|openpath| creations(openpath))), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_shows_no_trace_of_a_lost_reply() {
    let house = House::at(with_jane());
    creation_meets(&house, 1, Fault::after(FaultKind::Reset));
    assert_eq!(house.list(Cached).await.1, []);
    assert_eq!(house.count(Operation::ListCredentials), 2);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_may_still_happen_is_not_repeated_at_once() {
    for fault in [FaultKind::Reset, FaultKind::status(503, "{}"), FaultKind::html_200()] {
        let house = House::at(with_jane());
        creation_meets(&house, 1, Fault::before(fault.clone()));
        assert_eq!(said(house.tap("jane", 4401).await), "key_not_ready", "{fault:?}");
        assert_eq!((keys(&house), house.orders()), (0, 0), "{fault:?}");
        // The vendor acts on it after all, long after its answer was given up.
        pass(Duration::from_secs(20)).await;
        house.vendor.with(|openpath| {
            openpath.add_credential(7001, Credential::cloud_key(88_777));
        });
        assert_eq!(said(house.tap("jane", 4401).await), "accepted", "{fault:?}");
        assert_eq!(keys(&house), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_never_happened_is_made_up_for() {
    let house = House::at(with_jane());
    creation_meets(&house, 1, Fault::before(FaultKind::Reset));
    assert_eq!(said(house.tap("jane", 4401).await), "key_not_ready");
    pass(Duration::from_mins(1)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 1);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_is_refused_is_told_and_tried_at_the_next_use() {
    for (status, cause) in
        [(403, Cause::RightsMissing), (429, Cause::KeyNotReady), (401, Cause::KeyNotReady)]
    {
        let house = House::at(with_jane());
        creation_meets(&house, 1, Fault::before(FaultKind::status(status, r#"{"message":"no"}"#)));
        let (doors, problems) = house.list(Cached).await;
        assert_eq!((doors.len(), problems), (2, vec![cause]), "the doors are known all the same");
        assert_eq!(said(house.tap("jane", 4401).await), "accepted", "{status}");
        assert_eq!(keys(&house), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn lockdown_key_is_never_used() {
    for command in ["triggerLockdown", "revertLockdown", "unlockWithOverride", "something-new"] {
        let lockdown = Credential::cloud_key(88_001).event_action(command);
        let house = House::at(openpath().user(jane().credential(lockdown)));
        assert_eq!(said(house.tap("jane", 4401).await), "accepted");
        assert_eq!(house.vendor.with(|openpath| openpath.event_actions()), 0, "{command}");
        assert_eq!(keys(&house), 2, "a plain one beside it");
        assert_eq!(house.vendor.ledger().opened("4401"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn other_credentials_are_no_keys() {
    let others = jane()
        .credential(Credential::mobile(87_001))
        .credential(Credential::card(87_002))
        .credential(Credential::of_kind(87_003, 77, "retina", "Retina"));
    let house = House::at(openpath().user(others));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_outside_its_dates_is_passed_over() {
    let dated = jane()
        .credential(Credential::cloud_key(88_001).valid_until("2024-12-31T00:00:00.000Z"))
        .credential(Credential::cloud_key(88_002).valid_until("2026-03-02"));
    let house = House::at(openpath().user(dated.clone()));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 3, "they are over for good, so one is made");

    let dated = dated
        .credential(Credential::cloud_key(88_003).valid_from("2099-01-01"))
        .credential(Credential::cloud_key(88_004));
    let house = House::at(openpath().user(dated));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert!(house.vendor.seen().last().unwrap().path.contains("/credentials/88004/"));
    assert_eq!(keys(&house), 4, "none is made");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_ends_is_followed_by_another() {
    let dated = Credential::cloud_key(88_001).valid_until("2026-03-02T12:02:00.000Z");
    let house = House::at(openpath().user(jane().credential(dated)));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 1);
    pass(Duration::from_mins(2)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 2);
}

#[tokio::test(start_paused = true)]
async fn the_lowest_key_by_number_is_used() {
    let several = jane()
        .credential(Credential::cloud_key(100_000))
        .credential(Credential::cloud_key(99_999))
        .credential(Credential::cloud_key(1_000_000));
    for as_text in [false, true] {
        let openpath = openpath().user(several.clone()).ids_as_text(as_text);
        let house = House::at(openpath);
        assert_eq!(said(house.tap("jane", 4401).await), "accepted");
        let used = house.vendor.seen().last().unwrap().path.clone();
        assert!(used.contains("/credentials/99999/"), "{used}");
        assert_eq!(keys(&house), 3, "none is made, none is deleted");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_deleted_is_made_anew_at_the_tap_after() {
    let house = House::at(openpath().user(jane().credential(Credential::cloud_key(88_001))));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    house.vendor.with(|openpath| openpath.delete_credential(7001, 88_001));
    assert_eq!(said(house.tap("jane", 4401).await), "order_refused");
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!((keys(&house), house.vendor.ledger().opened("4401")), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_organisation_without_cloud_keys_says_so() {
    let house = House::at(with_jane().credential_types(&[(1, "mobile", "Mobile")]));
    let (doors, problems) = house.list(Cached).await;
    assert_eq!((doors.len(), problems), (2, vec![Cause::SetupWrong]));
    assert_eq!(said(house.tap("jane", 4401).await), "setup_wrong");
}

#[tokio::test(start_paused = true)]
async fn diagnosis_and_favourites_make_no_key() {
    let house = House::at(with_jane());
    let jane = elevate_access::ResidentId::new("jane").unwrap();
    house.access.diagnose(&jane, Some(&crate::support::door("4401"))).await.unwrap();
    house.access.check(&crate::support::building()).await.unwrap();
    house.access.set_favorite(&jane, &crate::support::door("4401"), true).await.unwrap();
    assert_eq!(keys(&house), 0);
    // What they read does not keep the first use from making one.
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(keys(&house), 1);
}

/// Whether somebody holds the lease of Jane's key.
async fn is_leased(store: &MemoryStore) -> bool {
    let name = "key/openpath.example/5120/7001";
    store.lease(name, Duration::ZERO).await.unwrap().is_none()
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_once_a_list_shows_the_key() {
    let store = MemoryStore::new();
    let house = House::with_store(with_jane(), store.clone());
    house.doors("jane", Cached).await;
    assert!(is_leased(&store).await, "a list may yet come without the key");
    house.doors("jane", Fresh).await;
    assert!(!is_leased(&store).await);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_at_once_if_nothing_was_made() {
    let store = MemoryStore::new();
    let house = House::with_store(with_jane(), store.clone());
    creation_meets(&house, 1, Fault::before(FaultKind::status(403, "{}")));
    house.doors("jane", Cached).await;
    assert!(!is_leased(&store).await);
}

#[tokio::test(start_paused = true)]
async fn two_keys_of_our_name_are_reported_and_one_of_another_name_is_not() {
    for (name, expected) in [("ElevateOS", Some(Cause::KeySurplus)), ("Reception", None)] {
        let jane = jane()
            .credential(Credential::cloud_key(88_001).named("ElevateOS"))
            .credential(Credential::cloud_key(88_002).named(name));
        let house = House::at(openpath().user(jane));
        let jane = elevate_access::ResidentId::new("jane").unwrap();
        let diagnosis = house.access.diagnose(&jane, None).await.unwrap();
        assert_eq!(
            diagnosis.first_failure().map(elevate_access::Reason::cause),
            expected,
            "{name}"
        );
    }
}

//! Two installations on one organisation, each with a store of its own: L5, L9.

use elevate_access::{
    Freshness::{Cached, Fresh},
    MemoryDirectory, MemoryStore,
};
use elevate_access_testkit::{TestClock, Vendor, openpath::Operation};

use crate::support::{House, said, with_jane};

#[tokio::test(start_paused = true)]
async fn two_installations_never_delete() {
    let (vendor, clock) = (Vendor::new(with_jane()), TestClock::new());
    let install = || {
        let installation =
            House::node(vendor.clone(), clock, MemoryDirectory::new(), MemoryStore::new());
        installation.settle("jane", "jane@example.com");
        installation
    };
    let (one, two) = (install(), install());
    // Neither knows of the other, so both may make a key: nothing that they share could keep them from it.
    let (a, b) = tokio::join!(one.tap("jane", 4401), two.tap("jane", 4402));
    assert_eq!((said(a), said(b)), ("accepted", "accepted"));
    let keys = vendor.with(|openpath| openpath.credential_ids(7001));
    assert!((1..=2).contains(&keys.len()), "{keys:?}");

    for _ in 0..20 {
        for installation in [&one, &two] {
            installation.doors("jane", Fresh).await;
            installation.doors("jane", Cached).await;
            assert_eq!(said(installation.tap("jane", 4401).await), "accepted");
        }
    }
    assert_eq!(vendor.with(|openpath| openpath.credential_ids(7001)), keys, "none more, none less");
    assert_eq!(vendor.with(|openpath| openpath.forbidden().to_vec()), []);
    // They settle on the same one, the lowest, so that somebody may delete the other.
    let made = vendor.with(|openpath| openpath.count(Operation::CreateCredential));
    for surplus in keys.iter().filter(|key| Some(key) != keys.iter().min().as_ref()) {
        vendor.with(|openpath| openpath.delete_credential(7001, *surplus));
    }
    for installation in [&one, &two] {
        assert_eq!(said(installation.tap("jane", 4401).await), "accepted");
        installation.doors("jane", Fresh).await;
        assert_eq!(said(installation.tap("jane", 4401).await), "accepted");
    }
    assert_eq!(vendor.with(|openpath| openpath.count(Operation::CreateCredential)), made);
}

//! A store that fails: what it may cost, and what not.

use elevate_access::{Cause, Freshness::Fresh, HostError, MemoryStore};
use elevate_access_testkit::{StoreCall, WatchedStore};

use crate::support::{House, said, with_jane, with_janes_key};

/// A store whose links and leases fail.
fn forgetful() -> WatchedStore {
    WatchedStore::new(MemoryStore::new(), |call, _| {
        Box::pin(async move {
            use StoreCall::{Lease, Link, Linked, SetLink};
            match call {
                Lease | Link | Linked | SetLink => Err(HostError::msg("no links today")),
                _ => Ok(()),
            }
        })
    })
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_keeps_nobody_out_who_has_a_key() {
    let house = House::with_store(with_janes_key(), forgetful());
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    house.vendor.forget_seen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_makes_no_key() {
    let house = House::with_store(with_jane(), forgetful());
    assert_eq!(said(house.tap("jane", 4401).await), "key_not_ready");
    assert_eq!(
        house.list(Fresh).await,
        (vec!["Main entrance".into(), "Garage".into()], vec![Cause::KeyNotReady])
    );
    assert_eq!(house.vendor.with(|openpath| openpath.cloud_keys(7001)), 0);
}

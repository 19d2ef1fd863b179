//! A store that fails: what it may cost, and what not.

use std::time::Duration;

use async_trait::async_trait;
use elevate_access::{
    Cause, Claim, ConnectionId, DoorId, Freshness::Fresh, HostError, Lease, Link, MemoryStore,
    Outcome, ResidentId, SignInEnd, SignIns, Store, TapId, Turn,
};

use crate::support::{House, said, with_jane, with_janes_key};

/// A store whose links fail.
#[derive(Clone)]
struct Forgetful(MemoryStore);

#[async_trait]
impl Store for Forgetful {
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError> {
        self.0.favorites(resident).await
    }

    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError> {
        self.0.set_favorite(resident, door, favorite).await
    }

    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        self.0.tap(id, resident, door).await
    }

    async fn claim(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
        answer_by: jiff::Timestamp,
    ) -> Result<Claim, HostError> {
        self.0.claim(id, resident, door, answer_by).await
    }

    async fn settle(&self, id: &TapId, outcome: &Outcome) -> Result<Outcome, HostError> {
        self.0.settle(id, outcome).await
    }

    async fn unclaim(&self, id: &TapId) -> Result<(), HostError> {
        self.0.unclaim(id).await
    }

    async fn link(&self, _: &ConnectionId, _: &ResidentId) -> Result<Option<Link>, HostError> {
        Err(HostError::msg("no links today"))
    }

    async fn set_link(
        &self,
        _: &ConnectionId,
        _: &ResidentId,
        _: Option<&Link>,
    ) -> Result<(), HostError> {
        Err(HostError::msg("no links today"))
    }

    async fn lease(&self, _: &str, _: Duration) -> Result<Option<Lease>, HostError> {
        Err(HostError::msg("no leases today"))
    }

    async fn release(&self, lease: &Lease) -> Result<(), HostError> {
        self.0.release(lease).await
    }

    async fn linked(&self, _: &ConnectionId, _: &str) -> Result<Vec<ResidentId>, HostError> {
        Err(HostError::msg("no links today"))
    }
}

#[async_trait]
impl SignIns for Forgetful {
    async fn take_turn(
        &self,
        account: &str,
        step: Option<u64>,
        hold: Duration,
    ) -> Result<Turn, HostError> {
        self.0.take_turn(account, step, hold).await
    }

    async fn end_turn(&self, account: &str, turn: &str, end: SignInEnd) -> Result<(), HostError> {
        self.0.end_turn(account, turn, end).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_keeps_nobody_out_who_has_a_key() {
    let house = House::with_store(with_janes_key(), Forgetful(MemoryStore::new()));
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    house.vendor.forget_seen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!(house.vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_makes_no_key() {
    let house = House::with_store(with_jane(), Forgetful(MemoryStore::new()));
    assert_eq!(said(house.tap("jane", 4401).await), "key_not_ready");
    assert_eq!(
        house.list(Fresh).await,
        (vec!["Main entrance".into(), "Garage".into()], vec![Cause::KeyNotReady])
    );
    assert_eq!(house.vendor.with(|openpath| openpath.cloud_keys(7001)), 0);
}

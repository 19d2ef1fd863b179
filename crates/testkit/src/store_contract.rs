//! The contract suite for stores: what every [`Store`] has to keep, whichever database is beneath it.
//!
//! Each rule is a function of a fresh [`StoreStage`]; [`run_all`] goes through all of them.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//!
//! use elevate_access::{MemoryStore, Store, async_trait};
//! use elevate_access_testkit::store_contract::{self, StoreStage};
//!
//! struct Memory(MemoryStore);
//!
//! #[async_trait]
//! impl StoreStage for Memory {
//!     fn node(&self) -> Arc<dyn Store> {
//!         Arc::new(self.0.clone())
//!     }
//!
//!     async fn pass(&self, time: Duration) {
//!         tokio::time::advance(time).await;
//!     }
//! }
//!
//! #[tokio::test(start_paused = true)]
//! async fn my_store_keeps_the_contract() {
//!     store_contract::run_all(async || Memory(MemoryStore::new())).await;
//! }
//! ```
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a suite of tests says so by panicking"
)]

mod kept;
mod signing_in;
mod tapped;

use std::{sync::Arc, time::Duration};

use elevate_access::{ConnectionId, DoorId, ResidentId, Store, async_trait};

pub use self::{
    kept::{
        a_lease_ends_by_itself, a_lease_has_one_holder_and_is_given_back_by_its_holder_alone,
        favourites_keep_their_order, links_are_one_residents_on_one_connection,
        odd_texts_come_back_as_they_were, what_is_forgotten_is_gone_and_nobody_elses,
    },
    signing_in::{
        a_step_of_a_second_factor_is_granted_once, one_node_at_a_time_has_the_turn_to_sign_in,
        refused_sign_ins_are_counted_and_followed_by_a_pause,
    },
    tapped::{
        a_claim_is_foreign_to_everybody_else, a_claim_is_given_up_by_its_holder_alone,
        claim_outlives_the_oldest_tap, of_many_claims_one_is_granted, the_first_settlement_stands,
        the_history_is_read_newest_first, what_is_found_out_later_stands_beside_what_was_told,
    },
};

/// A store to be examined, as its nodes have it.
#[async_trait]
pub trait StoreStage: Send + Sync {
    /// The store as one more node has it: over a connection of its own, if there are such.
    fn node(&self) -> Arc<dyn Store>;

    /// Lets so much time pass by the store's own clock. (For a database: makes every moment that it has
    /// written down so much older.)
    async fn pass(&self, time: Duration);
}

/// Goes through every rule, each on a fresh stage.
pub async fn run_all<S: StoreStage>(set_the_stage: impl AsyncFn() -> S) {
    favourites_keep_their_order(&set_the_stage().await).await;
    links_are_one_residents_on_one_connection(&set_the_stage().await).await;
    a_lease_has_one_holder_and_is_given_back_by_its_holder_alone(&set_the_stage().await).await;
    a_lease_ends_by_itself(&set_the_stage().await).await;
    odd_texts_come_back_as_they_were(&set_the_stage().await).await;
    of_many_claims_one_is_granted(&set_the_stage().await).await;
    a_claim_is_foreign_to_everybody_else(&set_the_stage().await).await;
    the_first_settlement_stands(&set_the_stage().await).await;
    a_claim_is_given_up_by_its_holder_alone(&set_the_stage().await).await;
    claim_outlives_the_oldest_tap(&set_the_stage().await).await;
    the_history_is_read_newest_first(&set_the_stage().await).await;
    what_is_found_out_later_stands_beside_what_was_told(&set_the_stage().await).await;
    what_is_forgotten_is_gone_and_nobody_elses(&set_the_stage().await).await;
    one_node_at_a_time_has_the_turn_to_sign_in(&set_the_stage().await).await;
    refused_sign_ins_are_counted_and_followed_by_a_pause(&set_the_stage().await).await;
    a_step_of_a_second_factor_is_granted_once(&set_the_stage().await).await;
}

fn who(id: &str) -> ResidentId {
    id.parse().unwrap()
}

fn door(id: &str) -> DoorId {
    id.parse().unwrap()
}

fn connection(id: &str) -> ConnectionId {
    id.parse().unwrap()
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

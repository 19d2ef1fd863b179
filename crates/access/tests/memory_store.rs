//! What the in-memory store promises.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use elevate_access::{MemoryStore, Store};
use elevate_access_testkit::store_contract::{self, StoreStage};

struct Memory(MemoryStore);

#[async_trait]
impl StoreStage for Memory {
    fn node(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    async fn pass(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_the_contract() {
    store_contract::run_all(async || Memory(MemoryStore::new())).await;
}

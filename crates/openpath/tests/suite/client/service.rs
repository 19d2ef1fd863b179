//! Several nodes of one service against one vendor.

use std::sync::Arc;

use elevate_access::MemoryStore;
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    openpath::{Openpath, Operation},
};
use elevate_openpath::{Client, ClientBuilder, Credentials, Error, OrgId, UserId, Wire};

use crate::support::{ACCOUNT, ORG, PASSWORD};

/// What the nodes share.
pub(super) struct Service {
    pub(super) vendor: Vendor<Openpath>,
    pub(super) clock: TestClock,
    pub(super) store: MemoryStore,
}

impl Service {
    pub(super) fn at(openpath: Openpath) -> Self {
        Self { vendor: Vendor::new(openpath), clock: TestClock::new(), store: MemoryStore::new() }
    }

    /// A node with a wire of its own, and as yet without the store.
    pub(super) fn builder(&self, credentials: Credentials) -> ClientBuilder {
        Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
            .wire(self.wire())
            .clock(self.clock)
    }

    pub(super) fn wire(&self) -> Arc<dyn Wire> {
        Arc::new(MemoryWire::new(self.vendor.clone(), self.clock))
    }

    pub(super) fn node(&self, credentials: Credentials) -> Client {
        self.builder(credentials).sign_ins(Arc::new(self.store.clone())).build().unwrap()
    }

    pub(super) fn count(&self, operation: Operation) -> u64 {
        self.vendor.with(|openpath| openpath.count(operation))
    }

    /// Sign-ins with the account that the vendor refused.
    pub(super) fn refused(&self) -> u64 {
        self.vendor.with(|openpath| openpath.refused_sign_ins(ACCOUNT))
    }

    pub(super) fn is_locked(&self) -> bool {
        self.vendor.with(|openpath| openpath.is_locked(ACCOUNT))
    }
}

pub(super) fn by_password() -> Credentials {
    Credentials::password(ACCOUNT, PASSWORD)
}

/// Any read.
pub(super) async fn read(client: &Client) -> Result<(), Error> {
    client.user_entries(&UserId::from(7001)).all().await.map(|_| ())
}

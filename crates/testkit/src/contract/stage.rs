//! The stage on which a rule of the contract is played.

use std::{sync::Arc, time::Duration};

use elevate_access::{
    Access, AccessProvider, BuildingId, ConnectionId, Directory as _, DoorId, Error,
    MemoryConnections, MemoryDirectory, MemoryStore, Outcome, ResidentId, Tap,
};

use crate::{Fault, Model, Started, TestClock, Vendor};

/// Everything that a rule needs: a house with one resident who may open one door, seen from both sides.
pub struct Stage {
    /// The house's directory.
    pub directory: MemoryDirectory,
    /// The house's connections; the provider under test is among them.
    pub connections: MemoryConnections,
    /// The clock that the front door and the vendor share.
    pub clock: TestClock,
    /// A Current resident who may open [`door`](Self::door).
    pub resident: ResidentId,
    /// A Current resident of the same building who may not.
    pub stranger: ResidentId,
    /// The door.
    pub door: DoorId,
    /// The vendor's side.
    pub backstage: Box<dyn Backstage>,
    /// The oldest that a grant of this provider may be.
    pub grant_age: Duration,
}

/// The vendor's side of a [`Stage`]. [`Vendor`] with the two closures of [`Behind`] is one.
pub trait Backstage: Send + Sync {
    /// How many orders arrived for that vendor's door.
    fn arrived(&self, door: &str) -> usize;
    /// How often that vendor's door opened.
    fn opened(&self, door: &str) -> usize;
    /// Every body that the wire started.
    fn started(&self) -> Vec<Started>;
    /// How many requests reached the vendor.
    fn requests(&self) -> usize;
    /// How many requests reached the vendor that would have it change something, orders aside.
    fn writes(&self) -> usize;
    /// The next order meets that fault.
    fn next_order_meets(&self, fault: Fault);
    /// Of the exchanges whose path ends so, `skip` are spared and the following `times` meet that fault.
    fn meets(&self, path_end: &str, skip: u32, times: u32, fault: Fault);
    /// Every exchange meets that fault from now on; `None` ends it.
    fn everything_meets(&self, fault: Option<Fault>);
    /// Takes the door from the resident at the vendor.
    fn revoke(&self);
    /// Whether the vendor knows residents by the host's ids; see [`Model::knows_host_ids`].
    fn knows_host_ids(&self) -> bool;
}

/// A [`Vendor`] as a [`Backstage`].
pub struct Behind<M: Model> {
    /// The vendor.
    pub vendor: Vendor<M>,
    /// How the paths of its orders end, such as `/locks/unlock_door`.
    pub order_path: &'static str,
    /// Takes the door from the resident.
    pub revoke: fn(&mut M),
    /// How many requests came that would change something, orders aside.
    pub writes: fn(&M) -> usize,
}

impl<M: Model> Backstage for Behind<M> {
    fn arrived(&self, door: &str) -> usize {
        self.vendor.ledger().orders().iter().filter(|o| o.door == door).count()
    }

    fn opened(&self, door: &str) -> usize {
        self.vendor.ledger().opened(door)
    }

    fn started(&self) -> Vec<Started> {
        self.vendor.started()
    }

    fn requests(&self) -> usize {
        self.vendor.requests()
    }

    fn next_order_meets(&self, fault: Fault) {
        self.vendor.faults(|f| f.next_on(self.order_path, fault));
    }

    fn writes(&self) -> usize {
        self.vendor.with(|model| (self.writes)(model))
    }

    fn meets(&self, path_end: &str, skip: u32, times: u32, fault: Fault) {
        self.vendor.faults(|f| f.on(path_end, skip, times, fault));
    }

    fn everything_meets(&self, fault: Option<Fault>) {
        self.vendor.faults(|f| {
            f.clear();
            if let Some(fault) = fault {
                f.always(fault);
            }
        });
    }

    fn revoke(&self) {
        self.vendor.with(self.revoke);
    }

    fn knows_host_ids(&self) -> bool {
        self.vendor.with(|model| model.knows_host_ids())
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("door", &self.door).finish_non_exhaustive()
    }
}

impl<M: Model> std::fmt::Debug for Behind<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behind").field("order_path", &self.order_path).finish_non_exhaustive()
    }
}

impl Stage {
    /// Connects the provider to the building, and returns the connection's id.
    pub fn connect(
        connections: &MemoryConnections,
        building: &BuildingId,
        name: &str,
        provider: Arc<dyn AccessProvider>,
    ) -> ConnectionId {
        let connection = ConnectionId::new(name).unwrap_or_else(|e| panic!("{e}"));
        connections.connect(building, &connection, provider);
        connection
    }

    /// A front door on this stage, with a store of its own.
    pub fn access(&self) -> Access {
        Access::builder()
            .directory(self.directory.clone())
            .connections(self.connections.clone())
            .store(MemoryStore::new())
            .clock(self.clock)
            .build()
            .unwrap_or_else(|e| panic!("{e}"))
    }

    /// The resident taps the door.
    ///
    /// # Errors
    /// As [`Access::unlock`].
    pub async fn tap(&self, access: &Access) -> Result<Outcome, Error> {
        access.unlock(&self.resident, &self.door, Tap::now()).await
    }

    /// Every body of an order that started.
    pub fn orders_started(&self) -> Vec<Started> {
        self.backstage.started().into_iter().filter(|s| s.gated).collect()
    }

    /// How many orders for the door arrived at the vendor.
    pub fn arrived(&self) -> usize {
        self.backstage.arrived(self.door.vendor_id().as_str())
    }

    /// The building in which the resident lives.
    pub(crate) async fn building(&self) -> BuildingId {
        let resident = self.directory.resident(&self.resident).await.ok().flatten();
        let residency = resident.and_then(|r| r.residencies.into_iter().next());
        residency.map_or_else(|| panic!("the resident lives nowhere"), |r| r.building)
    }

    /// Neither ordered nor written: for what is only to look.
    pub(crate) fn expect_hands_off(&self, when: &str) {
        self.expect_no_order(when);
        assert_eq!(self.backstage.writes(), 0, "something was written {when}");
    }

    pub(super) fn expect_no_order(&self, when: &str) {
        assert!(self.orders_started().is_empty(), "a body started {when}");
        assert_eq!(self.arrived(), 0, "an order arrived {when}");
    }
}

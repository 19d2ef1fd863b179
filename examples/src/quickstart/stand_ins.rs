//! The vendors of the tour: models of the test kit, served over loopback. A service has none of this.

use std::time::Duration;

use elevate_access::Clock as _;
use elevate_access_testkit::{
    Loopback, Order, TestClock, Vendor,
    openpath::{self, Openpath},
    seam::{self, Seam},
};

use super::Failure;

/// The fixture that Openpath is seeded from: an organisation, its users, doors and service account.
pub(super) fn organisation() -> &'static str {
    openpath::fixtures::ORGANISATION
}

/// The fixture that Seam is seeded from: a workspace, its key, spaces and devices.
pub(super) fn workspace() -> &'static str {
    seam::fixture("workspace.json").unwrap_or_default()
}

pub(super) struct StandIns {
    pub(super) openpath: Vendor<Openpath>,
    pub(super) seam: Vendor<Seam>,
    /// The stand-ins live in March 2026, whatever day it is.
    pub(super) clock: TestClock,
    openpath_at: Loopback,
    seam_at: Loopback,
}

impl StandIns {
    pub(super) async fn start() -> Result<Self, Failure> {
        let clock = TestClock::new();
        let openpath = Vendor::new(Openpath::from_fixture(organisation())?);
        let mut workspace = Seam::from_fixture(workspace())?;
        workspace.attempts_take(Duration::from_millis(200));
        let seam = Vendor::new(workspace);
        Ok(Self {
            openpath_at: Loopback::start(openpath.clone(), clock).await?,
            seam_at: Loopback::start(seam.clone(), clock).await?,
            openpath,
            seam,
            clock,
        })
    }

    pub(super) fn openpath_url(&self) -> String {
        self.openpath_at.base_url().into()
    }

    pub(super) fn seam_url(&self) -> String {
        self.seam_at.base_url().into()
    }

    /// Every order that arrived at either vendor, in order of arrival.
    pub(super) fn orders(&self) -> Vec<Order> {
        let now = self.clock.now();
        self.seam.with(|seam| seam.advance(now));
        let mut orders = self.openpath.ledger().orders().to_vec();
        orders.extend_from_slice(self.seam.ledger().orders());
        orders.sort_by_key(|order| order.at);
        orders
    }
}

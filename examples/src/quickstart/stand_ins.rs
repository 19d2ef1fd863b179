//! The vendors of the tour: models of the test kit, served over loopback. A service has none of this.
//!
//! The program `stand_ins` serves the same two.

use std::time::Duration;

use elevate_access::Clock as _;
use elevate_access_testkit::{
    Loopback, Order, TestClock, Vendor,
    openpath::{self, Openpath},
    seam::{self, Seam},
};
use serde_json::Value;

use super::Failure;

/// The fixture that Openpath is seeded from: an organisation, its users, doors and service account.
fn organisation() -> &'static str {
    openpath::fixtures::ORGANISATION
}

/// The fixture that Seam is seeded from: a workspace, its key, spaces and devices.
fn workspace() -> &'static str {
    seam::fixture("workspace.json").unwrap_or_default()
}

/// The made-up e-mail and password of Openpath's service account, as its fixture states them.
pub(crate) fn openpath_account() -> Result<(String, String), Failure> {
    let organisation: Value = serde_json::from_str(organisation())?;
    let text = |field: &str| organisation["accounts"][0][field].as_str().map(str::to_owned);
    text("email").zip(text("password")).ok_or_else(|| "the fixture has no account".into())
}

/// The made-up key of Seam's workspace, as its fixture states it.
pub(crate) fn seam_key() -> Result<String, Failure> {
    let workspace: Value = serde_json::from_str(workspace())?;
    let key = workspace["api_key"].as_str().map(str::to_owned);
    key.ok_or_else(|| "the fixture has no key".into())
}

pub(crate) struct StandIns {
    pub(super) openpath: Vendor<Openpath>,
    pub(super) seam: Vendor<Seam>,
    /// What the stand-ins take for the time.
    pub(super) clock: TestClock,
    openpath_at: Loopback,
    seam_at: Loopback,
}

impl StandIns {
    pub(crate) async fn start(clock: TestClock) -> Result<Self, Failure> {
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

    pub(crate) fn openpath_url(&self) -> String {
        self.openpath_at.base_url().into()
    }

    pub(crate) fn seam_url(&self) -> String {
        self.seam_at.base_url().into()
    }

    /// Every order that arrived at either vendor, in order of arrival.
    pub(crate) fn orders(&self) -> Vec<Order> {
        let now = self.clock.now();
        self.seam.with(|seam| seam.advance(now));
        let mut orders = self.openpath.ledger().orders().to_vec();
        orders.extend_from_slice(self.seam.ledger().orders());
        orders.sort_by_key(|order| order.at);
        orders
    }
}

//! A made-up property that is being connected: most of it in order, and some of each thing that has to be mended.

use std::{sync::Arc, time::Duration};

use elevate_access::Clock;
use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    seam::{Account, Device, Seam},
};
use elevate_seam::{ApiKey, Client};
use jiff::Timestamp;

/// The key of the made-up workspace; it opens nothing.
const KEY: &str = "seam_made_up";

/// The building's units, as its own tables have them.
pub(super) const UNITS: [&str; 6] = ["101", "102", "103", "Apt 201", "202", "203"];

pub(super) struct StandIn {
    vendor: Vendor<Seam>,
    clock: TestClock,
}

impl StandIn {
    pub(super) fn new() -> Self {
        let mut seam = Seam::new(KEY).being_set_up();
        // Somebody has entered a space for each unit; one has another name, one is empty, one is there twice.
        for (id, name) in [
            ("sp-101", "101"),
            ("sp-102", "102"),
            ("sp-103", "103"),
            ("sp-201", "201"),
            ("sp-202", "202"),
            ("sp-203a", "203"),
            ("sp-203b", "203"),
        ] {
            seam = seam.space(id, name);
        }
        let everybodys = ["sp-101", "sp-102", "sp-201", "sp-202", "sp-203a", "sp-203b"];
        seam.sign_in_takes(Duration::from_secs(5)).sync_takes(Duration::from_secs(4));
        seam.next_sign_in_brings(
            Account::new("account-maple"),
            vec![
                Device::two_n("lobby", "Lobby").in_spaces(everybodys),
                Device::two_n("gate", "Gate")
                    .warning("two_n_device_missing_timezone")
                    .in_spaces(["sp-101"]),
                Device::two_n("garage", "Garage").offline().in_spaces(["sp-102"]),
                Device::two_n("bins", "Bins")
                    .can_remotely_unlock(Some(false))
                    .in_spaces(["sp-101", "sp-102"]),
            ],
            vec![Device::two_n("roof", "Roof terrace")],
        );
        // What the test kit says of the past began three hours before.
        let clock = TestClock::starting_at(Timestamp::constant(1_767_614_400, 0));
        Self { vendor: Vendor::new(seam), clock }
    }

    pub(super) fn client(&self) -> Result<Client, Box<dyn std::error::Error>> {
        let wire = MemoryWire::new(self.vendor.clone(), self.clock);
        Ok(Client::builder(ApiKey::new(KEY)?).wire(Arc::new(wire)).build()?)
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock)
    }
}

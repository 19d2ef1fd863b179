//! The client against the vendor's stand-in, in memory and in paused time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bounds;
mod connecting;
mod errors;
mod events;
mod fault_table;
mod fixtures;
mod hostile;
mod lists;
#[cfg(feature = "rustls")]
mod loopback;
mod orders;
mod requests;
mod resources;
mod secrets;
mod settings;
mod streams;
mod waiting;
mod waiting_events;

use std::{sync::Arc, time::Duration};

use elevate_access_testkit::{
    MemoryWire, TestClock, Vendor,
    seam::{Device, Seam},
};
use elevate_seam::{ApiKey, Client, DeviceId, Error, Gate, Instant, Ordered};

const KEY: &str = "seam_testkey";

/// A client of that workspace, and the workspace.
fn connect(seam: Seam) -> (Client, Vendor<Seam>) {
    let vendor = Vendor::new(seam);
    let wire = MemoryWire::new(vendor.clone(), TestClock::new());
    let key = ApiKey::new(vendor.with(|seam| seam.api_key().to_owned())).unwrap();
    let client = Client::builder(key).wire(Arc::new(wire)).build().unwrap();
    (client, vendor)
}

/// Two units and two doors.
fn house() -> Seam {
    Seam::new(KEY)
        .space("sp-101", "101")
        .space("sp-102", "102")
        .device(Device::two_n("dev-1", "Lobby").in_spaces(["sp-101", "sp-102"]))
        .device(Device::two_n("dev-2", "Gate").in_spaces(["sp-101"]))
}

fn device(id: &str) -> DeviceId {
    DeviceId::new(id).unwrap()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn in_secs(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

fn open() -> Gate {
    Gate::new(async { true })
}

/// An order with the deadlines of a tap that has just come.
async fn unlock(client: &Client, id: &str) -> Result<Ordered, Error> {
    client.unlock_door(&device(id), in_secs(5), in_secs(12), open).await
}

//! The client over real sockets: what leaves is what the vendor documents.

use std::{error::Error as _, sync::Arc, time::Duration};

use elevate_access_testkit::{Loopback, TestClock, Vendor};
use elevate_seam::{ApiKey, Client, Delivery, DevicesQuery, Gate, HttpWire, Progress, Waited};

use super::{KEY, device, house, in_secs, open};

async fn serve() -> (Client, Vendor<elevate_access_testkit::seam::Seam>, Loopback) {
    let mut seam = house();
    seam.attempts_take(Duration::from_millis(20)).page_size(1);
    let vendor = Vendor::new(seam);
    let loopback = Loopback::start(vendor.clone(), TestClock::new()).await.unwrap();
    // Nothing but loopback is spoken to: no certificates are needed.
    let wire = HttpWire::builder().only_root_certificates([]).build().unwrap();
    let client = Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(loopback.base_url())
        .wire(Arc::new(wire))
        .build()
        .unwrap();
    (client, vendor, loopback)
}

#[tokio::test]
async fn lists_orders_and_looks_go_over_real_sockets() {
    let (client, vendor, _loopback) = serve().await;
    let devices = client.devices(&DevicesQuery::new()).all(in_secs(10)).await;
    let devices = devices.unwrap_or_else(|error| panic!("{error}: {:?}", error.source()));
    assert_eq!(devices.len(), 2);

    let ordered =
        client.unlock_door(&device("dev-1"), in_secs(5), in_secs(12), open).await.unwrap();
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    let Waited::Settled(attempt) = waited else { panic!("{waited:?}") };
    assert_eq!(attempt.progress(), Progress::Confirmed);
    assert_eq!(vendor.ledger().opened("dev-1"), 1);
    vendor.with(|seam| {
        assert_eq!(seam.complaints(), [] as [String; 0]);
        assert_eq!(seam.forbidden(), [] as [String; 0]);
    });
}

#[tokio::test]
async fn a_shut_gate_lets_no_order_reach_the_vendor() {
    let (client, vendor, _loopback) = serve().await;
    let shut = || Gate::new(async { false });
    let refused = client.unlock_door(&device("dev-1"), in_secs(5), in_secs(12), shut).await;
    assert_eq!(refused.unwrap_err().delivery(), Delivery::NeverSent);
    assert_eq!(vendor.ledger().orders(), []);
}

//! Lists: every page, or an error.

use std::collections::BTreeSet;

use elevate_access_testkit::{
    Fault, FaultKind,
    seam::{Device, Endless, NextPageUrl, Seam, fixture},
};
use elevate_seam::{ConnectedAccountId, DevicesQuery, Error, ErrorKind, SpaceId, SpacesQuery};

use super::{KEY, connect, house, in_secs};

fn many(devices: usize, page: usize) -> Seam {
    let mut seam = Seam::new(KEY);
    for n in 0..devices {
        seam.add_device(Device::two_n(&format!("dev-{n}"), "Door").in_spaces([format!("sp-{n}")]));
        seam = seam.space(&format!("sp-{n}"), &n.to_string());
    }
    seam.page_size(page);
    seam
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_in_order() {
    let (client, vendor) = connect(many(7, 3));
    let listed = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|device| device.device_id.as_str()).collect();
    assert_eq!(ids, ["dev-0", "dev-1", "dev-2", "dev-3", "dev-4", "dev-5", "dev-6"]);
    assert_eq!(vendor.requests_on("/devices/list"), 3);

    let listed = client.spaces(&SpacesQuery::new()).all(in_secs(10)).await.unwrap();
    assert_eq!(listed.len(), 7);
    assert_eq!(vendor.requests_on("/spaces/list"), 3);
    assert_eq!(vendor.with(|seam| seam.complaints().to_vec()), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn later_pages_repeat_the_first_pages_parameters() {
    // The stand-in refuses a cursor that comes with other parameters, as the vendor's own fake does.
    let mut seam = many(5, 500);
    seam.add_device(Device::two_n("elsewhere", "Door").of_account("account-2"));
    let (client, vendor) = connect(seam);
    let query = DevicesQuery::new()
        .connected_accounts([ConnectedAccountId::new("account-1").unwrap()])
        .page_size(2);
    let listed = client.devices(&query).all(in_secs(10)).await.unwrap();
    assert_eq!(listed.len(), 5);
    assert_eq!(vendor.requests_on("/devices/list"), 3);
    assert_eq!(vendor.with(|seam| seam.unknown_parameters().clone()), BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn next_page_url_is_never_followed() {
    for leads in [NextPageUrl::PageOne, NextPageUrl::Elsewhere] {
        let mut seam = many(5, 2);
        seam.next_page_url(leads);
        let (client, vendor) = connect(seam);
        let listed = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap();
        assert_eq!(listed.len(), 5);
        assert!(!vendor.with(|seam| seam.followed_url()));
        assert!(vendor.seen().iter().all(|seen| seen.path == "/devices/list"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_without_pagination_is_whole() {
    let (client, vendor) = connect(house());
    let body = fixture("devices-without-pagination.json").unwrap();
    vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests("/devices/list"));
    assert!(!client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap().is_empty());
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_flag_and_not_the_cursor_says_whether_there_is_more() {
    let (client, vendor) = connect(house());
    let body = fixture("devices-cursor-without-more.json").unwrap();
    vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
    assert_eq!(client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap().len(), 1);
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn partial_listing_is_an_error() {
    // The second page fails for good, and whatever the first brought is not offered.
    for fault in [
        FaultKind::status(503, ""),
        FaultKind::status(400, fixture("error-mismatched-page-parameters.json").unwrap()),
        FaultKind::Reset,
        FaultKind::Cut,
        FaultKind::html_200(),
        FaultKind::invalid_json(),
    ] {
        let (client, vendor) = connect(many(5, 3));
        vendor.faults(|faults| faults.on("/devices/list", 1, u32::MAX - 1, Fault::before(fault)));
        let refused = client.devices(&DevicesQuery::new()).all(in_secs(10)).await;
        assert!(refused.is_err(), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_announced_without_its_cursor_is_an_error() {
    let (client, vendor) = connect(house());
    for (path, name) in [
        ("/devices/list", "devices-more-without-cursor.json"),
        ("/spaces/list", "spaces-more-without-cursor.json"),
    ] {
        vendor.with(|seam| seam.reply_to(path, 200, fixture(name).unwrap()).requests(path));
    }
    let devices = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap_err();
    let spaces = client.spaces(&SpacesQuery::new()).all(in_secs(10)).await.unwrap_err();
    assert_eq!(devices.kind(), ErrorKind::EndlessList);
    assert_eq!(spaces.kind(), ErrorKind::EndlessList);
}

#[tokio::test(start_paused = true)]
async fn pages_without_end_end_as_an_error() {
    for (how, requests) in
        [(Endless::Circle, 3), (Endless::Repeats, 1000), (Endless::EmptyPages, 1000)]
    {
        let mut seam = many(3, 2);
        seam.endless_pages(Some(how));
        let (client, vendor) = connect(seam);
        let error: Error = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EndlessList, "{how:?}");
        assert!(vendor.requests() <= requests, "{how:?}: {} requests", vendor.requests());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_ends_with_its_deadline() {
    let mut seam = many(3, 2);
    seam.endless_pages(Some(Endless::EmptyPages));
    let (client, vendor) = connect(seam);
    let slow = FaultKind::SlowConnect(std::time::Duration::from_secs(1));
    vendor.faults(|faults| faults.always(Fault::before(slow)));
    let by = in_secs(10);
    let error = client.devices(&DevicesQuery::new()).all(by).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert!(elevate_seam::Instant::now() <= by);
}

#[tokio::test(start_paused = true)]
async fn related_things_come_with_their_spaces() {
    let (client, vendor) = connect(house());
    let ids = [SpaceId::new("sp-101").unwrap(), SpaceId::new("gone").unwrap()];
    let related = client.get_related(&ids, in_secs(10)).await.unwrap();
    assert_eq!(related.spaces.len(), 1);
    assert_eq!(related.devices.len(), 2);

    // Nobody knows what no ids at all would bring: perhaps everything.
    let error = client.get_related(&[], in_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_while_that_may_help() {
    let (client, vendor) = connect(house());
    vendor.faults(|faults| {
        faults.on("/devices/list", 0, 2, Fault::before(FaultKind::status(503, "")));
    });
    assert_eq!(client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap().len(), 2);
    assert_eq!(vendor.started().len(), 3);
}

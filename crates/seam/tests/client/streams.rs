//! Lists as streams: what is asked for, when, and how it ends.

use elevate_access_testkit::{
    Fault, FaultKind, Faults,
    seam::{Device, Endless, NextPageUrl, Seam, fixture},
};
use elevate_seam::{AttemptsQuery, Client, DevicesQuery, ErrorKind, Instant, Rows, SpacesQuery};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{KEY, connect, device, house, in_secs, ms};

fn doors(devices: usize, page: usize) -> Seam {
    let mut seam = Seam::new(KEY);
    for n in 0..devices {
        seam.add_device(Device::two_n(&format!("dev-{n}"), "Door"));
    }
    seam.page_size(page);
    seam
}

fn locks(count: usize) -> String {
    let lock = |n| json!({ "device_id": format!("dev-{n}"), "device_type": "two_n_intercom" });
    let locks: Vec<Value> = (0..count).map(lock).collect();
    json!({ "ok": true, "devices": locks, "locks": locks }).to_string()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_it_is_polled_and_nothing_ahead_of_what_is_taken() {
    let (client, vendor) = connect(doors(5, 2));
    let mut rows = client.devices(&DevicesQuery::new());
    tokio::time::sleep(ms(60_000)).await;
    assert_eq!(vendor.requests(), 0);
    for (taken, asked) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        assert!(rows.next().await.unwrap().is_ok());
        tokio::time::sleep(ms(60_000)).await;
        assert_eq!(vendor.requests(), asked, "after {taken}");
    }
    assert!(rows.next().await.is_none());
    assert!(rows.next().await.is_none());
    assert_eq!(vendor.requests(), 3);

    let mut dropped = client.devices(&DevicesQuery::new());
    assert!(dropped.next().await.unwrap().is_ok());
    drop(dropped);
    tokio::time::sleep(ms(60_000)).await;
    assert_eq!(vendor.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_stream_after_what_came_before_it() {
    let (client, vendor) = connect(doors(5, 2));
    let gone = Fault::before(FaultKind::status(403, ""));
    vendor.faults(|faults| faults.on("/devices/list", 1, u32::MAX - 1, gone));
    let mut rows = client.devices(&DevicesQuery::new());
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().is_ok());
    assert_eq!(rows.next().await.unwrap().unwrap_err().kind(), ErrorKind::Forbidden);
    assert!(rows.next().await.is_none());
    assert_eq!(vendor.started().len(), 2);

    // The same list as a whole is none.
    vendor.faults(Faults::clear);
    let gone = Fault::before(FaultKind::status(403, ""));
    vendor.faults(|faults| faults.on("/devices/list", 1, u32::MAX - 1, gone));
    let whole = client.devices(&DevicesQuery::new()).all(in_secs(10)).await;
    assert_eq!(whole.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn the_whole_list_begins_at_its_first_row() {
    let (client, _) = connect(doors(5, 2));
    let mut rows = client.devices(&DevicesQuery::new());
    for _ in 0..3 {
        assert!(rows.next().await.unwrap().is_ok());
    }
    assert_eq!(rows.all(in_secs(10)).await.unwrap().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn each_page_of_a_stream_has_ten_seconds_and_its_reader_has_all_the_time() {
    let (client, vendor) = connect(doors(5, 2));
    let mut rows = client.devices(&DevicesQuery::new());
    assert!(rows.next().await.unwrap().is_ok());
    tokio::time::sleep(ms(3_600_000)).await;
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().is_ok());

    vendor.faults(|faults| faults.always(Fault::before(FaultKind::Stall)));
    assert!(rows.next().await.unwrap().is_ok());
    let begun = Instant::now();
    assert_eq!(rows.next().await.unwrap().unwrap_err().kind(), ErrorKind::NoAnswer);
    assert!(begun.elapsed() <= ms(10_000), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_streams_bounds_are_those_of_the_whole_list() {
    for (how, requests) in
        [(Endless::Circle, 3), (Endless::Repeats, 1000), (Endless::EmptyPages, 1000)]
    {
        let mut seam = doors(3, 2);
        seam.endless_pages(Some(how));
        let (client, vendor) = connect(seam);
        let mut rows = client.devices(&DevicesQuery::new());
        let error = loop {
            match rows.next().await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::EndlessList, "{how:?}");
        assert!(rows.next().await.is_none());
        assert!(vendor.requests() <= requests, "{how:?}: {} requests", vendor.requests());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_follows_no_url() {
    for leads in [NextPageUrl::PageOne, NextPageUrl::Elsewhere] {
        let mut seam = doors(5, 2);
        seam.next_page_url(leads);
        let (client, vendor) = connect(seam);
        assert_eq!(client.devices(&DevicesQuery::new()).count().await, 5);
        assert!(!vendor.with(|seam| seam.followed_url()));
        assert!(vendor.seen().iter().all(|seen| seen.path == "/devices/list"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_without_pagination_ends_after_its_page_on_both_ways() {
    let (client, vendor) = connect(house());
    vendor.with(|seam| {
        seam.reply_to("/webhooks/list", 200, fixture("webhooks.json").unwrap());
        seam.reply_to("/action_attempts/list", 200, fixture("attempts-odd.json").unwrap());
    });
    assert_eq!(client.webhooks().count().await, 2);
    assert_eq!(client.webhooks().all(in_secs(10)).await.unwrap().len(), 2);
    let query = AttemptsQuery::of_device(device("dev-1"));
    assert_eq!(client.action_attempts(&query).all(in_secs(10)).await.unwrap().len(), 2);
    assert_eq!(vendor.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn as_many_locks_as_can_come_are_no_list() {
    let (client, vendor) = connect(house());
    let all = async |query: &DevicesQuery| client.locks(query).all(in_secs(10)).await;
    let usual = DevicesQuery::new();
    vendor.with(|seam| seam.reply_to("/locks/list", 200, locks(499)).requests(""));
    assert_eq!(all(&usual).await.unwrap().len(), 499);
    assert_eq!(all(&usual.clone().page_size(1000)).await.unwrap().len(), 499);
    assert_eq!(
        all(&usual.clone().page_size(499)).await.unwrap_err().kind(),
        ErrorKind::EndlessList
    );

    for count in [500, 501] {
        vendor.with(|seam| seam.reply_to("/locks/list", 200, locks(count)).requests(""));
        assert_eq!(all(&usual).await.unwrap_err().kind(), ErrorKind::EndlessList, "{count}");
        let mut rows = client.locks(&usual);
        assert_eq!(rows.next().await.unwrap().unwrap_err().kind(), ErrorKind::EndlessList);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_page_that_says_nothing_of_the_next_is_no_list() {
    let (client, vendor) = connect(house());
    let body = json!({ "ok": true, "spaces": [{ "space_id": "a" }, { "space_id": "b" }] });
    vendor.with(|seam| seam.reply_to("/spaces/list", 200, body.to_string()).requests(""));
    let listed = |size| client.spaces(&SpacesQuery::new().page_size(size)).all(in_secs(10));
    assert_eq!(listed(3).await.unwrap().len(), 2);
    assert_eq!(listed(2).await.unwrap_err().kind(), ErrorKind::EndlessList);
}

#[tokio::test(start_paused = true)]
async fn a_filter_by_nothing_is_refused_and_not_taken_for_everything() {
    async fn refused<T: std::fmt::Debug>(rows: Rows<T>, field: &str) {
        let error = rows.all(in_secs(10)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(field), "{error}");
    }
    let (client, vendor): (Client, _) = connect(house());
    refused(client.devices(&DevicesQuery::new().ids([])), "device_ids").await;
    refused(client.devices(&DevicesQuery::new().device_types([])), "device_types").await;
    let of_no_account = DevicesQuery::new().connected_accounts([]);
    refused(client.devices(&of_no_account), "connected_account_ids").await;
    refused(client.unmanaged_devices(&of_no_account), "connected_account_ids").await;
    refused(client.locks(&of_no_account), "connected_account_ids").await;
    refused(client.action_attempts(&AttemptsQuery::by_ids([])), "action_attempt_ids").await;
    assert_eq!(vendor.requests(), 0);
}

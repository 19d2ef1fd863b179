//! L10: what weighs little on the wire and much in memory, and ids that are none.

use std::collections::BTreeMap;

use elevate_access_testkit::Reply;
use elevate_seam::{Delivery, DevicesQuery, ErrorKind};
use serde_json::json;

use super::{KEY, connect, device, house, in_secs, unlock};

/// The error of a list of that one device.
async fn refused(device: serde_json::Value) -> elevate_seam::Error {
    let (client, vendor) = connect(house());
    let body = json!({ "ok": true, "devices": [device] }).to_string();
    vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
    client.devices(&DevicesQuery::new()).all(in_secs(10)).await.map(|list| list.len()).unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_device_with_more_parts_than_any_device_has_is_refused_by_its_path() {
    let ids: Vec<_> = (0..10_001).map(|n| n.to_string()).collect();
    for (field, value) in [
        ("errors", json!(vec![json!({}); 201])),
        ("warnings", json!(vec![json!({}); 201])),
        ("space_ids", json!(ids)),
    ] {
        let mut device = json!({ "device_id": "d", "device_type": "two_n_intercom" });
        device[field] = value;
        let error = refused(device).await;
        assert_eq!(error.kind(), ErrorKind::UnusableReply, "{field}: {error}");
        let path = error.path().unwrap();
        assert!(path.starts_with(&format!("devices[0].{field}")), "{field}: {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn metadata_that_cannot_be_read_is_lost_and_nothing_else() {
    let pairs = |n: usize| -> serde_json::Map<_, _> {
        (0..n).map(|n| (n.to_string(), json!(true))).collect()
    };
    let (client, vendor) = connect(house());
    for (metadata, read) in [
        (json!(pairs(0)), Some(0)),
        (json!(null), Some(0)),
        (json!(pairs(200)), Some(200)),
        (json!(pairs(201)), None),
        (json!(pairs(100_000)), None),
        (json!([["units", "101"]]), None),
        (json!("units"), None),
    ] {
        let devices = json!([
            { "device_id": "d-1", "device_type": "two_n_intercom", "custom_metadata": metadata },
            { "device_id": "d-2", "device_type": "two_n_intercom" },
        ]);
        let body = json!({ "ok": true, "devices": devices }).to_string();
        for path in ["/devices/list", "/devices/unmanaged/list"] {
            vendor.with(|seam| seam.reply_to(path, 200, body.clone()).requests(""));
        }
        let known = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap();
        let left = client.unmanaged_devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap();
        let known = known.iter().map(|device| &device.custom_metadata);
        let left = left.iter().map(|device| &device.custom_metadata);
        let count = |pairs: &Option<_>| pairs.as_ref().map(BTreeMap::len);
        for seen in [known.map(count).collect::<Vec<_>>(), left.map(count).collect()] {
            assert_eq!(seen, [read, Some(0)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_parts_take_too_much_memory_is_refused() {
    // Three megabytes on the wire, over a million parts.
    let many = vec![json!({}); 200];
    let one = json!({
        "device_id": "d", "device_type": "two_n_intercom", "errors": many, "warnings": many,
    });
    let body = json!({ "ok": true, "devices": vec![one; 2500] }).to_string();
    assert!(body.len() < 4 * 1024 * 1024, "refused for its bytes: a vain test");
    let (client, vendor) = connect(house());
    vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
    let error = client
        .devices(&DevicesQuery::new())
        .all(in_secs(10))
        .await
        .map(|list| list.len())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EndlessList, "{error}");
}

#[tokio::test(start_paused = true)]
async fn three_hundred_doors_of_two_thousand_units_each_are_a_list() {
    let spaces: Vec<_> = (0..2000).map(|n| format!("5ea3f0b1-0000-4000-8000-{n:012x}")).collect();
    let (client, vendor) = connect(house());
    for page in 0..4 {
        let devices: Vec<_> = (0..75)
            .map(|n| {
                json!({ "device_id": format!("d-{page}-{n}"), "device_type": "two_n_intercom",
                             "space_ids": spaces })
            })
            .collect();
        let pagination = json!({ "has_next_page": page < 3, "next_page_cursor": page.to_string() });
        let body = json!({ "ok": true, "devices": devices, "pagination": pagination }).to_string();
        vendor.with(|seam| seam.reply_once_to("/devices/list", 200, body).requests(""));
    }
    let devices = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap();
    assert_eq!(devices.len(), 300);
    assert!(devices.iter().all(|device| device.space_ids.len() == 2000));
}

#[tokio::test(start_paused = true)]
async fn an_id_that_cannot_be_seen_for_what_it_is_is_refused_by_its_path() {
    for id in ["", "a b", "a\nb", "a\u{202e}b", "a\u{200b}", "a\u{2066}", "\u{feff}a", "\u{3164}"]
        .into_iter()
        .map(str::to_owned)
        .chain(["x".repeat(257)])
    {
        for (device, path) in [
            (json!({ "device_id": id, "device_type": "t" }), "devices[0].device_id"),
            (
                json!({ "device_id": "d", "device_type": "t", "space_ids": ["s", id] }),
                "devices[0].space_ids[1]",
            ),
        ] {
            let error = refused(device).await;
            assert_eq!(error.kind(), ErrorKind::UnusableReply, "{id:?}: {error}");
            assert_eq!(error.path(), Some(path), "{id:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_id_of_a_header_is_dropped_if_it_holds_a_secret_or_is_no_id() {
    for (status, body) in [(403, "{}"), (200, "{}"), (200, r#"{"ok":false}"#), (500, "")] {
        for id in [KEY.to_owned(), format!("req-{KEY}"), "x".repeat(65), "two words".to_owned()] {
            let (client, vendor) = connect(house());
            let reply = Reply::json(status, body).header("seam-request-id", &id);
            vendor.with(|seam| seam.reply_with("/devices/get", reply).requests(""));
            let error = client.get_device(&device("dev-1"), in_secs(2)).await.unwrap_err();
            assert_eq!(error.request_id(), None, "{status} {id}");
            assert!(!format!("{error} {error:?} {error:#?}").contains(&id), "{error:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_taken_order_whose_attempt_has_no_usable_id_is_an_unusable_reply() {
    for id in [KEY.to_owned(), "a/b".to_owned(), "jane@example.test".to_owned(), "x".repeat(129)] {
        let (client, vendor) = connect(house());
        let body = json!({ "ok": true, "action_attempt": {
            "action_attempt_id": id, "action_type": "UNLOCK_DOOR", "status": "pending",
            "result": null, "error": null,
        } });
        vendor.with(|seam| {
            seam.act_then_reply_to("/locks/unlock_door", 200, body.to_string()).requests("")
        });
        let error = unlock(&client, "dev-1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnusableReply, "{id}");
        assert_eq!(error.delivery(), Delivery::Answered, "{id}");
        assert!(!format!("{error} {error:?}").contains(&id), "{error:?}");
    }
}

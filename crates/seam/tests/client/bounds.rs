//! L10: whatever the vendor sends, a typed error comes back, within bounds.

use elevate_access_testkit::{Fault, FaultKind};
use elevate_seam::{
    AccountsQuery, AttemptsQuery, DevicesQuery, ErrorKind, NewConnectWebview, SpacesQuery,
    WebviewsQuery,
};
use proptest::prelude::*;

use super::{connect, device, house, in_secs, unlock};

#[tokio::test(start_paused = true)]
async fn bombs_are_refused_by_every_call() {
    for fault in [
        FaultKind::oversized(100 * 1024 * 1024),
        FaultKind::compressed_bomb(),
        FaultKind::deep_json(100_000),
        FaultKind::invalid_json(),
    ] {
        let (client, vendor) = connect(house());
        vendor.faults(|faults| faults.always(Fault::before(fault.clone())));
        let by = in_secs(10);
        let size = if let FaultKind::Instead(reply) = &fault { reply.body.len() } else { 0 };
        for error in [
            client.devices(&DevicesQuery::new()).all(by).await.unwrap_err(),
            client.spaces(&SpacesQuery::new()).all(by).await.unwrap_err(),
            client.get_workspace(by).await.unwrap_err(),
            client.unmanaged_devices(&DevicesQuery::new()).all(by).await.unwrap_err(),
            client.locks(&DevicesQuery::new()).all(by).await.unwrap_err(),
            client.connected_accounts(&AccountsQuery::new()).all(by).await.unwrap_err(),
            client
                .action_attempts(&AttemptsQuery::of_device(device("d")))
                .all(by)
                .await
                .unwrap_err(),
            client.connect_webviews(&WebviewsQuery::new()).all(by).await.unwrap_err(),
            client.webhooks().all(by).await.unwrap_err(),
            client.create_connect_webview(&NewConnectWebview::two_n(), by).await.unwrap_err(),
            unlock(&client, "dev-1").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::UnusableReply, "{size} bytes: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn deep_json_in_a_field_that_nobody_reads_is_refused_or_passed_over() {
    let (client, vendor) = connect(house());
    for depth in [10, 100, 1000, 100_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = format!(
            r#"{{"ok":true,"devices":[{{"device_id":"d","device_type":"t","location":{deep},"x":{deep}}}]}}"#
        );
        vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
        match client.devices(&DevicesQuery::new()).all(in_secs(10)).await {
            Ok(devices) => assert_eq!(devices.len(), 1),
            Err(error) => assert_eq!(error.kind(), ErrorKind::UnusableReply),
        }
    }
}

/// JSON of every sort.
pub(crate) fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        ".{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(".{0,8}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A device with one field of any sort at all decodes, or its list is refused; nothing panics.
    #[test]
    fn no_field_of_the_wrong_type_breaks_more_than_its_list(
        field in prop_oneof![
            Just("display_name"), Just("can_remotely_unlock"), Just("is_managed"),
            Just("connected_account_id"), Just("properties"), Just("custom_metadata"),
            Just("location"), Just("nickname"), Just("created_at"), Just("errors"),
            Just("warnings"), Just("space_ids"), Just("device_id"), Just("device_type"),
        ],
        value in json(),
    ) {
        let mut device = serde_json::json!({ "device_id": "d", "device_type": "two_n_intercom" });
        device[field] = value.clone();
        let body = serde_json::json!({ "ok": true, "devices": [device] }).to_string();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let seen = runtime.block_on(async {
            let (client, vendor) = connect(house());
            vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
            client.devices(&DevicesQuery::new()).all(in_secs(10)).await
        });
        let needed = ["errors", "warnings", "space_ids", "device_id", "device_type"];
        match seen {
            Ok(devices) => {
                prop_assert_eq!(devices.len(), 1);
                // Only a plain `true` says that a device can be unlocked remotely.
                let yes = field == "can_remotely_unlock" && value == true;
                prop_assert_eq!(devices[0].can_remotely_unlock == Some(true), yes);
            }
            Err(error) => {
                prop_assert!(needed.contains(&field), "{}: {}", field, error);
                prop_assert_eq!(error.kind(), ErrorKind::UnusableReply);
                prop_assert!(error.path().is_some_and(|path| path.starts_with("devices[0]")));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_with_endless_errors_is_no_device() {
    let errors = vec!["{}"; 201].join(",");
    let body = format!(
        r#"{{"ok":true,"devices":[{{"device_id":"d","device_type":"two_n_intercom","errors":[{errors}]}}]}}"#
    );
    let (client, vendor) = connect(house());
    vendor.with(|seam| seam.reply_to("/devices/list", 200, body).requests(""));
    let error = client.devices(&DevicesQuery::new()).all(in_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnusableReply);
    assert!(error.path().is_some_and(|path| path.contains("errors")), "{error:?}");
}

//! What the replies about accounts, sign-ins, unmanaged devices and webhooks come to.

use elevate_access_testkit::seam::fixture;
use elevate_seam::{
    AccountErrorCode, AccountType, AccountWarningCode, Concern, ConnectWebview, ConnectWebviewId,
    ConnectedAccount, ConnectedAccountId, DevicesQuery, ErrorKind, Event, EventType,
    InvalidWebhookSecret, NewWebhook, SpaceId, Webhook, WebhookId, WebhookSecret, WebviewStatus,
};

use super::{connect, house, in_secs};

async fn webview(name: &str) -> ConnectWebview {
    let (client, vendor) = connect(house());
    let body = fixture(name).unwrap();
    vendor.with(|seam| seam.reply_to("/connect_webviews/get", 200, body).requests(""));
    let id = ConnectWebviewId::new("0c4f6f8e-51c0-4f0e-9d7a-5a5f0a7f3d21").unwrap();
    client.get_connect_webview(&id, in_secs(10)).await.unwrap()
}

async fn account(name: &str) -> ConnectedAccount {
    let (client, vendor) = connect(house());
    let body = fixture(name).unwrap();
    vendor.with(|seam| seam.reply_to("/connected_accounts/get", 200, body).requests(""));
    let id = ConnectedAccountId::new("cbf27734-ac10-4525-8b66-402800e03d2c").unwrap();
    client.get_connected_account(&id, in_secs(10)).await.unwrap()
}

async fn webhook(name: &str) -> Webhook {
    let (client, vendor) = connect(house());
    let body = fixture(name).unwrap();
    vendor.with(|seam| seam.reply_to("/webhooks/get", 200, body).requests(""));
    let id = WebhookId::new("7f3c1d2e-9b8a-4c6d-8e5f-1a2b3c4d5e6f").unwrap();
    client.get_webhook(&id, in_secs(10)).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_is_done_only_if_all_three_signs_are_there() {
    for (name, is_done, has_failed) in [
        ("webview-authorized.json", true, false),
        ("webview-pending.json", false, false),
        ("webview-authorized-not-successful.json", false, false),
        ("webview-authorized-without-account.json", false, false),
        ("webview-failed.json", false, true),
        ("webview-nulls.json", false, false),
        ("webview-unknown-words.json", false, false),
    ] {
        let webview = webview(name).await;
        assert_eq!((webview.is_done(), webview.has_failed()), (is_done, has_failed), "{name}");
        assert!(webview.url.expose().starts_with("https://connect.example/"), "{name}");
    }
    let odd = webview("webview-unknown-words.json").await;
    assert_eq!(odd.status, Some(WebviewStatus::from("expired")));
    assert_eq!(odd.accepted_providers.len(), 2);
    assert_eq!(odd.custom_metadata.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_no_web_address_is_no_link() {
    let (client, vendor) = connect(house());
    let body = fixture("webview-link-is-no-link.json").unwrap();
    vendor.with(|seam| seam.reply_to("/connect_webviews/get", 200, body).requests(""));
    let id = ConnectWebviewId::new("0c4f6f8e-51c0-4f0e-9d7a-5a5f0a7f3d21").unwrap();
    let error = client.get_connect_webview(&id, in_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnusableReply);
    assert_eq!(error.path(), Some("connect_webview.url"));
}

#[tokio::test(start_paused = true)]
async fn an_account_says_what_is_wrong_with_it_and_not_whose_it_is() {
    let fine = account("connected-account.json").await;
    assert_eq!(fine.account_type, Some(AccountType::TwoN));
    assert!(fine.errors.is_empty() && fine.warnings.is_empty());
    let lost = account("connected-account-disconnected.json").await;
    assert!(lost.has_error(&AccountErrorCode::AccountDisconnected));
    assert!(lost.errors[0].created_at.is_some());
    let asked = account("connected-account-reauthorization.json").await;
    assert!(asked.has_warning(&AccountWarningCode::AccountReauthorizationRequested));
    assert!(asked.has_warning(&AccountWarningCode::from("tenant_moved")));
    let odd = account("connected-account-odd-types.json").await;
    assert_eq!((odd.account_type.clone(), odd.display_name.clone()), (None, None));
    assert!(odd.has_error(&AccountErrorCode::from("account_on_the_moon")));
    assert_eq!((odd.errors.len(), odd.warnings.len(), odd.custom_metadata), (1, 0, None));
}

#[tokio::test(start_paused = true)]
async fn devices_left_unmanaged_are_named() {
    let (client, vendor) = connect(house());
    let all = async |name: &str| {
        let body = fixture(name).unwrap();
        vendor.with(|seam| seam.reply_to("/devices/unmanaged/list", 200, body).requests(""));
        client.unmanaged_devices(&DevicesQuery::new()).all(in_secs(10)).await
    };
    assert_eq!(all("devices-unmanaged.json").await.unwrap()[0].name(), Some("Side door"));
    let odd = all("devices-unmanaged-odd.json").await.unwrap();
    assert_eq!(odd.len(), 3);
    assert!(odd.iter().all(|device| device.name().is_none()));
    assert!(odd.iter().all(|device| device.can_remotely_unlock.is_none()));
    let error = all("devices-unmanaged-one-without-id.json").await.unwrap_err();
    assert_eq!(error.path(), Some("devices[1].device_id"));
}

#[tokio::test(start_paused = true)]
async fn a_webhook_has_its_secret_where_seam_shows_one() {
    let hook = webhook("webhook.json").await;
    assert_eq!(hook.secret.unwrap().expose(), "whsec_c3RhbmQtaW4tc2VjcmV0LW9mLTI0LWJ5dGVz");
    assert_eq!(hook.event_types, [EventType::DeviceAdded, EventType::UnlockDoorFailed]);
    for name in ["webhook-only-required-fields.json", "webhook-nulls.json", "webhook-odd.json"] {
        assert!(webhook(name).await.secret.is_none(), "{name}");
    }
    let odd = webhook("webhook-odd.json").await;
    assert_eq!(odd.event_types, [EventType::from("*"), EventType::from("moon.rose")]);
}

#[test]
fn a_webhook_secret_is_told_by_its_form() {
    for fine in ["whsec_QUJD", "whsec_ab+/c=="] {
        assert_eq!(WebhookSecret::new(fine).unwrap().expose(), fine);
    }
    for bad in ["", "whsec_", "QUJD", "whsec_QU JD", "whsec_QUJD\n", "fake_secret_QUJD"] {
        assert_eq!(WebhookSecret::new(bad).unwrap_err(), InvalidWebhookSecret, "{bad:?}");
    }
}

#[test]
fn a_webhook_asks_by_itself_for_what_concerns_something() {
    for event_type in NewWebhook::USED {
        let event = serde_json::json!({
            "event_id": "e", "event_type": event_type, "workspace_id": "w", "device_id": "d",
            "action_attempt_id": "a", "connect_webview_id": "v", "connected_account_id": "c",
        });
        let event: Event = serde_json::from_value(event).unwrap();
        assert_ne!(event.concerns(), Concern::Nothing, "{event_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn entrances_come_with_their_spaces_as_far_as_they_can_be_read() {
    let (client, vendor) = connect(house());
    let body = fixture("spaces-related-entrances.json").unwrap();
    vendor.with(|seam| seam.reply_to("/spaces/get_related", 200, body).requests(""));
    let related =
        client.get_related(&[SpaceId::new("sp-101").unwrap()], in_secs(10)).await.unwrap();
    let names: Vec<_> = related.acs_entrances.iter().map(|it| it.display_name.as_deref()).collect();
    assert_eq!(names, [Some("Garage"), None]);
    assert!(related.devices.is_empty());
}

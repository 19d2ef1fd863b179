//! Each call as it goes out, and what becomes of those that write.

use std::sync::{Arc, Mutex};

use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, TestClock, Vendor,
    seam::{Seam, fixture},
};
use elevate_seam::{
    AccountsQuery, ActionAttemptId, ApiKey, AttemptsQuery, Client, ConnectWebviewId,
    ConnectedAccountId, Delivery, DeviceType, DevicesQuery, Error, ErrorKind, EventType,
    NewConnectWebview, NewWebhook, ProviderKey, SpaceId, SpacesQuery, WebhookId, WebviewsQuery,
};
use serde_json::Value;

use super::{connect, device, house, in_secs};

const WEBVIEW: &str = "0c4f6f8e-51c0-4f0e-9d7a-5a5f0a7f3d21";
const ACCOUNT: &str = "cbf27734-ac10-4525-8b66-402800e03d2c";
const HOOK: &str = "7f3c1d2e-9b8a-4c6d-8e5f-1a2b3c4d5e6f";
const HOOK_URL: &str = "https://api.maple.example/hooks/seam";

/// The replies of the calls that write, and of those around them.
const REPLIES: [(&str, &str); 9] = [
    ("/connect_webviews/create", "webview-created.json"),
    ("/connect_webviews/get", "webview-pending.json"),
    ("/connect_webviews/list", "webviews.json"),
    ("/connected_accounts/sync", "connected-account-sync.json"),
    ("/webhooks/create", "webhook-created.json"),
    ("/webhooks/get", "webhook.json"),
    ("/webhooks/list", "webhooks.json"),
    ("/webhooks/update", "webhook-updated.json"),
    ("/webhooks/delete", "webhook-deleted.json"),
];

fn account() -> ConnectedAccountId {
    ConnectedAccountId::new(ACCOUNT).unwrap()
}

fn webview() -> ConnectWebviewId {
    ConnectWebviewId::new(WEBVIEW).unwrap()
}

fn hook() -> WebhookId {
    WebhookId::new(HOOK).unwrap()
}

fn answering() -> Seam {
    let mut seam = house();
    for (path, name) in REPLIES {
        seam.reply_to(path, 200, fixture(name).unwrap());
    }
    seam
}

type Sent = Arc<Mutex<Vec<String>>>;

/// A client whose requests are written down as they go out.
fn watched(seam: Seam) -> (Client, Vendor<Seam>, Sent) {
    let vendor = Vendor::new(seam);
    let sent = Sent::default();
    let notes = Arc::clone(&sent);
    let wire = MemoryWire::new(vendor.clone(), TestClock::new()).observing(move |request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert!(request.query.is_empty() && request.headers["content-type"] == "application/json");
        notes.lock().unwrap().push(format!("{} {} {body}", request.method, request.path));
    });
    let key = ApiKey::new(vendor.with(|seam| seam.api_key().to_owned())).unwrap();
    (Client::builder(key).wire(Arc::new(wire)).build().unwrap(), vendor, sent)
}

#[tokio::test(start_paused = true)]
async fn each_call_asks_for_what_it_says() {
    let (client, vendor, sent) = watched(answering());
    let by = in_secs(10);
    vendor.with(|seam| {
        seam.reply_to("/connected_accounts/get", 200, fixture("connected-account.json").unwrap());
    });
    client.devices(&DevicesQuery::new()).all(by).await.unwrap();
    let devices = DevicesQuery::new()
        .ids([device("dev-1"), device("dev-2")])
        .device_types([DeviceType::TwoNIntercom, DeviceType::SaltoLock])
        .manufacturer("two_n")
        .connect_webview(webview())
        .connected_accounts([account()])
        .customer_key("maple-court")
        .space(SpaceId::new("sp-101").unwrap())
        .metadata("units", "101, 102")
        .metadata("trial", true)
        .page_size(50);
    // The stand-in does not know all of these filters.
    vendor.with(|seam| {
        seam.reply_once_to("/devices/list", 200, fixture("devices-empty.json").unwrap())
            .requests("")
    });
    client.devices(&devices).all(by).await.unwrap();
    client.unmanaged_devices(&DevicesQuery::new()).all(by).await.unwrap();
    client.locks(&DevicesQuery::new().customer_key("maple-court")).all(by).await.unwrap();
    client.spaces(&SpacesQuery::new()).all(by).await.unwrap();
    let parent = SpaceId::new("sp-101").unwrap();
    let spaces = SpacesQuery::new()
        .customer_key("maple-court")
        .parent(parent.clone())
        .parent_key("maple")
        .space_key("101")
        .page_size(7);
    client.spaces(&spaces).all(by).await.unwrap();
    client.get_related(&[parent], by).await.unwrap();
    client.connected_accounts(&AccountsQuery::new()).all(by).await.unwrap();
    let accounts = AccountsQuery::new()
        .customer_key("maple-court")
        .space(SpaceId::new("sp-101").unwrap())
        .metadata("building", "maple-court")
        .page_size(5);
    client.connected_accounts(&accounts).all(by).await.unwrap();
    client.get_connected_account(&account(), by).await.unwrap();
    client.sync_connected_account(&account(), by).await.unwrap();
    client.action_attempts(&AttemptsQuery::of_device(device("dev-1"))).all(by).await.unwrap();
    let ids = AttemptsQuery::by_ids([ActionAttemptId::new("a-1").unwrap()]).page_size(9);
    client.action_attempts(&ids).all(by).await.unwrap();
    client.create_connect_webview(&NewConnectWebview::two_n(), by).await.unwrap();
    let new = NewConnectWebview::for_providers([ProviderKey::TwoN, ProviderKey::from("salto")])
        .redirect_to("https://manage.example/connected?building=7")
        .redirect_failures_to("http://127.0.0.1:8080/failed")
        .customer_key("maple-court")
        .metadata("building", "maple-court")
        .metadata("trial", false)
        .wait_for_devices(true)
        .manage_new_devices(false);
    client.create_connect_webview(&new, by).await.unwrap();
    client.get_connect_webview(&webview(), by).await.unwrap();
    let webviews = WebviewsQuery::new().customer_key("maple-court").metadata("trial", true);
    client.connect_webviews(&webviews).all(by).await.unwrap();
    client.webhooks().all(by).await.unwrap();
    client.get_webhook(&hook(), by).await.unwrap();
    client.create_webhook(&NewWebhook::new(HOOK_URL), by).await.unwrap();
    let few = [EventType::SpaceCreated, EventType::from("moon.rose")];
    let new = NewWebhook::new(HOOK_URL).event_types(few.clone());
    client.create_webhook(&new, by).await.unwrap();
    client.update_webhook(&hook(), &few, by).await.unwrap();
    client.delete_webhook(&hook(), by).await.unwrap();
    insta::assert_snapshot!(sent.lock().unwrap().join("\n"));
    vendor.with(|seam| {
        assert!(seam.unknown_parameters().is_empty(), "{:?}", seam.unknown_parameters());
        assert_eq!(seam.complaints(), [] as [String; 0]);
    });
}

const WRITES: [&str; 5] = [
    "/connected_accounts/sync",
    "/connect_webviews/create",
    "/webhooks/create",
    "/webhooks/update",
    "/webhooks/delete",
];

/// The call that writes by that path.
async fn write(client: &Client, path: &str) -> Result<(), Error> {
    let by = in_secs(10);
    match path {
        "/connected_accounts/sync" => client.sync_connected_account(&account(), by).await,
        "/connect_webviews/create" => {
            client.create_connect_webview(&NewConnectWebview::two_n(), by).await.map(drop)
        }
        "/webhooks/create" => client.create_webhook(&NewWebhook::new(HOOK_URL), by).await.map(drop),
        "/webhooks/update" => client.update_webhook(&hook(), &[EventType::SpaceCreated], by).await,
        _ => client.delete_webhook(&hook(), by).await,
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_sent_once_whatever_becomes_of_its_answer() {
    for path in WRITES {
        for (fault, delivery) in [
            (Fault::before(FaultKind::Refuse), Delivery::NeverSent),
            (Fault::before(FaultKind::Reset), Delivery::MaybeSent),
            (Fault::after(FaultKind::Reset), Delivery::MaybeSent),
            (Fault::after(FaultKind::Stall), Delivery::MaybeSent),
            (Fault::after(FaultKind::Cut), Delivery::Answered),
            (Fault::after(FaultKind::status(503, "")), Delivery::Answered),
            (Fault::before(FaultKind::status(429, "")), Delivery::Answered),
            (Fault::before(FaultKind::redirect(307, path)), Delivery::Answered),
            (Fault::before(FaultKind::html_200()), Delivery::Answered),
        ] {
            let (client, vendor) = connect(answering());
            vendor.faults(|faults| faults.next_on(path, fault.clone()));
            let error = write(&client, path).await.unwrap_err();
            assert_eq!(error.delivery(), delivery, "{path} {fault}: {error}");
            tokio::time::sleep(std::time::Duration::from_mins(1)).await;
            let bodies = usize::from(delivery != Delivery::NeverSent);
            assert_eq!(vendor.started().len(), bodies, "{path} {fault}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_documented_success_of_a_write_counts() {
    for path in WRITES {
        for (status, body) in
            [(201, r#"{"ok":true}"#), (204, ""), (200, ""), (200, "null"), (200, r#"{"ok":false}"#)]
        {
            let (client, vendor) = connect(answering());
            vendor.with(|seam| seam.reply_to(path, status, body).requests(""));
            let error = write(&client, path).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnusableReply, "{path} {status} {body}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_typed_and_name_the_field() {
    let (client, vendor) = connect(house());
    vendor.with(|seam| {
        let tree = fixture("error-validation-tree.json").unwrap();
        seam.reply_to("/connect_webviews/create", 400, tree);
        seam.reply_to("/webhooks/delete", 404, fixture("error-webhook-not-found.json").unwrap());
    });
    let error = write(&client, "/connect_webviews/create").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Refused, Delivery::Answered));
    assert!(!error.validation_errors().is_empty());
    let error = write(&client, "/webhooks/delete").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.error_type(), Some("webhook_not_found"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_for_is_refused_before_anything_is_sent() {
    let (client, vendor) = connect(house());
    let by = in_secs(10);
    for url in [
        "",
        "manage.example/done",
        "http://manage.example/done",
        "javascript:alert(1)",
        "https://user:c4n4ry@manage.example/",
    ] {
        let new = NewConnectWebview::two_n().redirect_to(url);
        let to = client.create_connect_webview(&new, by).await.unwrap_err();
        let new = NewConnectWebview::two_n().redirect_failures_to(url);
        let failures = client.create_connect_webview(&new, by).await.unwrap_err();
        let hook = client.create_webhook(&NewWebhook::new(url), by).await.unwrap_err();
        for (error, field) in
            [(to, "custom_redirect_url"), (failures, "custom_redirect_failure_url"), (hook, "url")]
        {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(field) && !shown.contains("c4n4ry"), "{shown}");
        }
    }
    for error in [
        client.create_connect_webview(&NewConnectWebview::for_providers([]), by).await.unwrap_err(),
        client.create_webhook(&NewWebhook::new(HOOK_URL).event_types([]), by).await.unwrap_err(),
        client.update_webhook(&hook(), &[], by).await.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::InvalidInput, Delivery::NeverSent)
        );
    }
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reply_about_another_thing_is_no_answer() {
    let (client, vendor) = connect(answering());
    vendor.with(|seam| {
        seam.reply_to("/connected_accounts/get", 200, fixture("connected-account.json").unwrap());
    });
    let by = in_secs(10);
    for error in [
        client.get_connected_account(&ConnectedAccountId::new("b").unwrap(), by).await.unwrap_err(),
        client.get_connect_webview(&ConnectWebviewId::new("b").unwrap(), by).await.unwrap_err(),
        client.get_webhook(&WebhookId::new("b").unwrap(), by).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::UnusableReply);
    }
}

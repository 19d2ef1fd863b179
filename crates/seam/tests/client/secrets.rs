//! L7: no secret and no e-mail is in anything that can be printed, also where the vendor repeats it.

use std::{error::Error as _, fmt::Write as _};

use elevate_access_testkit::{
    Reply,
    seam::{Account, Device, Seam, Space, fixture},
};
use elevate_seam::{
    AccountsQuery, ApiKey, Client, ClientBuilder, ConnectLink, ConnectWebviewId, DevicesQuery,
    Error, NewConnectWebview, NewWebhook, SpaceId, SpacesQuery, Waited, WebhookId, WebhookSecret,
    WebviewsQuery,
};

use super::{connect, device, in_secs, unlock};

/// Neither stands in any other text.
const KEY: &str = "seam_c4n4ryKeyDoNotShow";
const EMAIL: &str = "manager@maple.example";

fn echoing() -> Seam {
    let mut seam = Seam::new(KEY)
        .account(Account::new("account-1").email(EMAIL))
        .space_with(Space::new("sp-1", EMAIL).key(KEY))
        .device(Device::two_n("dev-1", EMAIL).in_spaces(["sp-1"]).metadata("who", EMAIL));
    seam.echo_secrets(true);
    seam
}

fn search(shown: &str) {
    for secret in [KEY, EMAIL, "c4n4ry", "maple.example"] {
        assert!(!shown.contains(secret), "{secret} shows in: {shown}");
    }
}

fn whole(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    for field in error.validation_errors() {
        let _ = write!(shown, " {field:?}");
    }
    let parts = [error.error_type(), error.message(), error.request_id(), error.path()];
    let _ = write!(shown, " {parts:?}");
    let mut source = error.source();
    while let Some(below) = source {
        let _ = write!(shown, " {below} {below:?}");
        source = below.source();
    }
    shown
}

#[tokio::test(start_paused = true)]
async fn no_public_type_prints_what_it_must_not() {
    let key = ApiKey::new(KEY).unwrap();
    let builder: ClientBuilder = Client::builder(key.clone());
    let (client, _) = connect(echoing());
    let by = in_secs(10);
    let devices = client.devices(&DevicesQuery::new()).all(by).await.unwrap();
    let spaces = client.spaces(&SpacesQuery::new()).all(by).await.unwrap();
    let related = client.get_related(&[SpaceId::new("sp-1").unwrap()], by).await.unwrap();
    assert_eq!(devices[0].display_name.as_deref(), Some(EMAIL), "nothing to hide: a vain test");
    let ordered = unlock(&client, "dev-1").await.unwrap();
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    for shown in [
        format!("{key:?} {key:#?} {builder:?} {builder:#?} {client:?} {client:#?}"),
        format!("{devices:?} {devices:#?} {spaces:?} {spaces:#?} {related:?} {related:#?}"),
        format!("{:?} {:?}", devices[0].properties, devices[0].custom_metadata),
        format!("{ordered:?} {ordered:#?} {waited:?} {waited:#?}"),
    ] {
        search(&shown);
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_a_secret_that_the_vendor_repeats() {
    let (client, vendor) = connect(echoing());
    let gone = client.get_device(&device("no-such-device"), in_secs(10)).await.unwrap_err();
    assert!(gone.message().is_some_and(|text| text.contains("***")), "a vain test: {gone}");
    search(&whole(&gone));

    // The failure of an attempt is a reply like any other; its words do not print either.
    vendor.with(|seam| {
        seam.attempts_end(elevate_access_testkit::seam::AttemptEnd::error("t", "failed"));
    });
    let ordered = unlock(&client, "dev-1").await.unwrap();
    let waited = client.wait_for_unlock(&ordered, in_secs(12)).await;
    let Waited::Settled(attempt) = &waited else { panic!("{waited:?}") };
    let message = attempt.error.as_ref().and_then(|error| error.message.as_deref());
    assert!(message.is_some_and(|text| text.contains(KEY)), "a vain test: {message:?}");
    search(&format!("{waited:?} {waited:#?}"));
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_wherever_an_error_body_may_hold_it() {
    let echo = format!("{KEY} {EMAIL}");
    for body in [
        fixture("error-echoes-secrets.json").unwrap().to_owned(),
        echo.clone(),
        serde_json::json!({ "error": echo }).to_string(),
        serde_json::json!({ "error": { "type": echo, "message": echo, "request_id": echo } })
            .to_string(),
        serde_json::json!({ "error": { "type": "t", "validation_errors": {
            (EMAIL): { "_errors": [echo] }, (KEY): "no" } } })
        .to_string(),
        serde_json::json!({ "workspace": { (KEY): EMAIL } }).to_string(),
        serde_json::json!({ "workspace": { "workspace_id": { (EMAIL): KEY } } }).to_string(),
        // In the middle of a name, where it does not look like one.
        serde_json::json!({ "workspace": { (format!("a{KEY}b")): EMAIL } }).to_string(),
        format!(r#"{{"a{KEY}b": t"#),
    ] {
        for status in [200, 400, 401, 429, 500] {
            let (client, vendor) = connect(echoing());
            let reply = Reply::json(status, body.clone()).header("seam-request-id", EMAIL);
            vendor.with(|seam| seam.reply_with("/workspaces/get", reply).requests(""));
            search(&whole(&client.get_workspace(in_secs(10)).await.unwrap_err()));
        }
    }
}

const LINK: &str = "https://connect.example/connect_webviews/view?id=l1nk-c4n4ry";
const HOOK_SECRET: &str = "whsec_c4n4ry";

fn webview_body() -> String {
    serde_json::json!({ "ok": true, "connect_webview": {
        "connect_webview_id": "wv-1", "url": LINK, "custom_metadata": { "who": EMAIL },
        "customer_key": EMAIL, "custom_redirect_url": LINK,
    } })
    .to_string()
}

fn webhook_body() -> String {
    serde_json::json!({ "ok": true, "webhook": {
        "webhook_id": "wh-1", "url": LINK, "event_types": ["*"], "secret": HOOK_SECRET,
    } })
    .to_string()
}

fn search_all(shown: &str) {
    search(shown);
    for secret in [LINK, HOOK_SECRET, "l1nk", "connect.example"] {
        assert!(!shown.contains(secret), "{secret} shows in: {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn connect_links_webhook_secrets_and_whose_account_it_is_are_not_printed() {
    let (client, vendor) = connect(echoing());
    vendor.with(|seam| {
        seam.reply_to("/connect_webviews/create", 200, webview_body());
        seam.reply_to("/webhooks/create", 200, webhook_body());
        let unmanaged = serde_json::json!({ "ok": true, "devices": [{
            "device_id": "d", "display_name": EMAIL, "properties": { "name": EMAIL },
            "errors": [{ "message": EMAIL }], "custom_metadata": { "who": EMAIL },
        }] });
        seam.reply_to("/devices/unmanaged/list", 200, unmanaged.to_string());
        let related = serde_json::json!({ "ok": true, "batch": { "acs_entrances": [
            { "acs_entrance_id": "e", "display_name": EMAIL },
        ] } });
        seam.reply_to("/spaces/get_related", 200, related.to_string());
    });
    let by = in_secs(10);
    let new = NewConnectWebview::two_n().redirect_to(LINK).customer_key(EMAIL).metadata("w", EMAIL);
    let webview = client.create_connect_webview(&new, by).await.unwrap();
    assert_eq!(webview.url.expose(), LINK);
    let new_hook = NewWebhook::new(LINK);
    let webhook = client.create_webhook(&new_hook, by).await.unwrap();
    assert_eq!(webhook.secret.as_ref().unwrap().expose(), HOOK_SECRET);
    let rows = client.webhooks();
    let accounts = client.connected_accounts(&AccountsQuery::new()).all(by).await.unwrap();
    assert_eq!(accounts.len(), 1);
    let devices = client.unmanaged_devices(&DevicesQuery::new()).all(by).await.unwrap();
    let related = client.get_related(&[SpaceId::new("sp-1").unwrap()], by).await.unwrap();
    for shown in [
        format!("{webview:?} {webview:#?} {webhook:?} {webhook:#?} {rows:?}"),
        format!("{:?} {:?} {new:?} {new:#?} {new_hook:?}", webview.url, webhook.secret),
        format!("{accounts:?} {accounts:#?} {devices:?} {devices:#?} {:?}", devices[0].properties),
        format!("{related:?} {related:#?}"),
        format!("{} {:?}", ConnectLink::new(EMAIL).unwrap_err(), WebhookSecret::new(KEY)),
    ] {
        search_all(&shown);
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_a_link_or_a_webhooks_secret() {
    let echo = format!("{LINK} {HOOK_SECRET} ({LINK})");
    for body in [
        webview_body(),
        webhook_body(),
        webview_body().replace("wv-1", " "),
        webhook_body().replace("wh-1", " "),
        echo.clone(),
        serde_json::json!({ "error": echo }).to_string(),
        serde_json::json!({ "error": { "type": LINK, "message": echo, "request_id": HOOK_SECRET } })
            .to_string(),
        serde_json::json!({ "error": { "type": "t", "validation_errors": {
            (LINK): { "_errors": [echo] }, (HOOK_SECRET): "no" } } })
        .to_string(),
        serde_json::json!({ "ok": false, "webhook": HOOK_SECRET, "connect_webview": LINK }).to_string(),
        serde_json::json!({ "connect_webview": { (LINK): 1 }, "webhook": { (HOOK_SECRET): 1 } })
            .to_string(),
    ] {
        for status in [200, 400, 401, 429, 500] {
            let (client, vendor) = connect(echoing());
            for path in [
                "/connect_webviews/create",
                "/connect_webviews/get",
                "/connect_webviews/list",
                "/webhooks/create",
                "/webhooks/get",
                "/webhooks/list",
                "/workspaces/get",
            ] {
                let reply = Reply::json(status, body.clone()).header("seam-request-id", HOOK_SECRET);
                vendor.with(|seam| seam.reply_with(path, reply).requests(""));
            }
            let by = in_secs(10);
            let (webview, hook) =
                (ConnectWebviewId::new("wv-2").unwrap(), WebhookId::new("wh-2").unwrap());
            let new = NewConnectWebview::two_n();
            let new_hook = NewWebhook::new("https://api.example/");
            for error in [
                client.create_connect_webview(&new, by).await.err(),
                client.get_connect_webview(&webview, by).await.err(),
                client.connect_webviews(&WebviewsQuery::new()).all(by).await.err(),
                client.create_webhook(&new_hook, by).await.err(),
                client.get_webhook(&hook, by).await.err(),
                client.webhooks().all(by).await.err(),
                client.get_workspace(by).await.err(),
            ]
            .into_iter()
            .flatten()
            {
                search_all(&whole(&error));
            }
        }
    }
}

//! Every reply that is kept as a file, byte for byte, through the call that it answers.

use std::fmt::{Debug, Write as _};

use elevate_access_testkit::seam::{CASES, Case, fixture};
use elevate_seam::{
    AccountsQuery, ActionAttemptId, AttemptsQuery, Client, ConnectWebviewId, ConnectedAccountId,
    DevicesQuery, Error, EventId, EventType, EventsQuery, NewConnectWebview, NewWebhook, SpaceId,
    SpacesQuery, WebhookId, WebviewsQuery, WorkspaceId,
};
use jiff::Timestamp;

use super::{connect, device, house, in_secs, unlock};

const HOOK: &str = "https://api.maple.example/hooks/seam";

/// The id that the file is about, so that the call asks for it.
fn id_in(case: &Case, field: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(case.body).unwrap_or_default();
    let found = body.as_object().and_then(|reply| reply.values().find_map(|one| one.get(field)));
    found.and_then(|id| id.as_str()).unwrap_or("an-id").to_owned()
}

async fn call(client: &Client, case: &Case) -> String {
    let by = in_secs(10);
    match case.route {
        "/devices/get" => show(client.get_device(&device(&id_in(case, "device_id")), by).await),
        "/devices/list" => show(client.devices(&DevicesQuery::new()).all(by).await),
        "/events/get" => {
            let id = EventId::new(id_in(case, "event_id")).unwrap();
            show(client.get_event(&id, by).await)
        }
        "/events/list" => {
            show(client.events(&EventsQuery::since(Timestamp::UNIX_EPOCH)).all(by).await)
        }
        "/spaces/get" => {
            let id = SpaceId::new(id_in(case, "space_id")).unwrap();
            show(client.get_space(&id, by).await)
        }
        "/spaces/list" => show(client.spaces(&SpacesQuery::new()).all(by).await),
        "/spaces/get_related" => {
            show(client.get_related(&[SpaceId::new("an-id").unwrap()], by).await)
        }
        "/workspaces/get" => show(client.get_workspace(by).await),
        "/action_attempts/get" => {
            let id = ActionAttemptId::new("93cf481b-815a-4678-a1af-23eb88c101d2").unwrap();
            let attempt = client.get_action_attempt(&id, by).await;
            show(attempt.map(|attempt| (attempt.progress(), attempt)))
        }
        "/action_attempts/list" => {
            show(client.action_attempts(&AttemptsQuery::of_device(device("dev-1"))).all(by).await)
        }
        "/devices/unmanaged/list" => {
            show(client.unmanaged_devices(&DevicesQuery::new()).all(by).await)
        }
        "/locks/list" => show(client.locks(&DevicesQuery::new()).all(by).await),
        "/connected_accounts/get" => {
            let id = ConnectedAccountId::new(id_in(case, "connected_account_id")).unwrap();
            show(client.get_connected_account(&id, by).await)
        }
        "/connected_accounts/list" => {
            show(client.connected_accounts(&AccountsQuery::new()).all(by).await)
        }
        "/connected_accounts/sync" => show(
            client.sync_connected_account(&ConnectedAccountId::new("an-id").unwrap(), by).await,
        ),
        "/connect_webviews/create" => {
            show(client.create_connect_webview(&NewConnectWebview::two_n(), by).await)
        }
        "/connect_webviews/get" => {
            let id = ConnectWebviewId::new(id_in(case, "connect_webview_id")).unwrap();
            let webview = client.get_connect_webview(&id, by).await;
            show(webview.map(|webview| (webview.is_done(), webview)))
        }
        "/connect_webviews/list" => {
            show(client.connect_webviews(&WebviewsQuery::new()).all(by).await)
        }
        "/webhooks/create" => show(client.create_webhook(&NewWebhook::new(HOOK), by).await),
        "/webhooks/get" => {
            let id = WebhookId::new(id_in(case, "webhook_id")).unwrap();
            show(client.get_webhook(&id, by).await)
        }
        "/webhooks/list" => show(client.webhooks().all(by).await),
        "/webhooks/update" => {
            let id = WebhookId::new("an-id").unwrap();
            show(client.update_webhook(&id, &[EventType::DeviceAdded], by).await)
        }
        "/webhooks/delete" => {
            show(client.delete_webhook(&WebhookId::new("an-id").unwrap(), by).await)
        }
        "/locks/unlock_door" => show(unlock(client, "dev-1").await.map(|ordered| ordered.attempt)),
        // An error has the same shape wherever it comes from.
        _ if case.status != 200 => elsewhere(client, case).await,
        route => panic!("{}: nothing calls {route}", case.name),
    }
}

async fn elsewhere(client: &Client, case: &Case) -> String {
    let shown = show(client.get_workspace(in_secs(10)).await);
    assert!(case.status != 200 && !shown.is_empty());
    shown
}

fn show(result: Result<impl Debug, Error>) -> String {
    match result {
        Ok(read) => format!("{read:?}"),
        Err(error) => {
            let mut shown = format!("{:?}, {:?}: {error}", error.kind(), error.delivery());
            for field in error.validation_errors() {
                let _ = write!(shown, "\n    {:?}: {}", field.path, field.messages.join("; "));
            }
            shown
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_fixture_decodes_or_gives_a_typed_error() {
    let mut table = String::new();
    for case in CASES {
        let (client, vendor) = connect(house());
        for path in [case.route, "/workspaces/get"] {
            vendor.with(|seam| seam.reply_to(path, case.status, case.body).requests(path));
        }
        writeln!(table, "{}\n    {}", case.name, call(&client, case).await).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_named_by_its_path() {
    let (client, vendor) = connect(house());
    for (path, name, at) in [
        ("/devices/list", "devices-one-without-id.json", "devices[2].device_id"),
        ("/devices/list", "devices-null.json", "devices"),
        ("/spaces/list", "spaces-one-without-id.json", "spaces[1].space_id"),
        ("/devices/get", "device-without-id.json", "device.device_id"),
        ("/devices/get", "device-absent.json", "device"),
        ("/action_attempts/get", "attempt-without-id.json", "action_attempt.action_attempt_id"),
        ("/action_attempts/get", "attempt-absent.json", "action_attempt"),
    ] {
        vendor.with(|seam| seam.reply_once_to(path, 200, fixture(name).unwrap()).requests(path));
        let by = in_secs(10);
        let error = match path {
            "/devices/list" => client.devices(&DevicesQuery::new()).all(by).await.unwrap_err(),
            "/spaces/list" => client.spaces(&SpacesQuery::new()).all(by).await.unwrap_err(),
            "/devices/get" => client.get_device(&device("d"), by).await.unwrap_err(),
            _ => {
                let id = ActionAttemptId::new("a").unwrap();
                client.get_action_attempt(&id, by).await.unwrap_err()
            }
        };
        assert_eq!(error.path(), Some(at), "{name}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_pages_make_one_list() {
    let (client, vendor) = connect(house());
    vendor.with(|seam| {
        for name in ["spaces-page-1.json", "spaces-page-2.json"] {
            seam.reply_once_to("/spaces/list", 200, fixture(name).unwrap());
        }
    });
    let spaces = client.spaces(&SpacesQuery::new()).all(in_secs(10)).await.unwrap();
    let names: Vec<_> = spaces.iter().filter_map(|space| space.name.as_deref()).collect();
    assert_eq!(names, ["201", "202", "204", "203", "204"]);
}

#[tokio::test(start_paused = true)]
async fn names_are_kept_as_they_are_written() {
    let (client, vendor) = connect(house());
    vendor.with(|seam| {
        let body = fixture("spaces-differ-by-invisible-character.json").unwrap();
        seam.reply_to("/spaces/list", 200, body).requests("")
    });
    let spaces = client.spaces(&SpacesQuery::new()).all(in_secs(10)).await.unwrap();
    let names: Vec<_> = spaces.iter().filter_map(|space| space.name.as_deref()).collect();
    assert_eq!(names, ["Flat 301", "Flat 301\u{200b}", "Flat\u{a0}301", "Flat 301 "]);
}

#[tokio::test(start_paused = true)]
async fn a_workspace_reads_as_what_it_is() {
    let (client, vendor) = connect(house().workspace("ws-7").sandbox(true));
    let workspace = client.get_workspace(in_secs(10)).await.unwrap();
    assert_eq!(workspace.workspace_id, WorkspaceId::new("ws-7").unwrap());
    assert_eq!((workspace.is_sandbox, workspace.is_suspended), (Some(true), Some(true)));
    assert_eq!(vendor.requests(), 1);
}

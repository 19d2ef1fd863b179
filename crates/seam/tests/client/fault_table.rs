//! Every call under every fault: it ends in time, says what may have become of it, and never writes twice.

use std::{collections::BTreeMap, fmt::Write as _, pin::Pin, time::Duration};

use elevate_access_testkit::{
    Fault, FaultKind, Vendor,
    fault_table::faults,
    seam::{LINK_SECRET, Seam},
};
use elevate_seam::{
    AccountsQuery, ActionAttemptId, AttemptsQuery, Client, ConnectWebviewId, ConnectedAccountId,
    Delivery, DevicesQuery, Error, EventId, EventType, EventsQuery, Instant, NewConnectWebview,
    NewWebhook, SpaceId, SpacesQuery, WebhookId, WebviewsQuery,
};
use jiff::Timestamp;

use super::{connect, device, house, in_secs, unlock};

type Call = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A call: its name, its path, whether it writes, and how it is made.
type Row = (&'static str, &'static str, bool, fn(Client, Instant) -> Call);

/// Makes a row; what the call brings is of no interest here.
macro_rules! row {
    ($name:literal, $path:literal, $writes:literal, |$client:ident, $by:ident| $call:expr) => {
        ($name, $path, $writes, |$client, $by| Box::pin(async move { $call }))
    };
}

const CALLS: [Row; 26] = [
    row!("seam.workspaces.get", "/workspaces/get", false, |c, by| c
        .get_workspace(by)
        .await
        .map(drop)),
    row!("seam.connect_webviews.create", "/connect_webviews/create", true, |c, by| {
        c.create_connect_webview(&NewConnectWebview::two_n(), by).await.map(drop)
    }),
    row!("seam.connect_webviews.get", "/connect_webviews/get", false, |c, by| {
        c.get_connect_webview(&id(ConnectWebviewId::new), by).await.map(drop)
    }),
    row!("seam.connect_webviews.list", "/connect_webviews/list", false, |c, by| {
        c.connect_webviews(&WebviewsQuery::new()).all(by).await.map(drop)
    }),
    row!("seam.connected_accounts.list", "/connected_accounts/list", false, |c, by| {
        c.connected_accounts(&AccountsQuery::new()).all(by).await.map(drop)
    }),
    row!("seam.connected_accounts.get", "/connected_accounts/get", false, |c, by| {
        c.get_connected_account(&id(ConnectedAccountId::new), by).await.map(drop)
    }),
    row!("seam.connected_accounts.sync", "/connected_accounts/sync", true, |c, by| {
        c.sync_connected_account(&id(ConnectedAccountId::new), by).await.map(drop)
    }),
    row!("seam.devices.list", "/devices/list", false, |c, by| {
        c.devices(&DevicesQuery::new()).all(by).await.map(drop)
    }),
    row!("seam.devices.get", "/devices/get", false, |c, by| c
        .get_device(&device("x"), by)
        .await
        .map(drop)),
    row!("seam.devices.unmanaged.list", "/devices/unmanaged/list", false, |c, by| {
        c.unmanaged_devices(&DevicesQuery::new()).all(by).await.map(drop)
    }),
    row!("seam.locks.list", "/locks/list", false, |c, by| c
        .locks(&DevicesQuery::new())
        .all(by)
        .await
        .map(drop)),
    row!("seam.spaces.list", "/spaces/list", false, |c, by| c
        .spaces(&SpacesQuery::new())
        .all(by)
        .await
        .map(drop)),
    row!("seam.spaces.get", "/spaces/get", false, |c, by| c
        .get_space(&id(SpaceId::new), by)
        .await
        .map(drop)),
    row!("seam.spaces.get_related", "/spaces/get_related", false, |c, by| {
        c.get_related(&[id(SpaceId::new)], by).await.map(drop)
    }),
    row!("seam.locks.unlock_door", "/locks/unlock_door", true, |c, _by| unlock(&c, "x")
        .await
        .map(drop)),
    row!("seam.action_attempts.get", "/action_attempts/get", false, |c, by| {
        c.get_action_attempt(&id(ActionAttemptId::new), by).await.map(drop)
    }),
    row!("seam.action_attempts.list", "/action_attempts/list", false, |c, by| {
        c.action_attempts(&AttemptsQuery::of_device(device("x"))).all(by).await.map(drop)
    }),
    row!("seam.events.list", "/events/list", false, |c, by| {
        c.events(&EventsQuery::since(Timestamp::UNIX_EPOCH)).all(by).await.map(drop)
    }),
    row!("seam.events.get", "/events/get", false, |c, by| c
        .get_event(&id(EventId::new), by)
        .await
        .map(drop)),
    row!("seam.webhooks.list", "/webhooks/list", false, |c, by| c
        .webhooks()
        .all(by)
        .await
        .map(drop)),
    row!("seam.webhooks.get", "/webhooks/get", false, |c, by| {
        c.get_webhook(&id(WebhookId::new), by).await.map(drop)
    }),
    row!("seam.webhooks.create", "/webhooks/create", true, |c, by| {
        c.create_webhook(&NewWebhook::new("https://api.example/hook"), by).await.map(drop)
    }),
    row!("seam.webhooks.update", "/webhooks/update", true, |c, by| {
        c.update_webhook(&id(WebhookId::new), &[EventType::DeviceRemoved], by).await.map(drop)
    }),
    row!("seam.webhooks.delete", "/webhooks/delete", true, |c, by| {
        c.delete_webhook(&id(WebhookId::new), by).await.map(drop)
    }),
    // The two lists with a filter of their own kind of page.
    row!("seam.devices.list", "/devices/list", false, |c, by| {
        c.devices(&DevicesQuery::new().page_size(1)).all(by).await.map(drop)
    }),
    row!("seam.spaces.list", "/spaces/list", false, |c, by| {
        c.spaces(&SpacesQuery::new().page_size(1)).all(by).await.map(drop)
    }),
];

fn id<T, E: std::fmt::Debug>(new: fn(&'static str) -> Result<T, E>) -> T {
    new("x").unwrap()
}

/// The documented success of each call, all about `x`.
fn successes(seam: &mut Seam) {
    let webview = r#"{"connect_webview_id":"x","url":"https://connect.example/v?token=l1nk"}"#;
    let webhook = r#"{"webhook_id":"x","url":"https://api.example/hook"}"#;
    let attempt = r#"{"action_attempt_id":"x","action_type":"UNLOCK_DOOR","status":"pending"}"#;
    let event = r#"{"event_id":"x","event_type":"device.removed","workspace_id":"w"}"#;
    let one = |key: &str, thing: &str| format!(r#"{{"ok":true,"{key}":{thing}}}"#);
    let list = |key: &str| one(key, "[]");
    for (path, body) in [
        ("/workspaces/get", one("workspace", r#"{"workspace_id":"x"}"#)),
        ("/connect_webviews/create", one("connect_webview", webview)),
        ("/connect_webviews/get", one("connect_webview", webview)),
        ("/connect_webviews/list", list("connect_webviews")),
        ("/connected_accounts/list", list("connected_accounts")),
        ("/connected_accounts/get", one("connected_account", r#"{"connected_account_id":"x"}"#)),
        ("/connected_accounts/sync", r#"{"ok":true}"#.to_owned()),
        ("/devices/list", list("devices")),
        ("/devices/get", one("device", r#"{"device_id":"x","device_type":"two_n_intercom"}"#)),
        ("/devices/unmanaged/list", list("devices")),
        ("/locks/list", list("devices").replace("devices", "locks")),
        ("/spaces/list", list("spaces")),
        ("/spaces/get", one("space", r#"{"space_id":"x"}"#)),
        ("/spaces/get_related", one("batch", "{}")),
        ("/locks/unlock_door", one("action_attempt", attempt)),
        ("/action_attempts/get", one("action_attempt", attempt)),
        ("/action_attempts/list", list("action_attempts")),
        ("/events/list", list("events")),
        ("/events/get", one("event", event)),
        ("/webhooks/list", list("webhooks")),
        ("/webhooks/get", one("webhook", webhook)),
        ("/webhooks/create", one("webhook", webhook)),
        ("/webhooks/update", r#"{"ok":true}"#.to_owned()),
        ("/webhooks/delete", r#"{"ok":true}"#.to_owned()),
    ] {
        seam.reply_to(path, 200, body);
    }
}

fn ready() -> (Client, Vendor<Seam>) {
    let (client, vendor) = connect(house());
    vendor.with(successes);
    (client, vendor)
}

fn whole(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(below) = source {
        let _ = write!(shown, " {below} {below:?}");
        source = below.source();
    }
    shown
}

#[tokio::test(start_paused = true)]
async fn every_call_succeeds_while_all_is_well() {
    let (client, vendor) = ready();
    for (name, path, _, call) in CALLS {
        vendor.forget_seen();
        call(client.clone(), in_secs(10)).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(vendor.requests_on(path), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_under_every_fault() {
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, path, writes, call) in CALLS {
        let mut column = String::new();
        for (fault, kind) in faults() {
            for acted in [false, true] {
                if acted && matches!(kind, FaultKind::Refuse | FaultKind::SlowConnect(_)) {
                    continue;
                }
                let (client, vendor) = ready();
                let met = Fault { kind: kind.clone(), acted };
                vendor.faults(|faults| faults.always(met));
                let begun = Instant::now();
                let most = Duration::from_secs(if path.ends_with("unlock_door") { 12 } else { 10 });
                let result = call(client, in_secs(10)).await;
                let what = format!("{name}, {fault}, acted on: {acted}");
                assert!(begun.elapsed() <= most, "{what}: {:?}", begun.elapsed());
                let bodies = vendor.started().len();
                if writes {
                    assert!(bodies <= 1, "{what}: {bodies} bodies");
                }
                let told = match &result {
                    Ok(()) => "ok".to_owned(),
                    Err(error) => {
                        assert_eq!(error.operation(), name, "{what}");
                        let shown = whole(error);
                        for secret in ["canary", "seam_testkey", "l1nk", LINK_SECRET, "whsec_"] {
                            assert!(!shown.contains(secret), "{what}: {shown}");
                        }
                        if error.delivery() == Delivery::NeverSent {
                            assert_eq!(bodies, 0, "{what}: never sent, and a body started");
                        }
                        if bodies == 0 {
                            assert_eq!(error.delivery(), Delivery::NeverSent, "{what}");
                        }
                        format!("{:?}, {:?}", error.kind(), error.delivery())
                    }
                };
                // Acted on or not, mostly the same is seen.
                let is_known = column.lines().last().is_some_and(|line| line.ends_with(&told));
                if !acted {
                    let _ = writeln!(column, "  {fault:<24} {told}");
                } else if !is_known {
                    let _ = writeln!(column, "  {:<24} {told}", format!("{fault}, acted on"));
                }
            }
        }
        table.entry(column).or_default().push(name.to_owned());
    }
    let mut text = String::new();
    for (column, mut names) in table {
        names.dedup();
        let _ = writeln!(text, "{}\n{column}", names.join(", "));
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn a_read_waits_as_long_as_it_is_asked_to_and_an_order_is_not_repeated() {
    for (name, path, writes, call) in CALLS {
        let (client, vendor) = ready();
        let busy = elevate_access_testkit::Reply::json(429, "{}").header("retry-after", "3");
        vendor.faults(|faults| faults.next_on(path, Fault::before(FaultKind::Instead(busy))));
        let begun = Instant::now();
        let result = call(client.clone(), in_secs(10)).await;
        if writes {
            assert!(result.is_err(), "{name}");
            assert_eq!(vendor.started().len(), 1, "{name}");
        } else {
            result.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(vendor.started().len(), 2, "{name}");
            assert!(begun.elapsed() >= Duration::from_secs(3), "{name}: {:?}", begun.elapsed());
        }
        // Longer than there is time for: told at once, with the pause.
        let later = elevate_access_testkit::Reply::json(429, "{}").header("retry-after", "60");
        vendor.faults(|faults| faults.next_on(path, Fault::before(FaultKind::Instead(later))));
        let begun = Instant::now();
        let error = call(client, in_secs(10)).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_mins(1)), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{name}: {:?}", begun.elapsed());
    }
}

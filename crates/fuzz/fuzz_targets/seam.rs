//! Whatever Seam answers to any call is read or refused: the same way each time, bounded, and without a secret.
//!
//! The input: which call, then replies as in `shared`.
#![no_main]

mod shared;

use std::{fmt::Debug, sync::Arc, time::Duration};

use elevate_seam::{
    AccountsQuery, ActionAttemptId, ApiKey, AttemptsQuery, Client, ConnectWebviewId,
    ConnectedAccountId, DeviceId, DevicesQuery, Error, EventId, EventType, EventsQuery, Gate,
    Instant, NewConnectWebview, NewWebhook, SpaceId, SpacesQuery, WebhookId, WebviewsQuery,
};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use shared::{
    API_KEY, Scripted, ScriptedWire, in_paused_time, is_fit_to_be_shown, names_not, script, told,
};

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let which = which.wrapping_sub(b'a') % 24;
    let replies = script(rest);
    let once = in_paused_time(ask(which, replies.clone()));
    assert_eq!(once, in_paused_time(ask(which, replies)), "read twice, in two ways");
});

async fn ask(which: u8, replies: Vec<Scripted>) -> String {
    let client = Client::builder(ApiKey::new(API_KEY).expect("a key"))
        .base_url("https://seam.invalid")
        .wire(Arc::new(ScriptedWire::new(None, replies)))
        .build()
        .expect("settings that hold");
    let by = Instant::now() + Duration::from_secs(10);
    let hook = WebhookId::new("an-id").expect("an id");
    match which {
        0 => show(client.get_device(&device(), by).await),
        1 => show(client.devices(&DevicesQuery::new()).all(by).await),
        2 => show(client.unmanaged_devices(&DevicesQuery::new()).all(by).await),
        3 => show(client.locks(&DevicesQuery::new()).all(by).await),
        4 => show(client.get_space(&space(), by).await),
        5 => show(client.spaces(&SpacesQuery::new()).all(by).await),
        6 => show(client.get_related(&[space()], by).await),
        7 => show(client.get_workspace(by).await),
        8 => show(client.get_action_attempt(&attempt(), by).await.map(|a| (a.progress(), a))),
        9 => show(client.action_attempts(&AttemptsQuery::of_device(device())).all(by).await),
        10 => {
            let events = client.events(&EventsQuery::since(Timestamp::UNIX_EPOCH)).all(by).await;
            show(events.map(|all| all.into_iter().map(|e| (e.concerns(), e)).collect::<Vec<_>>()))
        }
        11 => show(client.get_event(&EventId::new("an-id").expect("an id"), by).await),
        12 => show(client.connected_accounts(&AccountsQuery::new()).all(by).await),
        13 => show(client.get_connected_account(&account(), by).await),
        14 => show(client.sync_connected_account(&account(), by).await),
        15 => show(client.create_connect_webview(&NewConnectWebview::two_n(), by).await),
        16 => {
            let id = ConnectWebviewId::new("an-id").expect("an id");
            show(client.get_connect_webview(&id, by).await.map(|view| (view.is_done(), view)))
        }
        17 => show(client.connect_webviews(&WebviewsQuery::new()).all(by).await),
        18 => show(client.create_webhook(&NewWebhook::new("https://host.invalid/"), by).await),
        19 => show(client.get_webhook(&hook, by).await),
        20 => show(client.webhooks().all(by).await),
        21 => show(client.update_webhook(&hook, &[EventType::DeviceAdded], by).await),
        22 => show(client.delete_webhook(&hook, by).await),
        _ => {
            let gate = || Gate::new(async { true });
            let send_by = Instant::now() + Duration::from_secs(5);
            match client.unlock_door(&device(), send_by, by, gate).await {
                Err(error) => show(Err::<(), _>(error)),
                Ok(ordered) => format!("{:?}", client.wait_for_unlock(&ordered, by).await),
            }
        }
    }
}

fn device() -> DeviceId {
    DeviceId::new("an-id").expect("an id")
}

fn space() -> SpaceId {
    SpaceId::new("an-id").expect("an id")
}

fn account() -> ConnectedAccountId {
    ConnectedAccountId::new("an-id").expect("an id")
}

fn attempt() -> ActionAttemptId {
    ActionAttemptId::new("93cf481b-815a-4678-a1af-23eb88c101d2").expect("an id")
}

fn show<T: Debug>(result: Result<T, Error>) -> String {
    if let Err(error) = &result {
        names_not(API_KEY, &format!("{error} {error:?} {:?}", error.validation_errors()));
        for field in error.validation_errors() {
            let path = format!("{:?}", field.path);
            for text in field.messages.iter().chain([&path]) {
                is_fit_to_be_shown(text);
            }
        }
        for text in [error.error_type(), error.message(), error.request_id(), error.path()] {
            is_fit_to_be_shown(&text.unwrap_or_default());
        }
    }
    told(result, Error::operation)
}

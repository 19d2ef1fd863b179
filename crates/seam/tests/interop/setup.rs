//! Connecting an account, and a 2N device that was put into the fake.

use std::sync::Arc;

use elevate_access::{
    Access, BuildingId, ConnectionId, Freshness, MemoryConnections, MemoryDirectory, MemoryStore,
    Outcome, Residency, Resident, ResidentId, Tap, Unit, UnitId,
};
use elevate_seam::{
    AccountsQuery, DeviceType, DevicesQuery, ErrorKind, EventType, NewConnectWebview, NewWebhook,
    TwoNProvider, TwoNSettings, Units, WebhookId,
};
use serde_json::json;

use super::{
    fake::{Fake, Shown},
    seed, soon,
};

#[tokio::test]
async fn a_link_that_somebody_signs_in_by_brings_an_account_and_its_device() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let before = client.devices(&DevicesQuery::new()).all(soon()).await.unwrap().len();
    // The fake knows no 2N: any brand that it has will do.
    let new = NewConnectWebview::for_providers(["august".into()]);
    let made = client.create_connect_webview(&new, soon()).await.unwrap();
    assert!(!made.is_done() && made.url.expose().contains(made.connect_webview_id.as_str()));

    fake.sign_in(made.connect_webview_id.as_str()).await;
    let read = client.get_connect_webview(&made.connect_webview_id, soon()).await.unwrap();
    assert!(read.connected_account_id.is_some());
    // The fake leaves `login_successful` false, which Seam does not: so it is not taken for done.
    assert_eq!((read.login_successful, read.is_done()), (Some(false), false));

    let account = read.connected_account_id.unwrap();
    let accounts = client.connected_accounts(&AccountsQuery::new()).all(soon()).await.unwrap();
    assert!(accounts.iter().any(|known| known.connected_account_id == account));
    let of_account = DevicesQuery::new().connected_accounts([account.clone()]);
    let devices = client.devices(&of_account).all(soon()).await.unwrap();
    assert!(!devices.is_empty());
    assert!(devices.iter().all(|device| device.connected_account_id.as_ref() == Some(&account)));
    let all = client.devices(&DevicesQuery::new()).all(soon()).await.unwrap();
    assert_eq!(all.len(), before + devices.len());
}

#[tokio::test]
async fn accounts_and_unmanaged_devices_are_lists_that_end() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let all = client.connected_accounts(&AccountsQuery::new()).all(soon()).await.unwrap();
    let paged = AccountsQuery::new().page_size(1);
    let paged = client.connected_accounts(&paged).all(soon()).await.unwrap();
    assert_eq!(all, paged);
    assert!(all.len() > 1, "{all:?}");
    client.unmanaged_devices(&DevicesQuery::new()).all(soon()).await.unwrap();
    let locks = client.locks(&DevicesQuery::new()).all(soon()).await.unwrap();
    assert_eq!(locks.len(), 3);
}

#[tokio::test]
async fn a_webhook_is_made_listed_and_deleted_by_its_id_alone() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let [first, second] =
        ["https://api.example/one", "https://api.example/two"].map(NewWebhook::new);
    // It refuses event types that it does not know.
    let types = [EventType::DeviceConnected, EventType::DeviceDisconnected];
    let first = first.event_types(types.clone());
    let second = second.event_types(types);
    let first = client.create_webhook(&first, soon()).await.unwrap();
    let second = client.create_webhook(&second, soon()).await.unwrap();
    // Its secrets have no form that signs anything, and read as none.
    assert!(first.secret.is_none());
    client.delete_webhook(&first.webhook_id, soon()).await.unwrap();
    let left = client.webhooks().all(soon()).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|webhook| webhook.webhook_id).collect();
    assert_eq!(left, std::slice::from_ref(&second.webhook_id));
    let types = [EventType::DeviceConnected];
    let update = client.update_webhook(&second.webhook_id, &types, soon()).await.unwrap_err();
    assert_eq!(update.kind(), ErrorKind::NotFound, "it has no such call");
    let unknown = WebhookId::new("no-such-webhook").unwrap();
    let error = client.get_webhook(&unknown, soon()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// A 2N intercom as Seam shows one, with the names of its units in its metadata.
fn intercom() -> serde_json::Value {
    json!([{
        "device_id": "two_n_1",
        "device_type": "two_n_intercom",
        "connected_account_id": "john_connected_account_id",
        "workspace_id": seed::WORKSPACE,
        "name": "Lobby",
        "can_remotely_unlock": true,
        "space_ids": [],
        "custom_metadata": { "units": "101; 102" },
        "errors": [],
        "properties": {
            "online": true,
            "manufacturer": "two_n",
            "name": "Lobby",
            "appearance": { "name": "Lobby" },
            "two_n_metadata": { "device_id": 7307, "device_name": "Lobby" },
        },
    }])
}

#[tokio::test]
async fn a_2n_door_opens_for_the_unit_that_its_metadata_names() {
    let Some(fake) = Fake::start_with(&intercom()).await else { return };
    let listed = fake.client().devices(&DevicesQuery::new()).all(soon()).await.unwrap();
    let two_n = listed.iter().filter(|device| device.device_type == DeviceType::TwoNIntercom);
    assert_eq!(two_n.count(), 1);

    let building = BuildingId::new("maple").unwrap();
    let settings = TwoNSettings::new(building.clone()).units(Units::metadata("units"));
    let provider = TwoNProvider::new(fake.client(), settings);
    let directory = MemoryDirectory::new();
    let units = ["101", "102", "103"].map(|name| Unit::new(UnitId::new(name).unwrap(), name));
    directory.set_units(&building, units.to_vec());
    let [jane, omar] = ["jane", "omar"].map(|id| ResidentId::new(id).unwrap());
    for (who, unit) in [(&jane, &units[0]), (&omar, &units[2])] {
        let home = Residency::current(building.clone(), unit.clone());
        directory.put(Resident::new(who.clone()).with_residency(home));
    }
    let connections = MemoryConnections::new();
    let connection = ConnectionId::new("maple-2n").unwrap();
    connections.connect(&building, &connection, Arc::new(provider));
    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(MemoryStore::new())
        .build()
        .unwrap();

    let list = access.doors(&jane, Freshness::Cached).await.unwrap();
    let [lobby] = list.doors.as_slice() else { panic!("{list:?}") };
    assert!(access.doors(&omar, Freshness::Cached).await.unwrap().doors.is_empty());
    assert!(access.unlock(&omar, &lobby.id, Tap::now()).await.is_err());
    assert!(fake.orders().await.is_empty());
    let confirmed = async {
        let order = fake.first_order().await;
        fake.show(&order, Shown::Success(json!({ "was_confirmed_by_device": true }))).await;
    };
    let (outcome, ()) = tokio::join!(access.unlock(&jane, &lobby.id, Tap::now()), confirmed);
    assert!(matches!(outcome, Ok(Outcome::Opened(_))), "{outcome:?}");
    assert_eq!(fake.orders().await.len(), 1);
}

//! What the client makes of the fake's answers.

use std::collections::BTreeSet;

use elevate_seam::{
    ActionAttempt, ActionAttemptId, AttemptErrorType, Client, Delivery, DeviceType, DevicesQuery,
    Error, ErrorKind, Gate, Ordered, Progress, SpacesQuery, Waited,
};
use serde_json::json;
use tokio::time::sleep_until;

use super::{
    device,
    fake::{Fake, Shown},
    in_ms, seed, soon,
};

fn open() -> Gate {
    Gate::new(async { true })
}

async fn order(client: &Client, id: &str) -> Result<Ordered, Error> {
    client.unlock_door(&device(id), soon(), soon(), open).await
}

async fn settled(client: &Client, ordered: &Ordered) -> ActionAttempt {
    match client.wait_for_unlock(ordered, soon()).await {
        Waited::Settled(attempt) => attempt,
        unsettled => panic!("{unsettled:?}"),
    }
}

fn assert_answered(error: &Error, kind: ErrorKind, status: u16, error_type: Option<&str>) {
    let seen = (error.kind(), error.status().map(|s| s.as_u16()), error.error_type());
    assert_eq!(seen, (kind, Some(status), error_type), "{error}");
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test]
async fn a_key_shows_the_workspace_that_it_rules() {
    let Some(fake) = Fake::start().await else { return };
    let workspace = fake.client().get_workspace(soon()).await.unwrap();
    assert_eq!(workspace.workspace_id.as_str(), seed::WORKSPACE);
    assert_eq!((workspace.is_sandbox, workspace.is_suspended), (Some(true), Some(false)));
}

#[tokio::test]
async fn every_device_is_listed_once_however_small_the_pages() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let on_one_page = client.devices(&DevicesQuery::new()).all(soon()).await.unwrap();
    for size in 1..=3 {
        let query = DevicesQuery::new().page_size(size);
        let (pages, listed) = fake.requests_of(client.devices(&query).all(soon())).await;
        assert_eq!(listed.unwrap(), on_one_page, "{size}");
        assert_eq!(pages, (on_one_page.len() as u64).div_ceil(size.into()), "{size}");
    }

    let remote: BTreeSet<_> = on_one_page
        .iter()
        .filter(|device| device.can_remotely_unlock == Some(true))
        .map(|device| (device.device_id.as_str(), device.device_type.clone()))
        .collect();
    let locks = [
        (seed::FRONT, DeviceType::AugustLock),
        (seed::BACK, DeviceType::AugustLock),
        (seed::GATE, DeviceType::SchlageLock),
    ];
    assert_eq!(remote, BTreeSet::from(locks));
    assert!(on_one_page.len() > 3, "what is no lock is listed too");
}

#[tokio::test]
async fn a_device_is_the_same_by_itself_as_on_the_list() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    for listed in client.devices(&DevicesQuery::new()).all(soon()).await.unwrap() {
        assert_eq!(client.get_device(&listed.device_id, soon()).await.unwrap(), listed);
    }
}

#[tokio::test]
async fn success_without_the_devices_word_is_no_confirmation() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let ordered = order(&client, seed::FRONT).await.unwrap();
    assert_eq!(ordered.attempt.progress(), Progress::Pending);
    assert_eq!(settled(&client, &ordered).await.progress(), Progress::HandedOver);
    assert_eq!(fake.unlocked().await, [seed::FRONT]);

    for result in [json!(null), json!({}), json!({ "was_confirmed_by_device": false })] {
        fake.show(ordered.id().as_str(), Shown::Success(result)).await;
        let attempt = client.get_action_attempt(ordered.id(), soon()).await.unwrap();
        assert_eq!(attempt.progress(), Progress::HandedOver);
    }
}

#[tokio::test]
async fn the_devices_own_word_is_a_confirmation() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let ordered = order(&client, seed::GATE).await.unwrap();
    let confirmed = json!({ "was_confirmed_by_device": true });
    fake.show(ordered.id().as_str(), Shown::Success(confirmed)).await;
    assert_eq!(settled(&client, &ordered).await.progress(), Progress::Confirmed);
}

#[tokio::test]
async fn a_failed_attempt_carries_the_vendors_reason() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let ordered = order(&client, seed::FRONT).await.unwrap();
    let failure = Shown::Error { kind: "action_attempt_expired", message: "The lock was silent" };
    fake.show(ordered.id().as_str(), failure).await;
    let attempt = settled(&client, &ordered).await;
    assert_eq!(attempt.progress(), Progress::Failed);
    let error = attempt.error.unwrap();
    assert_eq!(error.error_type, AttemptErrorType::ActionAttemptExpired);
    assert_eq!(error.message.as_deref(), Some("The lock was silent"));
}

#[tokio::test]
async fn an_attempt_that_stays_pending_is_still_pending_at_the_deadline() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let ordered = order(&client, seed::FRONT).await.unwrap();
    fake.show(ordered.id().as_str(), Shown::Pending).await;
    let Waited::Unsettled { last, trouble } = client.wait_for_unlock(&ordered, in_ms(1000)).await
    else {
        panic!("it settled")
    };
    assert_eq!(last.progress(), Progress::Pending);
    assert!(trouble.is_none(), "{trouble:?}");
    assert_eq!(fake.orders().await, [ordered.id().as_str()]);
}

#[tokio::test]
async fn an_outage_is_a_failed_look_and_not_a_failed_unlock() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    fake.outage_of(&["/action_attempts/get"]).await;
    let ordered = order(&client, seed::FRONT).await.unwrap();
    let Waited::Unsettled { last, trouble } = client.wait_for_unlock(&ordered, in_ms(1000)).await
    else {
        panic!("it settled")
    };
    assert_eq!(last.progress(), Progress::Pending);
    assert_answered(&trouble.unwrap(), ErrorKind::Server, 503, None);

    fake.outage_of(&[]).await;
    assert_eq!(settled(&client, &ordered).await.progress(), Progress::HandedOver);
    assert_eq!(fake.orders().await, [ordered.id().as_str()]);
}

#[tokio::test]
async fn an_outage_that_ends_in_time_does_not_keep_the_outcome_back() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    fake.outage_of(&["/action_attempts/get"]).await;
    let ordered = order(&client, seed::FRONT).await.unwrap();
    let outage = async {
        // The first look comes 250 ms after the order.
        sleep_until(in_ms(400)).await;
        fake.outage_of(&[]).await;
    };
    let (attempt, ()) = tokio::join!(settled(&client, &ordered), outage);
    assert_eq!(attempt.progress(), Progress::HandedOver);
}

#[tokio::test]
async fn in_an_outage_every_call_brings_a_typed_error_and_no_order() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    fake.outage_of(&["/devices/list", "/devices/get", "/workspaces/get", "/locks/unlock_door"])
        .await;
    let query = DevicesQuery::new();
    for error in [
        client.devices(&query).all(soon()).await.unwrap_err(),
        client.get_device(&device(seed::FRONT), soon()).await.unwrap_err(),
        client.get_workspace(soon()).await.unwrap_err(),
        order(&client, seed::FRONT).await.unwrap_err(),
    ] {
        assert_answered(&error, ErrorKind::Server, 503, None);
        assert!(error.is_transient());
    }
    assert_eq!(fake.orders().await, [] as [String; 0]);

    fake.outage_of(&[]).await;
    assert!(client.devices(&query).all(soon()).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_not_known_is_refused_and_orders_nothing() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client_with("seam_unknownkey");
    let attempt = ActionAttemptId::new("action_attempt1").unwrap();
    for error in [
        client.devices(&DevicesQuery::new()).all(soon()).await.unwrap_err(),
        client.get_device(&device(seed::FRONT), soon()).await.unwrap_err(),
        client.get_action_attempt(&attempt, soon()).await.unwrap_err(),
        order(&client, seed::FRONT).await.unwrap_err(),
    ] {
        assert_answered(&error, ErrorKind::Unauthorized, 401, Some("unauthorized"));
        assert!(!error.is_transient());
    }
    // Of several ways to sign in, this route complains of the last one that it tried.
    let error = client.get_workspace(soon()).await.unwrap_err();
    assert_answered(&error, ErrorKind::Unauthorized, 400, Some("missing_workspace_id"));
    assert_eq!(fake.orders().await, [] as [String; 0]);
}

#[tokio::test]
async fn an_unknown_device_or_attempt_is_not_found_by_seams_own_word() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let attempt = ActionAttemptId::new("no-such-attempt").unwrap();
    for (error, error_type) in [
        (order(&client, "no-such-device").await.unwrap_err(), "device_not_found"),
        (
            client.get_device(&device("no-such-device"), soon()).await.unwrap_err(),
            "device_not_found",
        ),
        (
            client.get_action_attempt(&attempt, soon()).await.unwrap_err(),
            "action_attempt_not_found",
        ),
    ] {
        assert_answered(&error, ErrorKind::NotFound, 404, Some(error_type));
        assert!(error.request_id().is_some(), "{error}");
    }
    assert_eq!(fake.orders().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_call_that_the_server_does_not_have_is_told_from_a_thing_that_is_not_there() {
    let Some(fake) = Fake::start().await else { return };
    let error = fake.client().spaces(&SpacesQuery::new()).all(soon()).await.unwrap_err();
    assert_answered(&error, ErrorKind::NotFound, 404, None);
}

#[tokio::test]
async fn a_shut_gate_lets_no_order_reach_the_vendor() {
    let Some(fake) = Fake::start().await else { return };
    let shut = || Gate::new(async { false });
    let refused = fake.client().unlock_door(&device(seed::FRONT), soon(), soon(), shut).await;
    let error = refused.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Withheld, Delivery::NeverSent));
    assert_eq!(fake.orders().await, [] as [String; 0]);
}

//! From a link to the end of the first sync (N1).

use std::sync::Mutex;

use elevate_access_testkit::{
    Fault, FaultKind, Vendor,
    seam::{Account, Device, LINK_SECRET, Seam},
};
use elevate_seam::{Client, Connecting, ErrorKind, Event, Instant, NewConnectWebview, Stage};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::sleep;

use super::{KEY, connect, in_secs, ms};

const GET: &str = "/connect_webviews/get";

/// The stand-in's clock begins then.
fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// A workspace in which the next sign-in brings one device that is managed and one that is not.
fn awaiting() -> (Client, Vendor<Seam>) {
    let mut seam = Seam::new(KEY).being_set_up();
    seam.next_sign_in_brings(
        Account::new("account-7"),
        vec![Device::two_n("dev-1", "Lobby")],
        vec![Device::two_n("dev-2", "Roof")],
    );
    connect(seam)
}

async fn begin(client: &Client) -> Connecting {
    let new = NewConnectWebview::two_n();
    Connecting::begin(client, &new, now(), in_secs(10)).await.unwrap()
}

/// Waits so long, and says which stages were told and where it ended.
async fn wait(connecting: &Connecting, seconds: u64) -> (Vec<String>, Stage) {
    let told = Mutex::new(Vec::new());
    let until = in_secs(seconds);
    let stage = connecting.wait(until, |stage| told.lock().unwrap().push(stage.to_string())).await;
    (told.into_inner().unwrap(), stage.unwrap())
}

fn event(kind: &str, about: &serde_json::Value) -> Event {
    let mut event = json!({ "event_id": "e-1", "event_type": kind, "workspace_id": "workspace-1" });
    let about = about.as_object().cloned().unwrap_or_default();
    event.as_object_mut().unwrap().extend(about);
    serde_json::from_value(event).unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_stage_is_told_once_and_the_end_counts_what_came() {
    let (client, vendor) = awaiting();
    vendor.with(|seam| {
        seam.sign_in_takes(ms(60_000)).sync_takes(ms(20_000));
    });
    let connecting = begin(&client).await;
    let (told, stage) = wait(&connecting, 600).await;
    assert_eq!(
        told,
        [
            "waiting for the sign-in",
            "signed in; devices so far: 0",
            "synced; devices: 1, and 1 more that is not managed",
        ]
    );
    let Stage::Synced { account, devices, unmanaged } = stage else { panic!("{stage:?}") };
    assert_eq!((account.as_str(), devices, unmanaged), ("account-7", 1, 1));
    vendor.with(|seam| {
        assert_eq!(
            (seam.links_made(), seam.forbidden().len()),
            (1, 0),
            "one link, and nothing else"
        );
        assert!(seam.unknown_parameters().is_empty());
    });
}

#[tokio::test(start_paused = true)]
async fn connected_and_nothing_synced_is_an_end_of_its_own() {
    let mut seam = Seam::new(KEY).being_set_up();
    seam.sign_in_takes(ms(1000));
    let (client, _) = connect(seam);
    let (_, stage) = wait(&begin(&client).await, 600).await;
    assert!(matches!(stage, Stage::Synced { devices: 0, unmanaged: 0, .. }), "{stage:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_ends_it_and_a_new_link_is_a_new_try() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    vendor.with(|seam| {
        seam.sign_in_fails(connecting.id().as_str());
    });
    assert_eq!(wait(&connecting, 600).await.1, Stage::Failed);
    let again = begin(&client).await;
    vendor.with(|seam| {
        seam.sign_in(again.id().as_str());
    });
    assert!(matches!(wait(&again, 600).await.1, Stage::Synced { .. }));
}

#[tokio::test(start_paused = true)]
async fn half_a_sign_in_is_none() {
    for (field, value) in [
        ("login_successful", json!(false)),
        ("connected_account_id", json!(null)),
        ("status", json!("authorised")),
    ] {
        let (client, vendor) = awaiting();
        let connecting = begin(&client).await;
        let id = connecting.id().as_str().to_owned();
        vendor.with(|seam| {
            seam.sign_in(&id);
        });
        connecting.look(in_secs(10)).await.unwrap();
        vendor.with(|seam| {
            seam.webview_says(&id, field, value.clone());
        });
        assert_eq!(wait(&connecting, 60).await.1, Stage::AwaitingSignIn, "{field}: {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_not_a_sign_in_that_failed() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    vendor.with(|seam| {
        seam.sign_in_takes(ms(30_000));
    });
    for kind in [FaultKind::Refuse, FaultKind::status(503, ""), FaultKind::Stall] {
        vendor.faults(|faults| faults.on(GET, 2, 3, Fault::before(kind)));
    }
    assert!(matches!(wait(&connecting, 600).await.1, Stage::Synced { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_waiting_cannot_mend_ends_it_at_once() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    vendor.with(|seam| {
        seam.set_key("seam_anotherkey");
    });
    let begun = Instant::now();
    let error = connecting.wait(in_secs(600), |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(begun.elapsed() < ms(1000));
}

#[tokio::test(start_paused = true)]
async fn it_ends_in_time_whatever_has_come_by_then() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    let begun = Instant::now();
    assert_eq!(wait(&connecting, 60).await.1, Stage::AwaitingSignIn);
    assert_eq!(begun.elapsed(), ms(60_000));
    vendor.faults(|faults| faults.always(Fault::before(FaultKind::Stall)));
    let begun = Instant::now();
    assert_eq!(wait(&connecting, 60).await.1, Stage::AwaitingSignIn);
    assert_eq!(begun.elapsed(), ms(60_000));
}

#[tokio::test(start_paused = true)]
async fn somebody_who_types_slowly_is_not_asked_after_all_the_time() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    vendor.forget_seen();
    wait(&connecting, 1800).await;
    let looks = vendor.requests_on(GET);
    assert!((150..=250).contains(&looks), "{looks} looks in half an hour");
}

#[tokio::test(start_paused = true)]
async fn an_event_makes_it_look_and_decides_nothing() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    let ours = json!({ "connect_webview_id": connecting.id().as_str() });
    let until = in_secs(300);
    let begun = Instant::now();
    let (stage, ()) = tokio::join!(connecting.wait(until, |_| {}), async {
        sleep(ms(120_100)).await;
        // It says so, and it is not so.
        connecting.told(&event("connect_webview.login_succeeded", &ours));
        sleep(ms(50_000)).await;
        vendor.with(|seam| {
            seam.sync_takes(ms(0)).sign_in(connecting.id().as_str());
        });
        sleep(ms(1100)).await;
        connecting.told(&event("connect_webview.login_succeeded", &ours));
        sleep(ms(1100)).await;
        let synced = json!({ "connected_account_id": "account-7" });
        connecting.told(&event("connected_account.completed_first_sync", &synced));
    });
    assert!(matches!(stage, Ok(Stage::Synced { .. })), "{stage:?}");
    assert!(
        begun.elapsed() <= ms(174_500),
        "by its schedule it takes longer: {:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_events_is_one_look_a_second() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    let ours = event(
        "connect_webview.login_failed",
        &json!({ "connect_webview_id": connecting.id().as_str() }),
    );
    let others = event("connect_webview.login_failed", &json!({ "connect_webview_id": "another" }));
    vendor.forget_seen();
    let (stage, ()) = tokio::join!(connecting.wait(in_secs(60), |_| {}), async {
        for _ in 0..5900 {
            connecting.told(&ours);
            connecting.told(&others);
            sleep(ms(10)).await;
        }
    });
    assert_eq!(stage.unwrap(), Stage::AwaitingSignIn);
    let looks = vendor.requests_on(GET);
    assert!((50..=62).contains(&looks), "{looks} looks in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_restarted_service_goes_on_with_the_same_link() {
    let (client, vendor) = awaiting();
    let id = begin(&client).await.id().clone();
    vendor.with(|seam| {
        seam.sign_in_takes(ms(1000));
    });
    let resumed = Connecting::resume(&client, &id, now(), in_secs(10)).await.unwrap();
    assert!(matches!(wait(&resumed, 600).await.1, Stage::Synced { .. }));
    assert_eq!(vendor.with(|seam| seam.links_made()), 1);
    let unknown = elevate_seam::ConnectWebviewId::new("no-such").unwrap();
    let error = Connecting::resume(&client, &unknown, now(), in_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_link_shows_only_where_it_is_asked_for() {
    let (client, vendor) = awaiting();
    let connecting = begin(&client).await;
    assert!(connecting.link().expose().contains(LINK_SECRET));
    let shown = format!("{connecting:?} {connecting:#?} {:?}", connecting.link());
    assert!(!shown.contains(LINK_SECRET), "{shown}");
    // Nor does an error repeat it, where the vendor does.
    let told =
        format!(r#"{{"error":{{"type":"odd","message":"see {}"}}}}"#, connecting.link().expose());
    vendor.faults(|faults| faults.always(Fault::before(FaultKind::status(422, &told))));
    let error = connecting.look(in_secs(10)).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(LINK_SECRET), "{shown}");
}

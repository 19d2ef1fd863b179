//! What Seam tells by itself: believed only if it is signed, and never more than a reason to read.

use std::sync::Arc;

use elevate_access::{Cause, Error, Notification, Notified, Outcome};
use elevate_access_testkit::{
    Latency, MemoryWire, TestClock, Vendor,
    seam::{AttemptEnd, Seam},
};
use elevate_seam::{ApiKey, Client, NewWebhook, WebhookSecret, WebhookVerifier, WorkspaceId};
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{Instant, sleep};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::house::{House, KEY as KEY_OF_MAPLE, building, connection, maple, ms, secs};

const KEY: &[u8] = b"the key of this webhook, 32 byte";
/// The stand-in's own.
const WORKSPACE: &str = "workspace-1";
const LOOK: &str = "/action_attempts/get";
const DEVICES: &str = "/devices/list";

fn verifier(keys: &[&[u8]]) -> WebhookVerifier {
    let secret = |key: &&[u8]| WebhookSecret::new(format!("whsec_{}", STANDARD.encode(key)));
    let secrets = keys.iter().map(|key| secret(key).unwrap());
    WebhookVerifier::new(WorkspaceId::new(WORKSPACE).unwrap(), secrets).unwrap()
}

pub(super) fn house(seam: Seam) -> House {
    House::with(seam, |settings| settings.webhooks(verifier(&[KEY])))
}

impl House {
    /// Delivers that event, signed with that key at that distance from now.
    async fn delivers(&self, event: &Value, key: &[u8], ago: i64) -> Result<Notified, Error> {
        let body = event.to_string();
        let at = elevate_access::Clock::now(&self.clock).as_second() - ago;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(format!("msg_1.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let at = at.to_string();
        let headers: [(&str, &[u8]); 3] = [
            ("svix-id", b"msg_1"),
            ("svix-timestamp", at.as_bytes()),
            ("svix-signature", signature.as_bytes()),
        ];
        let told = Notification::new(headers, body.as_bytes());
        self.access.webhook(&building(), &connection(), &told).await
    }

    pub(super) async fn tells(&self, event: &Value) -> Result<Notified, Error> {
        self.delivers(event, KEY, 0).await
    }

    pub(super) fn event(kind: &str, more: &Value) -> Value {
        let mut event = json!({
            "event_id": "ev-1",
            "event_type": kind,
            "workspace_id": WORKSPACE,
        });
        let fields = more.as_object().cloned().unwrap_or_default();
        event.as_object_mut().unwrap().extend(fields);
        event
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_of_the_map_makes_the_next_use_read_first() {
    for kind in [
        "device.removed",
        "device.added",
        "device.converted_to_unmanaged",
        "space.created",
        "space.device_membership_changed",
        "connected_account.disconnected",
        "space.of_a_kind_that_nobody_knows",
    ] {
        let house = house(maple());
        assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
        house.vendor.with(|seam| seam.remove_device("dev-gate").requests(""));
        assert_eq!(house.sees("jane").await, ["Gate", "Lobby"], "nobody told yet");
        house.vendor.forget_seen();
        let told = house.tells(&House::event(kind, &json!({}))).await.unwrap();
        assert!(told.is_stale && told.event == kind, "{told:?}");
        assert_eq!(house.vendor.requests(), 0, "nobody has asked: {kind}");
        assert_eq!(house.refused("jane", "dev-gate").await, Cause::DoorNotGranted, "{kind}");
        assert_eq!(house.sees("jane").await, ["Lobby"]);
    }
}

#[tokio::test(start_paused = true)]
async fn invalidation_flood_is_one_read() {
    let house = house(maple());
    house.doors("jane").await;
    house.vendor.forget_seen();
    let event = House::event("space.device_membership_changed", &json!({"space_id": "sp-101"}));
    for n in 0..10_000 {
        // Old and new ones, twice and in any order.
        house.delivers(&event, KEY, n % 300).await.unwrap();
    }
    assert_eq!(house.vendor.requests(), 0);
    let lists = join_all((0..100).map(|_| house.doors("jane"))).await;
    assert!(lists.iter().all(|list| list.doors.len() == 2));
    assert_eq!(house.vendor.requests_on(DEVICES), 1);
    // And then all is as it was.
    house.doors("omar").await;
    assert_eq!(house.vendor.requests_on(DEVICES), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_during_a_reading_makes_the_next_use_read_again() {
    let latency = Latency { travel: (ms(400), ms(400)), ..Latency::NONE };
    let house = House::distant(maple(), latency, |settings| settings.webhooks(verifier(&[KEY])));
    let event = House::event("device.removed", &json!({}));
    let (_, told) = tokio::join!(house.doors("jane"), async {
        sleep(ms(200)).await;
        house.tells(&event).await
    });
    told.unwrap();
    house.vendor.forget_seen();
    house.doors("jane").await;
    assert_eq!(house.vendor.requests_on(DEVICES), 1, "what began before the event may not show it");
    house.doors("jane").await;
    assert_eq!(house.vendor.requests_on(DEVICES), 1);
}

#[tokio::test(start_paused = true)]
async fn webhook_without_signature_refused() {
    let house = house(maple());
    house.doors("jane").await;
    house.vendor.forget_seen();
    let event = House::event("device.removed", &json!({}));
    let body = event.to_string();
    let bare = Notification::new([], body.as_bytes());
    let unsigned = house.access.webhook(&building(), &connection(), &bare).await.unwrap_err();
    let forged = house.delivers(&event, b"some other key, also 32 bytes ok", 0).await.unwrap_err();
    let stale = house.delivers(&event, KEY, 301).await.unwrap_err();
    let early = house.delivers(&event, KEY, -301).await.unwrap_err();
    for refused in [unsigned, forged, stale, early] {
        assert_eq!(refused.cause(), Cause::DeliveryRefused, "{refused}");
    }
    house.doors("jane").await;
    assert_eq!(house.vendor.requests(), 0, "a stranger made something be read");
}

#[tokio::test(start_paused = true)]
async fn foreign_workspace_event_refused() {
    let house = house(maple());
    house.doors("jane").await;
    house.vendor.forget_seen();
    let mut event = House::event("device.removed", &json!({}));
    event["workspace_id"] = "ws-of-others".into();
    // Signed by the very secret of this connection.
    let refused = house.tells(&event).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DeliveryRefused);
    assert!(!refused.to_string().contains("ws-of-others"), "{refused}");
    house.doors("jane").await;
    assert_eq!(house.vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_signed_and_no_event_is_refused_like_any_other() {
    let house = house(maple());
    let no_event = json!({ "workspace_id": "ws-1", "event_type": "device.removed" });
    let refused = house.tells(&no_event).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DeliveryRefused);
    let detail = refused.reason().detail().unwrap();
    assert!(detail.contains("is no event") && !detail.contains("ws-1"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_webhook_of_another_workspace_than_the_pinned_one_is_not_believed() {
    let other = WorkspaceId::new("workspace-2").unwrap();
    let set =
        |settings: elevate_seam::TwoNSettings| settings.webhooks(verifier(&[KEY])).workspace(other);
    let house = House::with(maple(), set);
    let event = House::event("device.removed", &json!({}));
    let refused = house.tells(&event).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DeliveryRefused);
}

#[tokio::test(start_paused = true)]
async fn without_a_secret_nothing_is_believed() {
    let house = House::of(maple());
    let event = House::event("device.removed", &json!({}));
    let refused = house.tells(&event).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::DeliveryRefused);
    assert!(refused.for_manager().contains("no signing secret"), "{}", refused.for_manager());
}

#[tokio::test(start_paused = true)]
async fn both_secrets_are_believed_while_one_is_changed() {
    let other = b"the key that comes next, 32 byte";
    let house = House::with(maple(), |settings| settings.webhooks(verifier(&[other, KEY])));
    let event = House::event("device.added", &json!({}));
    house.delivers(&event, KEY, 0).await.unwrap();
    house.delivers(&event, other, 0).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_device_that_comes_and_goes_makes_nobody_read() {
    let house = house(maple());
    house.doors("jane").await;
    house.vendor.forget_seen();
    for kind in ["device.disconnected", "device.connected", "lock.access_denied", "what.ever"] {
        let event = House::event(kind, &json!({"device_id": "dev-gate"}));
        let told = house.tells(&event).await.unwrap();
        assert!(!told.is_stale, "{kind}");
    }
    house.doors("jane").await;
    assert_eq!(house.vendor.requests(), 0);
}

/// A tap on the gate, and when it came to an end; what is told meanwhile is named by the order's attempt.
async fn tapped_while(
    house: &House,
    after: u64,
    tell: impl AsyncFn(&str),
) -> (Outcome, std::time::Duration) {
    let begun = Instant::now();
    let (outcome, ()) = tokio::join!(house.tap("jane", "dev-gate"), async {
        sleep(ms(after)).await;
        let orders = house.vendor.ledger().orders().to_vec();
        let attempt = orders.last().and_then(|order| order.reference.clone()).unwrap();
        tell(&attempt).await;
    });
    (outcome.unwrap(), begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_event_about_the_order_makes_it_be_looked_at_now() {
    let mut seam = maple();
    seam.attempts_take(ms(4100));
    let house = house(seam);
    house.doors("jane").await;
    let begun = Instant::now();
    house.tap("jane", "dev-gate").await.unwrap();
    assert!(begun.elapsed() >= ms(4350), "by its schedule: {:?}", begun.elapsed());
    let (outcome, took) = tapped_while(&house, 4110, async |attempt| {
        let named = json!({"action_attempt_id": attempt, "status": "success"});
        let event = House::event("action_attempt.unlock_door.succeeded", &named);
        house.tells(&event).await.unwrap();
    })
    .await;
    assert!(matches!(outcome, Outcome::Opened(_)), "{outcome:?}");
    assert!(took < ms(4150), "told, and looked at once: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_event_is_never_the_outcome_of_a_tap() {
    for (end, kind) in [
        // It says that it succeeded, and the attempt says that it did not; and the other way round.
        (AttemptEnd::error("uncategorized_error", ""), "action_attempt.unlock_door.succeeded"),
        (AttemptEnd::Confirmed, "action_attempt.unlock_door.failed"),
        (AttemptEnd::PendingForever, "lock.unlocked"),
        (AttemptEnd::Unconfirmed, "action_attempt.unlock_door.succeeded"),
    ] {
        let mut seam = maple();
        seam.attempts_end(end.clone());
        let house = house(seam);
        house.doors("jane").await;
        let (outcome, _) = tapped_while(&house, 100, async |attempt| {
            let named = json!({"action_attempt_id": attempt, "device_id": "dev-gate"});
            for _ in 0..50 {
                house.tells(&House::event(kind, &named)).await.unwrap();
            }
        })
        .await;
        match end {
            AttemptEnd::Confirmed => assert!(matches!(outcome, Outcome::Opened(_)), "{outcome:?}"),
            AttemptEnd::Unconfirmed => {
                assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
            }
            AttemptEnd::PendingForever => {
                assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
            }
            _ => assert!(matches!(outcome, Outcome::NotOpened(_)), "{outcome:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_about_one_order_does_not_flood_seam() {
    let mut seam = maple();
    seam.attempts_end(AttemptEnd::PendingForever);
    let house = house(seam);
    house.doors("jane").await;
    let (outcome, _) = tapped_while(&house, 10, async |attempt| {
        let event = House::event("lock.unlocked", &json!({"action_attempt_id": attempt}));
        for _ in 0..4000 {
            house.tells(&event).await.unwrap();
            sleep(ms(2)).await;
        }
    })
    .await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    // Eight seconds of flood, at most one look in a tenth of a second, and the schedule's own.
    let looks = house.vendor.requests_on(LOOK);
    assert!((60..=130).contains(&looks), "{looks} looks");
}

#[tokio::test(start_paused = true)]
async fn an_event_about_another_order_changes_nothing() {
    let mut seam = maple();
    seam.attempts_take(secs(3));
    let house = house(seam);
    house.doors("jane").await;
    let plain = {
        let begun = Instant::now();
        house.tap("jane", "dev-gate").await.unwrap();
        (begun.elapsed(), house.vendor.requests_on(LOOK))
    };
    house.vendor.forget_seen();
    let begun = Instant::now();
    let (outcome, ()) = tokio::join!(house.tap("jane", "dev-gate"), async {
        for n in 0..100 {
            let other = json!({"action_attempt_id": format!("some-other-{n}")});
            let event = House::event("action_attempt.unlock_door.succeeded", &other);
            house.tells(&event).await.unwrap();
            sleep(ms(25)).await;
        }
    });
    assert!(matches!(outcome, Ok(Outcome::Opened(_))));
    assert_eq!((begun.elapsed(), house.vendor.requests_on(LOOK)), plain);
}

#[tokio::test(start_paused = true)]
async fn what_the_stand_in_delivers_to_a_webhook_of_its_own_making_is_believed() {
    let seam = maple().being_set_up();
    let (vendor, clock) = (Vendor::new(seam), TestClock::new());
    let wire = MemoryWire::new(vendor.clone(), clock);
    let client = Client::builder(ApiKey::new(KEY_OF_MAPLE).unwrap()).wire(Arc::new(wire));
    let client = client.build().unwrap();
    let by = Instant::now() + secs(10);
    let made = client.create_webhook(&NewWebhook::new("https://api.example/hook"), by).await;
    let secret = made.unwrap().secret.unwrap();
    let workspace = WorkspaceId::new(WORKSPACE).unwrap();
    let verifier = WebhookVerifier::new(workspace, [secret]).unwrap();

    let house = House::over(vendor, clock, Latency::NONE, |settings| settings.webhooks(verifier));
    assert_eq!(house.sees("jane").await, ["Gate", "Lobby"]);
    house.vendor.with(|seam| seam.remove_device("dev-gate").requests(""));
    let now = elevate_access::Clock::now(&house.clock);
    let deliveries = house.vendor.with(|seam| seam.deliveries(now));
    assert_eq!(deliveries.len(), 1);
    for delivery in deliveries {
        let told = Notification::new(delivery.headers(), &delivery.body);
        let told = house.access.webhook(&building(), &connection(), &told).await.unwrap();
        assert!(told.is_stale && told.event == "device.removed", "{told:?}");
    }
    assert_eq!(house.sees("jane").await, ["Lobby"]);
}

#[tokio::test(start_paused = true)]
async fn health_says_when_the_last_believed_notification_came() {
    let house = house(maple());
    let told = async || {
        let health = house.health().await.to_string();
        let line = health.lines().find(|line| line.contains("last told something"));
        line.unwrap().trim().to_owned()
    };
    assert!(told().await.ends_with("(none since this process began)"), "{}", told().await);
    // What is not believed does not count.
    let event = House::event("device.added", &json!({ "device_id": "dev-gate" }));
    house.delivers(&event, b"another key, as long as the right", 0).await.unwrap_err();
    assert!(told().await.ends_with("(none since this process began)"), "{}", told().await);
    house.tells(&event).await.unwrap();
    sleep(secs(90)).await;
    assert!(told().await.ends_with("(at 2026-03-02T12:00:00Z)"), "{}", told().await);
}

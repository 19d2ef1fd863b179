use super::*;

fn set_up() -> Seam {
    let mut seam = house().being_set_up();
    seam.next_sign_in_brings(
        Account::new("account-new"),
        vec![Device::two_n("dev-new", "Gate")],
        vec![Device::two_n("dev-left", "Roof")],
    );
    seam
}

fn ask_at(seam: &mut Seam, path: &str, params: &Value, millis: i64) -> Value {
    let reply = seam.answer(&request(path, &params.to_string()), at(millis));
    assert_eq!(reply.status, 200, "{path}: {:?}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).unwrap()
}

fn make_link(seam: &mut Seam) -> String {
    let made = ask_at(seam, "/connect_webviews/create", &json!({}), 0);
    assert_eq!(made["connect_webview"]["status"], "pending");
    made["connect_webview"]["connect_webview_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_link_that_nobody_asked_for_is_a_forbidden_write() {
    let mut seam = house();
    let params = json!({ "accepted_providers": ["my_2n"] });
    ask_at(&mut seam, "/connect_webviews/create", &params, 0);
    assert_eq!((seam.forbidden().len(), seam.links_made()), (1, 0));
}

#[test]
fn an_account_comes_with_the_sign_in_and_its_devices_with_the_first_sync() {
    let mut seam = set_up();
    let id = make_link(&mut seam);
    let webview = json!({ "connect_webview_id": id });
    let of_account = json!({ "connected_account_id": "account-new" });
    let pending = ask_at(&mut seam, "/connect_webviews/get", &webview, 1000);
    assert_eq!(pending["connect_webview"]["connected_account_id"], Value::Null);

    seam.sign_in(&id);
    let signed_in = ask_at(&mut seam, "/connect_webviews/get", &webview, 2000);
    let signed_in = &signed_in["connect_webview"];
    assert_eq!(signed_in["status"], "authorized");
    assert_eq!(signed_in["login_successful"], true);
    assert_eq!(signed_in["connected_account_id"], "account-new");
    let early = ask_at(&mut seam, "/devices/list", &of_account, 4999);
    assert_eq!(early["devices"], json!([]));

    let synced = ask_at(&mut seam, "/devices/list", &of_account, 5000);
    assert_eq!(ids(&synced, "devices", "device_id"), ["dev-new"]);
    let left = ask_at(&mut seam, "/devices/unmanaged/list", &of_account, 5000);
    assert_eq!(ids(&left, "devices", "device_id"), ["dev-left"]);
    let since = json!({ "since": at(-1).to_string() });
    let told = ask_at(&mut seam, "/events/list", &since, 6000);
    assert_eq!(
        ids(&told, "events", "event_type"),
        [
            "connect_webview.login_succeeded",
            "connected_account.connected",
            "connected_account.completed_first_sync",
        ]
    );
    assert_eq!((seam.forbidden().len(), seam.links_made()), (0, 1));
}

#[test]
fn a_sign_in_can_fail_or_come_by_itself() {
    let mut seam = set_up();
    let id = make_link(&mut seam);
    let webview = json!({ "connect_webview_id": id });
    seam.sign_in_fails(&id);
    let failed = ask_at(&mut seam, "/connect_webviews/get", &webview, 100);
    assert_eq!(failed["connect_webview"]["status"], "failed");

    seam.sign_in_takes(Duration::from_secs(5));
    let made =
        ask_at(&mut seam, "/connect_webviews/create", &json!({ "customer_key": "oak" }), 200);
    let second = json!({ "connect_webview_id": made["connect_webview"]["connect_webview_id"] });
    let waiting = ask_at(&mut seam, "/connect_webviews/get", &second, 5199);
    assert_eq!(waiting["connect_webview"]["status"], "pending");
    let done = ask_at(&mut seam, "/connect_webviews/get", &second, 5200);
    assert_eq!(done["connect_webview"]["status"], "authorized");
    let account = json!({ "connected_account_id": "account-new" });
    let account = ask_at(&mut seam, "/connected_accounts/get", &account, 5300);
    assert_eq!(account["connected_account"]["customer_key"], "oak");
}

#[test]
fn events_need_a_time_to_begin_with_and_exclude_it() {
    let mut seam = house();
    seam.remove_device("dev-1").set_online("dev-2", false).rename_space("sp-101", "Apt 101");
    let (status, _) = ask(&mut seam, "/events/list", &json!({}));
    assert_eq!(status, 400);
    let told = ask_at(&mut seam, "/events/list", &json!({ "since": at(-1).to_string() }), 0);
    // That a space was renamed is not told, at the vendor either.
    assert_eq!(ids(&told, "events", "event_type"), ["device.removed", "device.disconnected"]);
    let when = told["events"][0]["created_at"].clone();
    let after = ask_at(&mut seam, "/events/list", &json!({ "since": when }), 1);
    assert_eq!(after["events"], json!([]));
    let one = json!({ "since": at(-1).to_string(), "event_types": ["device.removed"] });
    let one = ask_at(&mut seam, "/events/list", &one, 2);
    assert_eq!(ids(&one, "events", "device_id"), ["dev-1"]);
    let gone = ask_at(&mut seam, "/events/get", &json!({ "event_id": "e-none" }), 3);
    assert_eq!(gone.get("event"), None);
}

#[test]
fn what_became_of_an_order_is_told_without_reason_or_confirmation() {
    let mut seam = house();
    seam.next_attempt_ends("dev-1", AttemptEnd::error("uncategorized_error", "no"));
    for _ in 0..2 {
        ask_at(&mut seam, UNLOCK, &json!({ "device_id": "dev-1" }), 0);
    }
    let told = ask_at(&mut seam, "/events/list", &json!({ "since": at(-1).to_string() }), 5000);
    assert_eq!(
        ids(&told, "events", "event_type"),
        [
            "action_attempt.unlock_door.failed",
            "action_attempt.unlock_door.succeeded",
            "lock.unlocked",
        ]
    );
    let text = told.to_string();
    assert!(!text.contains("uncategorized") && !text.contains("confirmed"), "{text}");
}

#[test]
fn a_webhook_is_told_what_it_wants_to_hear_since_it_was_made() {
    let mut seam = house().being_set_up();
    seam.remove_device("dev-2");
    seam.advance(at(0));
    let made = json!({ "url": "https://api.example/hook", "event_types": ["device.disconnected"] });
    let made = ask_at(&mut seam, "/webhooks/create", &made, 1);
    let id = made["webhook"]["webhook_id"].clone();
    assert!(made["webhook"]["secret"].as_str().unwrap().starts_with("whsec_"));
    let all = json!({ "url": "https://api.example/all" });
    ask_at(&mut seam, "/webhooks/create", &all, 2);

    seam.set_online("dev-1", false).set_online("dev-1", true);
    let told = seam.deliveries(at(3));
    let kinds: Vec<_> = told
        .iter()
        .map(|delivery| {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            (delivery.webhook == id, body["event_type"].as_str().unwrap().to_owned())
        })
        .collect();
    let kind = |kind: &str| format!("device.{kind}");
    assert_eq!(
        kinds,
        [(true, kind("disconnected")), (false, kind("disconnected")), (false, kind("connected"))]
    );
    assert_eq!(told[0].headers().count(), 3);
    assert!(seam.deliveries(at(4)).is_empty(), "each is told once");

    let update = json!({ "webhook_id": id, "event_types": ["device.connected"] });
    ask_at(&mut seam, "/webhooks/update", &update, 5);
    ask_at(&mut seam, "/webhooks/delete", &json!({ "webhook_id": id }), 6);
    let left = ask_at(&mut seam, "/webhooks/list", &json!({}), 7);
    assert_eq!(left["webhooks"].as_array().unwrap().len(), 1);
    let gone = json!({ "webhook_id": id });
    assert_eq!(ask(&mut seam, "/webhooks/get", &gone).0, 404);
    assert!(seam.forbidden().is_empty());
}

#[test]
fn a_webhook_that_nobody_asked_for_is_a_forbidden_write() {
    let mut seam = house();
    ask_at(&mut seam, "/webhooks/create", &json!({ "url": "https://api.example/x" }), 0);
    ask_at(&mut seam, "/webhooks/delete", &json!({ "webhook_id": "x" }), 0);
    assert_eq!(seam.forbidden().len(), 2);
    assert!(seam.deliveries(at(1)).is_empty());
}

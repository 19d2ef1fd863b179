use super::*;

#[test]
fn an_attempt_is_pending_until_its_time_and_then_confirmed() {
    let mut seam = house();
    seam.attempt_takes("dev-1", Duration::from_millis(900));
    let (status, order) = unlock(&mut seam, 0, "dev-1");
    assert_eq!((status, &order["ok"]), (200, &json!(true)));
    assert_eq!(order["action_attempt"]["status"], "pending");
    assert_eq!(order["action_attempt"]["action_type"], "UNLOCK_DOOR");
    assert_eq!(poll(&mut seam, 899, &order)["status"], "pending");
    assert_eq!(seam.ledger().orders()[0].effect, Effect::Pending);

    let settled = poll(&mut seam, 900, &order);
    assert_eq!(settled["status"], "success");
    assert_eq!(settled["result"], json!({ "was_confirmed_by_device": true }));
    assert_eq!(settled["error"], Value::Null);
    assert_eq!(seam.ledger().opened("dev-1"), 1);
}

#[test]
fn an_attempt_tells_neither_time_nor_device() {
    let mut seam = house();
    let (_, order) = unlock(&mut seam, 0, "dev-1");
    let settled = poll(&mut seam, 5_000, &order);
    let fields: BTreeSet<&str> = settled.as_object().unwrap().keys().map(String::as_str).collect();
    let known = ["action_attempt_id", "action_type", "error", "result", "status"];
    assert_eq!(fields, BTreeSet::from(known));
}

#[test]
fn the_ledger_says_who_ordered_what_and_when() {
    let mut seam = house();
    let (_, order) = unlock(&mut seam, 250, "dev-2");
    let entry = &seam.ledger().orders()[0];
    assert_eq!((entry.door.as_str(), entry.at, entry.who.as_str()), ("dev-2", at(250), ""));
    assert_eq!(entry.reference.as_deref(), order["action_attempt"]["action_attempt_id"].as_str());
}

#[test]
fn the_door_opens_in_its_time_though_nobody_asks() {
    let mut seam = house();
    unlock(&mut seam, 0, "dev-1");
    seam.advance(at(699));
    assert_eq!(seam.ledger().opened("dev-1"), 0);
    seam.advance(at(700));
    assert_eq!(seam.ledger().opened("dev-1"), 1);
}

#[test]
fn every_end_is_told_in_the_words_of_the_vendor() {
    let cases = [
        (AttemptEnd::Unconfirmed, json!("success"), Effect::Opened),
        (AttemptEnd::ResultNull, json!("success"), Effect::Opened),
        (AttemptEnd::ResultEmpty, json!("success"), Effect::Opened),
        (AttemptEnd::NoResultField, json!("success"), Effect::Opened),
        (AttemptEnd::error("relay", "No relay."), json!("error"), Effect::Failed),
        (AttemptEnd::PendingForever, json!("pending"), Effect::Pending),
        (AttemptEnd::OddStatus("resting".into()), json!("resting"), Effect::Pending),
    ];
    let mut results = Vec::new();
    for (end, status, effect) in cases {
        let mut seam = house();
        seam.attempt_ends("dev-1", end);
        let (_, order) = unlock(&mut seam, 0, "dev-1");
        let settled = poll(&mut seam, 3_600_000, &order);
        assert_eq!(settled["status"], status);
        assert_eq!(seam.ledger().orders()[0].effect, effect, "{status}");
        results.push((settled.get("result").cloned(), settled.get("error").cloned()));
    }
    let null = Some(Value::Null);
    assert_eq!(
        results,
        [
            (Some(json!({ "was_confirmed_by_device": false })), null.clone()),
            (null.clone(), null.clone()),
            (Some(json!({})), null.clone()),
            (None, None),
            (null.clone(), Some(json!({ "type": "relay", "message": "No relay." }))),
            (null.clone(), null.clone()),
            (null.clone(), null),
        ]
    );
}

#[test]
fn the_first_reply_may_be_final() {
    let mut seam = house();
    seam.attempt_settles_at_once("dev-1");
    let (_, order) = unlock(&mut seam, 0, "dev-1");
    assert_eq!(order["action_attempt"]["status"], "success");
    assert_eq!(seam.ledger().opened("dev-1"), 1);
}

#[test]
fn a_first_reply_is_pending_even_where_the_attempt_takes_no_time() {
    let mut seam = house();
    seam.attempts_take(Duration::ZERO);
    let (_, order) = unlock(&mut seam, 0, "dev-1");
    assert_eq!(order["action_attempt"]["status"], "pending");
    assert_eq!(poll(&mut seam, 0, &order)["status"], "success");
}

#[test]
fn an_order_that_waits_is_told_the_end() {
    let mut seam = house();
    let (_, order) = ask(&mut seam, UNLOCK, &json!({ "device_id": "dev-1", "sync": true }));
    assert_eq!(order["action_attempt"]["status"], "success");
}

#[test]
fn plans_for_single_attempts_are_used_up_in_order() {
    let mut seam = house();
    seam.next_attempt_ends("dev-1", AttemptEnd::error("a", "A"))
        .next_attempt_ends("dev-1", AttemptEnd::Unconfirmed);
    let orders = [0, 1, 2].map(|millis| unlock(&mut seam, millis, "dev-1").1);
    let [first, second, third] = orders.map(|order| poll(&mut seam, 5_000, &order));
    assert_eq!(first["status"], "error");
    assert_eq!(second["result"]["was_confirmed_by_device"], false);
    assert_eq!(third["result"]["was_confirmed_by_device"], true);
}

#[test]
fn a_door_may_do_other_than_the_vendor_says() {
    let mut seam = house();
    seam.attempt_ends("dev-1", AttemptEnd::error("late", "Too late."))
        .door_really("dev-1", Some(Effect::Opened))
        .attempt_ends("dev-2", AttemptEnd::PendingForever)
        .door_really("dev-2", Some(Effect::Opened));
    let (_, failed) = unlock(&mut seam, 0, "dev-1");
    let (_, pending) = unlock(&mut seam, 0, "dev-2");
    assert_eq!(poll(&mut seam, 5_000, &failed)["status"], "error");
    assert_eq!(poll(&mut seam, 5_000, &pending)["status"], "pending");
    assert_eq!((seam.ledger().opened("dev-1"), seam.ledger().opened("dev-2")), (1, 1));
}

#[test]
fn the_sixteenth_order_within_a_minute_is_too_many_for_its_device_only() {
    let mut seam = house();
    for order in 0..15 {
        assert_eq!(unlock(&mut seam, order * 1_000, "dev-1").0, 200);
    }
    let (status, body) = unlock(&mut seam, 59_999, "dev-1");
    assert_eq!((status, &body["ok"]), (429, &json!(false)));
    assert_eq!(unlock(&mut seam, 59_999, "dev-2").0, 200);
    assert_eq!(unlock(&mut seam, 60_000, "dev-1").0, 200);
    assert_eq!(unlock(&mut seam, 60_001, "dev-1").0, 429);
    assert_eq!(seam.ledger().taken("dev-1"), 16);
    let refused = seam.ledger().orders().iter().filter(|o| o.effect == Effect::Refused);
    assert_eq!(refused.count(), 2);
}

#[test]
fn retry_after_is_said_only_where_asked_for_and_never_too_short() {
    let mut seam = house();
    seam.unlock_limit(1, Duration::from_mins(1));
    unlock(&mut seam, 0, "dev-1");
    let body = json!({ "device_id": "dev-1" }).to_string();
    let silent = seam.answer(&request(UNLOCK, &body), at(500));
    assert!(!silent.headers.iter().any(|(name, _)| name == "retry-after"));
    seam.say_retry_after(true);
    let reply = seam.answer(&request(UNLOCK, &body), at(500));
    assert!(reply.headers.contains(&("retry-after".into(), "60".into())));
    assert_eq!(unlock(&mut seam, 60_500, "dev-1").0, 200);
}

#[test]
fn a_device_that_is_gone_is_not_found_and_its_order_comes_to_nothing() {
    let mut seam = house();
    seam.remove_device("dev-1");
    let (status, body) = unlock(&mut seam, 0, "dev-1");
    assert_eq!((status, &body["error"]["type"]), (404, &json!("device_not_found")));
    assert_eq!((seam.ledger().taken("dev-1"), seam.ledger().orders().len()), (0, 1));
}

#[test]
fn an_unmanaged_device_cannot_be_opened() {
    let mut seam = house().unmanaged_device(Device::two_n("dev-9", "Side door"));
    assert_eq!(unlock(&mut seam, 0, "dev-9").0, 404);
}

#[test]
fn an_unfit_device_does_not_open_unless_the_test_says_so() {
    let unfit = [
        (Unfit::Offline, Device::two_n("dev-9", "Gate").offline()),
        (Unfit::Offline, Device::two_n("dev-9", "Gate").online(false)),
        (Unfit::Removed, Device::two_n("dev-9", "Gate").error("device_removed")),
        (Unfit::NotUnlockable, Device::two_n("dev-9", "Gate").can_remotely_unlock(None)),
        (Unfit::NotUnlockable, Device::two_n("dev-9", "Gate").can_remotely_unlock(Some(false))),
        (Unfit::PrivacyMode, Device::two_n("dev-9", "Gate").warning("privacy_mode")),
    ];
    for (reason, device) in unfit {
        let mut seam = house().device(device.clone());
        unlock(&mut seam, 0, "dev-9");
        seam.advance(at(10_000));
        assert_eq!(seam.ledger().opened("dev-9"), 0, "{reason:?}");

        seam.unlock_of(reason, OnUnfit::refuse(409, "no_way", "No way."));
        let (status, body) = unlock(&mut seam, 20_000, "dev-9");
        assert_eq!((status, &body["error"]["type"]), (409, &json!("no_way")), "{reason:?}");

        seam.unlock_of(reason, OnUnfit::Attempt(AttemptEnd::PendingForever));
        let (_, order) = unlock(&mut seam, 30_000, "dev-9");
        assert_eq!(poll(&mut seam, 90_000, &order)["status"], "pending", "{reason:?}");

        seam.unlock_of(reason, OnUnfit::AsUsual);
        unlock(&mut seam, 100_000, "dev-9");
        seam.advance(at(110_000));
        assert_eq!(seam.ledger().opened("dev-9"), 1, "{reason:?}");
    }
}

#[test]
fn attempts_are_listed_by_device_without_telling_which_is_whose() {
    let mut seam = house();
    let (_, first) = unlock(&mut seam, 0, "dev-1");
    unlock(&mut seam, 1, "dev-2");
    let (_, third) = unlock(&mut seam, 2, "dev-1");
    let (_, body) = ask(&mut seam, "/action_attempts/list", &json!({ "device_id": "dev-1" }));
    assert_eq!(body["action_attempts"].as_array().unwrap().len(), 2);
    let latest_first = [&third, &first].map(|order| &order["action_attempt"]["action_attempt_id"]);
    let listed = ids(&body, "action_attempts", "action_attempt_id");
    assert_eq!(latest_first, [&json!(listed[0]), &json!(listed[1])]);
    assert!(body["action_attempts"][0].get("device_id").is_none());
}

use super::*;

#[test]
fn granted_unlock_is_204_without_a_body_and_written_down() {
    let mut openpath = with(jane());
    let mut caller = Caller::signed_in(&mut openpath);
    caller.now = later(7);
    let body = json!({ "entryId": GATE, "description": "tap 17" });
    let reply = caller.raw(&mut openpath, Method::POST, &unlock_path(JANE, KEY), Some(&body));
    assert_eq!(reply, Reply::empty(204));
    let [order] = openpath.ledger().orders() else { panic!("one order") };
    assert_eq!((order.door.as_str(), order.who.as_str()), ("4401", "7001"));
    assert_eq!((order.at, order.reference.as_deref()), (later(7), Some("tap 17")));
    assert_eq!(order.effect, Effect::Opened);
}

#[test]
fn unlock_needs_an_active_user_within_dates_with_remote_unlock_a_good_key_and_the_entry() {
    let key = || Credential::cloud_key(KEY);
    let user = |status: &str| {
        User::with_status(JANE, "jane@example.com", status).entry(Entry::new(GATE, "Main entrance"))
    };
    for (case, user, opens) in [
        ("active", user("A").credential(key()), true),
        ("remote unlock unstated", user("A").remote_unlock_unstated().credential(key()), true),
        (
            "within dates",
            user("A").valid_from("2026-11-24").valid_until("2026-12-01").credential(key()),
            true,
        ),
        ("last day", user("A").valid_until("2026-11-24").credential(key()), true),
        (
            "from this moment on",
            user("A").valid_from("2026-11-24T12:00:00.250Z").credential(key()),
            true,
        ),
        (
            "until this moment",
            user("A").valid_until("2026-11-24T12:00:00.250Z").credential(key()),
            false,
        ),
        ("suspended", user("S").credential(key()), false),
        ("archived", user("I").credential(key()), false),
        ("unknown status", user("P").credential(key()), false),
        ("not yet", user("A").valid_from("2026-11-25").credential(key()), false),
        ("no longer", user("A").valid_until("2026-11-24T11:59:59.999Z").credential(key()), false),
        ("unreadable date", user("A").valid_until("end of lease").credential(key()), false),
        ("remote unlock off", user("A").remote_unlock(false).credential(key()), false),
        ("key expired", user("A").credential(key().valid_until("2026-11-23")), false),
        ("key not yet", user("A").credential(key().valid_from("2099-01-01")), false),
        ("a phone", user("A").credential(Credential::mobile(KEY)), false),
        ("no entry", User::active(JANE, "jane@example.com").credential(key()), false),
    ] {
        let mut openpath = with(user);
        let caller = Caller::signed_in(&mut openpath);
        let status = caller.unlock(&mut openpath, JANE, KEY, GATE);
        assert_eq!(status, if opens { 204 } else { 403 }, "{case}");
        let effect = if opens { Effect::Opened } else { Effect::Refused };
        assert_eq!(effects(&openpath), [effect], "{case}");
    }
}

#[test]
fn key_of_another_user_opens_nothing() {
    let mut openpath = with(jane()).user(
        User::active(7002, "omar@example.com")
            .entry(Entry::new(GATE, "Main entrance"))
            .credential(Credential::cloud_key(88002)),
    );
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, 88002, GATE), 404);
    assert_eq!(openpath.ledger().opened("4401"), 0);
}

#[test]
fn removed_entry_opens_no_more_and_an_added_one_does() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.remove_entry(JANE, GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
    openpath.add_entry(JANE, Entry::new(4402, "Garage"));
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, 4402), 204);
    let entries = caller.get(&mut openpath, "/orgs/5120/users/7001/entries").1;
    assert_eq!(ids(&entries), [4402]);
}

#[test]
fn unlock_that_is_not_granted_is_answered_as_the_test_says() {
    for (not_granted, status, effect) in [
        (NotGranted::Forbidden, 403, Effect::Refused),
        (NotGranted::NotFound, 404, Effect::Refused),
        (NotGranted::Unprocessable, 422, Effect::Refused),
        (NotGranted::AcceptedAndNothingHappens, 204, Effect::Failed),
    ] {
        let mut openpath = with(jane()).behaving(|it| it.unlock_not_granted = not_granted);
        let caller = Caller::signed_in(&mut openpath);
        openpath.suspend(JANE);
        assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), status);
        assert_eq!(effects(&openpath), [effect]);
    }
}

#[test]
fn failing_door_is_accepted_and_stays_shut() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.door_fails(GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    openpath.door_works(GATE);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(effects(&openpath), [Effect::Failed, Effect::Opened]);
}

#[test]
fn key_made_seconds_ago_may_not_be_known_at_the_door_yet() {
    let mut openpath =
        with(User::active(JANE, "jane@example.com").entry(Entry::new(GATE, "Main entrance")))
            .behaving(|it| it.key_works_after = Duration::from_secs(5));
    let mut caller = Caller::signed_in(&mut openpath);
    let url = "/orgs/5120/users/7001/credentials";
    let made = caller.post(&mut openpath, url, &json!({ "credentialTypeId": 34 })).1;
    let key = made["data"]["id"].as_u64().unwrap();
    for seconds in [0, 4, 5] {
        caller.now = later(seconds);
        assert_eq!(caller.unlock(&mut openpath, JANE, key, GATE), 204);
    }
    assert_eq!(effects(&openpath), [Effect::Failed, Effect::Failed, Effect::Opened]);
}

#[test]
fn turned_down_unlock_reaches_no_door_and_gets_the_tests_words() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    openpath.turn_down_unlock(409, "{\"message\":\"lockdown\"}");
    let body = json!({ "entryId": GATE });
    let (status, refusal) = caller.post(&mut openpath, &unlock_path(JANE, KEY), &body);
    assert_eq!((status, refusal), (409, json!({ "message": "lockdown" })));
    openpath.judge_unlocks();
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(effects(&openpath), [Effect::Refused, Effect::Opened]);
}

#[test]
fn orders_without_a_good_token_or_shape_are_written_down_as_refused() {
    let mut openpath = with(jane());
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(Caller::stranger().unlock(&mut openpath, JANE, KEY, GATE), 401);
    let text = json!({ "entryId": "4401" });
    assert_eq!(caller.post(&mut openpath, &unlock_path(JANE, KEY), &text).0, 400);
    assert_eq!(effects(&openpath), [Effect::Refused, Effect::Refused]);
    assert_eq!(openpath.ledger().taken("4401"), 0);
    assert!(openpath.ledger().orders().iter().all(|order| order.door == "4401"));
}

#[test]
fn use_of_a_lockdown_key_is_noticed_and_opens_nothing() {
    let mut openpath = with(
        User::active(JANE, "jane@example.com")
            .entry(Entry::new(GATE, "Main entrance"))
            .credential(Credential::cloud_key(KEY).event_action("triggerLockdown")),
    );
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(openpath.event_actions(), 1);
    assert_eq!(openpath.ledger().opened("4401"), 0);
}

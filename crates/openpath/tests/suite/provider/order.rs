//! What an unlock's answer says: L3 and L4.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use elevate_access::{Freshness::Cached, Outcome, ResidentId, Tap, TapId};
use elevate_access_testkit::{
    Fault, FaultKind, Latency, MemoryWire, Reply,
    openpath::{Credential, Entry, NotGranted, Operation, User},
};

use elevate_openpath::OpenpathProvider;
use tokio::time::sleep;

use crate::support::{House, client_over, door, pass, said, with_janes_key};

const UNLOCK: &str = elevate_access_testkit::openpath::ORDER_PATH;

/// A tap, everything warm, whose order meets that fault.
async fn tap_that_meets(fault: Fault) -> (House, Result<Outcome, elevate_access::Error>) {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    house.vendor.faults(|f| f.next_on(UNLOCK, fault));
    let result = house.tap("jane", 4401).await;
    (house, result)
}

#[tokio::test(start_paused = true)]
async fn accepted_is_said_of_204_and_opened_never() {
    let house = House::at(with_janes_key());
    house.vendor.with(|openpath| openpath.door_fails(4402));
    for entry in [4401, 4402] {
        let outcome = house.tap("jane", entry).await.unwrap();
        let Outcome::Accepted(receipt) = outcome else { panic!("{outcome:?}") };
        assert!(!receipt.certain);
        assert_eq!(receipt.reference, None);
    }
}

/// Every status that an order may be answered with, and what is said of it.
#[tokio::test(start_paused = true)]
async fn every_status_has_one_honest_outcome() {
    let mut runs: Vec<(String, u16, u16)> = Vec::new();
    for status in 200..=599 {
        let (house, result) =
            tap_that_meets(Fault::before(FaultKind::Instead(Reply::empty(status)))).await;
        let outcome = result.unwrap();
        assert_eq!(house.vendor.started().iter().filter(|s| s.gated).count(), 1, "{status}");
        let said = match &outcome {
            Outcome::Accepted(_) => "accepted".to_owned(),
            Outcome::NotOpened(r) => {
                format!("not opened, certain {}: {}", r.certain, outcome.code())
            }
            Outcome::Unknown(_) => format!("unknown: {}", outcome.code()),
            Outcome::Opened(_) => panic!("{status} was read as opened"),
        };
        match runs.last_mut() {
            Some((same, _, to)) if *same == said && *to + 1 == status => *to = status,
            _ => runs.push((said, status, status)),
        }
    }
    let mut table = String::new();
    for (said, from, to) in runs {
        let _ = writeln!(table, "{from}-{to} {said}");
    }
    insta::assert_snapshot!(table);
}

/// Whoever wrote it may have sent the order on.
#[tokio::test(start_paused = true)]
async fn a_page_is_nobodys_word_that_the_door_stayed_shut() {
    let page = "\u{feff} <!DOCTYPE html><title>Sorry</title>";
    for status in [400, 401, 403, 404, 405, 409, 422, 429, 451] {
        let (house, result) = tap_that_meets(Fault::after(FaultKind::status(status, page))).await;
        let outcome = result.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{status}: {outcome:?}");
        assert_eq!(outcome.code(), "answer_unclear", "{status}");
        assert_eq!(house.vendor.ledger().opened("4401"), 1, "the door did open");
        // What such an answer asks of us is done all the same.
        let again = said(house.tap("jane", 4401).await);
        assert_eq!(again, if status == 429 { "door_rate_limited" } else { "accepted" }, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn server_error_after_send_is_unknown() {
    for status in [500, 502, 503, 504] {
        let (house, result) = tap_that_meets(Fault::after(FaultKind::status(status, "{}"))).await;
        assert!(matches!(result, Ok(Outcome::Unknown(_))), "{status}: {result:?}");
        assert_eq!(house.vendor.ledger().opened("4401"), 1, "the door did open, once");
    }
}

#[tokio::test(start_paused = true)]
async fn redirect_to_html_200_is_not_success() {
    for fault in [FaultKind::redirect(302, "https://sso.example/login"), FaultKind::html_200()] {
        let (house, result) = tap_that_meets(Fault::before(fault)).await;
        assert_eq!(said(result), "answer_unclear");
        assert_eq!(house.orders(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn unreadable_2xx_is_unknown() {
    for fault in [
        FaultKind::invalid_json(),
        FaultKind::oversized(9 * 1024 * 1024),
        FaultKind::compressed_bomb(),
        FaultKind::deep_json(100_000),
        FaultKind::Instead(Reply::json(204, "{}")),
        FaultKind::Instead(Reply::empty(200)),
        FaultKind::Instead(Reply::empty(202)),
    ] {
        let (_, result) = tap_that_meets(Fault::after(fault)).await;
        assert_eq!(said(result), "answer_unclear");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_or_cut_is_unknown() {
    let (broke, late) = ("the connection broke", "no whole answer came in time");
    for (fault, code, words) in [
        (FaultKind::Reset, "answer_lost", broke),
        (FaultKind::Stall, "answer_lost", late),
        (FaultKind::Cut, "answer_unclear", broke),
        (FaultKind::Trickle(Duration::from_mins(1)), "answer_unclear", late),
    ] {
        let (house, result) = tap_that_meets(Fault::after(fault.clone())).await;
        let outcome = result.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{fault:?}: {outcome:?}");
        assert_eq!(outcome.code(), code, "{fault:?}");
        let told = outcome.for_manager();
        assert!(told.contains(words), "{fault:?}: {told}");
        pass(Duration::from_mins(1)).await;
        assert_eq!(house.vendor.ledger().opened("4401"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_was_cut_off_is_unknown() {
    // Its status was read and its body was not: that is no answer that could be read.
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    house.vendor.with(|openpath| openpath.turn_down_unlock(403, "{}"));
    house.vendor.faults(|f| f.next_on(UNLOCK, Fault::after(FaultKind::Cut)));
    assert_eq!(said(house.tap("jane", 4401).await), "answer_unclear");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_came_up_is_an_error_and_is_tried_again() {
    let (house, result) = tap_that_meets(Fault::before(FaultKind::Refuse)).await;
    assert_eq!(said(result), "accepted");
    assert_eq!(house.vendor.ledger().opened("4401"), 1);

    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    house.vendor.faults(|f| f.on(UNLOCK, 0, 99, Fault::before(FaultKind::Refuse)));
    assert_eq!(said(house.tap("jane", 4401).await), "vendor_unreachable");
    assert_eq!(house.orders(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lapsed_sign_in_ends_one_tap_and_not_the_next() {
    let house = House::at(with_janes_key());
    house.doors("jane", Cached).await;
    house.vendor.with(|openpath| openpath.revoke_tokens());
    let outcome = house.tap("jane", 4401).await.unwrap();
    let Outcome::NotOpened(receipt) = &outcome else { panic!("{outcome:?}") };
    assert!(receipt.certain);
    assert_eq!(outcome.code(), "sign_in_lapsed");
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    assert_eq!((house.orders(), house.vendor.ledger().opened("4401")), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_429_leaves_that_door_alone_for_as_long_as_it_asks() {
    let wait = Reply::json(429, "{}").header("retry-after", "7");
    let (house, result) = tap_that_meets(Fault::before(FaultKind::Instead(wait))).await;
    let outcome = result.unwrap();
    let receipt = outcome.receipt();
    assert_eq!(outcome.code(), "door_rate_limited");
    assert!(!receipt.certain);
    let pause = receipt.reason.as_ref().and_then(elevate_access::Reason::retry_after);
    assert_eq!(pause, Some(Duration::from_secs(7)));

    house.vendor.forget_seen();
    pass(Duration::from_secs(6)).await;
    let error = house.tap("jane", 4401).await.unwrap_err();
    assert_eq!(error.code(), "door_rate_limited");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(house.vendor.requests(), 0, "refused before anything is sent");
    assert_eq!(said(house.tap("jane", 4402).await), "accepted", "another door is not concerned");
    pass(Duration::from_secs(1)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_bounded_whatever_the_vendor_asks_for() {
    let wait = Reply::json(429, "{}").header("retry-after", "99999999999999999999");
    let (house, result) = tap_that_meets(Fault::before(FaultKind::Instead(wait))).await;
    assert_eq!(said(result), "door_rate_limited");
    pass(Duration::from_mins(5)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_makes_the_next_tap_look_again() {
    for answer in [NotGranted::Forbidden, NotGranted::NotFound, NotGranted::Unprocessable] {
        let house = House::at(with_janes_key().behaving(|it| it.unlock_not_granted = answer));
        house.doors("jane", Cached).await;
        house.vendor.with(|openpath| openpath.suspend(7001));
        let outcome = house.tap("jane", 4401).await.unwrap();
        let receipt = outcome.receipt();
        assert_eq!(outcome.code(), "order_refused");
        assert!(!receipt.certain, "its word, not proof");
        let detail = receipt.reason.as_ref().and_then(elevate_access::Reason::detail).unwrap();
        assert!(detail.contains("User is not active"), "{detail}");
        // Memory and store are forgotten, so the next tap knows.
        assert_eq!(said(house.tap("jane", 4401).await), "user_suspended");
        assert_eq!(house.orders(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_door_that_is_not_the_residents_is_not_ordered() {
    let house = House::at(with_janes_key());
    for entry in [4403, 9999] {
        assert_eq!(said(house.tap("jane", entry).await), "door_not_granted");
    }
    let jane = ResidentId::new("jane").unwrap();
    for odd in ["main", "4401%20", "../7002", "04401"] {
        let result = house.access.unlock(&jane, &door(odd), Tap::now()).await;
        assert_eq!(said(result), "door_not_granted", "{odd}");
    }
    assert_eq!(house.count(Operation::CloudKeyEntryUnlock), 0);
}

#[tokio::test(start_paused = true)]
async fn the_taps_id_goes_along_with_the_order() {
    let house = House::at(with_janes_key());
    let jane = ResidentId::new("jane").unwrap();
    for id in ["4f6a0c1e-0001", &"x".repeat(256)] {
        let tap = Tap::now().with_id(TapId::new(id).unwrap());
        house.access.unlock(&jane, &door("4401"), tap).await.unwrap();
        let reference = house.vendor.ledger().orders().last().unwrap().reference.clone();
        assert_eq!(reference.as_deref(), Some(&id[..id.len().min(100)]));
    }
}

#[tokio::test(start_paused = true)]
async fn doors_are_listed_as_the_vendor_has_them() {
    use elevate_access_testkit::openpath::{Entry, User};
    let user = User::active(7001, "jane@example.com")
        .entry(Entry::new(4401, "Entrance").zone(301, "Lobby"))
        .entry(Entry::new(4402, "Entrance").zone(302, "Garage"))
        .entry(Entry::new(4403, "Roof").wireless_lock(931, true))
        .entry(Entry::new(4404, "Bikes").wireless_lock(932, false));
    let house = House::at(crate::support::openpath().user(user));
    let list = house.doors("jane", Cached).await;
    let told: Vec<_> = list
        .doors
        .iter()
        .map(|d| (d.id.vendor_id().as_str(), d.name.as_str(), d.notice.as_ref().map(|r| r.code())))
        .collect();
    assert_eq!(
        told,
        [
            ("4401", "Entrance (Lobby)", None),
            ("4402", "Entrance (Garage)", None),
            ("4403", "Roof", Some("door_offline")),
            ("4404", "Bikes", None),
        ]
    );
    // A remark is no refusal: it was offline when it was last seen.
    assert_eq!(said(house.tap("jane", 4403).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn hostile_names_are_made_fit_to_show() {
    use elevate_access_testkit::openpath::fixtures;
    let hostile = fixtures::case("entries-hostile-names.json").unwrap().reply();
    let house = House::at(with_janes_key());
    house.vendor.with(|openpath| openpath.reply_with(Operation::ListUserEntries, hostile));
    let list = house.doors("jane", Cached).await;
    assert_eq!(list.doors.len(), 4);
    for door in &list.doors {
        let name = &door.name;
        assert!(!name.trim().is_empty() && name.chars().count() <= 200, "{name:?}");
        assert!(!name.chars().any(|c| c.is_control() || c == '\u{202e}'), "{name:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_cannot_be_ordered_fails_the_list_and_not_the_process() {
    use elevate_access_testkit::openpath::fixtures;
    let broken = fixtures::case("entries-id-null.json").unwrap().reply();
    let house = House::at(with_janes_key());
    house.vendor.with(|openpath| openpath.reply_with(Operation::ListUserEntries, broken));
    let (doors, problems) = house.list(Cached).await;
    assert_eq!((doors.len(), problems), (0, vec![elevate_access::Cause::VendorReplyUnusable]));
}

/// A house in which Tom has a key and that door, beside Jane.
async fn with_tom(entry: Entry) -> House {
    let tom = User::active(7002, "tom@example.com").entry(entry);
    let house = House::at(with_janes_key().user(tom.credential(Credential::cloud_key(88_002))));
    house.settle("tom", "tom@example.com");
    house.doors("jane", Cached).await;
    house.doors("tom", Cached).await;
    house
}

#[tokio::test(start_paused = true)]
async fn whoever_taps_on_and_on_keeps_others_from_the_door_for_a_minute_at_most() {
    let house = with_tom(Entry::new(4401, "Main entrance")).await;
    let busy = FaultKind::Instead(Reply::empty(429).header("retry-after", "300"));
    house.vendor.faults(|f| f.next_on(UNLOCK, Fault::before(busy)));
    assert_eq!(said(house.tap("jane", 4401).await), "door_rate_limited");
    assert_eq!(said(house.tap("tom", 4401).await), "door_rate_limited");
    pass(Duration::from_secs(61)).await;
    assert_eq!(said(house.tap("tom", 4401).await), "accepted");
    assert_eq!(said(house.tap("jane", 4401).await), "door_rate_limited", "she was asked to wait");
    pass(Duration::from_mins(4)).await;
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
}

#[tokio::test(start_paused = true)]
async fn one_whose_orders_meet_a_401_signs_nobody_else_out() {
    for gap in [1, 5, 20] {
        let house = with_tom(Entry::new(4403, "Roof")).await;
        for _ in 0..(1_200 / gap) {
            let denied = FaultKind::status(401, r#"{"message": "key blocked"}"#);
            house.vendor.faults(|f| f.next_on(UNLOCK, Fault::before(denied)));
            assert_eq!(said(house.tap("jane", 4401).await), "sign_in_lapsed");
            pass(Duration::from_secs(gap)).await;
            assert_eq!(said(house.tap("tom", 4403).await), "accepted");
        }
        assert_eq!(house.count(Operation::Login), 1);
        // One look for each 401, and none where all is well again.
        let looks = house.count(Operation::GetEffectivePermissionsForOrg);
        assert_eq!(said(house.tap("tom", 4403).await), "accepted");
        assert_eq!(house.count(Operation::GetEffectivePermissionsForOrg), looks);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shorter_wish_to_be_left_alone_ends_no_longer_one() {
    let slowly = Duration::from_millis(200);
    let latency = Latency { travel: (slowly, slowly), ..Latency::NONE };
    let house = with_tom(Entry::new(4401, "Main entrance")).await;
    let wire = MemoryWire::new(house.vendor.clone(), house.clock).with_latency(latency, 0);
    house.connect(OpenpathProvider::new(client_over(Arc::new(wire))));
    for who in ["jane", "tom"] {
        house.doors(who, Cached).await;
    }
    let busy = |wait: &str| Reply::empty(429).header("retry-after", wait);
    house.vendor.faults(|f| {
        for wait in ["60", "1"] {
            f.on(UNLOCK, 0, 1, Fault::before(FaultKind::Instead(busy(wait))));
        }
    });
    let (first, second) = tokio::join!(house.tap("jane", 4401), async {
        sleep(Duration::from_millis(50)).await;
        house.tap("tom", 4401).await
    });
    for told in [first, second] {
        assert_eq!(said(told), "door_rate_limited", "both were on their way");
    }
    let sent = house.orders();
    pass(Duration::from_secs(2)).await;
    for who in ["jane", "tom"] {
        assert_eq!(said(house.tap(who, 4401).await), "door_rate_limited", "{who}");
    }
    assert_eq!(house.orders(), sent);
}

//! One tap: one order, and an outcome that is never more certain than what is known (N5, L2-L4).

use elevate_access::{Cause, Outcome, Receipt, Tap, TapId};
use elevate_access_testkit::{
    Effect, Fault, FaultKind, Reply,
    seam::{AttemptEnd, fixture},
};
use tokio::time::{Instant, sleep};

use super::house::{House, door, maple, ms, resident, secs};

const UNLOCK: &str = elevate_access_testkit::seam::ORDER_PATH;
const LOOK: &str = "/action_attempts/get";

fn cause(receipt: &Receipt) -> Option<Cause> {
    receipt.reason.as_ref().map(elevate_access::Reason::cause)
}

/// A house in which orders end like this.
fn ends(end: AttemptEnd) -> House {
    let mut seam = maple();
    seam.attempts_end(end);
    House::of(seam)
}

#[tokio::test(start_paused = true)]
async fn only_the_devices_own_confirmation_is_an_opening() {
    let house = ends(AttemptEnd::Confirmed);
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::Opened(receipt) = outcome else { panic!("{outcome:?}") };
    assert!(receipt.certain);
    let reference = house.vendor.ledger().orders()[0].reference.clone();
    assert_eq!(receipt.reference, reference);
    assert_eq!(house.vendor.ledger().opened("dev-gate"), 1);

    for end in [
        AttemptEnd::Unconfirmed,
        AttemptEnd::ResultNull,
        AttemptEnd::ResultEmpty,
        AttemptEnd::NoResultField,
    ] {
        let outcome = ends(end.clone()).tap("jane", "dev-gate").await.unwrap();
        let Outcome::Accepted(receipt) = outcome else { panic!("{end:?}: {outcome:?}") };
        assert!(!receipt.certain);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_reply_may_be_final() {
    let mut seam = maple();
    seam.attempts_settle_at_once();
    let house = House::of(seam);
    assert!(matches!(house.tap("jane", "dev-gate").await, Ok(Outcome::Opened(_))));
    assert_eq!(house.vendor.requests_on(LOOK), 0);
}

#[tokio::test(start_paused = true)]
async fn attempt_error_is_not_certain() {
    for (kind, message) in [
        ("uncategorized_error", "The device did not respond"),
        ("action_attempt_expired", "It expired"),
        ("a_type_that_nobody_knows", ""),
        ("", ""),
    ] {
        let house = ends(AttemptEnd::error(kind, message));
        // The vendor says that it failed, and the door opened: its word is not proof.
        house.vendor.with(|seam| seam.door_really("dev-gate", Some(Effect::Opened)).requests(""));
        let outcome = house.tap("jane", "dev-gate").await.unwrap();
        let Outcome::NotOpened(receipt) = outcome else { panic!("{kind}: {outcome:?}") };
        assert!(!receipt.certain);
        assert!(receipt.reference.is_some());
        assert_eq!(cause(&receipt), Some(Cause::OrderFailed));
        let detail = receipt.reason.unwrap().detail().unwrap_or_default().to_owned();
        assert!(detail.contains(kind) && detail.contains(message), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_pending_attempt_ends_at_answer_within() {
    let house = ends(AttemptEnd::PendingForever);
    let begun = Instant::now();
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::StillPending));
    assert!(receipt.reference.is_some());
    let took = begun.elapsed();
    assert!(took > ms(11_800) && took <= secs(12), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_status_that_nobody_knows_stays_unknown() {
    let outcome = ends(AttemptEnd::OddStatus("queued_at_provider".into()))
        .tap("jane", "dev-gate")
        .await
        .unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
    assert!(receipt.reason.unwrap().detail().unwrap().contains("queued_at_provider"));
}

#[tokio::test(start_paused = true)]
async fn mismatched_attempt_id_ignored() {
    let house = House::of(maple());
    let other = fixture("attempt-other-id.json").unwrap();
    house.vendor.with(|seam| seam.reply_to(LOOK, 200, other).requests(""));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::StillPending));
}

#[tokio::test(start_paused = true)]
async fn a_success_that_contradicts_itself_is_unknown() {
    let house = House::of(maple());
    let body = fixture("attempt-success-with-error.json").unwrap();
    house
        .vendor
        .with(|seam| seam.reply_to(UNLOCK, 200, body).reply_to(LOOK, 200, body).requests(""));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
}

#[tokio::test(start_paused = true)]
async fn a_failed_look_is_not_a_failed_unlock() {
    let house = House::of(maple());
    house.vendor.faults(|faults| faults.on(LOOK, 0, 3, Fault::before(FaultKind::status(503, ""))));
    assert!(matches!(house.tap("jane", "dev-gate").await, Ok(Outcome::Opened(_))));
}

/// What one tap comes to if its order is answered so, without the vendor acting on it.
async fn answered(fault: FaultKind) -> Outcome {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.faults(|faults| faults.on(UNLOCK, 0, u32::MAX - 1, Fault::before(fault)));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    sleep(secs(60)).await;
    let orders = house.vendor.started().iter().filter(|started| started.gated).count();
    assert_eq!(orders, 1, "sent again");
    outcome
}

#[tokio::test(start_paused = true)]
async fn unreadable_2xx_is_unknown() {
    let confirmed = fixture("attempt-success-confirmed.json").unwrap();
    for fault in [
        FaultKind::status(200, fixture("success-but-cut.txt").unwrap()),
        FaultKind::status(200, fixture("attempt-without-id.json").unwrap()),
        FaultKind::status(200, fixture("attempt-ok-false.json").unwrap()),
        FaultKind::status(200, r#"{"ok":true}"#),
        FaultKind::status(200, ""),
        FaultKind::status(201, confirmed),
        FaultKind::status(202, confirmed),
        FaultKind::status(204, ""),
        FaultKind::invalid_json(),
        FaultKind::oversized(100 * 1024 * 1024),
        FaultKind::compressed_bomb(),
        FaultKind::deep_json(100_000),
    ] {
        let outcome = answered(fault).await;
        let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
        assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
    }
}

#[tokio::test(start_paused = true)]
async fn redirect_to_html_200_is_not_success() {
    for fault in [
        FaultKind::html_200(),
        FaultKind::redirect(301, "https://elsewhere.example/"),
        FaultKind::redirect(302, "/locks/unlock_door"),
        FaultKind::redirect(303, "/action_attempts/get"),
        FaultKind::redirect(307, "/locks/unlock_door"),
        FaultKind::redirect(308, "/locks/unlock_door"),
    ] {
        let outcome = answered(fault).await;
        let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
        assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
    }
}

#[tokio::test(start_paused = true)]
async fn server_error_after_send_is_unknown() {
    for name in ["error-outage.txt", "error-gateway.txt", "error-stack.json", "error-nulls.json"] {
        for status in [500, 502, 503, 504] {
            let outcome = answered(FaultKind::status(status, fixture(name).unwrap())).await;
            let Outcome::Unknown(receipt) = outcome else { panic!("{name}: {outcome:?}") };
            assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_unknown() {
    for fault in [FaultKind::Reset, FaultKind::Stall, FaultKind::Cut] {
        let outcome = answered(fault.clone()).await;
        let Outcome::Unknown(receipt) = outcome else { panic!("{fault:?}: {outcome:?}") };
        let lost = cause(&receipt);
        // Access itself gives up at the deadline if the provider has not.
        assert_eq!(lost, Some(Cause::AnswerLost), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_certain_only_where_it_can_only_be_seams() {
    for (status, name, refused, certain) in [
        (401, "error-unauthorized.json", Cause::CredentialsRefused, true),
        (401, "error-outage.txt", Cause::CredentialsRefused, false),
        (400, "error-invalid-input.json", Cause::OrderRefused, true),
        (400, "error-unknown-type.json", Cause::OrderRefused, true),
        (400, "error-invalid-json.txt", Cause::OrderRefused, false),
        (404, "error-device-not-found.json", Cause::DoorRemoved, true),
        (404, "error-unknown-route.txt", Cause::OrderRefused, false),
        (429, "error-too-many-requests.json", Cause::DoorRateLimited, true),
        (429, "error-too-many-requests.txt", Cause::DoorRateLimited, false),
        (403, "error-forbidden.json", Cause::RightsMissing, false),
        (405, "error-method-not-allowed.json", Cause::OrderRefused, false),
        (409, "error-unknown-type.json", Cause::OrderRefused, false),
    ] {
        let outcome = answered(FaultKind::status(status, fixture(name).unwrap())).await;
        let Outcome::NotOpened(receipt) = outcome else { panic!("{name}: {outcome:?}") };
        assert_eq!((cause(&receipt), receipt.certain), (Some(refused), certain), "{status} {name}");
        assert_eq!(receipt.reference, None);
    }
}

/// Whoever wrote it may have sent the order on.
#[tokio::test(start_paused = true)]
async fn a_page_or_a_status_about_the_way_is_nobodys_word_that_the_door_stayed_shut() {
    let page = "\u{feff} <!DOCTYPE html><title>Sorry</title>";
    let error = fixture("error-invalid-input.json").unwrap();
    for (status, body) in [400, 401, 403, 404, 405, 409, 422, 429]
        .map(|status| (status, page))
        .into_iter()
        .chain([407, 408, 425].map(|status| (status, error)))
        .chain([(404, fixture("error-gateway.txt").unwrap())])
    {
        let outcome = answered(FaultKind::status(status, body)).await;
        let Outcome::Unknown(receipt) = outcome else { panic!("{status}: {outcome:?}") };
        assert_eq!(cause(&receipt), Some(Cause::AnswerUnclear), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_breaks_off_was_not_read() {
    let house = House::of(maple());
    house.doors("jane").await;
    // The vendor would answer 404; what arrives is the status and half of the body.
    house.vendor.with(|seam| seam.remove_device("dev-gate").requests(""));
    house.vendor.faults(|faults| faults.next_on(UNLOCK, Fault::after(FaultKind::Cut)));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::Unknown(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause(&receipt), Some(Cause::AnswerLost));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_where_no_connection_comes_up() {
    let house = House::of(maple());
    house.doors("jane").await;
    house
        .vendor
        .faults(|faults| faults.on(UNLOCK, 0, u32::MAX - 1, Fault::before(FaultKind::Refuse)));
    let error = house.tap("jane", "dev-gate").await.unwrap_err();
    assert_eq!(error.cause(), Cause::VendorUnreachable);
    assert_eq!(error.reason().system().unwrap().name, "Seam");
    assert!(house.vendor.started().iter().all(|started| !started.gated));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_the_key_was_refused_for_drops_the_map() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.set_key("seam_otherkey").requests(""));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::NotOpened(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cause(&receipt), receipt.certain), (Some(Cause::CredentialsRefused), true));
    // The next list says that nothing can be opened, instead of showing doors that cannot.
    let list = house.doors("jane").await;
    assert!(list.doors.is_empty(), "{list:?}");
    assert_eq!(list.problems[0].reason.cause(), Cause::CredentialsRefused);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::CredentialsRefused);
    assert_eq!(house.vendor.requests_on(UNLOCK), 1, "no second order goes out with a dead key");
}

#[tokio::test(start_paused = true)]
async fn the_api_is_seams_and_the_door_is_2ns() {
    for (status, name, system) in [
        (401, "error-unauthorized.json", "Seam"),
        (403, "error-forbidden.json", "Seam"),
        (400, "error-invalid-input.json", "2N"),
        (404, "error-device-not-found.json", "2N"),
    ] {
        let outcome = answered(FaultKind::status(status, fixture(name).unwrap())).await;
        let Outcome::NotOpened(receipt) = outcome else { panic!("{name}: {outcome:?}") };
        assert_eq!(receipt.reason.unwrap().system().unwrap().name, system, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_gone_is_forgotten_with_its_map() {
    let house = House::of(maple());
    house.doors("jane").await;
    house.vendor.with(|seam| seam.remove_device("dev-gate").requests(""));
    let outcome = house.tap("jane", "dev-gate").await.unwrap();
    let Outcome::NotOpened(receipt) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cause(&receipt), receipt.certain), (Some(Cause::DoorRemoved), true));
    // Whoever asks next reads first.
    assert_eq!(house.sees("jane").await, ["Lobby"]);
    assert_eq!(house.refused("jane", "dev-gate").await, Cause::DoorNotGranted);
}

#[tokio::test(start_paused = true)]
async fn a_door_that_was_asked_too_often_is_left_alone_for_its_time() {
    for (retry_after, pause) in [(Some("20"), 20), (None, 10), (Some("3600"), 60), (Some("0"), 1)] {
        let house = House::of(maple());
        house.doors("jane").await;
        let mut busy = Reply::json(429, fixture("error-too-many-requests.json").unwrap());
        if let Some(seconds) = retry_after {
            busy = busy.header("retry-after", seconds);
        }
        house.vendor.faults(|f| f.next_on(UNLOCK, Fault::before(FaultKind::Instead(busy))));
        let outcome = house.tap("jane", "dev-lobby").await.unwrap();
        let Outcome::NotOpened(receipt) = outcome else { panic!("{outcome:?}") };
        let reason = receipt.reason.unwrap();
        assert_eq!(reason.retry_after(), Some(secs(pause)));
        assert!(reason.for_resident().contains(&format!("{pause} second")), "{reason:?}");

        // Not asked again before its time, by whomever; other doors are.
        house.vendor.forget_seen();
        sleep(ms(300)).await;
        let error = house.tap("omar", "dev-lobby").await.unwrap_err();
        assert_eq!(error.cause(), Cause::DoorRateLimited);
        assert_eq!(error.retry_after(), Some(ms(pause * 1000 - 300)));
        assert_eq!(house.vendor.requests(), 0);
        assert!(house.tap("omar", "dev-garage").await.is_ok());

        sleep(secs(pause)).await;
        assert!(matches!(house.tap("omar", "dev-lobby").await, Ok(Outcome::Opened(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_door_ends_its_taps_and_no_other_doors() {
    let mut seam = maple();
    seam.attempts_settle_at_once();
    let house = House::of(seam);
    // Enough people that no one's share, also of its last orders, ends before the door's allowance does.
    let people = ["jane", "ann", "ben", "cleo", "dan", "eve", "finn"];
    for who in people {
        house.moves_in(who, &["101"]);
    }
    let mut opened = 0;
    for who in people.iter().cycle().take(20) {
        opened += usize::from(house.tap(who, "dev-gate").await.is_ok_and(|o| o.code() == "opened"));
    }
    assert_eq!((opened, house.vendor.ledger().taken("dev-gate")), (15, 15));
    // One order met the limit; those after it were not sent.
    assert_eq!(house.vendor.ledger().orders().len(), 16);
    assert!(house.tap("jane", "dev-lobby").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn unlocking_writes_nothing_else_at_the_vendor() {
    let house = House::of(maple());
    house.tap("jane", "dev-gate").await.unwrap();
    house.tap("omar", "dev-lobby").await.unwrap();
    house.vendor.with(|seam| {
        assert_eq!(seam.forbidden(), [] as [String; 0]);
        assert_eq!(seam.complaints(), [] as [String; 0]);
        assert!(seam.unknown_parameters().is_empty());
        assert!(!seam.followed_url());
    });
}

#[tokio::test(start_paused = true)]
async fn a_tap_on_somebody_elses_door_and_on_none_are_answered_alike() {
    let house = House::of(maple());
    house.doors("jane").await;
    let foreign = house.tap("jane", "dev-garage").await.unwrap_err();
    let unknown = house.tap("jane", "no-such-door").await.unwrap_err();
    assert_eq!(foreign.reason(), unknown.reason());
    assert_eq!(foreign.cause(), Cause::DoorNotGranted);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn an_old_tap_sends_nothing() {
    let house = House::of(maple());
    house.doors("jane").await;
    let tap = Tap::aged(ms(5001));
    let error = house.access.unlock(&resident("jane"), &door("dev-gate"), tap).await.unwrap_err();
    assert_eq!(error.cause(), Cause::TapTooOld);
    assert_eq!(house.vendor.ledger().orders(), []);
}

#[tokio::test(start_paused = true)]
async fn pending_order_absorbs_the_next_tap() {
    let mut seam = maple();
    seam.attempts_take(secs(4));
    let house = House::of(seam);
    let (first, later) = tokio::join!(house.tap("jane", "dev-gate"), async {
        sleep(secs(1)).await;
        assert_eq!(house.vendor.requests_on(UNLOCK), 1, "the order is taken, and pending");
        let tap = Tap::now().with_id(TapId::new("second-press").unwrap());
        let begun = Instant::now();
        let outcome = house.access.unlock(&resident("jane"), &door("dev-gate"), tap).await;
        assert!(begun.elapsed() >= secs(3), "it waits for the order that is pending");
        outcome
    });
    let (first, later) = (first.unwrap(), later.unwrap());
    assert!(matches!((&first, &later), (Outcome::Opened(_), Outcome::Opened(_))));
    assert_eq!(first.receipt().reference, later.receipt().reference, "one order, told to both");
    assert_eq!(house.vendor.requests_on(UNLOCK), 1);
    // Once it is settled, a tap is a wish of its own.
    house.tap("jane", "dev-gate").await.unwrap();
    assert_eq!(house.vendor.requests_on(UNLOCK), 2);
}

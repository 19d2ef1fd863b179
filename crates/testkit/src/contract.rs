//! The contract suite: what every [`AccessProvider`](elevate_access::AccessProvider) has to keep, driven through the front door and judged
//! by the vendor's ledger.
//!
//! Each rule is a function of a fresh [`Stage`]; [`run_all`] goes through all of them. They need a paused
//! tokio clock (`#[tokio::test(start_paused = true)]`) and a provider over a
//! [`MemoryWire`](crate::MemoryWire).
//!
//! ```no_run
//! # use elevate_access_testkit::contract::{self, Stage};
//! # fn set_the_stage() -> Stage { std::process::exit(1) }
//! #[tokio::test(start_paused = true)]
//! async fn my_provider_keeps_the_contract() {
//!     contract::run_all(set_the_stage).await;
//! }
//! ```
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a suite of tests says so by panicking"
)]

mod answers;
mod asking;
mod auditing;
mod identity;
mod stage;

use std::time::Duration;

use elevate_access::{Cause, DoorId, Error, Freshness, Outcome, Standing, Tap, TapId};
use tokio::time::{Instant, sleep};

pub use self::{
    answers::{
        a_refusal_is_not_pressed, only_the_documented_success_is_accepted,
        opened_is_said_only_of_a_door_that_opened,
    },
    asking::{
        a_diagnosis_agrees_with_a_tap, a_strangers_notification_has_no_effect,
        asking_a_vendor_that_is_down_says_so_in_time, asking_changes_nothing,
    },
    auditing::an_audit_only_looks,
    identity::doors_follow_the_email_and_the_unit,
    stage::{Backstage, Behind, Stage},
};
use crate::{Fault, FaultKind};
pub(crate) use asking::{diagnosis, health, is_trouble};

/// Goes through every rule, each on a fresh stage.
pub async fn run_all(set_the_stage: impl Fn() -> Stage) {
    lists_what_is_granted_and_nothing_else(set_the_stage()).await;
    one_tap_is_one_gated_order(set_the_stage()).await;
    a_later_tap_is_an_order_of_its_own(set_the_stage()).await;
    an_unknown_door_and_a_strangers_tap_are_refused_alike(set_the_stage()).await;
    doors_follow_the_email_and_the_unit(set_the_stage()).await;
    who_is_not_current_opens_nothing(set_the_stage()).await;
    standing_lost_during_a_slow_connect_sends_nothing(set_the_stage()).await;
    no_body_starts_late(set_the_stage()).await;
    a_lost_answer_is_unknown_and_not_sent_again(set_the_stage()).await;
    a_server_error_after_sending_is_unknown(set_the_stage()).await;
    a_page_of_html_is_not_success(set_the_stage()).await;
    a_redirect_is_not_followed(set_the_stage()).await;
    opened_is_said_only_of_a_door_that_opened(set_the_stage()).await;
    only_the_documented_success_is_accepted(set_the_stage()).await;
    a_refusal_is_not_pressed(set_the_stage()).await;
    a_refused_connection_never_opens_twice(set_the_stage()).await;
    two_taps_at_once_are_one_order(set_the_stage()).await;
    the_same_tap_id_again_gets_the_first_outcome(set_the_stage()).await;
    a_cancelled_caller_leaves_one_order(set_the_stage()).await;
    what_was_revoked_is_gone_at_the_next_refresh(set_the_stage()).await;
    a_grant_past_its_age_opens_nothing(set_the_stage()).await;
    a_vendor_that_is_down_is_an_error_in_time(set_the_stage()).await;
    asking_changes_nothing(set_the_stage()).await;
    asking::diagnoses_agree_with_taps(&set_the_stage).await;
    asking_a_vendor_that_is_down_says_so_in_time(set_the_stage()).await;
    asking::a_fault_while_asking_is_no_verdict(&set_the_stage).await;
    an_audit_only_looks(set_the_stage()).await;
    auditing::a_fault_while_auditing_is_no_finding(&set_the_stage).await;
    a_strangers_notification_has_no_effect(set_the_stage()).await;
    idle_asks_nothing(set_the_stage()).await;
}

/// The resident's list holds the door, a stranger's does not.
pub async fn lists_what_is_granted_and_nothing_else(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    let list = list.unwrap_or_else(|e| panic!("no list: {e}"));
    assert!(list.doors.iter().any(|d| d.id == stage.door), "the door is missing: {list:?}");
    let other = access.doors(&stage.stranger, Freshness::Cached).await;
    let other = other.unwrap_or_else(|e| panic!("no list: {e}"));
    assert!(other.doors.iter().all(|d| d.id != stage.door), "a stranger sees the door");
    stage.expect_no_order("while listing");
}

/// One tap starts one body, through the gate, and one order arrives.
pub async fn one_tap_is_one_gated_order(stage: Stage) {
    let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
    assert!(matches!(outcome, Outcome::Opened(_) | Outcome::Accepted(_)), "{outcome:?}");
    assert_eq!(stage.orders_started().len(), 1, "bodies through the gate");
    assert_eq!(stage.arrived(), 1, "orders");
}

/// A tap after the first one was settled is a wish of its own: one more order, and no more than one.
pub async fn a_later_tap_is_an_order_of_its_own(stage: Stage) {
    let access = stage.access();
    let (first, started) = (stage.tap(&access).await, stage.backstage.started().len());
    first.unwrap_or_else(|e| panic!("refused: {e}"));
    let second = stage.tap(&access).await;
    second.unwrap_or_else(|e| panic!("refused: {e}"));
    let later: Vec<_> = stage.backstage.started().split_off(started);
    let orders = later.iter().filter(|s| s.gated).count();
    assert_eq!(orders, 1, "{later:?}");
}

/// A door that does not exist, and a door that is not this resident's: one and the same refusal, no order.
pub async fn an_unknown_door_and_a_strangers_tap_are_refused_alike(stage: Stage) {
    let access = stage.access();
    let unknown: DoorId = format!("{}/no-such-door", stage.door.connection())
        .parse()
        .unwrap_or_else(|e| panic!("{e}"));
    let refused = |result: Result<Outcome, Error>| match result {
        Err(e) => (e.code(), e.for_resident(), e.for_manager()),
        Ok(outcome) => panic!("a stranger's tap had an outcome: {outcome:?}"),
    };
    let foreign = refused(access.unlock(&stage.stranger, &stage.door, Tap::now()).await);
    let unknown = refused(access.unlock(&stage.stranger, &unknown, Tap::now()).await);
    assert_eq!(foreign, unknown);
    stage.expect_no_order("for a stranger");
}

/// A standing other than Current opens nothing, with everything warm.
pub async fn who_is_not_current_opens_nothing(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    stage.directory.set_standing(&stage.resident, &Standing::Former);
    let refused = stage.tap(&access).await.map_err(|e| e.cause());
    assert_eq!(refused, Err(Cause::NotCurrent));
    stage.expect_no_order("for a former resident");
}

/// The resident moves out while the connection comes up: the gate, met late, stays shut.
pub async fn standing_lost_during_a_slow_connect_sends_nothing(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    stage.backstage.next_order_meets(Fault::before(FaultKind::SlowConnect(Duration::from_secs(3))));
    let (tapped, ()) = tokio::join!(stage.tap(&access), async {
        sleep(Duration::from_secs(1)).await;
        stage.directory.set_standing(&stage.resident, &Standing::Former);
    });
    assert_eq!(tapped.map_err(|e| e.cause()), Err(Cause::NotCurrent));
    stage.expect_no_order("after the standing was lost");
}

/// A connection that comes up after `send_within` carries no body.
pub async fn no_body_starts_late(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    stage.backstage.next_order_meets(Fault::before(FaultKind::SlowConnect(Duration::from_secs(6))));
    let tapped = stage.tap(&access).await;
    assert!(tapped.is_err(), "{tapped:?}");
    sleep(Duration::from_secs(30)).await;
    stage.expect_no_order("late");
}

/// The vendor acts and its answer is lost: unknown, and nothing is sent again.
pub async fn a_lost_answer_is_unknown_and_not_sent_again(stage: Stage) {
    for fault in [Fault::after(FaultKind::Reset), Fault::after(FaultKind::Stall)] {
        stage.backstage.next_order_meets(fault);
        let before = (stage.arrived(), stage.orders_started().len());
        let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        sleep(Duration::from_mins(1)).await;
        assert_eq!((stage.arrived(), stage.orders_started().len()), (before.0 + 1, before.1 + 1));
    }
}

/// A 5xx may come from something behind which the order went through.
pub async fn a_server_error_after_sending_is_unknown(stage: Stage) {
    for status in [500, 502, 503, 504] {
        stage.backstage.next_order_meets(Fault::after(FaultKind::status(status, "{}")));
        let before = (stage.arrived(), stage.orders_started().len());
        let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
        assert!(matches!(outcome, Outcome::Unknown(_)), "{status}: {outcome:?}");
        sleep(Duration::from_mins(1)).await;
        let after = (stage.arrived(), stage.orders_started().len());
        assert_eq!(after, (before.0 + 1, before.1 + 1), "{status} was sent again");
    }
}

/// A proxy's sign-in page with status 200 says nothing about a door.
pub async fn a_page_of_html_is_not_success(stage: Stage) {
    stage.backstage.next_order_meets(Fault::before(FaultKind::html_200()));
    let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(stage.orders_started().len(), 1);
}

/// A redirect answers an order with neither success nor refusal, and leads nowhere.
pub async fn a_redirect_is_not_followed(stage: Stage) {
    for status in [301, 302, 303, 307, 308] {
        let before = stage.orders_started().len();
        stage.backstage.next_order_meets(Fault::before(FaultKind::redirect(status, "/elsewhere")));
        let outcome = stage.tap(&stage.access()).await.unwrap_or_else(|e| panic!("refused: {e}"));
        assert!(matches!(outcome, Outcome::Unknown(_)), "{status}: {outcome:?}");
        assert_eq!(stage.orders_started().len(), before + 1, "{status} was followed");
    }
    assert_eq!(stage.arrived(), 0);
}

/// A connection that was refused never carried anything: trying again is right, and still one order.
pub async fn a_refused_connection_never_opens_twice(stage: Stage) {
    stage.backstage.next_order_meets(Fault::before(FaultKind::Refuse));
    let tapped = stage.tap(&stage.access()).await;
    match tapped {
        Ok(Outcome::Opened(_) | Outcome::Accepted(_)) => assert_eq!(stage.arrived(), 1),
        Ok(outcome) => panic!("nothing was lost, yet: {outcome:?}"),
        Err(_) => stage.expect_no_order("although it was refused"),
    }
}

/// Two taps on one door at once: the second joins the first.
pub async fn two_taps_at_once_are_one_order(stage: Stage) {
    let access = stage.access();
    let (one, two) = tokio::join!(stage.tap(&access), stage.tap(&access));
    let (one, two) = (one.unwrap_or_else(|e| panic!("{e}")), two.unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(one.code(), two.code());
    assert_eq!((stage.arrived(), stage.orders_started().len()), (1, 1));
}

/// A phone that asks again with the same tap id gets the first answer, and opens nothing.
pub async fn the_same_tap_id_again_gets_the_first_outcome(stage: Stage) {
    let access = stage.access();
    let id = TapId::new("a-tap").unwrap_or_else(|e| panic!("{e}"));
    let tap = || access.unlock(&stage.resident, &stage.door, Tap::now().with_id(id.clone()));
    let first = tap().await.unwrap_or_else(|e| panic!("{e}"));
    sleep(Duration::from_mins(1)).await;
    let again = tap().await.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(first, again);
    assert_eq!(stage.arrived(), 1);
}

/// A caller that gives up ends only its waiting.
pub async fn a_cancelled_caller_leaves_one_order(stage: Stage) {
    let access = stage.access();
    stage.backstage.next_order_meets(Fault::before(FaultKind::SlowConnect(Duration::from_secs(1))));
    let gave_up = tokio::time::timeout(Duration::from_millis(200), stage.tap(&access)).await;
    assert!(gave_up.is_err(), "the connection was to be slow");
    let joined = stage.tap(&access).await;
    joined.unwrap_or_else(|e| panic!("{e}"));
    sleep(Duration::from_mins(1)).await;
    assert_eq!((stage.arrived(), stage.orders_started().len()), (1, 1));
}

/// What was taken away at the vendor is off the list at the next refresh, and opens nothing (C8, O6).
pub async fn what_was_revoked_is_gone_at_the_next_refresh(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    stage.backstage.revoke();
    let list = access.doors(&stage.resident, Freshness::Fresh).await;
    let list = list.unwrap_or_else(|e| panic!("no list: {e}"));
    assert!(list.doors.iter().all(|d| d.id != stage.door), "{list:?}");
    let tapped = stage.tap(&access).await;
    assert!(tapped.is_err(), "{tapped:?}");
    stage.expect_no_order("after the door was taken away");
}

/// A grant older than its age is not used: with the vendor's lists out of reach it opens nothing.
pub async fn a_grant_past_its_age_opens_nothing(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    stage.backstage.revoke();
    sleep(stage.grant_age + Duration::from_millis(1)).await;
    let tapped = stage.tap(&access).await;
    assert!(tapped.is_err(), "{tapped:?}");
    stage.expect_no_order("on an aged grant");
}

/// With the vendor unreachable or silent, everything ends in time, as an error or a named problem.
pub async fn a_vendor_that_is_down_is_an_error_in_time(stage: Stage) {
    for kind in [FaultKind::Refuse, FaultKind::Stall, FaultKind::Reset] {
        let access = stage.access();
        stage.backstage.everything_meets(Some(Fault::before(kind)));
        let begun = Instant::now();
        let list = access.doors(&stage.resident, Freshness::Fresh).await;
        let list =
            list.unwrap_or_else(|e| panic!("a vendor's trouble is a problem, not an error: {e}"));
        assert!(!list.problems.is_empty(), "the problem is not named");
        assert!(begun.elapsed() <= Duration::from_secs(11), "the list took {:?}", begun.elapsed());
        let (begun, before) = (Instant::now(), stage.arrived());
        let _ = stage.tap(&access).await;
        assert!(begun.elapsed() <= Duration::from_secs(13), "the tap took {:?}", begun.elapsed());
        assert_eq!(stage.arrived(), before);
        stage.backstage.everything_meets(None);
        sleep(Duration::from_mins(10)).await;
    }
}

/// Nothing is read while nobody asks.
pub async fn idle_asks_nothing(stage: Stage) {
    let access = stage.access();
    let list = access.doors(&stage.resident, Freshness::Cached).await;
    list.unwrap_or_else(|e| panic!("no list: {e}"));
    sleep(Duration::from_secs(5)).await;
    let before = stage.backstage.requests();
    sleep(Duration::from_hours(24)).await;
    assert_eq!(stage.backstage.requests(), before);
}

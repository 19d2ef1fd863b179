//! What holds of a diagnosis and of a check: they look, they say what they saw, and they agree with a tap.

use std::time::Duration;

use elevate_access::{
    Access, Cause, CheckResult, Diagnosis, Freshness, Health, HealthState, Notification, Outcome,
    Reason, Standing,
};
use tokio::time::{Instant, sleep};

use super::Stage;
use crate::{Fault, FaultKind};

/// How long a diagnosis or a check may take.
pub(crate) const ASKED_WITHIN: Duration = Duration::from_millis(10_100);

/// Whether a cause speaks of the connection and its vendor, and not of a resident or a door: all that may be
/// said where something could not be read.
pub(crate) fn is_trouble(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::VendorUnreachable
            | Cause::VendorError
            | Cause::VendorBusy
            | Cause::VendorReplyUnusable
            | Cause::CredentialsRefused
            | Cause::RightsMissing
            | Cause::SetupWrong
    )
}

/// The resident's diagnosis for the door, in time and without a panic.
pub(crate) async fn diagnosis(stage: &Stage, access: &Access, when: &str) -> Diagnosis {
    let begun = Instant::now();
    let diagnosis = access.diagnose(&stage.resident, Some(&stage.door)).await;
    let took = begun.elapsed();
    assert!(took <= ASKED_WITHIN, "the diagnosis took {took:?} {when}");
    let diagnosis = diagnosis.unwrap_or_else(|e| panic!("no diagnosis {when}: {e}"));
    let failed = diagnosis.connections.iter().flat_map(|c| &c.checks).filter_map(|c| c.failure());
    for reason in failed {
        assert_ne!(reason.cause(), Cause::Internal, "{when}: {diagnosis}");
    }
    diagnosis
}

/// The health of the building's one connection, in time and without a panic.
pub(crate) async fn health(stage: &Stage, access: &Access, when: &str) -> Health {
    let building = stage.building().await;
    let begun = Instant::now();
    let checked = access.check(&building).await;
    let took = begun.elapsed();
    assert!(took <= ASKED_WITHIN, "the check took {took:?} {when}");
    let mut checked = checked.unwrap_or_else(|e| panic!("no check {when}: {e}"));
    assert_eq!(checked.len(), 1, "{when}: {checked:?}");
    let health = checked.remove(0).health;
    for reason in &health.reasons {
        assert_ne!(reason.cause(), Cause::Internal, "{when}: {health}");
    }
    assert_eq!(health.state == HealthState::Ok, health.reasons.is_empty(), "{when}: {health}");
    health
}

/// Diagnosis and check order nothing, write nothing at the vendor, and link nobody.
pub async fn asking_changes_nothing(stage: Stage) {
    let access = stage.access();
    let links = access.link_status(&stage.resident).await;
    let own = diagnosis(&stage, &access, "while all is well").await;
    assert!(!own.connections.is_empty(), "the connection was not asked: {own}");
    let stranger = access.diagnose(&stage.stranger, Some(&stage.door)).await;
    let stranger = stranger.unwrap_or_else(|e| panic!("{e}"));
    assert!(stranger.first_failure().is_some(), "a stranger has every right: {stranger}");
    let health = health(&stage, &access, "while all is well").await;
    assert_ne!(health.state, HealthState::Down, "{health}");
    sleep(Duration::from_secs(30)).await;
    stage.expect_hands_off("while asking");
    let still = access.link_status(&stage.resident).await;
    assert_eq!(format!("{links:?}"), format!("{still:?}"), "somebody was linked");
}

/// [`a_diagnosis_agrees_with_a_tap`] for a resident with the door, without it, and no longer Current.
pub(super) async fn diagnoses_agree_with_taps(set_the_stage: impl Fn() -> Stage) {
    let stage = set_the_stage();
    let well = diagnosis(&stage, &stage.access(), "while all is well").await;
    assert_eq!(well.first_failure(), None, "{well}");
    a_diagnosis_agrees_with_a_tap(stage).await;

    let stage = set_the_stage();
    stage.backstage.revoke();
    let revoked = diagnosis(&stage, &stage.access(), "without the door").await;
    assert!(revoked.first_failure().is_some(), "{revoked}");
    a_diagnosis_agrees_with_a_tap(stage).await;

    let stage = set_the_stage();
    stage.directory.set_standing(&stage.resident, &Standing::Former);
    let former = diagnosis(&stage, &stage.access(), "for a former resident").await;
    assert_eq!(former.first_failure().map(Reason::cause), Some(Cause::NotCurrent), "{former}");
    a_diagnosis_agrees_with_a_tap(stage).await;

    let mut stage = set_the_stage();
    std::mem::swap(&mut stage.resident, &mut stage.stranger);
    a_diagnosis_agrees_with_a_tap(stage).await;
}

/// If nothing is known to be wrong, a tap is accepted; if something is, the door stays shut.
///
/// It holds in whatever condition the stage is, save while the vendor cannot be reached.
pub async fn a_diagnosis_agrees_with_a_tap(stage: Stage) {
    let access = stage.access();
    let diagnosis = diagnosis(&stage, &access, "before a tap").await;
    let tapped = stage.tap(&access).await;
    sleep(Duration::from_mins(1)).await;
    let context = format!("{tapped:?}, and the diagnosis says\n{diagnosis}");
    // Mistakes that keep nobody out.
    let is_remark = |cause: Cause| {
        matches!(
            cause,
            Cause::UserShared | Cause::KeySurplus | Cause::ConnectionsOverlap | Cause::DoorWarned
        )
    };
    let checks = diagnosis.connections.iter().flat_map(|c| &c.checks).chain(&diagnosis.resident);
    if checks.filter_map(|c| c.failure()).any(|reason| !is_remark(reason.cause())) {
        let opened = stage.backstage.opened(stage.door.vendor_id().as_str());
        assert_eq!(opened, 0, "the door opened: {context}");
    } else {
        let is_accepted = matches!(tapped, Ok(Outcome::Opened(_) | Outcome::Accepted(_)));
        assert!(is_accepted, "{context}");
    }
}

/// What nobody signed, or somebody else did, is refused: nothing is asked of the vendor for it, nothing is read
/// anew because of it, and no door moves.
pub async fn a_strangers_notification_has_no_effect(stage: Stage) {
    let access = stage.access();
    let asked = || stage.backstage.started().len();
    let list = async || {
        let before = asked();
        let list = access.doors(&stage.resident, Freshness::Cached).await;
        list.unwrap_or_else(|e| panic!("no list: {e}"));
        asked() - before
    };
    list().await;
    let warm = list().await;
    let (building, connection) = (stage.building().await, stage.door.connection().clone());
    let before = asked();
    let event = br#"{"event_id":"e-1","event_type":"device.removed","workspace_id":"w-1"}"#;
    let signed: [(&str, &[u8]); 3] = [
        ("svix-id", b"msg_1"),
        ("svix-timestamp", b"1700000000"),
        ("svix-signature", b"v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];
    for headers in [&signed[..0], &signed[..]] {
        for body in [&event[..], b"", b"{", &[0xff; 2048]] {
            let notification = Notification::new(headers.iter().copied(), body);
            let told = access.webhook(&building, &connection, &notification).await;
            let refused = told.map_err(|e| e.cause());
            assert_eq!(refused, Err(Cause::DeliveryRefused), "a stranger was believed");
        }
    }
    assert_eq!(asked(), before, "the vendor was asked because of it");
    assert_eq!(list().await, warm, "something was read anew because of it");
    stage.expect_no_order("after a stranger's notification");
}

/// A vendor that is down or talks nonsense: both say so in time, and neither stays convinced of it.
pub async fn asking_a_vendor_that_is_down_says_so_in_time(stage: Stage) {
    for kind in [
        FaultKind::Refuse,
        FaultKind::Reset,
        FaultKind::Stall,
        FaultKind::Cut,
        FaultKind::html_200(),
        FaultKind::invalid_json(),
        FaultKind::status(503, "{}"),
    ] {
        let when = format!("while everything meets {}", Fault::before(kind.clone()));
        let access = stage.access();
        stage.backstage.everything_meets(Some(Fault::before(kind)));
        let told = diagnosis(&stage, &access, &when).await;
        let cause = told.first_failure().map(Reason::cause);
        assert!(cause.is_some_and(is_trouble), "{when}: {told}");
        let health = health(&stage, &access, &when).await;
        assert_eq!(health.state, HealthState::Down, "{when}: {health}");
        assert!(health.reasons.iter().all(|r| is_trouble(r.cause())), "{when}: {health}");
        stage.backstage.everything_meets(None);
        sleep(Duration::from_mins(10)).await;
        let told = diagnosis(&stage, &access, "after it").await;
        assert_eq!(told.first_failure(), None, "after {when}: {told}");
        let health = self::health(&stage, &access, "after it").await;
        assert_ne!(health.state, HealthState::Down, "after {when}: {health}");
        stage.expect_hands_off(&when);
    }
}

/// A resident with the door, without it, and no longer Current.
pub(super) const CONDITIONS: [fn(&Stage); 3] = [
    |_| {},
    |stage| stage.backstage.revoke(),
    |stage| stage.directory.set_standing(&stage.resident, &Standing::Former),
];

/// Whichever exchange of a diagnosis goes wrong, once or from then on: nothing is said of the resident or the
/// door that is not so, and a door that is not theirs never seems to be.
pub(super) async fn a_fault_while_asking_is_no_verdict(set_the_stage: impl Fn() -> Stage) {
    for bring_about in CONDITIONS {
        let stage = set_the_stage();
        bring_about(&stage);
        let so = diagnosis(&stage, &stage.access(), "without a fault").await;
        let exchanges = u32::try_from(stage.backstage.requests()).unwrap_or(u32::MAX);
        for (kind, skip, times) in faults_while_asking(exchanges) {
            let fault = Fault::before(kind);
            let when = format!("{fault} after {skip} exchanges, {times} times");
            let stage = set_the_stage();
            bring_about(&stage);
            stage.backstage.meets("", skip, times, fault);
            let told = diagnosis(&stage, &stage.access(), &when).await;
            stage.expect_hands_off(&when);
            claims_nothing_new(&so, &told, &when);
            health(&stage, &stage.access(), &when).await;
            stage.expect_hands_off(&when);
        }
    }
}

fn faults_while_asking(exchanges: u32) -> impl Iterator<Item = (FaultKind, u32, u32)> {
    let kinds = [
        FaultKind::Reset,
        FaultKind::Stall,
        FaultKind::html_200(),
        FaultKind::status(200, "{}"),
        FaultKind::status(403, "{}"),
        FaultKind::status(404, "{}"),
        FaultKind::status(500, "{}"),
    ];
    kinds.into_iter().flat_map(move |kind| {
        let each = (0..exchanges).flat_map(|skip| [(skip, 1), (skip, u32::MAX)]);
        each.map(move |(skip, times)| (kind.clone(), skip, times))
    })
}

/// What passes passed without the fault too, and what fails failed so, or is the vendor's trouble.
fn claims_nothing_new(so: &Diagnosis, told: &Diagnosis, when: &str) {
    assert_eq!(so.resident, told.resident, "{when}: {told}");
    let known: Vec<_> = so.connections.iter().flat_map(|c| &c.checks).collect();
    for check in told.connections.iter().flat_map(|c| &c.checks) {
        let is_so = match &check.result {
            CheckResult::Passed => known.contains(&check),
            CheckResult::Failed(why) => known.contains(&check) || is_trouble(why.cause()),
            _ => true,
        };
        assert!(is_so, "{when}: {check}of\n{so}");
    }
    if so.first_failure().is_some() {
        assert!(told.first_failure().is_some(), "all is well {when}: {told}");
    }
}

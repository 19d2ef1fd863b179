//! How an audit runs: what it costs, how far it is, what it leaves, and what must not show.

use std::time::Duration;

use elevate_access::{
    Audit, AuditEvent, AuditOptions, Cause, Freshness::Cached, Snapshot, Urgency,
};
use elevate_access_testkit::{
    Fault, FaultKind,
    openpath::{Credential, Entry, Operation, User},
};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::audit::{audit, current, house, told};
use crate::support::{House, PASSWORD, building, openpath, pass, said};

async fn audit_since(house: &House, snapshot: Snapshot) -> Audit {
    let options = AuditOptions::new().since(snapshot);
    house.access.audit(&building(), options).await.unwrap().collect_all().await
}

#[tokio::test(start_paused = true)]
async fn what_stays_broken_says_since_when_and_what_was_mended_is_counted() {
    let house = house(openpath());
    house.directory.put(current("jane", "jane@example.com"));
    house.directory.put(current("tom", "tom@example.com"));
    let first = audit(&house).await;
    assert_eq!(first.findings.len(), 2);
    assert!(first.findings.iter().all(|finding| finding.since.is_none()));

    pass(Duration::from_hours(24)).await;
    house.vendor.with(|openpath| openpath.add_user(User::active(1, "tom@example.com")));
    // As the host keeps it: text.
    let kept = serde_json::to_string(&first.end.snapshot).unwrap();
    for word in ["jane", "tom", "example.com", "Apt"] {
        assert!(!kept.contains(word), "{kept}");
    }
    let second = audit_since(&house, serde_json::from_str(&kept).unwrap()).await;
    assert_eq!(told(&second), [(Urgency::MustFix, Cause::UserNotFound, "jane")]);
    assert_eq!(second.findings[0].since, Some(first.end.begun));
    assert_eq!(second.end.connections[0].mended, 1);

    pass(Duration::from_hours(24)).await;
    let third = audit_since(&house, second.end.snapshot).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun), "still since the first");
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_fails_half_way_says_so_and_forgets_nothing() {
    let house = house(openpath());
    house.directory.put(current("jane", "jane@example.com"));
    let first = audit(&house).await;
    house.vendor.faults(|faults| {
        faults.always(Fault::before(FaultKind::status(500, "{}")));
    });
    pass(Duration::from_mins(10)).await;
    let failed = audit_since(&house, first.end.snapshot.clone()).await;
    assert!(!failed.is_complete());
    let why = failed.end.connections[0].failed.as_ref().unwrap();
    assert_eq!(why.cause(), Cause::VendorError);
    assert!(failed.findings.is_empty());
    assert_eq!(failed.end.connections[0].mended, 0, "nothing is mended for not being read");

    house.vendor.faults(|faults| faults.clear());
    pass(Duration::from_mins(10)).await;
    let third = audit_since(&house, failed.end.snapshot).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun));
}

#[tokio::test(start_paused = true)]
async fn audit_never_delays_a_tap() {
    let jane = User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main"));
    let house = House::at(openpath().user(jane.credential(Credential::cloud_key(1))));
    house.doors("jane", Cached).await;
    // The vendor does not answer what only audits ask, and forty audits wait for it.
    house.vendor.faults(|faults| {
        faults.on("/5120/credentials", 0, u32::MAX, Fault::before(FaultKind::Stall));
    });
    // Nothing that was read before may be relied on: a tap has to read, and finds room.
    pass(Duration::from_mins(11)).await;
    let audits = (0..40).map(|_| audit(&house));
    let audits = async { join_all(audits).await };
    let tap = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (begun, read) = (Instant::now(), house.count(Operation::ListUserEntries));
        let said = said(house.tap("jane", 4401).await);
        assert!(house.count(Operation::ListUserEntries) > read, "it did not have to read");
        (said, begun.elapsed())
    };
    tokio::pin!(audits);
    let (said, took) = tokio::select! {
        biased;
        done = tap => done,
        _ = &mut audits => panic!("the audits came first"),
    };
    assert_eq!(said, "accepted");
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn many_users_pass_with_progress_and_few_calls() {
    let mut organisation = openpath();
    for id in 0..3_500 {
        organisation.add_user(User::active(10_000 + id, &format!("user{id}@example.com")));
    }
    let house = house(organisation);
    house.directory.put(current("one", "user7@example.com"));
    let mut progress = Vec::new();
    let audit = house.access.audit(&building(), AuditOptions::new()).await.unwrap();
    let audit = audit
        .collect_telling(|event| {
            if let AuditEvent::Progress(how_far) = event {
                progress.push((how_far.what, how_far.done, how_far.of));
            }
        })
        .await;
    assert_eq!(audit.count(Urgency::Information), 3_499);
    assert_eq!(audit.end.connections[0].calls, 5, "four pages of users, one of credentials");
    assert_eq!(&progress[..2], [("users", 1_000, Some(3_500)), ("users", 2_000, Some(3_500))]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_a_vendor_puts_into_a_name_shows_in_no_finding() {
    let house = house(
        openpath()
            .user(User::active(1, "staff@example.com").named(PASSWORD, "Doe"))
            .user(User::active(2, &format!("{}@example.com", PASSWORD.replace(' ', "")))),
    );
    let audit = audit(&house).await;
    assert_eq!(audit.findings.len(), 2);
    for finding in &audit.findings {
        let subject = &finding.subject;
        for text in [&subject.name, &subject.email].into_iter().flatten() {
            let plain: String = text.chars().filter(|c| *c != ' ').collect();
            assert!(!plain.contains("correcthorse"), "{text}");
        }
    }
}

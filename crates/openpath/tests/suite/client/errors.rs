use std::{fmt::Write as _, future::ready, sync::Arc, time::Duration};

use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, Reply,
    openpath::{Operation, fixtures},
};
use elevate_openpath::{
    CloudKeyUnlock, CredentialId, CredentialTypeId, Delivery, EntryId, Error, Gate, UserId,
};
use elevate_transport::Instant;

use crate::support::{Line, Recorder, client_over, with_jane, with_janes_key};

/// Every body that an error may have, as the vendor's answer to a list of entries.
#[tokio::test(start_paused = true)]
async fn every_error_says_what_happened_in_one_line() {
    let mut lines = String::new();
    for case in fixtures::of_any_call() {
        let line = Line::to(with_jane());
        line.vendor.with(|openpath| openpath.reply_with(Operation::ListUserEntries, case.reply()));
        let error = line.client.user_entries(&UserId::from(7001)).all().await.unwrap_err();
        let _ = writeln!(lines, "{}\n  {:?}: {error}", case.name, error.kind());
        assert!(!lines.contains(['\u{7}', '\u{202e}', '\u{1b}']));
    }
    insta::assert_snapshot!(lines);
}

/// What a read makes of each status: its kind, whether trying again later may help, and how often it asked.
#[tokio::test(start_paused = true)]
async fn every_status_has_a_verdict() {
    let mut verdicts: Vec<(u16, u16, String)> = Vec::new();
    for status in 100..=599 {
        let line = Line::to(with_jane());
        let reply = FaultKind::Instead(Reply::empty(status));
        line.vendor.faults(|f| f.on("/entries", 0, 9, Fault::before(reply)));
        let recorder = Recorder::before(Arc::new(MemoryWire::new(line.vendor, line.clock)));
        let client = client_over(recorder.clone());
        let error = client.user_entries(&UserId::from(7001)).all().await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        let transient = if error.is_transient() { "transient" } else { "for good" };
        let sent = recorder.sent();
        let asked = sent.iter().filter(|sent| sent.url.path().ends_with("/entries")).count();
        let kind = format!("{:?}", error.kind());
        let verdict = format!("{kind:<16} {transient}, asked {asked}x");
        match verdicts.last_mut() {
            Some((_, last, same)) if *same == verdict => *last = status,
            _ => verdicts.push((status, status, verdict)),
        }
    }
    let lines: Vec<_> =
        verdicts.iter().map(|(from, to, verdict)| format!("{from}..={to} {verdict}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_could_not_take_is_named_without_what_is_private() {
    let line = Line::to(with_jane());
    let body = r#"{
        "message": "\"filter\" of jAnE@eXaMpLe.CoM is not allowed",
        "validation": { "source": "payload", "keys": ["filter", "jane@example.com"] }
    }"#;
    line.vendor.with(|openpath| openpath.reply_to(Operation::ListUsersPost, body, 400));
    let error = line.client.users_by_email("jane@example.com").await.unwrap_err();
    let expected = "\"filter\" of *** is not allowed (payload: filter, ***)";
    assert_eq!(error.message(), Some(expected));
}

/// An order and a write that both met that fault.
async fn changes_that_meet(fault: Fault) -> [Error; 2] {
    let line = Line::to(with_janes_key());
    line.client.sign_in().await.unwrap();
    line.vendor.faults(|f| f.rule(|r| r.path.contains("/credentials"), 0, 9, fault));
    let (user, key, door) = (UserId::from(7001), CredentialId::from(88_001), EntryId::from(4401));
    let by = Instant::now() + Duration::from_secs(5);
    let unlock = CloudKeyUnlock::new(&user, &key, &door);
    let order = line.client.cloud_key_unlock(&unlock, by, by, || Gate::new(ready(true))).await;
    let write = line.client.create_cloud_key(&user, &CredentialTypeId::from(34), "Jane").await;
    [order.unwrap_err(), write.map(|_| ()).unwrap_err()]
}

#[tokio::test(start_paused = true)]
async fn what_may_have_opened_a_door_or_made_a_key_is_not_to_be_tried_again() {
    for status in 100..=599 {
        for error in changes_that_meet(Fault::after(FaultKind::status(status, "[]"))).await {
            assert_eq!(error.is_transient(), status == 401, "{error}");
        }
    }
    for kind in [FaultKind::Reset, FaultKind::Stall, FaultKind::Cut] {
        for error in changes_that_meet(Fault::after(kind.clone())).await {
            assert!(!error.is_transient(), "{error}");
        }
    }
    for error in changes_that_meet(Fault::before(FaultKind::Refuse)).await {
        assert_eq!(
            (error.delivery(), error.is_transient()),
            (Delivery::NeverSent, true),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_of_another_organisation_is_told_why_it_may_read_nothing() {
    let note = "the account belongs to other organisations only";
    for (name, is_elsewhere) in [("login-other-org-only.json", true), ("login.json", false)] {
        let line = Line::to(with_jane());
        let reply = fixtures::case(name).unwrap().reply();
        line.vendor.faults(|f| {
            f.next_on("/auth/login", Fault::before(FaultKind::Instead(reply)));
            f.on("/entries", 0, 9, Fault::before(FaultKind::status(403, r#"{"message":"No"}"#)));
        });
        let error = line.client.user_entries(&UserId::from(7001)).all().await.unwrap_err();
        let expected = if is_elsewhere { format!("No; {note}") } else { "No".to_owned() };
        assert_eq!(error.message(), Some(expected.as_str()), "{name}");
    }
}

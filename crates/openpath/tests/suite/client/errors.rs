use std::{fmt::Write as _, sync::Arc};

use elevate_access_testkit::{
    Fault, FaultKind, MemoryWire, Reply,
    openpath::{Operation, fixtures},
};
use elevate_openpath::UserId;

use crate::support::{Line, Recorder, client_over, with_jane};

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

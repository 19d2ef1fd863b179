//! Whether a service account is rightly set up.

use std::fmt::Write as _;

use elevate_access_testkit::{
    Fault, FaultKind, Reply,
    openpath::{Openpath, Operation, fixtures},
};
use elevate_openpath::{ErrorKind, SelfCheck, SiteId};

use crate::support::{Line, with_jane};

/// The check against these two files.
async fn against(scopes: &str, features: &str) -> SelfCheck {
    let line = Line::to(with_jane());
    let reply = |name| fixtures::case(name).unwrap().reply();
    line.vendor.with(|it| {
        it.reply_with(Operation::GetEffectivePermissionsForOrg, reply(scopes));
        it.reply_with(Operation::ListOrgFeatures, reply(features));
    });
    line.client.self_check().await.unwrap()
}

async fn of(openpath: Openpath) -> SelfCheck {
    Line::to(openpath).client.self_check().await.unwrap()
}

fn missing(check: &SelfCheck) -> Vec<&str> {
    check.missing().map(|call| call.operation_id).collect()
}

fn allowed(check: &SelfCheck, operation: Operation) -> Option<bool> {
    check.calls.iter().find(|call| call.operation_id == operation.id()).unwrap().allowed
}

#[tokio::test(start_paused = true)]
async fn the_report_reads_as_text() {
    let mut reports = String::new();
    for (scopes, features) in [
        ("effective-scopes.json", "features.json"),
        ("effective-scopes-too-wide.json", "features-no-remote-unlock.json"),
        ("effective-scopes-read-only.json", "features-none.json"),
        ("effective-scopes-site-bound.json", "features-minimal.json"),
        ("effective-scopes-nulls.json", "features-wrong-type.json"),
    ] {
        let check = against(scopes, features).await;
        let _ = writeln!(reports, "# {scopes}, {features}\n{check}\n");
    }
    insta::assert_snapshot!(reports);
}

#[tokio::test(start_paused = true)]
async fn user_w_alone_is_all_that_is_needed() {
    let check = of(with_jane().scopes(&["o5120-user:w"])).await;
    assert_eq!(missing(&check), [""; 0]);
    assert!(check.calls.iter().all(|call| !call.is_needed || call.allowed == Some(true)));
    assert_eq!(check.excess_scopes().count(), 0);
    assert_eq!(check.remote_unlock, Some(true));
    assert_eq!(allowed(&check, Operation::ListEntries), Some(false));
    assert_eq!(allowed(&check, Operation::GetUserActivity), Some(true));
}

#[tokio::test(start_paused = true)]
async fn what_a_role_lacks_is_named_by_call() {
    let check = of(with_jane().scopes(&["o5120-user:r"])).await;
    assert_eq!(missing(&check), ["createCredential", "cloudKeyEntryUnlock"]);
}

#[tokio::test(start_paused = true)]
async fn scopes_beyond_what_is_needed_are_named() {
    let scopes = [
        "o5120-user:w",
        "o5120-user:r",
        "o5120-user7001:w",
        "o5120-user7001:orgUser-getUserActivity:r",
        "o5120-rpt:r",
        // These are too much.
        "o5120-users:w",
        "o5120-site:w",
        "o512-user:w",
        "o51200-user:w",
        "o5121-rpt:r",
        "o:w",
        "o:r",
        "s-o:w",
        "o-user:w",
    ];
    let check = of(with_jane().scopes(&scopes)).await;
    assert_eq!(check.excess_scopes().collect::<Vec<_>>(), scopes[5..]);
    assert_eq!(check.scopes, scopes);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_told_is_neither_yes_nor_no() {
    let check = against("effective-scopes-empty.json", "features-minimal.json").await;
    assert!(check.calls.iter().all(|call| call.allowed.is_none()));
    assert_eq!(missing(&check), [""; 0]);
    assert_eq!(check.remote_unlock, None, "a feature without a code may be the one");

    // The id of this call is a guess, so that it is not on the list says nothing.
    let check = against("effective-scopes.json", "features-none.json").await;
    assert_eq!(allowed(&check, Operation::ListLockdownPlans), None);
    assert_eq!(check.remote_unlock, None, "no plan has no features");
    let check = against("effective-scopes-too-wide.json", "features.json").await;
    assert_eq!(allowed(&check, Operation::ListLockdownPlans), Some(true));
}

#[tokio::test(start_paused = true)]
async fn features_that_cannot_be_read_do_not_fail_the_check() {
    for reply in [Reply::empty(403), Reply::json(200, "[]"), Reply::empty(500)] {
        let line = Line::to(with_jane());
        line.vendor.faults(|f| f.on("/features", 0, 9, Fault::before(FaultKind::Instead(reply))));
        let check = line.client.self_check().await.unwrap();
        assert_eq!((check.remote_unlock, missing(&check)), (None, vec![]));
    }
    let line = Line::to(with_jane());
    let refused = Fault::before(FaultKind::status(403, "{}"));
    line.vendor.faults(|f| f.on("/effectiveScopes", 0, 9, refused));
    let error = line.client.self_check().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Forbidden, "openpath.scopes.get"));
}

#[tokio::test(start_paused = true)]
async fn the_plan_and_the_sites_are_seen() {
    let check = of(with_jane().features(&["webHooks"]).bound_to_sites(&[22])).await;
    assert_eq!(check.remote_unlock, Some(false));
    assert!(check.is_site_bound);
    assert_eq!(check.site_ids, [SiteId::from(22)]);
    let check = of(with_jane()).await;
    assert!(!check.is_site_bound && check.site_ids.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_report_shows_no_more_of_a_scope_than_is_fit_to_be_shown() {
    let long: Vec<String> = (0..60).map(|n| format!("o:scope{n}:w")).collect();
    let mut scopes = vec!["o5120-user:w", "o:\u{202e}x\n\u{1b}[2J", "o:jane@example.com:w"];
    scopes.extend(long.iter().map(String::as_str));
    let shown = of(with_jane().scopes(&scopes)).await.to_string();
    assert!(!shown.contains(['\u{202e}', '\u{1b}', '@']), "{shown}");
    assert!(shown.contains("and 54 more"), "{shown}");
    assert!(shown.lines().count() < 20 && shown.len() < 2000, "{shown}");
}

//! What holds of an audit: it looks, it says what it saw, and what it could not see it does not make up.

use std::time::Duration;

use elevate_access::{Access, Audit, AuditOptions, Cause};
use tokio::time::sleep;

use super::{
    Stage,
    asking::{CONDITIONS, is_trouble},
};
use crate::{Fault, FaultKind};

async fn audit(stage: &Stage, access: &Access) -> Audit {
    let building = stage.building().await;
    let options = AuditOptions::new().with_doors_of_each();
    let audit = access.audit(&building, options).await;
    audit.unwrap_or_else(|e| panic!("no audit: {e}")).collect_all().await
}

/// What an audit found, and of whom.
fn told(audit: &Audit) -> Vec<(Cause, String)> {
    let one = |f: &elevate_access::Finding| (f.reason.cause(), f.subject.id.clone());
    audit.findings.iter().map(one).collect()
}

/// An audit orders nothing, writes nothing at the vendor, and links nobody; and it finds nothing that must be
/// fixed where all is well.
pub async fn an_audit_only_looks(stage: Stage) {
    let access = stage.access();
    let links = access.link_status(&stage.resident).await;
    let audit = audit(&stage, &access).await;
    assert!(audit.is_complete(), "{audit:?}");
    sleep(Duration::from_secs(30)).await;
    stage.expect_hands_off("after an audit");
    let still = access.link_status(&stage.resident).await;
    assert_eq!(format!("{links:?}"), format!("{still:?}"), "somebody was linked");
}

/// Whichever exchange of an audit goes wrong, once or from then on: nothing is found that is not so, and an audit
/// that misses something says that it is not complete, or names the trouble.
pub(super) async fn a_fault_while_auditing_is_no_finding(set_the_stage: impl Fn() -> Stage) {
    for bring_about in CONDITIONS {
        let stage = set_the_stage();
        bring_about(&stage);
        let so = told(&audit(&stage, &stage.access()).await);
        let exchanges = u32::try_from(stage.backstage.requests()).unwrap_or(u32::MAX);
        let kinds = [
            FaultKind::Reset,
            FaultKind::html_200(),
            FaultKind::status(200, "{}"),
            FaultKind::status(404, "{}"),
            FaultKind::status(500, "{}"),
        ];
        for (kind, skip) in
            kinds.into_iter().flat_map(|kind| (0..exchanges).map(move |skip| (kind.clone(), skip)))
        {
            for times in [1, u32::MAX] {
                let fault = Fault::before(kind.clone());
                let when = format!("{fault} after {skip} exchanges, {times} times");
                let stage = set_the_stage();
                bring_about(&stage);
                stage.backstage.meets("", skip, times, fault);
                let audit = audit(&stage, &stage.access()).await;
                stage.expect_hands_off(&when);
                let found = told(&audit);
                for one in &found {
                    assert!(
                        so.contains(one) || is_trouble(one.0),
                        "{when}: {found:?}, and so is {so:?}"
                    );
                }
                let is_told = !audit.is_complete() || found.iter().any(|one| is_trouble(one.0));
                let misses = so.iter().any(|one| !found.contains(one));
                assert!(is_told || !misses, "{when}: silently only {found:?} of {so:?}");
                for connection in &audit.end.connections {
                    let why = connection.failed.as_ref().map(elevate_access::Reason::cause);
                    assert!(why.is_none_or(is_trouble), "{when}: {why:?}");
                }
            }
        }
    }
}

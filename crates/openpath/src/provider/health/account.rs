//! What the service account may do, what the plan includes, and which sites are there.

use std::collections::BTreeSet;

use elevate_access::{Cause, Reason};
use elevate_transport::Scrubber;

use super::Report;
use crate::{Error, ErrorKind, OrgEntry, Rights, SelfCheck, SiteId, provider::causes::reason};

const RIGHTS: &str = "The account may make every call that cloud unlock needs.";
const LEAST: &str = "The account may do no more than that.";
const PLAN: &str = "The organisation's plan includes remote unlock.";
const ALL_SITES: &str = "The account sees the users of all sites.";
const SITES: &str = "The organisation has the sites that this building is pinned to.";

const NOT_TOLD: &str = "Openpath does not say";

/// How many scopes or sites a report names.
const MOST_NAMED: usize = 5;

/// Whether the account may make the calls that are needed.
pub(in crate::provider) fn rights(account: &SelfCheck) -> Result<(), Reason> {
    let missing: Vec<_> = account.missing().map(|call| call.operation_id).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let scope = format!("the scope o{}-user:w gives it all", account.org);
    let detail = format!("{}; {scope}", missing.join(", "));
    Err(reason(Cause::RightsMissing).with_detail(&detail))
}

/// Whether the plan includes remote unlock; `None` if that is not told.
pub(in crate::provider) fn plan(account: &SelfCheck) -> Option<Result<(), Reason>> {
    let has = account.remote_unlock?;
    Some(if has { Ok(()) } else { Err(reason(Cause::PlanLacksUnlock)) })
}

/// Judges rights and plan by what the vendor says of them; nobody has seen that this is all that decides, so
/// no tap is refused for it.
pub(super) fn judge(report: &mut Report, account: Result<&SelfCheck, &Error>, signed_in: Rights) {
    let account = match account {
        Ok(account) => account,
        Err(error) => {
            if signed_in == Rights::Insufficient {
                let detail = "the scope user:w is missing";
                report.should(RIGHTS, Err(reason(Cause::RightsMissing).with_detail(detail)));
            } else {
                report.unknowable(RIGHTS, &format!("it could not be read: {}", error.gist()));
            }
            for what in [LEAST, PLAN, ALL_SITES] {
                report.unknowable(what, "the account's rights could not be read");
            }
            return;
        }
    };
    // Without these no key opens anything; without the other two none is made.
    let is_vital = |id: &str| !matches!(id, "createCredential" | "listCredentialTypes");
    if account.missing().any(|call| is_vital(call.operation_id)) {
        report.need(RIGHTS, rights(account));
    } else if account.calls.iter().any(|call| call.is_needed && call.allowed.is_none()) {
        report.unknowable(RIGHTS, NOT_TOLD);
    } else {
        report.should(RIGHTS, rights(account));
    }
    let excess: Vec<_> = account.excess_scopes().collect();
    if excess.is_empty() {
        report.should(LEAST, Ok(()));
    } else {
        let enough = format!("o{}-user:w is enough; it also has {}", account.org, named(&excess));
        report.seen(LEAST, &enough);
    }
    match plan(account) {
        Some(plan) => report.should(PLAN, plan),
        None => report.unknowable(PLAN, "the list of features does not tell, or could not be read"),
    }
    let sites: Vec<_> = account.site_ids.iter().map(SiteId::as_str).collect();
    match (account.is_site_bound, sites.as_slice()) {
        (false, _) => report.should(ALL_SITES, Ok(())),
        (true, []) => report.seen(ALL_SITES, "it sees those of some, and not told which"),
        (true, sites) => report.seen(ALL_SITES, &format!("it sees those of {}", named(sites))),
    }
}

/// Judges whether the pinned sites are there: by what the account is bound to, and by where the
/// organisation's entries are.
pub(super) fn judge_sites(
    report: &mut Report,
    pinned: &BTreeSet<SiteId>,
    account: Option<&SelfCheck>,
    entries: &Result<Vec<OrgEntry>, Error>,
) {
    let wrong = |what: &str, sites: &[&str]| {
        Err(reason(Cause::SetupWrong).with_detail(&format!("{what} {}", named(sites))))
    };
    let bound = account.map(|account| &account.site_ids).filter(|ids| !ids.is_empty());
    let is_unseen = |site: &&SiteId| bound.is_some_and(|bound| !bound.contains(site));
    let unseen: Vec<_> = pinned.iter().filter(is_unseen).map(SiteId::as_str).collect();
    if !unseen.is_empty() {
        return report.should(SITES, wrong("the account does not see site", &unseen));
    }
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            return report.unknowable(SITES, "the account's rights do not show the sites");
        }
        Err(error) => {
            return report.unknowable(SITES, &format!("it could not be read: {}", error.gist()));
        }
    };
    let there: BTreeSet<_> =
        entries.iter().filter_map(|e| e.zone.as_ref()?.site.as_ref()?.id.as_ref()).collect();
    let missing: Vec<_> =
        pinned.iter().filter(|site| !there.contains(site)).map(SiteId::as_str).collect();
    if missing.is_empty() {
        report.should(SITES, Ok(()));
    } else {
        report.should(SITES, wrong("no entry of the organisation is at site", &missing));
    }
}

/// The first few, and how many more: ids, and scopes out of which the session's secrets were taken.
fn named<T: AsRef<str>>(all: &[T]) -> String {
    let scrubber = Scrubber::new();
    let first = all.iter().take(MOST_NAMED).map(|each| scrubber.scrub(each.as_ref()));
    let first: Vec<_> = first.collect();
    match all.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

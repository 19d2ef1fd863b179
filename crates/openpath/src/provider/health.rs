//! Whether a connection works and is set up rightly.

mod account;

use std::collections::BTreeSet;

use elevate_access::{Cause, Check, Context, Health, Reason};
use futures_util::future::join4;
use tokio::time::Instant;

pub(super) use account::{plan, rights};

use super::{
    Inner,
    causes::{by, in_time, reason, unread},
    explain::ANSWERED,
    key::key_kind,
    people::Way,
};
use crate::{Error, ErrorKind, OrgEntry, Rights, SiteId};

const SIGN_IN: &str = "The service account can sign in to Openpath.";
const ALONE: &str = "Nobody else's sign-ins end this connection's.";
const ORG: &str = "The account belongs to the connection's organisation.";
const USERS: &str = "The organisation's users can be listed.";
const KIND: &str = "The organisation has cloud keys.";
const PINNED: &str = "Buildings that share this connection are pinned to their sites.";
const LOOKUP: &str = "How users are found by e-mail.";

/// What was looked at, and what is wrong.
#[derive(Default)]
struct Report {
    checks: Vec<Check>,
    wrong: Vec<Reason>,
    is_down: bool,
}

impl Report {
    /// Without it nothing works.
    fn need(&mut self, what: &str, held: Result<(), Reason>) {
        if let (false, Err(reason)) = (self.is_down, &held) {
            // Worst first.
            self.is_down = true;
            self.wrong.insert(0, reason.clone());
            self.checks.push(Check::failed(what, reason.clone()));
            return;
        }
        self.should(what, held);
    }

    /// It should hold.
    fn should(&mut self, what: &str, held: Result<(), Reason>) {
        self.checks.push(match held {
            Ok(()) => Check::passed(what),
            Err(reason) => {
                self.wrong.push(reason.clone());
                Check::failed(what, reason)
            }
        });
    }

    fn unknowable(&mut self, what: &str, why: &str) {
        self.checks.push(Check::unknowable(what, why));
    }

    fn seen(&mut self, what: &str, seen: &str) {
        self.checks.push(Check::seen(what, seen));
    }

    fn health(mut self) -> Health {
        if self.is_down && !self.wrong.is_empty() {
            let mut health = Health::down(self.wrong.remove(0));
            health.reasons.append(&mut self.wrong);
            return health.with_checks(self.checks);
        }
        Health::degraded(self.wrong).with_checks(self.checks)
    }
}

impl Inner {
    pub(super) async fn check(&self, context: &Context) -> Health {
        let mut report = Report::default();
        self.look(&mut report, context, self.sites.of(context.building())).await;
        let session = self.client.session();
        let moment = |at: Instant| context.now().checked_sub(at.elapsed()).ok();
        report
            .health()
            .signed_in_until(session.until)
            .last_success(session.last_success.and_then(moment))
    }

    /// Signs in and asks what the account may do, for one user, for the kinds of credential, and for the
    /// organisation's entries where the building is pinned to sites.
    async fn look(
        &self,
        report: &mut Report,
        context: &Context,
        pinned: Option<&BTreeSet<SiteId>>,
    ) {
        let why = |error: Error| unread(error).reason().clone();
        let signed_in = match in_time(context, self.client.sign_in()).await {
            Ok(rights) => rights,
            Err(error) => return report.need(SIGN_IN, Err(why(error))),
        };
        report.need(SIGN_IN, Ok(()));
        let is_contested = self.client.session().contested;
        let alone = if is_contested { Err(reason(Cause::SignInContested)) } else { Ok(()) };
        report.should(ALONE, alone);

        let (account, users, kinds, entries) = join4(
            self.client.self_check_by(by(context)),
            in_time(context, self.client.probe_users()),
            in_time(context, self.client.credential_types().all()),
            in_time(context, self.site_entries(pinned.is_some())),
        )
        .await;
        let is_not_there = |error: &Error| error.kind() == ErrorKind::NotFound;
        let is_elsewhere = signed_in == Rights::OtherOrganisation;
        if is_elsewhere && users.is_err() || users.as_ref().is_err_and(is_not_there) {
            return report.need(ORG, Err(self.elsewhere()));
        }
        if is_elsewhere {
            report.seen(ORG, ANSWERED);
        } else {
            report.need(ORG, Ok(()));
        }
        report.need(USERS, users.map_err(why));
        let kind = kinds.map_err(unread).and_then(|kinds| key_kind(kinds.rows));
        report.should(KIND, kind.map(|_| ()).map_err(|error| error.reason().clone()));
        account::judge(report, account.as_ref(), signed_in);
        if let Some(pinned) = pinned {
            account::judge_sites(report, pinned, account.as_ref().ok(), &entries);
        } else if self.sites.are_shared_unpinned() {
            report.should(PINNED, Err(reason(Cause::ConnectionsOverlap)));
        }
        report.seen(
            LOOKUP,
            match self.people.way() {
                Way::Untried => "nobody was found yet",
                Way::Filter => "by Openpath's filter",
                Way::Scan { .. } => "by reading all users, for the filter misses some",
            },
        );
    }

    /// The account is another organisation's.
    pub(super) fn elsewhere(&self) -> Reason {
        let org = format!("the account does not belong to organisation {}", self.client.org());
        reason(Cause::SetupWrong).with_detail(&org)
    }

    /// The organisation's entries, where sites are pinned: they tell which sites there are.
    async fn site_entries(&self, are_pinned: bool) -> Result<Vec<OrgEntry>, Error> {
        if are_pinned { Ok(self.client.entries().all().await?.rows) } else { Ok(Vec::new()) }
    }
}

//! How the organisation is set up, and what became of unlocks: for saying why a door does not open.

use elevate_transport::{Instant, Operation};
use serde::Deserialize;

use super::{FEW, MANY};
use crate::{
    Activity, Client, EffectiveScopes, EntryId, EntryState, Error, Feature, LockdownPlan, OrgEntry,
    Rows, SiteId, UserId,
    client::{
        WITHIN,
        page::{MAX_ROWS, Size},
    },
    model::Meta,
};

const ENTRY_STATES: Operation =
    Operation::new("openpath.entry_states.list", "/orgs/{org}/entryStates");
const ORG_ENTRIES: Operation = Operation::new("openpath.org_entries.list", "/orgs/{org}/entries");
const ORG_ENTRY: Operation =
    Operation::new("openpath.org_entries.get", "/orgs/{org}/entries/{entry}");
const LOCKDOWN_PLANS: Operation =
    Operation::new("openpath.lockdown_plans.list", "/orgs/{org}/lockdownPlans");
const FEATURES: Operation = Operation::new("openpath.features.list", "/orgs/{org}/features");
const ACTIVITY: Operation =
    Operation::new("openpath.activity.list", "/orgs/{org}/users/{user}/reports/activity");
pub(in crate::client) const SCOPES: Operation =
    Operation::new("openpath.scopes.get", "/orgs/{org}/effectiveScopes");

/// States and plans hold lists themselves, so that fewer of them are read than of others.
const SETUP: Size = Size { page: FEW, most: 1_000, enough: u64::MAX };

/// What the reply says of the account: its scopes, and whether it sees all sites.
#[derive(Deserialize)]
pub(crate) struct ScopesReply {
    pub(crate) data: EffectiveScopes,
    #[serde(default)]
    pub(crate) meta: Option<Meta>,
}

impl Client {
    /// The states that entries can be in (`GET /orgs/{org}/entryStates`): 1,000 at most.
    pub fn entry_states(&self) -> Rows<EntryState> {
        self.rows(SETUP, WITHIN, |core, window| {
            core.get(ENTRY_STATES, &["entryStates"], &window.by_id())
        })
    }

    /// All entries of the organisation (`GET /orgs/{org}/entries`). The scope `user:w` is not enough for it:
    /// with that alone the stream begins with [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden).
    pub fn entries(&self) -> Rows<OrgEntry> {
        self.rows(Size::pages_of(FEW), WITHIN, |core, window| {
            core.get(ORG_ENTRIES, &["entries"], &window.by_id())
        })
    }

    /// One entry of the organisation (`GET /orgs/{org}/entries/{entry}`), within 10 s. The scope `user:w` is
    /// not enough for it.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn entry(&self, entry: &EntryId) -> Result<OrgEntry, Error> {
        let call = self.core.get(ORG_ENTRY, &["entries", entry.as_str()], &[])?;
        let answer = self.core.read(&call, Instant::now() + WITHIN).await?;
        call.one(&answer, &self.core.session)
    }

    /// The organisation's plans for lockdowns (`GET /orgs/{org}/lockdownPlans`), and which of them are on: 1,000
    /// at most.
    pub fn lockdown_plans(&self) -> Rows<LockdownPlan> {
        self.rows(SETUP, WITHIN, |core, window| {
            core.get(LOCKDOWN_PLANS, &["lockdownPlans"], &window.by_id())
        })
    }

    /// What the organisation's plan has (`GET /orgs/{org}/features`), which the vendor sends in one piece.
    pub fn features(&self) -> Rows<Feature> {
        self.rows(Size::one_piece(MAX_ROWS), WITHIN, |core, _| {
            core.get(FEATURES, &["features"], &[])
        })
    }

    /// What a user did last (`GET /orgs/{org}/users/{user}/reports/activity`), newest first, and not more than
    /// `limit` rows of it. How far back the vendor looks is not known, nor how soon it knows of an unlock.
    ///
    /// Rows have no ids: one that is pushed onto a later page while the list is read comes twice. Up to a
    /// `limit` of 1,000 there is one page, unless the vendor makes its pages shorter.
    pub fn user_activity(&self, user: &UserId, limit: u32) -> Rows<Activity> {
        let user = user.clone();
        let size = Size { page: MANY, most: MAX_ROWS, enough: MAX_ROWS.min(limit.into()) };
        self.rows(size, WITHIN, move |core, window| {
            let path = ["users", user.as_str(), "reports", "activity"];
            core.get(ACTIVITY, &path, &window.by("time", "desc"))
        })
    }

    /// What the service account may do in the organisation (`GET /orgs/{org}/effectiveScopes`), within 10 s.
    /// [`self_check`](Self::self_check) says what that comes to.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn effective_scopes(&self) -> Result<EffectiveScopes, Error> {
        Ok(self.scopes().await?.data)
    }

    pub(in crate::client) async fn scopes(&self) -> Result<ScopesReply, Error> {
        let call = self.core.get(SCOPES, &["effectiveScopes"], &[])?;
        let answer = self.core.read(&call, Instant::now() + WITHIN).await?;
        let reply: ScopesReply = call.decode(&answer, &self.core.session)?;
        let site_ids = reply.meta.as_ref().map(Meta::site_ids).unwrap_or_default();
        self.core.check_ids(&call, &answer, site_ids.iter().map(SiteId::as_str))?;
        Ok(reply)
    }
}

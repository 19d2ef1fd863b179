//! What the service account may call, by the scopes of its role, and what the organisation's plan holds.

use serde_json::{Value, json};

use super::list::Page;
use super::{Openpath, Operation};
use crate::Reply;

/// The scopes of which one is enough for a call, as the vendor's description of the call lists them.
///
/// A name stands for its `:r` and its `:w`, unless it has a right of its own. Scopes that are about one
/// user (`o{org}-user{user}:r`) are a resident's, not a service account's, and are not modelled.
struct Needs {
    /// After `o{org}-`; [`ANY`] is every scope there.
    in_org: &'static [&'static str],
    everywhere: &'static [&'static str],
}

const ANY: &str = "*";

/// The plan feature without which no unlock from the cloud is granted.
pub(super) const REMOTE_UNLOCK: &str = "remoteUnlock";

/// The features of a plan of which a test says nothing. But for one the codes are invented.
pub(super) const USUAL_FEATURES: [&str; 3] = ["webHooks", REMOTE_UNLOCK, "lockdown"];

/// The calls within an organisation that the model serves.
const CALLS: [Operation; 23] = [
    Operation::ListUsers,
    Operation::ListUsersPost,
    Operation::DescribeUser,
    Operation::CreateUser,
    Operation::UpdateUser,
    Operation::DeleteUser,
    Operation::ListCredentials,
    Operation::ListOrgCredentials,
    Operation::DescribeCredential,
    Operation::CreateCredential,
    Operation::UpdateCredential,
    Operation::DeleteCredential,
    Operation::ListCredentialTypes,
    Operation::ListUserEntries,
    Operation::CloudKeyEntryUnlock,
    Operation::GenerateCloudKeyUnlockToken,
    Operation::GetEffectivePermissionsForOrg,
    Operation::ListOrgFeatures,
    Operation::ListEntryStates,
    Operation::ListLockdownPlans,
    Operation::ListEntries,
    Operation::DescribeEntry,
    Operation::GetUserActivity,
];

impl Needs {
    /// What a call needs; nothing for those outside of an organisation.
    const fn of(operation: Operation) -> Option<Self> {
        use Operation as Op;

        let (in_org, everywhere): (&[&str], &[&str]) = match operation {
            Op::ListUsers | Op::ListUsersPost => (
                &[
                    "role",
                    "site",
                    "siteGeneral",
                    "rpt",
                    "rptGeneral",
                    "user",
                    "dash",
                    "dashActivity",
                    "dashCust",
                    "ldp",
                    "videoProviderPlayback:w",
                    "videoProviderLive:w",
                    "configurations",
                    "portalAudit",
                    "parcelMgmtParcels",
                ],
                &["o", "s-o", "o-user", "o-role"],
            ),
            Op::DescribeUser => (&["user", "dash", "parcelMgmtParcels"], &["o", "s-o", "o-user"]),
            Op::CreateUser | Op::UpdateUser | Op::DeleteUser => {
                (&["user:w"], &["o:w", "s-o:w", "o-user:w"])
            }
            Op::ListCredentials => (&[ANY], &["o", "s-o"]),
            Op::ListOrgCredentials => {
                (&["user", "dash", "credential", "rpt", "rptGeneral"], &["o", "s-o"])
            }
            Op::DescribeCredential => (&["user"], &["o", "s-o"]),
            Op::CreateCredential
            | Op::UpdateCredential
            | Op::DeleteCredential
            | Op::CloudKeyEntryUnlock
            | Op::GenerateCloudKeyUnlockToken => (&["user:w"], &["o:w", "s-o:w"]),
            Op::ListCredentialTypes => (
                &["user", "dash", "dashActivity", "dashCust", "credential", "rpt", "rptGeneral"],
                &["o", "s-o"],
            ),
            Op::ListUserEntries => (&["user"], &["o", "s-o", "o-user"]),
            Op::GetEffectivePermissionsForOrg => {
                (&[ANY], &["o", "o-basic", "o-support", "s-o", "s-o-video"])
            }
            Op::ListOrgFeatures => (&[ANY], &["o", "o-basic", "s-o"]),
            Op::ListEntryStates => {
                (&["dash", "user", "site", "siteGeneral", "entryState", "ldp"], &["o", "s-o"])
            }
            // A guess: the description at hand leaves this call out.
            Op::ListLockdownPlans => (&["user", "ldp", "dash"], &["o", "s-o"]),
            Op::ListEntries => (
                &[
                    "dashActivity",
                    "dash",
                    "dashCust",
                    "admin",
                    "rpt",
                    "rptGeneral",
                    "entryAccessAudit",
                    "site",
                    "siteGeneral",
                    "configurations",
                    "account",
                    "outboundWebhooks",
                    "musterReport",
                ],
                &["o", "s-o"],
            ),
            Op::DescribeEntry => (
                &["dashActivity", "dash", "admin", "configurations", "rpt", "site", "siteGeneral"],
                &["o", "s-o"],
            ),
            Op::GetUserActivity => (&["rpt", "rptGeneral", "user"], &["o", "s-o", "o-user"]),
            Op::Login
            | Op::RefreshLogin
            | Op::Logout
            | Op::ValidateAccessToken
            | Op::UseCloudKeyUnlockToken => return None,
        };
        Some(Self { in_org, everywhere })
    }

    fn are_met_by(&self, scope: &str, org: u64) -> bool {
        let Some((subject, right)) = scope.split_once(':') else { return false };
        let fits = |name: &&str, subject: &str| match name.split_once(':') {
            Some((name, only)) => name == subject && only == right,
            None => *name == subject && matches!(right, "r" | "w"),
        };
        match subject.strip_prefix(&format!("o{org}-")) {
            Some(subject) => self.in_org.iter().any(|name| *name == ANY || fits(name, subject)),
            None => self.everywhere.iter().any(|name| fits(name, subject)),
        }
    }
}

/// Rights and plan, as a test tells of them.
impl Openpath {
    /// With a service account whose role has these scopes and no others; `o{org}-user:w` unless set.
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.set_scopes(scopes);
        self
    }

    /// From now on the role of the service account has these scopes and no others.
    pub fn set_scopes(&mut self, scopes: &[&str]) {
        self.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    }

    /// With a plan that holds the features of these codes and no others. Without `remoteUnlock`, which is
    /// among them unless set, no unlock is granted.
    pub fn features(mut self, codes: &[&str]) -> Self {
        self.set_features(codes);
        self
    }

    /// From now on the plan holds the features of these codes and no others.
    pub fn set_features(&mut self, codes: &[&str]) {
        self.features = codes.iter().map(|&code| code.to_owned()).collect();
    }
}

impl Openpath {
    /// Whether the scopes held are enough for that call.
    pub(super) fn may(&self, operation: Operation) -> bool {
        Needs::of(operation)
            .is_none_or(|needs| self.scopes.iter().any(|scope| needs.are_met_by(scope, self.org)))
    }

    pub(super) fn effective_scopes(&self) -> Reply {
        let allowed = CALLS.iter();
        let allowed = allowed.filter(|call| self.may(**call)).map(|call| call.id());
        let data = json!({
            "scopes": self.scopes,
            "allowedOperationIds": allowed.collect::<Vec<_>>(),
            "isParentOrg": false,
        });
        self.granted(200, json!({ "data": data }))
    }

    pub(super) fn list_features(&self) -> Reply {
        let row = |(id, code): (u64, &String)| {
            json!({
                "id": id,
                "name": code,
                "code": code,
                "singular": null,
                "plural": null,
                "isBinary": true,
            })
        };
        let rows: Vec<Value> = (1..).zip(&self.features).map(row).collect();
        self.granted(200, Page::whole(rows).body(false))
    }

    /// Whether the plan holds unlocks from the cloud.
    pub(super) fn plan_unlocks(&self) -> bool {
        self.features.iter().any(|code| code == REMOTE_UNLOCK)
    }
}

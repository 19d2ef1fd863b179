//! The vendor's replies as files, one a case, built in byte for byte.
//!
//! They are the files of the folder `fixtures/openpath`; its `README.md` says for each what case it is
//! and where its shape comes from. None was recorded from a real organisation.
//!
//! ```
//! use elevate_access_testkit::openpath::{Openpath, Operation, fixtures};
//!
//! let mut openpath = Openpath::from_fixture(fixtures::ORGANISATION).unwrap();
//! openpath.reply_to(Operation::ListUserEntries, fixtures::fixture("entries-none.json").unwrap(), 200);
//!
//! for case in fixtures::of(Operation::ListCredentials) {
//!     openpath.reply_with(Operation::ListCredentials, case.reply());
//! }
//! ```

use elevate_transport::Bytes;

use super::Operation;
use super::Operation::{
    CreateCredential, DescribeEntry, DescribeUser, GetEffectivePermissionsForOrg, GetUserActivity,
    ListCredentialTypes, ListCredentials, ListEntries, ListEntryStates, ListLockdownPlans,
    ListOrgCredentials, ListOrgFeatures, ListUserEntries, ListUsersPost, Login,
};
use crate::Reply;

/// One reply of the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// The file's name.
    pub name: &'static str,
    /// What it answers; nothing for errors that can answer any call. A page of users answers
    /// [`Operation::ListUsers`] as well.
    pub operation: Option<Operation>,
    /// The status that goes with it.
    pub status: u16,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

impl Case {
    /// The reply as the vendor would send it.
    pub fn reply(&self) -> Reply {
        Reply {
            status: self.status,
            headers: vec![("content-type".into(), self.content_type.into())],
            body: Bytes::from_static(self.body.as_bytes()),
        }
    }
}

/// The file of that name, such as `users-none.json`.
pub fn fixture(name: &str) -> Option<&'static str> {
    if name == "organisation.json" {
        return Some(ORGANISATION);
    }
    case(name).map(|case| case.body)
}

/// The case of that file name.
pub fn case(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

/// The cases that answer this operation in particular, those of success and those of failure.
pub fn of(operation: Operation) -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(move |case| case.operation == Some(operation))
}

/// The cases that can answer any call: errors.
pub fn of_any_call() -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|case| case.operation.is_none())
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/openpath/", $name))
    };
}

macro_rules! case {
    ($name:literal, $operation:expr, $status:literal, $content_type:literal) => {
        Case {
            name: $name,
            operation: $operation,
            status: $status,
            content_type: $content_type,
            body: file!($name),
        }
    };
}

macro_rules! reply {
    ($name:literal, $operation:expr, $status:literal) => {
        case!($name, Some($operation), $status, "application/json; charset=utf-8")
    };
}

macro_rules! error {
    ($name:literal, $status:literal) => {
        case!($name, None, $status, "application/json; charset=utf-8")
    };
}

macro_rules! page {
    ($name:literal, $status:literal) => {
        case!($name, None, $status, "text/html")
    };
}

/// A whole organisation, for [`Openpath::from_fixture`](super::Openpath::from_fixture): one user for each
/// state that a resident can meet.
pub const ORGANISATION: &str = file!("organisation.json");

/// All cases, in the order of the table in `fixtures/openpath/README.md`.
pub const CASES: &[Case] = &[
    reply!("login.json", Login, 201),
    reply!("login-no-stated-end.json", Login, 201),
    reply!("login-end-absent.json", Login, 201),
    reply!("login-end-date-only.json", Login, 201),
    reply!("login-null-scopes.json", Login, 201),
    reply!("login-several-orgs.json", Login, 201),
    reply!("login-other-org-only.json", Login, 201),
    reply!("login-text-ids.json", Login, 201),
    reply!("login-unknown-fields.json", Login, 201),
    reply!("login-site-bound.json", Login, 201),
    reply!("login-no-token.json", Login, 201),
    reply!("login-wrong-password.json", Login, 401),
    reply!("login-code-demanded.json", Login, 401),
    reply!("login-locked.json", Login, 403),
    reply!("users-one.json", ListUsersPost, 200),
    reply!("users-none.json", ListUsersPost, 200),
    reply!("users-two-one-email.json", ListUsersPost, 200),
    reply!("users-page-1.json", ListUsersPost, 200),
    reply!("users-page-2.json", ListUsersPost, 200),
    reply!("users-cursor-text.json", ListUsersPost, 200),
    reply!("users-email-other-case.json", ListUsersPost, 200),
    reply!("users-parts-matched.json", ListUsersPost, 200),
    reply!("users-filter-ignored.json", ListUsersPost, 200),
    reply!("users-suspended.json", ListUsersPost, 200),
    reply!("users-archived.json", ListUsersPost, 200),
    reply!("users-status-unknown.json", ListUsersPost, 200),
    reply!("users-status-absent.json", ListUsersPost, 200),
    reply!("users-one-active-of-three.json", ListUsersPost, 200),
    reply!("users-not-yet.json", ListUsersPost, 200),
    reply!("users-no-longer.json", ListUsersPost, 200),
    reply!("users-no-longer-date-only.json", ListUsersPost, 200),
    reply!("users-dates-mixed.json", ListUsersPost, 200),
    reply!("users-date-unreadable.json", ListUsersPost, 200),
    reply!("users-remote-unlock-off.json", ListUsersPost, 200),
    reply!("users-remote-unlock-absent.json", ListUsersPost, 200),
    reply!("users-remote-unlock-null.json", ListUsersPost, 200),
    reply!("users-nulls.json", ListUsersPost, 200),
    reply!("users-minimal.json", ListUsersPost, 200),
    reply!("users-identity-null.json", ListUsersPost, 200),
    reply!("users-text-ids.json", ListUsersPost, 200),
    reply!("users-id-null.json", ListUsersPost, 200),
    reply!("users-unknown-fields.json", ListUsersPost, 200),
    reply!("users-with-units.json", ListUsersPost, 200),
    reply!("users-site-bound-none.json", ListUsersPost, 200),
    reply!("users-site-bound-all.json", ListUsersPost, 200),
    reply!("users-count-promises-more.json", ListUsersPost, 200),
    reply!("users-row-twice.json", ListUsersPost, 200),
    reply!("users-data-null.json", ListUsersPost, 200),
    reply!("users-data-object.json", ListUsersPost, 200),
    reply!("user-active.json", DescribeUser, 200),
    reply!("user-suspended.json", DescribeUser, 200),
    reply!("user-archived.json", DescribeUser, 200),
    reply!("user-email-changed.json", DescribeUser, 200),
    reply!("user-minimal.json", DescribeUser, 200),
    reply!("user-text-id.json", DescribeUser, 200),
    reply!("org-credentials.json", ListOrgCredentials, 200),
    reply!("org-credentials-odd.json", ListOrgCredentials, 200),
    reply!("credentials-none.json", ListCredentials, 200),
    reply!("credentials-cloud-key.json", ListCredentials, 200),
    reply!("credentials-many-kinds.json", ListCredentials, 200),
    reply!("credentials-other-kinds-only.json", ListCredentials, 200),
    reply!("credentials-two-keys.json", ListCredentials, 200),
    reply!("credentials-key-expired.json", ListCredentials, 200),
    reply!("credentials-key-not-yet.json", ListCredentials, 200),
    reply!("credentials-key-expired-and-good.json", ListCredentials, 200),
    reply!("credentials-lockdown-key.json", ListCredentials, 200),
    reply!("credentials-override-key.json", ListCredentials, 200),
    reply!("credentials-event-action-unknown.json", ListCredentials, 200),
    reply!("credentials-nulls.json", ListCredentials, 200),
    reply!("credentials-key-object-null.json", ListCredentials, 200),
    reply!("credentials-key-object-absent.json", ListCredentials, 200),
    reply!("credentials-type-absent.json", ListCredentials, 200),
    reply!("credentials-kind-unknown.json", ListCredentials, 200),
    reply!("credentials-max-duration.json", ListCredentials, 200),
    reply!("credentials-text-ids.json", ListCredentials, 200),
    reply!("credentials-unknown-fields.json", ListCredentials, 200),
    reply!("credential-created.json", CreateCredential, 201),
    reply!("credential-created-text-ids.json", CreateCredential, 201),
    reply!("credential-created-minimal.json", CreateCredential, 201),
    reply!("credential-types.json", ListCredentialTypes, 200),
    reply!("credential-types-no-cloud-key.json", ListCredentialTypes, 200),
    reply!("credential-types-text-ids.json", ListCredentialTypes, 200),
    reply!("credential-types-unknown.json", ListCredentialTypes, 200),
    reply!("entries-none.json", ListUserEntries, 200),
    reply!("entries-two.json", ListUserEntries, 200),
    reply!("entries-wireless.json", ListUserEntries, 200),
    reply!("entries-repeated-names.json", ListUserEntries, 200),
    reply!("entries-nulls.json", ListUserEntries, 200),
    reply!("entries-minimal.json", ListUserEntries, 200),
    reply!("entries-text-ids.json", ListUserEntries, 200),
    reply!("entries-unknown-fields.json", ListUserEntries, 200),
    reply!("entries-one-twice.json", ListUserEntries, 200),
    reply!("entries-hostile-names.json", ListUserEntries, 200),
    reply!("entries-id-null.json", ListUserEntries, 200),
    reply!("effective-scopes.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-too-wide.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-read-only.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-site-bound.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-nulls.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-empty.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-unknown-fields.json", GetEffectivePermissionsForOrg, 200),
    reply!("effective-scopes-wrong-type.json", GetEffectivePermissionsForOrg, 200),
    reply!("features.json", ListOrgFeatures, 200),
    reply!("features-no-remote-unlock.json", ListOrgFeatures, 200),
    reply!("features-none.json", ListOrgFeatures, 200),
    reply!("features-minimal.json", ListOrgFeatures, 200),
    reply!("features-nulls.json", ListOrgFeatures, 200),
    reply!("features-text-ids.json", ListOrgFeatures, 200),
    reply!("features-site-bound.json", ListOrgFeatures, 200),
    reply!("features-wrong-type.json", ListOrgFeatures, 200),
    reply!("entry-states.json", ListEntryStates, 200),
    reply!("entry-states-none.json", ListEntryStates, 200),
    reply!("entry-states-minimal.json", ListEntryStates, 200),
    reply!("entry-states-nulls.json", ListEntryStates, 200),
    reply!("entry-states-text-ids.json", ListEntryStates, 200),
    reply!("entry-states-unknown-fields.json", ListEntryStates, 200),
    reply!("entry-states-wrong-type.json", ListEntryStates, 200),
    reply!("lockdown-plans.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-none.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-minimal.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-nulls.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-text-ids.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-unknown-fields.json", ListLockdownPlans, 200),
    reply!("lockdown-plans-wrong-type.json", ListLockdownPlans, 200),
    reply!("activity.json", GetUserActivity, 200),
    reply!("activity-none.json", GetUserActivity, 200),
    reply!("activity-minimal.json", GetUserActivity, 200),
    reply!("activity-nulls.json", GetUserActivity, 200),
    reply!("activity-times.json", GetUserActivity, 200),
    reply!("activity-text-ids.json", GetUserActivity, 200),
    reply!("activity-several-entries.json", GetUserActivity, 200),
    reply!("activity-results.json", GetUserActivity, 200),
    reply!("activity-two-alike.json", GetUserActivity, 200),
    reply!("activity-unknown-fields.json", GetUserActivity, 200),
    reply!("activity-time-absent.json", GetUserActivity, 200),
    reply!("activity-time-unreadable.json", GetUserActivity, 200),
    reply!("org-entry.json", DescribeEntry, 200),
    reply!("org-entry-minimal.json", DescribeEntry, 200),
    reply!("org-entry-nulls.json", DescribeEntry, 200),
    reply!("org-entry-parts-null.json", DescribeEntry, 200),
    reply!("org-entry-text-ids.json", DescribeEntry, 200),
    reply!("org-entry-wrong-type.json", DescribeEntry, 200),
    reply!("org-entries.json", ListEntries, 200),
    reply!("org-entries-none.json", ListEntries, 200),
    reply!("org-entries-minimal.json", ListEntries, 200),
    reply!("org-entries-unknown-fields.json", ListEntries, 200),
    reply!("org-entries-wrong-type.json", ListEntries, 200),
    error!("error-validation.json", 400),
    error!("error-token.json", 401),
    error!("error-scope.json", 403),
    error!("error-not-found.json", 404),
    error!("error-unprocessable.json", 422),
    error!("error-throttled.json", 429),
    error!("error-server.json", 500),
    error!("error-unavailable.json", 503),
    error!("error-nested.json", 400),
    error!("error-err.json", 403),
    error!("error-echo.json", 403),
    error!("error-list.json", 400),
    page!("error-proxy.html", 502),
];

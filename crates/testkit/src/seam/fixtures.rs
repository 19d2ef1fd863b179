//! The vendor's replies as files, and whole workspaces to seed a stand-in with.

use std::fmt::{self, Debug, Formatter};

use serde_json::Value;

use super::json::{Object, object};
use super::{Account, Device, Seam, Space};

/// One reply of the vendor, kept as a file and served byte for byte.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// The file's name in `fixtures/seam/`; its `README.md` tells what the case is, and how sure it is.
    pub name: &'static str,
    /// The path of the request that it answers.
    pub route: &'static str,
    /// The status that it comes with.
    pub status: u16,
    /// The body.
    pub body: &'static str,
}

impl Debug for Case {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).field(&self.route).field(&self.status).finish()
    }
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/seam/", $name))
    };
}

macro_rules! cases {
    ($($name:literal => $route:literal, $status:literal;)*) => {
        /// Every reply in `fixtures/seam/`, so that a test can go through all of them.
        pub static CASES: &[Case] = &[
            $(Case { name: $name, route: $route, status: $status, body: file!($name) },)*
        ];
    };
}

cases! {
    "device-two-n.json" => "/devices/get", 200;
    "device-only-required-fields.json" => "/devices/get", 200;
    "device-without-can-remotely-unlock.json" => "/devices/get", 200;
    "device-not-remotely-unlockable.json" => "/devices/get", 200;
    "device-can-remotely-unlock-null.json" => "/devices/get", 200;
    "device-offline.json" => "/devices/get", 200;
    "device-removed.json" => "/devices/get", 200;
    "device-account-disconnected.json" => "/devices/get", 200;
    "device-bridge-disconnected.json" => "/devices/get", 200;
    "device-credentials-missing.json" => "/devices/get", 200;
    "device-privacy-mode.json" => "/devices/get", 200;
    "device-two-n-warnings.json" => "/devices/get", 200;
    "device-unknown-type-codes-and-fields.json" => "/devices/get", 200;
    "device-location-null.json" => "/devices/get", 200;
    "device-location-given.json" => "/devices/get", 200;
    "device-without-two-n-metadata.json" => "/devices/get", 200;
    "device-two-n-metadata-float.json" => "/devices/get", 200;
    "device-two-n-metadata-odd.json" => "/devices/get", 200;
    "device-in-many-spaces.json" => "/devices/get", 200;
    "device-in-no-space.json" => "/devices/get", 200;
    "device-nickname.json" => "/devices/get", 200;
    "device-custom-metadata.json" => "/devices/get", 200;
    "device-nulls.json" => "/devices/get", 200;
    "device-online-null.json" => "/devices/get", 200;
    "device-without-properties.json" => "/devices/get", 200;
    "device-other-brand.json" => "/devices/get", 200;
    "device-hostile-names.json" => "/devices/get", 200;
    "device-without-id.json" => "/devices/get", 200;
    "device-absent.json" => "/devices/get", 200;
    "devices-page-1.json" => "/devices/list", 200;
    "devices-page-2.json" => "/devices/list", 200;
    "devices-empty.json" => "/devices/list", 200;
    "devices-without-pagination.json" => "/devices/list", 200;
    "devices-more-without-cursor.json" => "/devices/list", 200;
    "devices-cursor-without-more.json" => "/devices/list", 200;
    "devices-one-without-id.json" => "/devices/list", 200;
    "devices-same-device-twice.json" => "/devices/list", 200;
    "devices-null.json" => "/devices/list", 200;
    "devices-mixed-brands.json" => "/devices/list", 200;
    "devices-unmanaged.json" => "/devices/unmanaged/list", 200;
    "locks.json" => "/locks/list", 200;
    "space.json" => "/spaces/get", 200;
    "space-full.json" => "/spaces/get", 200;
    "space-float-counts.json" => "/spaces/get", 200;
    "space-empty.json" => "/spaces/get", 200;
    "space-nulls.json" => "/spaces/get", 200;
    "space-unknown-fields.json" => "/spaces/get", 200;
    "space-raw-utf8.json" => "/spaces/get", 200;
    "space-name-null.json" => "/spaces/get", 200;
    "space-name-absent.json" => "/spaces/get", 200;
    "spaces-page-1.json" => "/spaces/list", 200;
    "spaces-page-2.json" => "/spaces/list", 200;
    "spaces-empty.json" => "/spaces/list", 200;
    "spaces-differ-by-case.json" => "/spaces/list", 200;
    "spaces-differ-by-prefix.json" => "/spaces/list", 200;
    "spaces-differ-by-invisible-character.json" => "/spaces/list", 200;
    "spaces-differ-by-composition.json" => "/spaces/list", 200;
    "spaces-blank-names.json" => "/spaces/list", 200;
    "spaces-with-parents.json" => "/spaces/list", 200;
    "spaces-one-without-id.json" => "/spaces/list", 200;
    "spaces-more-without-cursor.json" => "/spaces/list", 200;
    "spaces-related.json" => "/spaces/get_related", 200;
    "spaces-related-empty.json" => "/spaces/get_related", 200;
    "connected-account.json" => "/connected_accounts/get", 200;
    "connected-account-disconnected.json" => "/connected_accounts/get", 200;
    "connected-account-reauthorization.json" => "/connected_accounts/get", 200;
    "connected-account-sparse.json" => "/connected_accounts/get", 200;
    "connected-accounts.json" => "/connected_accounts/list", 200;
    "workspace-production.json" => "/workspaces/get", 200;
    "workspace-sandbox.json" => "/workspaces/get", 200;
    "workspace-suspended.json" => "/workspaces/get", 200;
    "attempt-pending.json" => "/action_attempts/get", 200;
    "attempt-pending-bare.json" => "/action_attempts/get", 200;
    "attempt-success-confirmed.json" => "/action_attempts/get", 200;
    "attempt-success-unconfirmed.json" => "/action_attempts/get", 200;
    "attempt-success-result-null.json" => "/action_attempts/get", 200;
    "attempt-success-result-empty.json" => "/action_attempts/get", 200;
    "attempt-success-bare.json" => "/action_attempts/get", 200;
    "attempt-success-confirmation-null.json" => "/action_attempts/get", 200;
    "attempt-success-confirmation-text.json" => "/action_attempts/get", 200;
    "attempt-success-with-error.json" => "/action_attempts/get", 200;
    "attempt-error.json" => "/action_attempts/get", 200;
    "attempt-error-unknown-type.json" => "/action_attempts/get", 200;
    "attempt-error-bare.json" => "/action_attempts/get", 200;
    "attempt-error-expired.json" => "/action_attempts/get", 200;
    "attempt-unknown-status.json" => "/action_attempts/get", 200;
    "attempt-other-action.json" => "/action_attempts/get", 200;
    "attempt-other-id.json" => "/action_attempts/get", 200;
    "attempt-without-id.json" => "/action_attempts/get", 200;
    "attempt-absent.json" => "/action_attempts/get", 200;
    "attempt-ok-false.json" => "/action_attempts/get", 200;
    "attempts.json" => "/action_attempts/list", 200;
    "event-unlock-succeeded.json" => "/events/get", 200;
    "event-unlock-failed.json" => "/events/get", 200;
    "event-lock-unlocked.json" => "/events/get", 200;
    "event-lock-unlocked-by-code.json" => "/events/get", 200;
    "event-access-denied.json" => "/events/get", 200;
    "event-access-denied-unknown-reason.json" => "/events/get", 200;
    "event-device-disconnected.json" => "/events/get", 200;
    "event-device-unmanaged.json" => "/events/get", 200;
    "event-space-membership.json" => "/events/get", 200;
    "event-space-odd-ids.json" => "/events/get", 200;
    "event-account-first-sync.json" => "/events/get", 200;
    "event-webview-succeeded.json" => "/events/get", 200;
    "event-webview-failed.json" => "/events/get", 200;
    "event-unknown-type.json" => "/events/get", 200;
    "event-nulls.json" => "/events/get", 200;
    "event-odd-types.json" => "/events/get", 200;
    "event-absent.json" => "/events/get", 200;
    "event-null.json" => "/events/get", 200;
    "event-without-id.json" => "/events/get", 200;
    "event-without-workspace.json" => "/events/get", 200;
    "events.json" => "/events/list", 200;
    "events-empty.json" => "/events/list", 200;
    "events-null.json" => "/events/list", 200;
    "events-one-without-type.json" => "/events/list", 200;
    "error-invalid-input.json" => "/locks/unlock_door", 400;
    "error-validation-tree.json" => "/connect_webviews/create", 400;
    "error-validation-tree-deep.json" => "/devices/list", 400;
    "error-validation-flat.json" => "/devices/list", 400;
    "error-device-not-found.json" => "/locks/unlock_door", 404;
    "error-action-attempt-not-found.json" => "/action_attempts/get", 404;
    "error-space-not-found.json" => "/spaces/get", 404;
    "error-unauthorized.json" => "/devices/list", 401;
    "error-unauthorized-no-header.json" => "/devices/list", 401;
    "error-forbidden.json" => "/locks/unlock_door", 403;
    "error-method-not-allowed.json" => "/locks/unlock_door", 405;
    "error-invalid-content-type.json" => "/locks/unlock_door", 400;
    "error-mismatched-page-parameters.json" => "/devices/list", 400;
    "error-too-many-requests.json" => "/locks/unlock_door", 429;
    "error-too-many-requests.txt" => "/locks/unlock_door", 429;
    "error-request-id.json" => "/locks/unlock_door", 500;
    "error-unknown-type.json" => "/locks/unlock_door", 400;
    "error-stack.json" => "/locks/unlock_door", 500;
    "error-nulls.json" => "/locks/unlock_door", 500;
    "error-as-text.json" => "/locks/unlock_door", 500;
    "error-echoes-secrets.json" => "/locks/unlock_door", 401;
    "error-invalid-json.txt" => "/locks/unlock_door", 400;
    "error-unknown-route.txt" => "/locks/open_door", 404;
    "error-outage.txt" => "/locks/unlock_door", 503;
    "error-gateway.txt" => "/locks/unlock_door", 502;
    "webview-created.json" => "/connect_webviews/create", 200;
    "webview-pending.json" => "/connect_webviews/get", 200;
    "webview-authorized.json" => "/connect_webviews/get", 200;
    "webview-authorized-not-successful.json" => "/connect_webviews/get", 200;
    "webview-authorized-without-account.json" => "/connect_webviews/get", 200;
    "webview-failed.json" => "/connect_webviews/get", 200;
    "webview-nulls.json" => "/connect_webviews/get", 200;
    "webview-unknown-words.json" => "/connect_webviews/get", 200;
    "webview-without-id.json" => "/connect_webviews/get", 200;
    "webview-link-is-no-link.json" => "/connect_webviews/get", 200;
    "webviews.json" => "/connect_webviews/list", 200;
    "connected-account-nulls.json" => "/connected_accounts/get", 200;
    "connected-account-odd-types.json" => "/connected_accounts/get", 200;
    "connected-account-without-id.json" => "/connected_accounts/get", 200;
    "connected-account-sync.json" => "/connected_accounts/sync", 200;
    "devices-unmanaged-odd.json" => "/devices/unmanaged/list", 200;
    "devices-unmanaged-one-without-id.json" => "/devices/unmanaged/list", 200;
    "locks-null.json" => "/locks/list", 200;
    "attempts-odd.json" => "/action_attempts/list", 200;
    "spaces-related-entrances.json" => "/spaces/get_related", 200;
    "webhook-created.json" => "/webhooks/create", 200;
    "webhook.json" => "/webhooks/get", 200;
    "webhook-only-required-fields.json" => "/webhooks/get", 200;
    "webhook-nulls.json" => "/webhooks/get", 200;
    "webhook-odd.json" => "/webhooks/get", 200;
    "webhook-without-id.json" => "/webhooks/get", 200;
    "webhooks.json" => "/webhooks/list", 200;
    "webhooks-empty.json" => "/webhooks/list", 200;
    "webhook-updated.json" => "/webhooks/update", 200;
    "webhook-deleted.json" => "/webhooks/delete", 200;
    "error-webhook-not-found.json" => "/webhooks/delete", 404;
    "error-echoes-links.json" => "/connect_webviews/create", 400;
    "success-but-html.txt" => "/locks/unlock_door", 200;
    "success-but-cut.txt" => "/locks/unlock_door", 200;
}

/// Whole workspaces in `fixtures/seam/`, by file name, for [`Seam::from_fixture`].
pub static WORKSPACES: &[(&str, &str)] = &[
    ("workspace.json", file!("workspace.json")),
    ("workspace-awkward.json", file!("workspace-awkward.json")),
];

/// The file of that name in `fixtures/seam/`, be it a reply or a whole workspace.
///
/// ```
/// use elevate_access_testkit::seam::{Seam, fixture};
///
/// let seam = Seam::from_fixture(fixture("workspace.json").expect("there is one"))?;
/// # let _ = seam;
/// # Ok::<(), elevate_access_testkit::seam::FixtureError>(())
/// ```
pub fn fixture(name: &str) -> Option<&'static str> {
    let reply = CASES.iter().find(|case| case.name == name).map(|case| case.body);
    reply.or_else(|| WORKSPACES.iter().find(|(known, _)| *known == name).map(|(_, body)| *body))
}

/// Why a file cannot seed a workspace.
#[derive(Debug, thiserror::Error)]
#[error("the file does not hold a Seam workspace: {what}")]
pub struct FixtureError {
    what: String,
}

impl Seam {
    /// A stand-in with everything that the file holds.
    ///
    /// The file is one JSON object with `api_key`, perhaps `page_size`, and the vendor's own resources:
    /// `workspace`, `connected_accounts`, `spaces`, `devices`, `unmanaged_devices`. Fields that nobody
    /// knows are kept and served.
    ///
    /// # Errors
    /// If it is not JSON, has no `api_key`, or one of its lists or their items has another shape.
    pub fn from_fixture(json: &str) -> Result<Self, FixtureError> {
        let fault = |what: String| FixtureError { what };
        let whole: Value = serde_json::from_str(json).map_err(|error| fault(error.to_string()))?;
        let key = whole.get("api_key").and_then(Value::as_str);
        let mut seam = Self::new(key.ok_or_else(|| fault("api_key is missing".to_owned()))?);
        if let Some(workspace) = whole.get("workspace") {
            seam.world.workspace = object(workspace.clone());
        }
        for fields in items(&whole, "connected_accounts", "connected_account_id")? {
            seam.add_account(Account { fields });
        }
        for fields in items(&whole, "spaces", "space_id")? {
            seam.add_space(Space { fields });
        }
        for fields in items(&whole, "devices", "device_id")? {
            seam.add_device(Device { fields });
        }
        for fields in items(&whole, "unmanaged_devices", "device_id")? {
            seam.add_unmanaged_device(Device { fields });
        }
        if let Some(size) = whole.get("page_size").and_then(Value::as_u64) {
            seam.page_size(usize::try_from(size).unwrap_or(usize::MAX));
        }
        Ok(seam)
    }
}

/// The objects of that list, each with a text as its id.
fn items(whole: &Value, list: &str, id: &str) -> Result<Vec<Object>, FixtureError> {
    let Some(value) = whole.get(list) else { return Ok(Vec::new()) };
    let fault = |place: &str| FixtureError { what: format!("{list}{place} has another shape") };
    let items = value.as_array().ok_or_else(|| fault(""))?;
    let item = |(place, item): (usize, &Value)| match item.as_object() {
        Some(item) if item.get(id).is_some_and(Value::is_string) => Ok(item.clone()),
        _ => Err(fault(&format!("[{place}]"))),
    };
    items.iter().enumerate().map(item).collect()
}

//! The routes that the stand-in knows, and what each takes.

mod words;

use self::words::{CAPABILITIES, DEVICE_TYPES, LOCK_TYPES};
use super::shape::{Kind, Param};

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    ListDevices,
    GetDevice,
    ListLocks,
    GetLock,
    Unlock,
    GetAttempt,
    ListAttempts,
    ListSpaces,
    GetSpace,
    GetRelated,
    ListAccounts,
    GetAccount,
    GetWorkspace,
    ListUnmanaged,
    CreateWebview,
    GetWebview,
    ListWebviews,
    SyncAccount,
    ListEvents,
    GetEvent,
    CreateWebhook,
    GetWebhook,
    ListWebhooks,
    UpdateWebhook,
    DeleteWebhook,
}

/// One documented route.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) act: Act,
    /// Whether `GET` is accepted beside `POST`.
    pub(super) by_get: bool,
    pub(super) params: &'static [Param],
    /// For lists: how many items a page has where the request names no limit.
    pub(super) page: usize,
}

/// The path of the one order that opens a door.
pub(super) const UNLOCK: &str = super::ORDER_PATH;

/// The route at that path.
pub(super) fn find(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.path == path)
}

/// What a path would do to the vendor's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// Nothing, or no more than open a door.
    No,
    /// Change it: the vendor has such a route.
    Yes,
    /// Nobody knows: the vendor has no such route.
    Unknown,
}

/// What that path would do, other than open a door.
pub(super) fn writes(path: &str) -> Writes {
    let mut parts = path.trim_start_matches('/').split('/');
    let (resource, last) =
        (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
    if path == UNLOCK || READS.contains(&last) {
        Writes::No
    } else if WRITABLE.contains(&resource)
        && (WRITES.contains(&last) || path.contains("/simulate/"))
    {
        Writes::Yes
    } else {
        Writes::Unknown
    }
}

/// What routes that read end with.
const READS: [&str; 3] = ["get", "list", "get_related"];

/// What routes that write end with.
const WRITES: [&str; 21] = [
    "add_acs_entrances",
    "add_devices",
    "convert_to_managed",
    "create",
    "create_multiple",
    "create_portal",
    "delete",
    "delete_data",
    "generate_code",
    "grant_access",
    "lock_door",
    "push_data",
    "remove_acs_entrances",
    "remove_devices",
    "reset_sandbox",
    "revoke",
    "revoke_access",
    "sync",
    "unlock",
    "unlock_door",
    "update",
];

/// The vendor's resources that have routes which write.
const WRITABLE: [&str; 19] = [
    "access_codes",
    "access_grants",
    "access_methods",
    "acs",
    "action_attempts",
    "client_sessions",
    "connect_webviews",
    "connected_accounts",
    "customers",
    "devices",
    "events",
    "instant_keys",
    "locks",
    "noise_sensors",
    "spaces",
    "thermostats",
    "user_identities",
    "webhooks",
    "workspaces",
];

const fn read(path: &'static str, act: Act, params: &'static [Param], page: usize) -> Route {
    Route { path, act, by_get: true, params, page }
}

/// The writes by which an account is connected, and the vendor told where to tell.
pub(super) const SETUP: [&str; 5] = [
    "/connect_webviews/create",
    "/connected_accounts/sync",
    "/webhooks/create",
    "/webhooks/update",
    "/webhooks/delete",
];

static ROUTES: [Route; 25] = [
    Route {
        path: SETUP[2],
        act: Act::CreateWebhook,
        by_get: false,
        params: &[Param::new("event_types", Kind::Texts), Param::required("url", Kind::Text)],
        page: 0,
    },
    Route {
        path: SETUP[3],
        act: Act::UpdateWebhook,
        by_get: false,
        params: &[
            Param::required("event_types", Kind::Texts),
            Param::required("webhook_id", Kind::Text),
        ],
        page: 0,
    },
    Route {
        path: SETUP[4],
        act: Act::DeleteWebhook,
        by_get: false,
        params: &[Param::required("webhook_id", Kind::Text)],
        page: 0,
    },
    read("/webhooks/get", Act::GetWebhook, &[Param::required("webhook_id", Kind::Text)], 0),
    read("/webhooks/list", Act::ListWebhooks, &[], 0),
    Route {
        path: SETUP[0],
        act: Act::CreateWebview,
        by_get: false,
        params: &[
            Param::new("accepted_capabilities", Kind::Texts),
            Param::new("accepted_providers", Kind::Texts),
            Param::new("automatically_manage_new_devices", Kind::Flag),
            Param::new("custom_metadata", Kind::Pairs),
            Param::new("custom_redirect_failure_url", Kind::Text),
            Param::new("custom_redirect_url", Kind::Text),
            Param::new("customer_key", Kind::Text),
            Param::new("wait_for_device_creation", Kind::Flag),
        ],
        page: 0,
    },
    Route {
        path: SETUP[1],
        act: Act::SyncAccount,
        by_get: false,
        params: &[Param::required("connected_account_id", Kind::Text)],
        page: 0,
    },
    read(
        "/connect_webviews/get",
        Act::GetWebview,
        &[Param::required("connect_webview_id", Kind::Text)],
        0,
    ),
    read(
        "/connect_webviews/list",
        Act::ListWebviews,
        &[
            Param::new("custom_metadata_has", Kind::Pairs),
            Param::new("customer_key", Kind::Text),
            Param::new("limit", Kind::Number),
            Param::new("page_cursor", Kind::TextOrNull),
            Param::new("search", Kind::NonEmptyText),
        ],
        500,
    ),
    read("/events/get", Act::GetEvent, &[Param::new("event_id", Kind::Text)], 0),
    read(
        "/events/list",
        Act::ListEvents,
        &[
            Param::new("between", Kind::Texts),
            Param::new("connected_account_id", Kind::Text),
            Param::new("customer_key", Kind::Text),
            Param::new("device_id", Kind::Text),
            Param::new("device_ids", Kind::Texts),
            Param::new("event_type", Kind::Text),
            Param::new("event_types", Kind::Texts),
            Param::new("limit", Kind::Count),
            Param::new("since", Kind::Moment),
            Param::new("space_id", Kind::Text),
            Param::new("space_ids", Kind::Texts),
            Param::new("unstable_offset", Kind::Number),
        ],
        500,
    ),
    read("/devices/list", Act::ListDevices, &DEVICES, 500),
    read("/devices/get", Act::GetDevice, &DEVICE, 0),
    read("/devices/unmanaged/list", Act::ListUnmanaged, &DEVICES, 22_900),
    read("/locks/list", Act::ListLocks, &LOCKS, 500),
    read("/locks/get", Act::GetLock, &DEVICE, 0),
    Route {
        path: UNLOCK,
        act: Act::Unlock,
        by_get: false,
        params: &[Param::required("device_id", Kind::Text), Param::new("sync", Kind::Flag)],
        page: 0,
    },
    read(
        "/action_attempts/get",
        Act::GetAttempt,
        &[Param::required("action_attempt_id", Kind::Text)],
        0,
    ),
    read(
        "/action_attempts/list",
        Act::ListAttempts,
        &[
            Param::new("action_attempt_ids", Kind::Texts),
            Param::new("device_id", Kind::Text),
            Param::new("limit", Kind::Count),
            Param::new("page_cursor", Kind::TextOrNull),
        ],
        500,
    ),
    read(
        "/spaces/list",
        Act::ListSpaces,
        &[
            Param::new("connected_account_id", Kind::Text),
            Param::new("customer_key", Kind::Text),
            Param::new("limit", Kind::Number),
            Param::new("page_cursor", Kind::TextOrNull),
            Param::new("parent_space_id", Kind::Text),
            Param::new("parent_space_key", Kind::Text),
            Param::new("search", Kind::NonEmptyText),
            Param::new("space_key", Kind::Text),
        ],
        500,
    ),
    read(
        "/spaces/get",
        Act::GetSpace,
        &[Param::new("space_id", Kind::Text), Param::new("space_key", Kind::Text)],
        0,
    ),
    read(
        "/spaces/get_related",
        Act::GetRelated,
        &[
            Param::new("exclude", Kind::SomeOf(&RELATED)),
            Param::new("include", Kind::SomeOf(&RELATED)),
            Param::new("space_ids", Kind::Texts),
            Param::new("space_keys", Kind::Texts),
        ],
        0,
    ),
    read(
        "/connected_accounts/list",
        Act::ListAccounts,
        &[
            Param::new("custom_metadata_has", Kind::Pairs),
            Param::new("customer_key", Kind::Text),
            Param::new("limit", Kind::Count),
            Param::new("page_cursor", Kind::TextOrNull),
            Param::new("search", Kind::NonEmptyText),
            Param::new("space_id", Kind::Text),
            Param::new("user_identifier_key", Kind::Text),
        ],
        11_000,
    ),
    read(
        "/connected_accounts/get",
        Act::GetAccount,
        &[Param::new("connected_account_id", Kind::Text), Param::new("email", Kind::Text)],
        0,
    ),
    read("/workspaces/get", Act::GetWorkspace, &[], 0),
];

static DEVICE: [Param; 2] = [Param::new("device_id", Kind::Text), Param::new("name", Kind::Text)];

const fn device_filters(types: &'static [&'static str]) -> [Param; 18] {
    [
        Param::new("connect_webview_id", Kind::Text),
        Param::new("connected_account_id", Kind::Text),
        Param::new("connected_account_ids", Kind::Texts),
        Param::new("created_before", Kind::Moment),
        Param::new("custom_metadata_has", Kind::Pairs),
        Param::new("customer_key", Kind::Text),
        Param::new("device_ids", Kind::Texts),
        Param::new("device_type", Kind::OneOf(types)),
        Param::new("device_types", Kind::SomeOf(types)),
        Param::new("exclude_if", Kind::SomeOf(&CAPABILITIES)),
        Param::new("include_if", Kind::SomeOf(&CAPABILITIES)),
        Param::new("limit", Kind::Number),
        Param::new("manufacturer", Kind::Text),
        Param::new("page_cursor", Kind::TextOrNull),
        Param::new("search", Kind::NonEmptyText),
        Param::new("space_id", Kind::Text),
        Param::new("unstable_location_id", Kind::TextOrNull),
        Param::new("user_identifier_key", Kind::Text),
    ]
}

static DEVICES: [Param; 18] = device_filters(&DEVICE_TYPES);
static LOCKS: [Param; 18] = device_filters(&LOCK_TYPES);

static RELATED: [&str; 6] =
    ["spaces", "devices", "acs_entrances", "connected_accounts", "acs_systems", "access_methods"];

//! The routes that the stand-in knows, and what each takes.

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

static ROUTES: [Route; 14] = [
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

static CAPABILITIES: [&str; 20] = [
    "can_remotely_unlock",
    "can_remotely_lock",
    "can_program_offline_access_codes",
    "can_program_online_access_codes",
    "can_hvac_heat",
    "can_hvac_cool",
    "can_hvac_heat_cool",
    "can_turn_off_hvac",
    "can_simulate_removal",
    "can_simulate_connection",
    "can_simulate_disconnection",
    "can_unlock_with_code",
    "can_run_thermostat_programs",
    "can_program_thermostat_programs_as_weekday_weekend",
    "can_program_thermostat_programs_as_different_each_day",
    "can_program_thermostat_programs_as_same_each_day",
    "can_simulate_hub_connection",
    "can_simulate_hub_disconnection",
    "can_simulate_paid_subscription",
    "can_configure_auto_lock",
];

/// The device types by which locks can be filtered. The filter is a closed list; devices may have others.
static LOCK_TYPES: [&str; 29] = [
    "akiles_lock",
    "akuvox_lock",
    "august_lock",
    "avigilon_alta_entry",
    "brivo_access_point",
    "butterflymx_panel",
    "controlbyweb_device",
    "doorking_lock",
    "dormakaba_oracode_door",
    "four_suites_door",
    "genie_door",
    "igloo_lock",
    "igloohome_lock",
    "keyincode_lock",
    "kisi_lock",
    "kwikset_lock",
    "linear_lock",
    "lockly_lock",
    "nuki_lock",
    "omnitec_lock",
    "salto_lock",
    "schlage_lock",
    "smartthings_lock",
    "tedee_lock",
    "ttlock_lock",
    "two_n_intercom",
    "ultraloq_lock",
    "wyze_lock",
    "yale_lock",
];

/// The device types by which devices can be filtered: those of locks, and the rest.
static DEVICE_TYPES: [&str; 41] = [
    "akiles_lock",
    "akuvox_lock",
    "august_lock",
    "avigilon_alta_entry",
    "brivo_access_point",
    "butterflymx_panel",
    "controlbyweb_device",
    "doorking_lock",
    "dormakaba_oracode_door",
    "four_suites_door",
    "genie_door",
    "igloo_lock",
    "igloohome_lock",
    "keyincode_lock",
    "kisi_lock",
    "kwikset_lock",
    "linear_lock",
    "lockly_lock",
    "nuki_lock",
    "omnitec_lock",
    "salto_lock",
    "schlage_lock",
    "smartthings_lock",
    "tedee_lock",
    "ttlock_lock",
    "two_n_intercom",
    "ultraloq_lock",
    "wyze_lock",
    "yale_lock",
    "android_phone",
    "ecobee_thermostat",
    "honeywell_resideo_thermostat",
    "ios_phone",
    "keynest_key",
    "minut_sensor",
    "nest_thermostat",
    "noiseaware_activity_zone",
    "ring_camera",
    "sensi_thermostat",
    "smartthings_thermostat",
    "tado_thermostat",
];

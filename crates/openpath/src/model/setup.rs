use serde::{Deserialize, Deserializer};

use super::{CredentialType, WirelessLock, Zone, bounded::at_most};
use crate::{AcuId, EntryId, EntryStateId, FeatureId, LockdownPlanId, ScheduleId, ZoneId};

/// The most ways to open an entry that a state may name: a longer list is unreadable.
const MOST_METHODS: usize = 100;

/// The most zones that a plan may name, and the most scopes and calls that an account may have.
const MOST_ZONES: usize = 5_000;
const MOST_SCOPES: usize = 5_000;

/// A state that an entry can be in (`listEntryStates`), such as *Standard Security*: whether it is locked,
/// and with what it opens.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntryState {
    /// The state's id.
    pub id: EntryStateId,
    /// The state's name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// The state's name for programs.
    #[serde(default)]
    pub code: Option<String>,
    /// Whether an entry in this state is locked.
    #[serde(default)]
    pub is_locked: Option<bool>,
    /// With what an entry in this state opens: 100 ways at most.
    #[serde(default, deserialize_with = "at_most::<MOST_METHODS, _, _>")]
    pub trigger_methods: Vec<TriggerMethod>,
}

impl EntryState {
    /// Whether a cloud key is among what it opens with; `None` if the vendor does not say, by naming no
    /// methods, or one without its kind of credential.
    ///
    /// That a state which names others and not the cloud key refuses cloud unlocks is likely, and was never
    /// observed.
    pub fn allows_cloud_key(&self) -> Option<bool> {
        let kinds = self.trigger_methods.iter().map(|method| method.credential_type.as_ref());
        let is_cloud_key =
            |kind: &CredentialType| kind.model_name.as_ref().map(|_| kind.is_cloud_key());
        let verdicts: Vec<_> = kinds.map(|kind| kind.and_then(is_cloud_key)).collect();
        if verdicts.contains(&Some(true)) {
            return Some(true);
        }
        (!verdicts.is_empty() && !verdicts.contains(&None)).then_some(false)
    }
}

/// A way to open an entry: with a kind of credential, over a kind of connection.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TriggerMethod {
    /// The method's name for programs.
    #[serde(default)]
    pub code: Option<String>,
    /// The kind of credential.
    #[serde(default)]
    pub credential_type: Option<CredentialType>,
}

/// An entry as the organisation sees it (`listEntries`, `describeEntry`): with what it is, and not only that
/// somebody has access to it. To see it the account needs more than the scope `user:w`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrgEntry {
    /// The entry's id.
    pub id: EntryId,
    /// The entry's name.
    #[serde(default)]
    pub name: Option<String>,
    /// The state that it is in; see [`EntryState`] for what that allows.
    #[serde(default)]
    pub entry_state: Option<Named<EntryStateId>>,
    /// The zone that it leads into.
    #[serde(default)]
    pub zone: Option<Zone>,
    /// The schedule by which its state changes.
    #[serde(default)]
    pub schedule: Option<Named<ScheduleId>>,
    /// The controller that moves it.
    #[serde(default)]
    pub acu: Option<Named<AcuId>>,
    /// The wireless lock, if that is what it has.
    #[serde(default)]
    pub wireless_lock: Option<WirelessLock>,
}

/// Something of which another object says no more than what it is called.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named<I> {
    /// Its id.
    #[serde(default = "none")]
    pub id: Option<I>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

/// `Option::default` would ask for an `I` that has one.
fn none<I>() -> Option<I> {
    None
}

/// A plan for a lockdown (`listLockdownPlans`). While it is active its zones' entries are in states of its
/// own, which may refuse every unlock.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LockdownPlan {
    /// The plan's id.
    pub id: LockdownPlanId,
    /// The plan's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the lockdown is on now.
    #[serde(default)]
    pub is_active: Option<bool>,
    /// The zones that it is for, as far as the vendor names them.
    #[serde(default, rename = "zoneStates", deserialize_with = "zones")]
    pub zone_ids: Vec<ZoneId>,
}

/// The zones of a plan's states of zones; what names none is left out.
fn zones<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ZoneId>, D::Error> {
    #[derive(Deserialize)]
    struct ZoneState {
        #[serde(default)]
        zone: Option<Zone>,
    }
    let states: Vec<ZoneState> = at_most::<MOST_ZONES, _, _>(deserializer)?;
    Ok(states.into_iter().filter_map(|state| state.zone?.id).collect())
}

/// Something that the organisation's plan has (`listOrgFeatures`).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Feature {
    /// The feature's id.
    pub id: FeatureId,
    /// The feature's name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// The feature's name for programs, such as `remoteUnlock`.
    #[serde(default)]
    pub code: Option<String>,
}

/// What the service account may do in the organisation (`getEffectivePermissionsForOrg`).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EffectiveScopes {
    /// Its scopes, such as `o5120-user:w`: 5,000 at most.
    #[serde(default, deserialize_with = "at_most::<MOST_SCOPES, _, _>")]
    pub scopes: Vec<String>,
    /// The calls that these allow, by the vendor's own ids, such as `cloudKeyEntryUnlock`: 5,000 at most.
    #[serde(default, deserialize_with = "at_most::<MOST_SCOPES, _, _>")]
    pub allowed_operation_ids: Vec<String>,
    /// Whether the organisation has others below it.
    #[serde(default)]
    pub is_parent_org: Option<bool>,
}

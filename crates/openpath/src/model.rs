//! The vendor's objects, as far as they are used here.

mod activity;
mod bounded;
mod credential;
mod date;
mod entry;
mod envelope;
mod login;
mod setup;
mod user;

pub use activity::{Activity, ActivityResult};
pub use credential::{CloudKey, Credential, CredentialType, CredentialUser, OrgCredential};
pub use date::VendorDate;
pub(crate) use date::{Within, within};
pub use entry::{Entry, Site, WirelessLock, Zone};
pub(crate) use envelope::{ListReply, Meta, OneReply, SiteIds};
pub use login::Rights;
pub(crate) use login::SignedIn;
pub use setup::{
    EffectiveScopes, EntryState, Feature, LockdownPlan, Named, OrgEntry, TriggerMethod,
};
pub use user::{Group, Identity, Namespace, User, UserStatus};

use serde::{Deserialize, Deserializer};

/// Reads null as what an absent field is.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::VendorDate;
use crate::{CredentialId, CredentialTypeId, UserId};

/// The vendor's name for the kind of credential with which a cloud service unlocks.
pub(super) const CLOUD_KEY: &str = "cloudKey";

/// A credential of a user (`listCredentials`, `createCredential`): a phone, a card, a cloud key.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Credential {
    /// The credential's id, which is the one to unlock with.
    pub id: CredentialId,
    /// Before it the credential does not work.
    #[serde(default)]
    pub start_date: Option<VendorDate>,
    /// From it on the credential does not work.
    #[serde(default)]
    pub end_date: Option<VendorDate>,
    /// What kind it is.
    #[serde(default)]
    pub credential_type: Option<CredentialType>,
    /// What a cloud key has besides; other kinds have none.
    #[serde(default)]
    pub cloud_key: Option<CloudKey>,
    /// Whether its use triggers something (`eventAction`: a lockdown, its end, an unlock that overrides
    /// one) instead of just opening. Such a credential is nobody's plain key.
    #[serde(default, rename = "eventAction", deserialize_with = "is_there")]
    pub has_event_action: bool,
}

impl Credential {
    /// Whether it is a plain cloud key: of that kind, and its use triggers nothing else.
    ///
    /// The kind decides, and not whether there is a `cloudKey` object: kinds without their object have
    /// been seen.
    pub fn is_plain_cloud_key(&self) -> bool {
        self.credential_type.as_ref().is_some_and(CredentialType::is_cloud_key)
            && !self.has_event_action
    }

    /// Whether it is no plain cloud key as far as can be read, and may be one all the same: its kind is not
    /// told, or is told in another way than is known.
    pub(crate) fn may_be_plain_cloud_key(&self) -> bool {
        let kind = self.credential_type.as_ref().and_then(|kind| kind.model_name.as_deref());
        let is_likely = match kind.map(str::trim) {
            None | Some("") => true,
            Some(kind) => kind.eq_ignore_ascii_case(CLOUD_KEY) || self.cloud_key.is_some(),
        };
        is_likely && !self.has_event_action && !self.is_plain_cloud_key()
    }
}

/// A credential of the organisation, and whose it is (`listOrgCredentials`).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgCredential {
    /// The credential.
    #[serde(flatten)]
    pub credential: Credential,
    /// Whose it is.
    #[serde(default)]
    pub user: Option<CredentialUser>,
}

/// Whose a credential is. The vendor tells more of them, which is not kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialUser {
    /// The user's id.
    #[serde(default)]
    pub id: Option<UserId>,
}

/// Anything at all but null.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<IgnoredAny>::deserialize(deserializer)?.is_some())
}

/// A kind of credential (`listCredentialTypes`).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CredentialType {
    /// The kind's id. Which one a cloud key has is not known beforehand.
    pub id: CredentialTypeId,
    /// The kind's name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// The kind's name for programs: `cloudKey`, `mobile`, `card` and others.
    #[serde(default)]
    pub model_name: Option<String>,
}

impl CredentialType {
    /// Whether it is the kind with which a cloud service unlocks.
    pub fn is_cloud_key(&self) -> bool {
        self.model_name.as_deref() == Some(CLOUD_KEY)
    }
}

/// What a cloud key has besides.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CloudKey {
    /// The key's name in the dashboard.
    #[serde(default)]
    pub name: Option<String>,
}

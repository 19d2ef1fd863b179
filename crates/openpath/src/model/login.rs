use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::{VendorDate, or_default};
use crate::OrgId;

/// What a sign-in brings (`login`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    #[serde(deserialize_with = "secret")]
    pub(crate) token: SecretString,
    #[serde(default, deserialize_with = "or_default")]
    token_scope_list: Vec<TokenScope>,
    #[serde(default)]
    created_at: Option<VendorDate>,
    #[serde(default)]
    expires_at: Option<VendorDate>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    Ok(String::deserialize(deserializer)?.into())
}

/// What the token may do in one organisation. Entries without ids have been seen.
#[derive(Deserialize)]
struct TokenScope {
    #[serde(default)]
    org: Option<MaybeOrg>,
    #[serde(default)]
    scope: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct MaybeOrg {
    #[serde(default)]
    id: Option<OrgId>,
}

/// What is known of the account's rights in an organisation, from its sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rights {
    /// The sign-in does not say.
    Unstated,
    /// The account may do all that this crate does.
    Sufficient,
    /// The account belongs to the organisation, and lacks the scope `user:w` there.
    Insufficient,
    /// The account belongs to other organisations only.
    OtherOrganisation,
}

impl SignedIn {
    /// How long the token lives, by the vendor's own clock alone; `None` if that is not stated.
    pub(crate) fn life(&self) -> Option<Duration> {
        // The shortest life that the two dates can mean.
        let from = self.created_at.as_ref()?.latest()?;
        let until = self.expires_at.as_ref()?.earliest()?;
        let life = until.duration_since(from).unsigned_abs();
        (until > from).then_some(life)
    }

    /// When the token ends, as the vendor states it.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.expires_at.as_ref()?.earliest()
    }

    /// What the account may do in that organisation.
    pub(crate) fn rights_in(&self, org: &OrgId) -> Rights {
        let id = |entry: &&TokenScope| entry.org.as_ref().and_then(|org| org.id.as_ref()).is_some();
        let stated: Vec<_> = self.token_scope_list.iter().filter(id).collect();
        if stated.is_empty() {
            return Rights::Unstated;
        }
        let here =
            |entry: &&TokenScope| entry.org.as_ref().and_then(|o| o.id.as_ref()) == Some(org);
        let scopes: Vec<_> = stated.into_iter().filter(here).map(|entry| &entry.scope).collect();
        if scopes.is_empty() {
            return Rights::OtherOrganisation;
        }
        Rights::of(scopes.iter().copied().flatten().flatten(), org)
    }
}

impl Rights {
    /// What those scopes allow in that organisation.
    pub(crate) fn of<'a>(scopes: impl Iterator<Item = &'a String>, org: &OrgId) -> Self {
        let mut scopes = scopes.peekable();
        if scopes.peek().is_none() {
            return Self::Unstated;
        }
        // The scopes that the vendor's description lists for the call that creates a credential; every
        // other call here accepts each of them too.
        let enough = [format!("o{org}-user:w"), "o:w".to_owned(), "s-o:w".to_owned()];
        if scopes.any(|scope| enough.contains(scope)) {
            Self::Sufficient
        } else {
            Self::Insufficient
        }
    }
}

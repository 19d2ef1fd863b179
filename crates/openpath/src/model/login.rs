use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::VendorDate;
use crate::OrgId;

/// The most bytes of a token. One that is longer than any server takes as a header is none.
const LONGEST_TOKEN: usize = 8 * 1024;

/// What a sign-in brings (`login`).
///
/// Nothing but the token is needed to be signed in: whatever of the rest has a shape that is not known here
/// counts as not stated.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    #[serde(deserialize_with = "secret")]
    pub(crate) token: SecretString,
    #[serde(default)]
    token_scope_list: Value,
    #[serde(default)]
    created_at: Value,
    #[serde(default)]
    expires_at: Value,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let token = String::deserialize(deserializer)?;
    if token.len() > LONGEST_TOKEN {
        return Err(de::Error::custom("a token that is too long"));
    }
    Ok(token.into())
}

/// The date that is meant, if it can be told: one in the vendor's usual form, or a Unix time in seconds or
/// milliseconds.
fn date(value: &Value) -> Option<VendorDate> {
    match value {
        Value::String(text) => Some(VendorDate::read(text)),
        Value::Number(number) => {
            let moment = moment(number.as_i64()?)?;
            Some(VendorDate::read(&moment.to_string()))
        }
        _ => None,
    }
}

/// The moment of a Unix time, in seconds if that is a moment between 2001 and 2286, in milliseconds if
/// that is, and else none.
fn moment(number: i64) -> Option<Timestamp> {
    const SECONDS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
    if SECONDS.contains(&number) {
        return Timestamp::from_second(number).ok();
    }
    let moment = Timestamp::from_millisecond(number).ok()?;
    SECONDS.contains(&moment.as_second()).then_some(moment)
}

/// What the token may do in one organisation. Entries without ids have been seen.
struct TokenScope {
    org: Stated<OrgId>,
    scopes: Stated<Vec<String>>,
}

/// What a field says.
enum Stated<T> {
    Not,
    As(T),
    /// Something that cannot be read.
    Oddly,
}

impl<T: for<'de> Deserialize<'de>> Stated<T> {
    fn read(value: &Value) -> Self {
        if value.is_null() {
            return Self::Not;
        }
        T::deserialize(value).map_or(Self::Oddly, Self::As)
    }
}

impl TokenScope {
    fn read(value: &Value) -> Self {
        // A value that is no object has no fields.
        let org = match &value["org"] {
            org @ Value::Object(_) => Stated::read(&org["id"]),
            Value::Null if value.is_object() => Stated::Not,
            _ => Stated::Oddly,
        };
        Self { org, scopes: Stated::read(&value["scope"]) }
    }
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
        let from = date(&self.created_at)?.latest()?;
        let until = self.until()?;
        let life = until.duration_since(from).unsigned_abs();
        (until > from).then_some(life)
    }

    /// When the token ends, as the vendor states it.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        date(&self.expires_at)?.earliest()
    }

    /// What the account may do in that organisation.
    pub(crate) fn rights_in(&self, org: &OrgId) -> Rights {
        let list = self.token_scope_list.as_array().into_iter().flatten();
        let entries: Vec<_> = list.map(TokenScope::read).collect();
        let here = |entry: &&TokenScope| matches!(&entry.org, Stated::As(id) if id == org);
        let here: Vec<_> = entries.iter().filter(here).collect();
        if here.is_empty() {
            let is_elsewhere = entries.iter().any(|entry| matches!(entry.org, Stated::As(_)));
            // An entry that cannot be read may be the one of this organisation.
            let is_clear = entries.iter().all(|entry| !matches!(entry.org, Stated::Oddly));
            return if is_elsewhere && is_clear {
                Rights::OtherOrganisation
            } else {
                Rights::Unstated
            };
        }
        let scopes = here.iter().filter_map(|entry| match &entry.scopes {
            Stated::As(scopes) => Some(scopes),
            _ => None,
        });
        let rights = Rights::of(scopes.flatten(), org);
        let is_clear = here.iter().all(|entry| !matches!(entry.scopes, Stated::Oddly));
        // A scope that cannot be read may be the one that is missed.
        if rights == Rights::Insufficient && !is_clear { Rights::Unstated } else { rights }
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

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use crate::{EntryId, SiteId, ZoneId};

/// An entry that a user has access to (`listUserEntries`): the vendor's word for a door.
///
/// That it is on the list means *has access to*, not *may be unlocked by cloud now*.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// The entry's id.
    pub id: EntryId,
    /// The entry's name. Entries of different zones may have the same.
    #[serde(default)]
    pub name: Option<String>,
    /// The wireless lock, if that is what the entry has.
    #[serde(default)]
    pub wireless_lock: Option<WirelessLock>,
    /// The zone that the entry leads into.
    #[serde(default)]
    pub zone: Option<Zone>,
}

/// A wireless lock.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WirelessLock {
    /// Whether it was last seen offline.
    #[serde(default)]
    pub is_offline: Option<bool>,
}

/// A part of a site.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Zone {
    /// The zone's id.
    #[serde(default)]
    pub id: Option<ZoneId>,
    /// The zone's name.
    #[serde(default)]
    pub name: Option<String>,
    /// How many of the zone's entries are offline, where the vendor says so in a number.
    #[serde(default, deserialize_with = "count")]
    pub offline_entry_count: Option<u64>,
    /// The site that the zone is part of.
    #[serde(default)]
    pub site: Option<Site>,
}

/// A number that only helps: whatever else comes in its place is none, and spoils nothing.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Told {
        Count(u64),
        Otherwise(IgnoredAny),
    }
    Ok(match Told::deserialize(deserializer)? {
        Told::Count(count) => Some(count),
        Told::Otherwise(_) => None,
    })
}

/// A site: a property.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Site {
    /// The site's id.
    #[serde(default)]
    pub id: Option<SiteId>,
    /// The site's name.
    #[serde(default)]
    pub name: Option<String>,
}

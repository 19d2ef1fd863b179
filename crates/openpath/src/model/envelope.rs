//! What every reply is wrapped in.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use super::or_default;
use crate::SiteId;

/// One object.
#[derive(Deserialize)]
pub(crate) struct OneReply<T> {
    pub(crate) data: T,
}

/// One page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListReply<T> {
    pub(crate) data: Vec<T>,
    /// How many rows there are in all, once filtered.
    #[serde(default)]
    pub(crate) filtered_count: Option<u64>,
    #[serde(default)]
    cursors: Option<Cursors>,
    #[serde(default, deserialize_with = "or_default")]
    meta: Meta,
}

impl<T> ListReply<T> {
    pub(crate) fn has_next_page(&self) -> Option<bool> {
        self.cursors.as_ref()?.has_next_page
    }

    /// Whether the account sees only some sites, and so perhaps not all rows.
    pub(crate) fn is_site_bound(&self) -> bool {
        self.meta.is_site_bound()
    }

    /// Those sites, if the account sees only some.
    pub(crate) fn site_ids(&self) -> SiteIds {
        self.meta.site_ids()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursors {
    #[serde(default)]
    has_next_page: Option<bool>,
}

/// What stands beside the data.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    #[serde(default)]
    site_specific_access: Option<SiteSpecificAccess>,
}

impl Meta {
    /// Whether the account sees only some sites.
    pub(crate) fn is_site_bound(&self) -> bool {
        self.bound().is_some()
    }

    fn bound(&self) -> Option<&SiteSpecificAccess> {
        let access = self.site_specific_access.as_ref();
        access.filter(|access| access.is_site_specific == Some(true))
    }

    /// Those sites, if the account sees only some.
    pub(crate) fn site_ids(&self) -> SiteIds {
        self.bound().map(|access| access.site_ids.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteSpecificAccess {
    #[serde(default)]
    is_site_specific: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    site_ids: SiteIds,
}

/// The most sites that are kept of those which an account sees.
const MOST_SITES: usize = 1_000;

/// The sites that an account sees, each once. Of more than 1,000 none is kept: then it is not told which, and
/// no site is wrongly missing.
#[derive(Clone, Default)]
pub(crate) struct SiteIds {
    kept: BTreeSet<SiteId>,
    are_too_many: bool,
}

impl SiteIds {
    pub(crate) fn add(&mut self, id: SiteId) {
        if !self.are_too_many {
            self.kept.insert(id);
            self.are_too_many = self.kept.len() > MOST_SITES;
        }
        if self.are_too_many {
            self.kept.clear();
        }
    }

    /// Those of another page, or of another list.
    pub(crate) fn append(&mut self, others: Self) {
        self.are_too_many |= others.are_too_many;
        for id in others.kept {
            self.add(id);
        }
        if self.are_too_many {
            self.kept.clear();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SiteId> {
        self.kept.iter()
    }

    /// In their order.
    pub(crate) fn into_list(self) -> Vec<SiteId> {
        self.kept.into_iter().collect()
    }
}

impl<'de> Deserialize<'de> for SiteIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seq;
        impl<'de> Visitor<'de> for Seq {
            type Value = SiteIds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of site ids")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SiteIds, A::Error> {
                let mut ids = SiteIds::default();
                while let Some(id) = seq.next_element::<Option<SiteId>>()? {
                    if let Some(id) = id {
                        ids.add(id);
                    }
                }
                Ok(ids)
            }
        }
        deserializer.deserialize_seq(Seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: impl Iterator<Item = u64>) -> SiteIds {
        let json: Vec<String> = ids.map(|id| id.to_string()).collect();
        serde_json::from_str(&format!("[null,{}]", json.join(","))).unwrap()
    }

    #[test]
    fn sites_count_once_and_of_too_many_none_is_named() {
        assert_eq!(ids((0..500_000).map(|n| n % 1_000)).into_list().len(), 1_000);
        assert_eq!(ids(0..1_001).into_list(), []);
        let both = |a: SiteIds, b: SiteIds| {
            let mut both = a;
            both.append(b);
            both.into_list().len()
        };
        assert_eq!(both(ids(0..600), ids(400..1_000)), 1_000);
        assert_eq!(both(ids(0..600), ids(600..1_001)), 0);
        assert_eq!(both(ids(0..1_001), ids(0..1)), 0);
        assert_eq!(both(ids(0..1), ids(0..1_001)), 0);
    }
}

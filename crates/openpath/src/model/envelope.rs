//! What every reply is wrapped in.

use serde::Deserialize;

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
    pub(crate) fn site_ids(&self) -> Vec<SiteId> {
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
    pub(crate) fn site_ids(&self) -> Vec<SiteId> {
        self.bound()
            .into_iter()
            .flat_map(|access| access.site_ids.iter().flatten().cloned())
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteSpecificAccess {
    #[serde(default)]
    is_site_specific: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    site_ids: Vec<Option<SiteId>>,
}

//! What every reply is wrapped in.

use serde::Deserialize;

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
    #[serde(default)]
    meta: Option<Meta>,
}

impl<T> ListReply<T> {
    pub(crate) fn has_next_page(&self) -> Option<bool> {
        self.cursors.as_ref()?.has_next_page
    }

    /// Whether the account sees only some sites, and so perhaps not all rows.
    pub(crate) fn is_site_bound(&self) -> bool {
        let access = self.meta.as_ref().and_then(|meta| meta.site_specific_access.as_ref());
        access.and_then(|access| access.is_site_specific) == Some(true)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursors {
    #[serde(default)]
    has_next_page: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(default)]
    site_specific_access: Option<SiteSpecificAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteSpecificAccess {
    #[serde(default)]
    is_site_specific: Option<bool>,
}

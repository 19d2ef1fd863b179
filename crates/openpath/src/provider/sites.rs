//! Which entries are a building's own, where one connection serves several buildings.

use std::collections::{HashMap, HashSet};

use elevate_access::{BuildingId, Cause, Reason};

use super::causes::reason;
use crate::{Entry, SiteId};

/// What is said of entries that are hidden for their site.
pub(super) const ELSEWHERE: &str =
    "what Openpath assigns to the user is at none of this building's sites";

/// The sites of each building. Nothing is set as long as there is no building.
#[derive(Debug, Default)]
pub(super) struct Sites(HashMap<BuildingId, HashSet<SiteId>>);

impl Sites {
    pub(super) fn pin(&mut self, building: BuildingId, sites: impl IntoIterator<Item = SiteId>) {
        self.0.entry(building).or_default().extend(sites);
    }

    /// Whether that building may be asked about at all.
    pub(super) fn know(&self, building: &BuildingId) -> Result<(), Reason> {
        if self.0.is_empty() || self.0.contains_key(building) {
            return Ok(());
        }
        Err(reason(Cause::WrongBuilding))
    }

    /// Those of the entries that are that building's. An entry that names no site is nobody's.
    pub(super) fn own<'a>(&self, building: &BuildingId, entries: &'a [Entry]) -> Vec<&'a Entry> {
        if self.0.is_empty() {
            return entries.iter().collect();
        }
        let Some(sites) = self.0.get(building) else { return Vec::new() };
        let is_own = |entry: &&Entry| site_of(entry).is_some_and(|site| sites.contains(site));
        entries.iter().filter(is_own).collect()
    }
}

fn site_of(entry: &Entry) -> Option<&SiteId> {
    entry.zone.as_ref()?.site.as_ref()?.id.as_ref()
}

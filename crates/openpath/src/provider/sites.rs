//! Which entries are a building's own, where one connection serves several buildings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use elevate_access::{BuildingId, Cause, Reason};

use super::causes::reason;
use crate::{Entry, SiteId};

/// What is said of entries that are hidden for their site.
pub(super) const ELSEWHERE: &str =
    "what Openpath assigns to the user is at none of this building's sites";

/// The sites of each building. Nothing is set as long as there is no building.
#[derive(Debug, Default)]
pub(super) struct Sites {
    pinned: BTreeMap<BuildingId, BTreeSet<SiteId>>,
    /// The first two buildings that were asked about without any being pinned.
    asked: Mutex<BTreeSet<BuildingId>>,
}

impl Sites {
    pub(super) fn pin(&mut self, building: BuildingId, sites: impl IntoIterator<Item = SiteId>) {
        self.pinned.entry(building).or_default().extend(sites);
    }

    /// Whether that building may be asked about at all.
    pub(super) fn know(&self, building: &BuildingId) -> Result<(), Reason> {
        if self.pinned.is_empty() {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.len() < 2 {
                asked.insert(building.clone());
            }
            return Ok(());
        }
        if self.pinned.contains_key(building) {
            return Ok(());
        }
        Err(reason(Cause::WrongBuilding))
    }

    /// Whether several buildings share what is pinned to none of them: a resident of one may get another's
    /// doors.
    pub(super) fn are_shared_unpinned(&self) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).len() > 1
    }

    /// The sites of that building, if any building is pinned.
    pub(super) fn of(&self, building: &BuildingId) -> Option<&BTreeSet<SiteId>> {
        self.pinned.get(building)
    }

    /// Every site that is pinned to some building; `None` if none is.
    pub(super) fn all(&self) -> Option<BTreeSet<String>> {
        let all = self.pinned.values().flatten().map(ToString::to_string).collect();
        (!self.pinned.is_empty()).then_some(all)
    }

    /// Those of the entries that are that building's. An entry that names no site is nobody's.
    pub(super) fn own<'a>(&self, building: &BuildingId, entries: &'a [Entry]) -> Vec<&'a Entry> {
        if self.pinned.is_empty() {
            return entries.iter().collect();
        }
        let Some(sites) = self.pinned.get(building) else { return Vec::new() };
        let is_own = |entry: &&Entry| site_of(entry).is_some_and(|site| sites.contains(site));
        entries.iter().filter(is_own).collect()
    }
}

fn site_of(entry: &Entry) -> Option<&SiteId> {
    entry.zone.as_ref()?.site.as_ref()?.id.as_ref()
}

//! Spaces: groups of devices. Whoever set the property up made one for each unit.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{AcsEntranceId, Device, SpaceId, WorkspaceId, lenient};

/// A space (`spaces/list`).
///
/// Only its id is required. Two spaces may have one name: Seam promises only `space_key` to be unique.
/// Names are the vendor's text and may hold anything: escape them before showing. `Debug` leaves them out.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Space {
    /// Its id.
    pub space_id: SpaceId,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub name: Option<String>,
    /// The name to show.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub display_name: Option<String>,
    /// A key that its maker chose, unique in the workspace.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub space_key: Option<String>,
    /// The space that it lies in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub parent_space_id: Option<SpaceId>,
    /// The key of the space that it lies in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub parent_space_key: Option<String>,
    /// The customer that it belongs to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub customer_key: Option<String>,
    /// How many devices it holds; a number by the specification, not an integer.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub device_count: Option<f64>,
    /// How many entrances of access systems it holds.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub acs_entrance_count: Option<f64>,
    /// The workspace that it is in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space")
            .field("space_id", &self.space_id)
            .field("device_count", &self.device_count)
            .finish_non_exhaustive()
    }
}

/// Spaces with what belongs to them (`spaces/get_related`).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Related {
    /// The spaces that were asked for.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub spaces: Vec<Space>,
    /// The devices that they hold.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub devices: Vec<Device>,
    /// The entrances of access systems that they hold, at most 10,000 of them. 2N's doors are not among them:
    /// those are devices.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 10_000>")]
    pub acs_entrances: Vec<AcsEntranceRef>,
}

/// An entrance of an access system, as far as this client knows of such. `Debug` leaves the name out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AcsEntranceRef {
    /// Its id.
    pub acs_entrance_id: AcsEntranceId,
    /// Its name. A vendor's text, and may hold anything: escape it before showing.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub display_name: Option<String>,
}

impl fmt::Debug for AcsEntranceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcsEntranceRef")
            .field("acs_entrance_id", &self.acs_entrance_id)
            .finish_non_exhaustive()
    }
}

//! The vendor's units, by what they are matched by.

use std::{collections::BTreeMap, fmt, sync::Arc};

use elevate_unit_match::{NameIndex, Named};

use super::door::Door;
use crate::{DeviceId, SpaceId};

/// Every unit of the vendor's side.
#[derive(Debug)]
pub(super) enum TheirUnits {
    /// By name.
    Named(NameIndex<TheirUnit>),
    /// By the id of our unit, as the vendor's side names it.
    Keyed(BTreeMap<String, Vec<TheirUnit>>),
}

impl TheirUnits {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Named(units) => units.is_empty(),
            Self::Keyed(units) => units.is_empty(),
        }
    }

    /// Every unit with its name or key, those that can match nothing included.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &TheirUnit)> {
        let (named, keyed) = match self {
            Self::Named(units) => (Some(units), None),
            Self::Keyed(units) => (None, Some(units)),
        };
        let named = named.into_iter().flatten().map(|unit| (unit.name(), unit.item()));
        let keyed = keyed.into_iter().flatten();
        named.chain(keyed.flat_map(|(key, units)| units.iter().map(|unit| (key.as_str(), unit))))
    }

    /// The names or keys that two or more units have, with those units.
    pub(super) fn doubled(&self) -> Vec<(&str, Vec<&TheirUnit>)> {
        match self {
            Self::Named(units) => units
                .doubled()
                .map(|units| {
                    let name = units.first().map_or("", |unit| unit.name());
                    (name, units.iter().map(Named::item).collect())
                })
                .collect(),
            Self::Keyed(units) => units
                .iter()
                .filter(|(_, units)| units.len() > 1)
                .map(|(key, units)| (key.as_str(), units.iter().collect()))
                .collect(),
        }
    }

    /// The units whose name is blank. A unit without a key is not there at all.
    pub(super) fn blank(&self) -> impl Iterator<Item = &TheirUnit> {
        let named = match self {
            Self::Named(units) => units.blank(),
            Self::Keyed(_) => &[],
        };
        named.iter().map(Named::item)
    }
}

/// One unit of the vendor's side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TheirUnit {
    /// The space that it is, if it is one.
    pub(super) space: Option<SpaceId>,
    /// The very ones of the map.
    pub(super) doors: Vec<Arc<Door>>,
    /// What the table of units names for it, and is none of its doors; each once.
    pub(super) strangers: Vec<Stranger>,
}

/// A device that the table of units names, and that is no door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stranger {
    pub(super) device: DeviceId,
    /// Whether it is this connection's at all.
    pub(super) is_held: bool,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = if self.is_held {
            "is no door of this connection"
        } else {
            "Seam does not list for this connection"
        };
        write!(f, "the table of units names the device {}, which {why}", self.device)
    }
}

//! The map of 2N's units to their doors: one immutable picture of a whole reading.

use std::{
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
    fmt,
};

use elevate_access::{System, VendorDoorId};
use elevate_unit_match::NameIndex;

use super::{
    door::Door,
    settings::{TwoNSettings, Units},
};
use crate::{ConnectedAccountId, Device, DeviceId, Space, SpaceId};

/// All units and doors of the connection, as they were when the reading began.
#[derive(Debug)]
pub(super) struct UnitMap {
    /// Every unit by name, in the order of the vendor's list.
    pub(super) units: NameIndex<TheirUnit>,
    pub(super) doors: BTreeMap<VendorDoorId, Door>,
    /// How many devices Seam listed, of whatever type and account.
    pub(super) devices_listed: usize,
    /// Accounts that the connection is pinned to and that no listed device belongs to.
    pub(super) empty_accounts: Vec<ConnectedAccountId>,
}

/// One unit of the vendor's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TheirUnit {
    /// The space that it is, if it is one.
    pub(super) space: Option<SpaceId>,
    pub(super) doors: Vec<VendorDoorId>,
    /// What the table of units names for it, and is none of its doors; each once.
    pub(super) strangers: Vec<Stranger>,
}

/// A device that the table of units names, and that is no door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stranger {
    device: DeviceId,
    /// Whether Seam lists it, as of another type or account.
    is_listed: bool,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why =
            if self.is_listed { "is no door of this connection" } else { "Seam does not know" };
        write!(f, "the table of units names the device {}, which {why}", self.device)
    }
}

/// Two pages of one reading that contradict each other: the list changed while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drift {
    Device,
    Space,
    /// A device's id is no id of a door.
    Id,
}

impl Drift {
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Device => "a device came twice and changed in between",
            Self::Space => "a space came twice and changed in between",
            Self::Id => "a device has an id that cannot be used",
        }
    }
}

impl UnitMap {
    /// Draws the map from a whole reading; `spaces` are there if units come from them.
    pub(super) fn draw(
        settings: &TwoNSettings,
        system: &System,
        scrub: &impl Fn(&str) -> String,
        devices: Vec<Device>,
        spaces: Option<Vec<Space>>,
    ) -> Result<Self, Drift> {
        let devices = once_each_device(devices)?;
        let is_door = |device: &Device| {
            settings.holds(device.connected_account_id.as_ref())
                && settings.device_types.contains(&device.device_type)
        };
        let mut doors = BTreeMap::new();
        for device in devices.values().filter(|device| is_door(device)) {
            let door = Door::of(device, system, scrub).map_err(|_| Drift::Id)?;
            doors.insert(door.id.clone(), door);
        }
        let units = match &settings.units {
            Units::Spaces => {
                let spaces = once_each_space(spaces.unwrap_or_default())?;
                by_space(settings, &devices, &doors, spaces)
            }
            Units::Table(table) => by_table(table, &devices, &doors),
        };
        let pinned = settings.accounts.iter().flatten();
        let of_account = |account: &ConnectedAccountId| {
            devices.values().any(|device| device.connected_account_id.as_ref() == Some(account))
        };
        let empty_accounts = pinned.filter(|account| !of_account(account)).cloned().collect();
        Ok(Self { units, doors, devices_listed: devices.len(), empty_accounts })
    }
}

/// Each device once. A list that moves on while it is read shows a device on two pages; if it differs
/// there in what admits, neither can be believed.
fn once_each_device(devices: Vec<Device>) -> Result<BTreeMap<DeviceId, Device>, Drift> {
    let mut once = BTreeMap::new();
    for device in devices {
        match once.entry(device.device_id.clone()) {
            Entry::Vacant(place) => {
                place.insert(device);
            }
            Entry::Occupied(place) if admits_alike(place.get(), &device) => {}
            Entry::Occupied(_) => return Err(Drift::Device),
        }
    }
    Ok(once)
}

fn admits_alike(one: &Device, other: &Device) -> bool {
    let spaces = |device: &Device| device.space_ids.iter().cloned().collect::<HashSet<_>>();
    one.device_type == other.device_type
        && one.connected_account_id == other.connected_account_id
        && one.can_remotely_unlock == other.can_remotely_unlock
        && one.is_managed == other.is_managed
        && one.errors == other.errors
        && one.warnings == other.warnings
        && spaces(one) == spaces(other)
}

/// Each space once, in the order of the list.
fn once_each_space(spaces: Vec<Space>) -> Result<Vec<Space>, Drift> {
    let mut names: HashMap<SpaceId, Option<String>> = HashMap::with_capacity(spaces.len());
    let mut once = Vec::with_capacity(spaces.len());
    for space in spaces {
        match names.get(&space.space_id) {
            None => {
                names.insert(space.space_id.clone(), space.name.clone());
                once.push(space);
            }
            Some(name) if *name == space.name => {}
            Some(_) => return Err(Drift::Space),
        }
    }
    Ok(once)
}

fn by_space(
    settings: &TwoNSettings,
    devices: &BTreeMap<DeviceId, Device>,
    doors: &BTreeMap<VendorDoorId, Door>,
    spaces: Vec<Space>,
) -> NameIndex<TheirUnit> {
    let mut held: HashMap<&SpaceId, Vec<VendorDoorId>> = HashMap::new();
    for door in doors.values() {
        let spaces: HashSet<_> =
            devices.get(&door.device).into_iter().flat_map(|d| &d.space_ids).collect();
        for space in spaces {
            held.entry(space).or_default().push(door.id.clone());
        }
    }
    // A space of another property holds that property's devices, and none of ours.
    let (mut ours, mut others): (HashSet<&SpaceId>, HashSet<&SpaceId>) = Default::default();
    for device in devices.values() {
        let side = if settings.holds(device.connected_account_id.as_ref()) {
            &mut ours
        } else {
            &mut others
        };
        side.extend(&device.space_ids);
    }
    let is_ours = |id: &SpaceId| ours.contains(id) || !others.contains(id);
    spaces
        .into_iter()
        .filter(|space| is_ours(&space.space_id))
        .map(|space| {
            let doors = held.get(&space.space_id).cloned().unwrap_or_default();
            // A space without a name counts as one with a blank name: a finding.
            let unit = TheirUnit { space: Some(space.space_id), doors, strangers: Vec::new() };
            (space.name.unwrap_or_default(), unit)
        })
        .collect()
}

fn by_table(
    table: &[(String, Vec<DeviceId>)],
    devices: &BTreeMap<DeviceId, Device>,
    doors: &BTreeMap<VendorDoorId, Door>,
) -> NameIndex<TheirUnit> {
    let unit = |named: &[DeviceId]| {
        let mut unit = TheirUnit { space: None, doors: Vec::new(), strangers: Vec::new() };
        for device in named {
            match VendorDoorId::new(device.as_str()) {
                Ok(id) if doors.contains_key(&id) => unit.doors.push(id),
                _ if unit.strangers.iter().any(|known| known.device == *device) => {}
                _ => {
                    let is_listed = devices.contains_key(device);
                    unit.strangers.push(Stranger { device: device.clone(), is_listed });
                }
            }
        }
        unit
    };
    table.iter().map(|(name, devices)| (name.as_str(), unit(devices))).collect()
}

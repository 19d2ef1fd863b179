//! The map of 2N's units to their doors: one immutable picture of a whole reading.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use elevate_access::{Cause, Reason, VendorDoorId};
use elevate_unit_match::{NameIndex, NameKey, Unusable};
use jiff::Timestamp;

use super::{
    door::Door,
    finding::Finding,
    pins::Held,
    reading::{Reading, Refusal},
    settings::{TwoNSettings, Units},
    units::{Stranger, TheirUnit, TheirUnits},
};
use crate::{ConnectedAccountId, Device, DeviceId, MetadataValue, Space, SpaceId};

/// All units and doors of the connection, as they were when the reading began.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "some of it is for the go-live report alone"))]
pub(super) struct UnitMap {
    /// When the reading began, by the wall clock.
    pub(super) begun: Timestamp,
    /// Every unit, by what it is matched by.
    pub(super) units: TheirUnits,
    pub(super) doors: BTreeMap<VendorDoorId, Arc<Door>>,
    /// Doors that are in no unit, and so are nobody's.
    pub(super) loose: Vec<VendorDoorId>,
    /// How many devices are this connection's, of whatever type.
    pub(super) devices_held: usize,
    /// The connected accounts that those devices came with.
    pub(super) accounts: BTreeSet<ConnectedAccountId>,
    /// Those that doors came with.
    pub(super) door_accounts: BTreeSet<ConnectedAccountId>,
    /// How many calls the reading took.
    pub(super) calls: u64,
    /// What the reading shows to be set up wrongly.
    pub(super) findings: Vec<Finding>,
}

impl UnitMap {
    /// Draws the map from a whole reading, or refuses it as a whole.
    pub(super) fn draw(
        settings: &TwoNSettings,
        reason: &impl Fn(Cause) -> Reason,
        scrub: &impl Fn(&str) -> String,
        reading: Reading,
    ) -> Result<Self, Refusal> {
        let (begun, calls) = (reading.begun, reading.calls);
        let Held { devices, spaces, mut findings } = settings.pins.hold(reading)?;
        let mut candidates = BTreeMap::new();
        for device in devices.values() {
            if settings.device_types.contains(&device.device_type) {
                let door = Door::of(device, begun, reason, scrub).map_err(|_| {
                    let what = "a device has an id that cannot be used".to_owned();
                    (Cause::VendorReplyUnusable, what)
                })?;
                candidates.insert(door.id.clone(), Arc::new(door));
            }
        }
        let doors = match &settings.only_doors {
            None => candidates,
            Some(names) => only_named(names, candidates, &mut findings),
        };
        let spaces = with_doors(spaces, &devices, &doors);
        let units = match &settings.units {
            Units::Spaces => by_name(spaces, |space| space.name),
            Units::SpaceDisplayNames => by_name(spaces, |space| space.display_name),
            Units::SpaceKeys => {
                let mut keyed: BTreeMap<String, Vec<TheirUnit>> = BTreeMap::new();
                for (space, unit) in spaces {
                    if let Some(key) = space.space_key {
                        keyed.entry(key).or_default().push(unit);
                    }
                }
                TheirUnits::Keyed(keyed)
            }
            Units::Metadata { key, separator } => {
                let named = by_metadata(key, separator, &devices, &doors, &mut findings);
                TheirUnits::Named(named)
            }
            Units::Table(table) => TheirUnits::Named(by_table(table, &devices, &doors)),
        };
        let in_units: HashSet<&VendorDoorId> =
            units.iter().flat_map(|(_, unit)| &unit.doors).map(|door| &door.id).collect();
        let loose = doors.keys().filter(|id| !in_units.contains(id)).cloned().collect();
        let accounts = devices.values().filter_map(|device| device.connected_account_id.clone());
        let of_doors = doors.values().filter_map(|door| devices.get(&door.device));
        let of_doors = of_doors.filter_map(|device| device.connected_account_id.clone());
        Ok(Self {
            door_accounts: of_doors.collect(),
            begun,
            calls,
            loose,
            doors,
            devices_held: devices.len(),
            accounts: accounts.collect(),
            findings,
            units,
        })
    }
}

/// The doors that the list names. A name is taken for a device's id first.
fn only_named(
    names: &[String],
    mut doors: BTreeMap<VendorDoorId, Arc<Door>>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<VendorDoorId, Arc<Door>> {
    let mut by_name: HashMap<NameKey, Vec<VendorDoorId>> = HashMap::new();
    for door in doors.values() {
        if let Some(key) = door.raw_name.as_deref().and_then(|name| NameKey::of(name).ok()) {
            by_name.entry(key).or_default().push(door.id.clone());
        }
    }
    let mut kept = HashSet::new();
    for name in names {
        let by_id = VendorDoorId::new(name).ok().filter(|id| doors.contains_key(id));
        let key = NameKey::of(name).ok();
        let same = key.and_then(|key| by_name.get(&key)).map_or(&[][..], Vec::as_slice);
        match (by_id, same) {
            (Some(id), _) => _ = kept.insert(id),
            (None, [id]) => _ = kept.insert(id.clone()),
            (None, []) => findings.push(Finding::NoSuchDoor(name.clone())),
            (None, doors) => findings.push(Finding::DoorDoubled(name.clone(), doors.len())),
        }
    }
    doors.retain(|id, _| kept.contains(id));
    doors
}

/// Each space with the unit that it is.
fn with_doors(
    spaces: Vec<Space>,
    devices: &BTreeMap<DeviceId, Device>,
    doors: &BTreeMap<VendorDoorId, Arc<Door>>,
) -> Vec<(Space, TheirUnit)> {
    let mut held: HashMap<&SpaceId, Vec<Arc<Door>>> = HashMap::new();
    for door in doors.values() {
        let of = devices.get(&door.device);
        let spaces: HashSet<_> = of.into_iter().flat_map(|device| &device.space_ids).collect();
        for space in spaces {
            held.entry(space).or_default().push(Arc::clone(door));
        }
    }
    let unit_of = |space: Space| {
        let doors = held.remove(&space.space_id).unwrap_or_default();
        let unit = TheirUnit { space: Some(space.space_id.clone()), doors, ..TheirUnit::default() };
        (space, unit)
    };
    spaces.into_iter().map(unit_of).collect()
}

/// Units by a name of their spaces. A space without it counts as one with a blank name: a finding.
fn by_name(spaces: Vec<(Space, TheirUnit)>, name: impl Fn(Space) -> Option<String>) -> TheirUnits {
    let named = spaces.into_iter().map(|(space, unit)| (name(space).unwrap_or_default(), unit));
    TheirUnits::Named(named.collect())
}

/// Units by the names that devices carry. A device that is no door names a unit all the same: one without
/// that door.
fn by_metadata(
    key: &str,
    separator: &str,
    devices: &BTreeMap<DeviceId, Device>,
    doors: &BTreeMap<VendorDoorId, Arc<Door>>,
    findings: &mut Vec<Finding>,
) -> NameIndex<TheirUnit> {
    // By the rule by which names match, so that two spellings on two devices are one unit; names that can
    // match nothing by their text.
    let mut units: BTreeMap<Result<NameKey, &str>, (&str, TheirUnit)> = BTreeMap::new();
    for device in devices.values() {
        let Some(metadata) = &device.custom_metadata else {
            findings.push(Finding::UnreadableMetadata(device.device_id.clone()));
            continue;
        };
        let names = match metadata.get(key) {
            None => continue,
            Some(MetadataValue::Text(text)) => names_in(text, separator),
            Some(_) => {
                findings.push(Finding::NotText(device.device_id.clone()));
                continue;
            }
        };
        let door = VendorDoorId::new(device.device_id.as_str()).ok();
        let door = door.and_then(|id| doors.get(&id));
        let mut has_blank = false;
        for name in names {
            let key = match NameKey::of(name) {
                Ok(key) => Ok(key),
                Err(Unusable::Blank) => {
                    has_blank = true;
                    continue;
                }
                Err(Unusable::TooLong) => Err(name),
            };
            let (_, unit) = units.entry(key).or_insert_with(|| (name, TheirUnit::default()));
            // A device can name a unit twice; its names come one after another.
            if let Some(door) = door.filter(|door| unit.doors.last() != Some(door)) {
                unit.doors.push(Arc::clone(door));
            }
        }
        if has_blank {
            findings.push(Finding::BlankName(device.device_id.clone()));
        }
    }
    units.into_values().collect()
}

fn names_in<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    if separator.is_empty() { vec![text] } else { text.split(separator).map(str::trim).collect() }
}

fn by_table(
    table: &[(String, Vec<DeviceId>)],
    devices: &BTreeMap<DeviceId, Device>,
    doors: &BTreeMap<VendorDoorId, Arc<Door>>,
) -> NameIndex<TheirUnit> {
    let unit = |named: &[DeviceId]| {
        let mut unit = TheirUnit::default();
        for device in named {
            let id = VendorDoorId::new(device.as_str()).ok();
            match id.and_then(|id| doors.get(&id)) {
                Some(door) => unit.doors.push(Arc::clone(door)),
                _ if unit.strangers.iter().any(|known| known.device == *device) => {}
                _ => {
                    let is_held = devices.contains_key(device);
                    unit.strangers.push(Stranger { device: device.clone(), is_held });
                }
            }
        }
        unit
    };
    table.iter().map(|(name, devices)| (name.as_str(), unit(devices))).collect()
}

#[cfg(test)]
mod tests {
    use elevate_access::BuildingId;
    use serde_json::{Value, json};

    use super::*;
    use crate::{DeviceWarningCode, two_n::reading::Lists};

    fn drawn(settings: &TwoNSettings, devices: Value) -> UnitMap {
        let spaces = json!([{ "space_id": "sp-1", "name": "101" }]);
        let lists = Lists::of(
            serde_json::from_value(devices).unwrap(),
            serde_json::from_value(spaces).unwrap(),
        );
        let reading = lists.once_each(Timestamp::constant(1_772_452_800, 0)).unwrap();
        UnitMap::draw(settings, &Reason::new, &|text: &str| text.to_owned(), reading).unwrap()
    }

    #[test]
    fn the_map_keeps_what_a_report_of_the_connection_needs() {
        let settings = TwoNSettings::new(BuildingId::new("maple").unwrap());
        let pin = ConnectedAccountId::new("a-1").unwrap();
        let warnings = json!([
            { "warning_code": "privacy_mode", "created_at": "2026-01-05T09:00:00Z" },
            { "warning_code": "two_n_device_missing_timezone", "created_at": "2026-01-05T09:00:00Z" },
            { "warning_code": "something_new" },
        ]);
        let door = |id: &str, account: &str, spaces: Value| {
            json!({
                "device_id": id, "device_type": "two_n_intercom", "connected_account_id": account,
                "can_remotely_unlock": true, "space_ids": spaces, "warnings": warnings,
                "errors": [{ "error_code": "device_offline" }], "properties": { "online": false },
            })
        };
        let devices = json!([
            door("d-1", "a-1", json!(["sp-1"])),
            door("d-2", "a-1", json!(["sp-9"])),
            door("d-3", "a-2", json!([])),
            { "device_id": "d-4", "device_type": "ring_camera", "connected_account_id": "a-1" },
        ]);
        let map = drawn(&settings.connected_accounts([pin.clone()]), devices);
        let id = |id: &str| VendorDoorId::new(id).unwrap();
        assert_eq!(map.loose, [id("d-2")]);
        assert_eq!((map.devices_held, map.doors.len()), (3, 2));
        assert_eq!(map.accounts, BTreeSet::from([pin]));
        assert_eq!(map.begun, Timestamp::constant(1_772_452_800, 0));
        let door = &map.doors[&id("d-1")];
        assert_eq!(door.online, Some(false));
        assert_eq!(door.errors.len(), 1);
        let since = "2026-01-05T09:00:00Z".parse().ok();
        assert_eq!(
            door.warnings,
            [
                (DeviceWarningCode::TwoNDeviceMissingTimezone, since),
                (DeviceWarningCode::from("something_new"), None),
            ]
        );
    }
}

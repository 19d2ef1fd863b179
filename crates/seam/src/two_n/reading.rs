//! Reading what the map is drawn from: whole, or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map::Entry};

use elevate_access::Cause;
use futures_util::future::try_join;
use jiff::Timestamp;
use tokio::time::Instant;

use super::Inner;
use crate::{
    AccountsQuery, ConnectedAccountId, Device, DeviceId, DevicesQuery, Error, Space, SpaceId,
    SpacesQuery,
};

/// Why a whole reading cannot be used.
pub(super) type Refusal = (Cause, String);

/// All that was read, each thing once.
pub(super) struct Reading {
    /// When it began.
    pub(super) begun: Timestamp,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    /// Empty if nothing rests on spaces.
    pub(super) spaces: Vec<Space>,
    /// The accounts of the customer that the connection is pinned to.
    pub(super) customer_accounts: Option<BTreeSet<ConnectedAccountId>>,
    /// How many calls it took.
    pub(super) calls: u64,
}

/// The lists as they came, page after page.
pub(super) struct Lists {
    devices: Vec<Device>,
    spaces: Vec<Space>,
    customer_accounts: Option<BTreeSet<ConnectedAccountId>>,
    calls: u64,
}

impl Inner {
    /// Reads the lists that the settings ask for.
    pub(super) async fn read_lists(&self, by: Instant) -> Result<Lists, Error> {
        let pins = &self.settings.pins;
        // Spaces are never listed by account, which hides those without devices.
        let mut of_spaces = SpacesQuery::new();
        if let Some(key) = &pins.customer {
            of_spaces = of_spaces.customer_key(key);
        }
        let spaces = async {
            if self.settings.units.are_spaces() || pins.parent.is_some() {
                self.client.spaces(&of_spaces).all_and_calls(by).await
            } else {
                Ok((Vec::new(), 0))
            }
        };
        let devices = async {
            let Some(key) = &pins.customer else {
                // Not filtered: a device of another property tells which spaces are that property's.
                let all = self.client.devices(&DevicesQuery::new()).all_and_calls(by).await?;
                return Ok((all, None));
            };
            let of_accounts = AccountsQuery::new().customer_key(key);
            let accounts = self.client.connected_accounts(&of_accounts);
            let (accounts, calls) = accounts.all_and_calls(by).await?;
            let theirs = accounts
                .into_iter()
                .filter(|account| pins.is_customer(account.customer_key.as_deref()))
                .map(|account| account.connected_account_id);
            let theirs: BTreeSet<_> = theirs.collect();
            let devices = if theirs.is_empty() {
                // Nobody has said what Seam takes an empty list of accounts for.
                (Vec::new(), 0)
            } else {
                let of_devices = DevicesQuery::new().connected_accounts(theirs.iter().cloned());
                self.client.devices(&of_devices).all_and_calls(by).await?
            };
            Ok(((devices.0, calls + devices.1), Some(theirs)))
        };
        let ((devices, customer_accounts), spaces) = try_join(devices, spaces).await?;
        let calls = devices.1 + spaces.1;
        Ok(Lists { devices: devices.0, spaces: spaces.0, customer_accounts, calls })
    }
}

impl Lists {
    #[cfg(test)]
    pub(super) fn of(devices: Vec<Device>, spaces: Vec<Space>) -> Self {
        Self { devices, spaces, customer_accounts: None, calls: 2 }
    }

    /// Each thing once.
    pub(super) fn once_each(self, begun: Timestamp) -> Result<Reading, Refusal> {
        let drift = |what: &str| (Cause::VendorReplyUnusable, what.to_owned());
        Ok(Reading {
            begun,
            devices: once_each_device(self.devices)
                .ok_or_else(|| drift("a device came twice and changed in between"))?,
            spaces: once_each_space(self.spaces)
                .ok_or_else(|| drift("a space came twice and changed in between"))?,
            customer_accounts: self.customer_accounts,
            calls: self.calls,
        })
    }
}

/// Each device once. A list that moves on while it is read shows a device on two pages; if it differs
/// there in what admits, neither can be believed.
fn once_each_device(devices: Vec<Device>) -> Option<BTreeMap<DeviceId, Device>> {
    let mut once = BTreeMap::new();
    for device in devices {
        match once.entry(device.device_id.clone()) {
            Entry::Vacant(place) => {
                place.insert(device);
            }
            Entry::Occupied(place) if admit_alike(place.get(), &device) => {}
            Entry::Occupied(_) => return None,
        }
    }
    Some(once)
}

fn admit_alike(one: &Device, other: &Device) -> bool {
    let spaces = |device: &Device| device.space_ids.iter().cloned().collect::<HashSet<_>>();
    one.device_type == other.device_type
        && one.connected_account_id == other.connected_account_id
        && one.workspace_id == other.workspace_id
        && one.can_remotely_unlock == other.can_remotely_unlock
        && one.is_managed == other.is_managed
        && one.display_name == other.display_name
        && one.nickname == other.nickname
        && one.properties.appearance == other.properties.appearance
        && one.custom_metadata == other.custom_metadata
        && one.errors == other.errors
        && one.warnings == other.warnings
        && spaces(one) == spaces(other)
}

/// Each space once, in the order of the list.
fn once_each_space(spaces: Vec<Space>) -> Option<Vec<Space>> {
    let mut places: HashMap<SpaceId, usize> = HashMap::with_capacity(spaces.len());
    let mut once: Vec<Space> = Vec::with_capacity(spaces.len());
    for space in spaces {
        match places.get(&space.space_id).and_then(|place| once.get(*place)) {
            None => {
                places.insert(space.space_id.clone(), once.len());
                once.push(space);
            }
            Some(known) if known_alike(known, &space) => {}
            Some(_) => return None,
        }
    }
    Some(once)
}

fn known_alike(one: &Space, other: &Space) -> bool {
    one.name == other.name
        && one.display_name == other.display_name
        && one.space_key == other.space_key
        && one.parent_space_id == other.parent_space_id
        && one.customer_key == other.customer_key
        && one.workspace_id == other.workspace_id
}

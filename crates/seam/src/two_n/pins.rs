//! What of a workspace is this connection's: pins, and what they make of one reading.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use elevate_access::{Cause, Territory};

use super::{
    finding::Finding,
    reading::{Reading, Refusal},
};
use crate::{ConnectedAccountId, Device, DeviceId, Space, SpaceId, WorkspaceId};

/// What a connection is pinned to; all that is set has to hold.
#[derive(Clone, Default)]
pub(super) struct Pins {
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) accounts: Option<Vec<ConnectedAccountId>>,
    pub(super) customer: Option<String>,
    pub(super) parent: Option<SpaceId>,
}

/// The part of a reading that is this connection's.
pub(super) struct Held {
    pub(super) devices: BTreeMap<DeviceId, Device>,
    pub(super) spaces: Vec<Space>,
    /// Pins that hold nothing.
    pub(super) findings: Vec<Finding>,
}

impl Pins {
    /// What the connection draws on, as far as its settings tell: nothing is said of a workspace that is not
    /// named. Parts of different kinds cannot be compared, and are taken for different.
    pub(super) fn territory(&self) -> Option<Territory> {
        let workspace = self.workspace.as_ref()?;
        let parts = match (&self.accounts, &self.customer, &self.parent) {
            (Some(accounts), _, _) => Some(accounts.iter().map(ToString::to_string).collect()),
            (None, Some(customer), _) => Some(BTreeSet::from([format!("customer {customer}")])),
            (None, None, Some(parent)) => Some(BTreeSet::from([format!("space {parent}")])),
            (None, None, None) => None,
        };
        Some(Territory { account: format!("seam/{workspace}"), parts })
    }

    /// Whether that key of a customer is the pinned one; a blank one is nobody's.
    pub(super) fn is_customer(&self, key: Option<&str>) -> bool {
        self.customer.as_deref().is_none_or(|pinned| !pinned.is_empty() && key == Some(pinned))
    }

    /// Takes what is this connection's out of a reading, or refuses it all.
    pub(super) fn hold(&self, reading: Reading) -> Result<Held, Refusal> {
        let Reading { mut devices, mut spaces, customer_accounts, .. } = reading;
        self.one_workspace(&devices, &spaces)?;
        let mut findings = Vec::new();

        // What a filter of the vendor's may have let through goes first, so that nothing rests on filters.
        if let Some(accounts) = &customer_accounts {
            let is_theirs = |account: &ConnectedAccountId| accounts.contains(account);
            devices.retain(|_, device| device.connected_account_id.as_ref().is_some_and(is_theirs));
            if accounts.is_empty() {
                findings.push(Finding::EmptyCustomer);
            }
        }
        spaces.retain(|space| self.is_customer(space.customer_key.as_deref()));

        findings.extend(self.empty_accounts(&devices));
        let below = self.parent.as_ref().map(|parent| below(parent, &spaces));
        let foreign = self.foreign_spaces(&devices);
        spaces.retain(|space| {
            below.as_ref().is_none_or(|below| below.contains(&space.space_id))
                && !foreign.contains(&space.space_id)
        });
        devices.retain(|_, device| {
            self.is_account(device.connected_account_id.as_ref())
                && below.as_ref().is_none_or(|below| {
                    let is_inside =
                        |id: &SpaceId| Some(id) == self.parent.as_ref() || below.contains(id);
                    device.space_ids.iter().any(is_inside)
                })
        });

        if let (Some(parent), Some(below)) = (&self.parent, &below)
            && below.is_empty()
        {
            findings.push(Finding::EmptyParent(parent.clone()));
        }
        Ok(Held { devices, spaces, findings })
    }

    /// An API key rules one workspace, so a second one is a second property's.
    fn one_workspace(
        &self,
        devices: &BTreeMap<DeviceId, Device>,
        spaces: &[Space],
    ) -> Result<(), Refusal> {
        let devices = devices.values().filter_map(|device| device.workspace_id.as_ref());
        let spaces = spaces.iter().filter_map(|space| space.workspace_id.as_ref());
        let named: BTreeSet<&WorkspaceId> = devices.chain(spaces).collect();
        let mut others = named.iter().filter(|id| self.workspace.as_ref() != Some(**id));
        let what = match (&self.workspace, others.next(), others.next()) {
            (Some(pinned), Some(other), _) => format!(
                "the connection is pinned to the workspace {pinned}, and Seam lists what is of {other}"
            ),
            (None, Some(one), Some(other)) => {
                format!("Seam lists what is of two workspaces, {one} and {other}")
            }
            _ => return Ok(()),
        };
        Err((Cause::SetupWrong, what))
    }

    pub(super) fn is_account(&self, account: Option<&ConnectedAccountId>) -> bool {
        match &self.accounts {
            None => true,
            Some(pinned) => account.is_some_and(|account| pinned.contains(account)),
        }
    }

    /// Spaces of another property: those that hold its devices, and none of ours.
    fn foreign_spaces(&self, devices: &BTreeMap<DeviceId, Device>) -> HashSet<SpaceId> {
        if self.accounts.is_none() {
            return HashSet::new();
        }
        let (mut ours, mut others): (HashSet<&SpaceId>, HashSet<&SpaceId>) = Default::default();
        for device in devices.values() {
            let is_ours = self.is_account(device.connected_account_id.as_ref());
            if is_ours { &mut ours } else { &mut others }.extend(&device.space_ids);
        }
        others.difference(&ours).map(|id| (*id).clone()).collect()
    }

    fn empty_accounts(&self, devices: &BTreeMap<DeviceId, Device>) -> Vec<Finding> {
        let accounts = devices.values().filter_map(|device| device.connected_account_id.as_ref());
        let seen: HashSet<&ConnectedAccountId> = accounts.collect();
        let pinned = self.accounts.iter().flatten().filter(|account| !seen.contains(account));
        pinned.cloned().map(Finding::EmptyAccount).collect()
    }
}

/// The spaces below that one, at any depth, without itself: also if spaces lie in each other.
fn below(parent: &SpaceId, spaces: &[Space]) -> HashSet<SpaceId> {
    let mut children: HashMap<&SpaceId, Vec<&SpaceId>> = HashMap::new();
    for space in spaces {
        if let Some(of) = &space.parent_space_id {
            children.entry(of).or_default().push(&space.space_id);
        }
    }
    let mut below = HashSet::new();
    let mut next = vec![parent];
    while let Some(space) = next.pop() {
        for child in children.get(space).into_iter().flatten() {
            if *child != parent && below.insert((*child).clone()) {
                next.push(child);
            }
        }
    }
    below
}

//! What the workspace holds, kept as the JSON that goes over the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{Object, object, text, texts};
use super::{Account, Device, Space};

#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) workspace: Object,
    pub(super) accounts: Vec<Object>,
    pub(super) spaces: Vec<Object>,
    pub(super) devices: Vec<Object>,
    pub(super) unmanaged: Vec<Object>,
}

impl World {
    /// An empty production workspace.
    pub(super) fn new() -> Self {
        let workspace = object(json!({
            "workspace_id": "workspace-1",
            "name": "Workspace",
            "company_name": "Company",
            "connect_partner_name": null,
            "connect_webview_customization": {},
            "is_publishable_key_auth_enabled": false,
            "is_sandbox": false,
            "is_suspended": false,
            "organization_id": null,
        }));
        Self { workspace, ..Self::default() }
    }

    /// Puts the device in, in the place of one with its id. An account that is named and not there yet
    /// comes with it.
    pub(super) fn put_device(&mut self, device: Device) {
        let mut device = self.at_home(device.fields);
        device.insert("is_managed".to_owned(), json!(true));
        let id = text(&device, "device_id").to_owned();
        self.unmanaged.retain(|known| text(known, "device_id") != id);
        put(&mut self.devices, "device_id", device);
    }

    /// Puts the device in as one that the vendor does not manage.
    pub(super) fn put_unmanaged(&mut self, device: Device) {
        let mut device = self.at_home(device.fields);
        device.insert("is_managed".to_owned(), json!(false));
        let id = text(&device, "device_id").to_owned();
        self.devices.retain(|known| text(known, "device_id") != id);
        put(&mut self.unmanaged, "device_id", device);
    }

    /// Puts the space in, in the place of one with its id.
    pub(super) fn put_space(&mut self, mut space: Space) {
        space.fields.insert("workspace_id".to_owned(), self.workspace_id());
        let parent = text(&space.fields, "parent_space_id");
        if let Some(key) = self.space(parent).and_then(|parent| parent.get("space_key")).cloned() {
            space.fields.insert("parent_space_key".to_owned(), key);
        }
        put(&mut self.spaces, "space_id", space.fields);
    }

    /// Puts the account in, in the place of one with its id.
    pub(super) fn put_account(&mut self, account: Account) {
        put(&mut self.accounts, "connected_account_id", account.fields);
    }

    pub(super) fn device(&self, id: &str) -> Option<&Object> {
        find(&self.devices, "device_id", id)
    }

    pub(super) fn space(&self, id: &str) -> Option<&Object> {
        find(&self.spaces, "space_id", id)
    }

    pub(super) fn account(&self, id: &str) -> Option<&Object> {
        find(&self.accounts, "connected_account_id", id)
    }

    pub(super) fn device_mut(&mut self, id: &str) -> Option<&mut Object> {
        self.devices.iter_mut().find(|device| text(device, "device_id") == id)
    }

    pub(super) fn space_mut(&mut self, id: &str) -> Option<&mut Object> {
        self.spaces.iter_mut().find(|space| text(space, "space_id") == id)
    }

    /// How many devices each space holds itself. Whether the vendor counts a child's devices for its
    /// parent is unknown; here it does not.
    pub(super) fn device_counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for space in self.devices.iter().flat_map(|device| texts(device, "space_ids")) {
            *counts.entry(space).or_default() += 1;
        }
        counts
    }

    /// Every e-mail address that the workspace holds.
    pub(super) fn emails(&self) -> impl Iterator<Item = &str> {
        self.accounts
            .iter()
            .filter_map(|account| account.get("user_identifier")?.get("email")?.as_str())
    }

    fn workspace_id(&self) -> Value {
        json!(text(&self.workspace, "workspace_id"))
    }

    fn at_home(&mut self, mut device: Object) -> Object {
        device.insert("workspace_id".to_owned(), self.workspace_id());
        let account = text(&device, "connected_account_id");
        if !account.is_empty() && self.account(account).is_none() {
            let account = Account::new(account);
            self.put_account(account);
        }
        device
    }
}

/// The space as the wire shows it, with the devices that it holds now.
pub(super) fn show_space(space: &Object, counts: &BTreeMap<&str, usize>) -> Value {
    let mut shown = space.clone();
    let count = counts.get(text(space, "space_id")).copied().unwrap_or_default();
    shown.insert("device_count".to_owned(), json!(count));
    Value::Object(shown)
}

fn put(all: &mut Vec<Object>, id: &str, one: Object) {
    match all.iter_mut().find(|known| text(known, id) == text(&one, id)) {
        Some(known) => *known = one,
        None => all.push(one),
    }
}

fn find<'a>(all: &'a [Object], field: &str, id: &str) -> Option<&'a Object> {
    all.iter().find(|known| text(known, field) == id && !id.is_empty())
}

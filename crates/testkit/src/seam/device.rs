//! A device, as a test puts it into the stand-in.

use std::fmt::{self, Debug, Formatter};

use serde_json::{Value, json};

use super::json::{Object, object, text};

/// When everything in a stand-in was created, unless its JSON says otherwise.
pub(super) const CREATED: &str = "2026-01-05T09:00:00.000Z";

/// The connected account that holds a device, unless [`Device::of_account`] says otherwise.
pub(super) const ACCOUNT: &str = "account-1";

/// A device of the workspace: a 2N intercom, or one of another brand.
///
/// It starts as the vendor's specification describes one, and each method changes one thing.
///
/// ```
/// use elevate_access_testkit::seam::Device;
///
/// let lobby = Device::two_n("dev-1", "Lobby").in_spaces(["sp-101", "sp-102"]);
/// let gate = Device::two_n("dev-2", "Gate").offline().in_spaces(["sp-101"]);
/// let bikes = Device::two_n("dev-3", "Bicycles").can_remotely_unlock(None);
/// # let _ = (lobby, gate, bikes);
/// ```
#[derive(Clone)]
pub struct Device {
    pub(super) fields: Object,
}

impl Device {
    /// A 2N intercom that is online and can be unlocked remotely, in no space.
    pub fn two_n(id: &str, name: &str) -> Self {
        let mut device = Self::of_type("two_n_intercom", id, name).made_by("two_n");
        device.set("can_remotely_unlock", json!(true));
        device.property("two_n_metadata", json!({ "device_name": name }));
        device
    }

    /// A device of any type, with the fields that the specification requires and no other: so one that
    /// does not say whether it can be unlocked remotely. The type may be one that nobody knows.
    pub fn of_type(device_type: &str, id: &str, name: &str) -> Self {
        Self {
            fields: object(json!({
                "device_id": id,
                "device_type": device_type,
                "display_name": name,
                "capabilities_supported": ["lock"],
                "connected_account_id": ACCOUNT,
                "created_at": CREATED,
                "custom_metadata": {},
                "errors": [],
                "is_managed": true,
                "location": null,
                "properties": { "online": true, "appearance": { "name": name } },
                "space_ids": [],
                "warnings": [],
            })),
        }
    }

    /// The spaces that hold it, by their ids, in place of those named before.
    pub fn in_spaces<S: Into<String>>(mut self, spaces: impl IntoIterator<Item = S>) -> Self {
        let spaces: Vec<String> = spaces.into_iter().map(Into::into).collect();
        self.set("space_ids", json!(spaces));
        self
    }

    /// The connected account that it belongs to.
    pub fn of_account(mut self, account: &str) -> Self {
        self.set("connected_account_id", json!(account));
        self
    }

    /// `properties.manufacturer`.
    pub fn made_by(mut self, manufacturer: &str) -> Self {
        self.property("manufacturer", json!(manufacturer));
        self
    }

    /// `can_remotely_unlock`; `None` leaves the field out.
    pub fn can_remotely_unlock(mut self, can: Option<bool>) -> Self {
        match can {
            Some(can) => self.set("can_remotely_unlock", json!(can)),
            None => {
                self.fields.remove("can_remotely_unlock");
            }
        }
        self
    }

    /// `properties.online`.
    pub fn online(mut self, online: bool) -> Self {
        self.property("online", json!(online));
        self
    }

    /// Offline, with the error `device_offline` as the vendor shows it.
    pub fn offline(self) -> Self {
        self.online(false).error("device_offline")
    }

    /// An entry in `errors`, of any code.
    pub fn error(mut self, code: &str) -> Self {
        let flag = match code {
            "account_disconnected" => "is_connected_account_error",
            "bridge_disconnected" => "is_bridge_error",
            _ => "is_device_error",
        };
        self.push("errors", entry("error_code", code, Some(flag)));
        self
    }

    /// An entry in `warnings`, of any code, such as `privacy_mode`.
    pub fn warning(mut self, code: &str) -> Self {
        self.push("warnings", entry("warning_code", code, None));
        self
    }

    /// The nickname, which the vendor repeats as `display_name`.
    pub fn nickname(mut self, name: &str) -> Self {
        self.set("nickname", json!(name));
        self.set("display_name", json!(name));
        self
    }

    /// A text in `custom_metadata`.
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata_value(key, json!(value));
        self
    }

    /// A boolean in `custom_metadata`.
    pub fn metadata_flag(mut self, key: &str, value: bool) -> Self {
        self.metadata_value(key, json!(value));
        self
    }

    pub(super) fn set(&mut self, field: &str, value: Value) {
        self.fields.insert(field.to_owned(), value);
    }

    fn push(&mut self, list: &str, value: Value) {
        if let Some(Value::Array(items)) = self.fields.get_mut(list) {
            items.push(value);
        }
    }

    fn property(&mut self, name: &str, value: Value) {
        if let Some(Value::Object(properties)) = self.fields.get_mut("properties") {
            properties.insert(name.to_owned(), value);
        }
    }

    fn metadata_value(&mut self, key: &str, value: Value) {
        if let Some(Value::Object(pairs)) = self.fields.get_mut("custom_metadata") {
            pairs.insert(key.to_owned(), value);
        }
    }
}

/// One entry of an `errors` or `warnings` list.
pub(super) fn entry(field: &str, code: &str, flag: Option<&str>) -> Value {
    let mut entry = object(json!({
        "created_at": CREATED,
        "message": format!("The vendor reports {}", code.replace('_', " ")),
        field: code,
    }));
    if let Some(flag) = flag {
        entry.insert(flag.to_owned(), json!(true));
    }
    Value::Object(entry)
}

impl Debug for Device {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&text(&self.fields, "device_id")).finish()
    }
}

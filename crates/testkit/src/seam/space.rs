//! Spaces and connected accounts, as a test puts them into the stand-in.

use std::fmt::{self, Debug, Formatter};

use serde_json::{Value, json};

use super::device::{CREATED, entry};
use super::json::{Object, object, text};

/// A space: what stands for a unit, a building, or anything else that holds devices.
#[derive(Clone)]
pub struct Space {
    pub(super) fields: Object,
}

impl Space {
    /// A space with that id and name, and no key, parent or customer.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            fields: object(json!({
                "space_id": id,
                "name": name,
                "display_name": name,
                "created_at": CREATED,
                "acs_entrance_count": 0,
            })),
        }
    }

    /// `space_key`: the one thing about a space that the vendor says is unique.
    pub fn key(self, key: &str) -> Self {
        self.with("space_key", key)
    }

    /// `customer_key`.
    pub fn customer(self, key: &str) -> Self {
        self.with("customer_key", key)
    }

    /// `parent_space_id`. The parent's own key is filled in if the stand-in holds that space already.
    pub fn inside(self, parent: &str) -> Self {
        self.with("parent_space_id", parent)
    }

    /// A `display_name` that differs from the name.
    pub fn shown_as(self, name: &str) -> Self {
        self.with("display_name", name)
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.fields.insert(field.to_owned(), json!(value));
        self
    }
}

/// A connected account: one sign-in at a brand, and the devices behind it.
///
/// The text of `account_type` for 2N is a guess: nobody has shown it.
#[derive(Clone)]
pub struct Account {
    pub(super) fields: Object,
}

impl Account {
    /// A 2N account in good order.
    pub fn new(id: &str) -> Self {
        Self {
            fields: object(json!({
                "connected_account_id": id,
                "account_type": "my_2n",
                "account_type_display_name": "2N",
                "display_name": id,
                "created_at": CREATED,
                "accepted_capabilities": ["lock"],
                "automatically_manage_new_devices": true,
                "custom_metadata": {},
                "errors": [],
                "warnings": [],
            })),
        }
    }

    /// `customer_key`.
    pub fn customer(mut self, key: &str) -> Self {
        self.fields.insert("customer_key".to_owned(), json!(key));
        self
    }

    /// `account_type`, any text.
    pub fn of_type(mut self, account_type: &str) -> Self {
        self.fields.insert("account_type".to_owned(), json!(account_type));
        self
    }

    /// The e-mail of the deprecated `user_identifier`.
    pub fn email(mut self, email: &str) -> Self {
        self.fields.insert("user_identifier".to_owned(), json!({ "email": email }));
        self
    }

    /// An entry in `errors`, such as `account_disconnected`.
    pub fn error(mut self, code: &str) -> Self {
        self.push("errors", entry("error_code", code, Some("is_connected_account_error")));
        self
    }

    /// An entry in `warnings`, such as `account_reauthorization_requested`.
    pub fn warning(mut self, code: &str) -> Self {
        self.push("warnings", entry("warning_code", code, None));
        self
    }

    fn push(&mut self, list: &str, value: Value) {
        if let Some(Value::Array(items)) = self.fields.get_mut(list) {
            items.push(value);
        }
    }
}

impl Debug for Space {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Space").field(&text(&self.fields, "space_id")).finish()
    }
}

impl Debug for Account {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Account").field(&text(&self.fields, "connected_account_id")).finish()
    }
}

use std::fmt;

use serde_json::{Value, json};

use super::row::{at, row_id, set, text_at};

/// The id that the model gives the credential type *cloud key*, unless a fixture says otherwise.
///
/// The vendor's own is not known, so no client may have it built in.
pub(super) const CLOUD_KEY_TYPE: u64 = 34;

/// A credential of a user, as a test tells of it.
#[derive(Clone)]
pub struct Credential {
    pub(super) row: Value,
}

impl Credential {
    /// A cloud key. Its own id, `cloudKey.id`, is another number than the credential's.
    pub fn cloud_key(id: u64) -> Self {
        let mut key = Self::of_kind(id, CLOUD_KEY_TYPE, "cloudKey", "Cloud Key");
        set(
            &mut key.row,
            "cloudKey",
            json!({ "id": 500_000 + id, "name": null, "maxDurationSeconds": null }),
        );
        key
    }

    /// A phone.
    pub fn mobile(id: u64) -> Self {
        let mut phone = Self::of_kind(id, 1, "mobile", "Mobile");
        set(&mut phone.row, "mobile", json!({ "id": 500_000 + id, "name": "Phone" }));
        phone
    }

    /// A card.
    pub fn card(id: u64) -> Self {
        let mut card = Self::of_kind(id, 2, "card", "Card");
        set(&mut card.row, "card", json!({ "id": 500_000 + id, "number": "0011223344" }));
        card
    }

    /// A credential of any kind, known or not, without the kind's own object.
    pub fn of_kind(id: u64, type_id: u64, model_name: &str, type_name: &str) -> Self {
        let row = json!({
            "id": id,
            "startDate": null,
            "endDate": null,
            "credentialType": { "id": type_id, "name": type_name, "modelName": model_name },
            "eventAction": null,
        });
        Self { row }
    }

    /// Under that name (cloud keys and phones).
    pub fn named(mut self, name: &str) -> Self {
        for kind in ["cloudKey", "mobile"] {
            if self.row.get(kind).is_some() {
                set(&mut self.row, &format!("{kind}.name"), name);
            }
        }
        self
    }

    /// Valid from that day (`2026-11-24`) or moment (`2026-11-24T08:00:00.000Z`) on.
    pub fn valid_from(mut self, date: &str) -> Self {
        set(&mut self.row, "startDate", date);
        self
    }

    /// Valid until that day or moment.
    pub fn valid_until(mut self, date: &str) -> Self {
        set(&mut self.row, "endDate", date);
        self
    }

    /// A key whose use does something else than opening: `triggerLockdown`, `revertLockdown` or
    /// `unlockWithOverride`. Nobody's plain tap may use it.
    pub fn event_action(mut self, command: &str) -> Self {
        set(&mut self.row, "eventAction", json!({ "command": command, "targetId": null }));
        self
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("id", &row_id(&self.row))
            .field("kind", &text_at(&self.row, "credentialType.modelName"))
            .field("has_event_action", &at(&self.row, "eventAction").is_object())
            .finish_non_exhaustive()
    }
}

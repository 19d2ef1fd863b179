use std::fmt;

use serde_json::{Value, json};

use super::row::{remove, set, text_at};
use super::{Credential, Entry};

/// A user of the organisation, as a test tells of them.
///
/// ```
/// use elevate_access_testkit::openpath::{Credential, Entry, User};
///
/// let jane = User::active(7001, "jane@example.com")
///     .named("Jane", "Doe")
///     .entry(Entry::new(4401, "Main entrance").zone(301, "Ground floor").site(21, "North Tower"))
///     .credential(Credential::cloud_key(88001).valid_until("2024-12-31"));
/// ```
#[derive(Clone)]
pub struct User {
    pub(super) id: u64,
    pub(super) row: Value,
    pub(super) credentials: Vec<Credential>,
    pub(super) entries: Vec<Entry>,
}

impl User {
    /// A user whose status is that letter: `A` active, `S` suspended, `I` archived, or one that
    /// nobody knows.
    ///
    /// They may unlock remotely, have no dates, no entries and no credentials, and live in the
    /// namespace 611, which has no nickname.
    pub fn with_status(id: u64, email: &str, status: &str) -> Self {
        let row = json!({
            "id": id,
            "status": status,
            "startDate": null,
            "endDate": null,
            "startAndEndDateTimeZoneId": null,
            "hasRemoteUnlock": true,
            "externalId": null,
            "identity": {
                "id": 1_000_000 + id,
                "email": email,
                "firstName": null,
                "lastName": null,
                "fullName": null,
                "namespace": { "id": super::NAMESPACE, "nickname": null },
            },
            "groups": [],
            "sites": [],
        });
        Self { id, row, credentials: Vec::new(), entries: Vec::new() }
    }

    /// An active user.
    pub fn active(id: u64, email: &str) -> Self {
        Self::with_status(id, email, "A")
    }

    /// A suspended user.
    pub fn suspended(id: u64, email: &str) -> Self {
        Self::with_status(id, email, "S")
    }

    /// An archived user.
    pub fn archived(id: u64, email: &str) -> Self {
        Self::with_status(id, email, "I")
    }

    /// With a first and a last name.
    pub fn named(mut self, first: &str, last: &str) -> Self {
        set(&mut self.row, "identity.firstName", first);
        set(&mut self.row, "identity.lastName", last);
        set(&mut self.row, "identity.fullName", format!("{first} {last}"));
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

    /// Says whether they may unlock remotely.
    pub fn remote_unlock(mut self, may: bool) -> Self {
        set(&mut self.row, "hasRemoteUnlock", may);
        self
    }

    /// Leaves `hasRemoteUnlock` out of the row: unknown, and the cloud lets it pass.
    pub fn remote_unlock_unstated(mut self) -> Self {
        remove(&mut self.row, "hasRemoteUnlock");
        self
    }

    /// In that namespace. One e-mail may stand in several of them.
    pub fn in_namespace(mut self, id: u64, nickname: &str) -> Self {
        set(&mut self.row, "identity.namespace", json!({ "id": id, "nickname": nickname }));
        self
    }

    /// At a site, in addition to those named before.
    pub fn at_site(mut self, id: u64, name: &str) -> Self {
        if let Some(Value::Array(sites)) = self.row.get_mut("sites") {
            sites.push(json!({ "id": id, "name": name }));
        }
        self
    }

    /// Living in a unit of that name, which the vendor shows when asked `withBuildings`.
    pub fn in_unit(mut self, id: u64, name: &str, building: &str) -> Self {
        let unit = json!({
            "id": id,
            "name": name,
            "buildingFloor": { "id": 1, "name": "1", "building": { "id": 1, "name": building } },
        });
        set(&mut self.row, "buildingFloorUnits", json!([unit]));
        self
    }

    /// With the host's own id for them.
    pub fn external_id(mut self, id: &str) -> Self {
        set(&mut self.row, "externalId", id);
        self
    }

    /// With access to that entry.
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Holding that credential.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("status", &text_at(&self.row, "status"))
            .finish_non_exhaustive()
    }
}

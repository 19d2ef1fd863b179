use serde_json::{Value, json};

use super::row::set;

/// An entry, the vendor's word for a door, as a test tells of it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) id: u64,
    pub(super) row: Value,
}

impl Entry {
    /// An entry without a wireless lock, in the zone 301 "Ground floor" of the site 21 "North Tower".
    pub fn new(id: u64, name: &str) -> Self {
        let row = json!({
            "id": id,
            "name": name,
            "wirelessLock": null,
            "zone": {
                "id": 301,
                "name": "Ground floor",
                "offlineEntryCount": 0,
                "site": { "id": 21, "name": "North Tower" },
            },
        });
        Self { id, row }
    }

    /// In that zone. Names may repeat across zones.
    pub fn zone(mut self, id: u64, name: &str) -> Self {
        set(&mut self.row, "zone.id", id);
        set(&mut self.row, "zone.name", name);
        self
    }

    /// At that site.
    pub fn site(mut self, id: u64, name: &str) -> Self {
        set(&mut self.row, "zone.site", json!({ "id": id, "name": name }));
        self
    }

    /// With a wireless lock, which is offline or not.
    pub fn wireless_lock(mut self, id: u64, offline: bool) -> Self {
        set(&mut self.row, "wirelessLock", json!({ "id": id, "isOffline": offline }));
        set(&mut self.row, "zone.offlineEntryCount", u64::from(offline));
        self
    }
}

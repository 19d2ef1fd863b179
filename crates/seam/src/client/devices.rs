use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::reply,
    pages::{List, page},
    rows::Rows,
};
use crate::{ConnectedAccountId, Device, DeviceId, Error, SpaceId};

const LIST: Operation = Operation::new("seam.devices.list", "/devices/list");
const GET: Operation = Operation::new("seam.devices.get", "/devices/get");

/// How many devices a page has if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

/// Which devices to list; all of them by default.
///
/// The filters are Seam's: check what they let through where it matters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DevicesQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_account_ids: Option<Vec<ConnectedAccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_id: Option<SpaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

impl DevicesQuery {
    /// All devices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only devices of those accounts.
    pub fn connected_accounts(mut self, ids: impl IntoIterator<Item = ConnectedAccountId>) -> Self {
        self.connected_account_ids = Some(ids.into_iter().collect());
        self
    }

    /// Only devices of that customer.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }

    /// Only devices in that space.
    pub fn space(mut self, id: SpaceId) -> Self {
        self.space_id = Some(id);
        self
    }

    /// How many devices a page has at most; Seam's own choice is 500.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

#[derive(Serialize)]
struct ById<'a> {
    device_id: &'a DeviceId,
}

page!(DevicePage { devices: Device });

reply!(OneDevice { device: Device });

impl Client {
    /// The devices that the query asks for (`devices/list`).
    ///
    /// Locks are devices, and this is the call to list them with.
    pub fn devices(&self, query: &DevicesQuery) -> Rows<Device> {
        let limit = query.limit.unwrap_or(PAGE_SIZE);
        Rows::of::<DevicePage>(List::new(&self.0, LIST, query, Some(limit)))
    }

    /// One device (`devices/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read.
    pub async fn get_device(&self, id: &DeviceId, answer_by: Instant) -> Result<Device, Error> {
        let reply: OneDevice = self.0.read(GET, &ById { device_id: id }, answer_by).await?;
        if reply.device.device_id != *id {
            return Err(Error::beside_the_point(GET, "it is about another device"));
        }
        Ok(reply.device)
    }
}

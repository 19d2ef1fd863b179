use std::collections::BTreeMap;

use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::reply,
    pages::{List, is_empty, page},
    rows::Rows,
};
use crate::{
    ConnectWebviewId, ConnectedAccountId, Device, DeviceId, DeviceType, Error, MetadataValue,
    SpaceId,
};

const LIST: Operation = Operation::new("seam.devices.list", "/devices/list");
const GET: Operation = Operation::new("seam.devices.get", "/devices/get");

/// How many devices a page has if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

/// Which devices to list; all of them by default.
///
/// The filters are Seam's: check what they let through where it matters. `search`, which finds parts of names,
/// is left out, and so is what is deprecated. A filter by a list of nothing is refused before anything is sent:
/// Seam might take it for everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DevicesQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_ids: Option<Vec<DeviceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_types: Option<Vec<DeviceType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_webview_id: Option<ConnectWebviewId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_account_ids: Option<Vec<ConnectedAccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_id: Option<SpaceId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_metadata_has: BTreeMap<String, MetadataValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

impl DevicesQuery {
    /// All devices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those devices; one that does not exist is left out.
    pub fn ids(mut self, ids: impl IntoIterator<Item = DeviceId>) -> Self {
        self.device_ids = Some(ids.into_iter().collect());
        self
    }

    /// Only devices of those types. Seam refuses a type that it does not know.
    pub fn device_types(mut self, types: impl IntoIterator<Item = DeviceType>) -> Self {
        self.device_types = Some(types.into_iter().collect());
        self
    }

    /// Only devices of that brand, such as `two_n`. Seam refuses one that it does not know.
    pub fn manufacturer(mut self, brand: impl Into<String>) -> Self {
        self.manufacturer = Some(brand.into());
        self
    }

    /// Only devices that came by that sign-in.
    pub fn connect_webview(mut self, id: ConnectWebviewId) -> Self {
        self.connect_webview_id = Some(id);
        self
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

    /// Only devices with that pair of metadata; each call asks for one more.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Self {
        self.custom_metadata_has.insert(name.into(), value.into());
        self
    }

    /// How many devices a page has at most; 500 by default.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// How many devices a page has.
    pub(super) fn page_size_or(&self, usual: u32) -> u32 {
        self.limit.unwrap_or(usual)
    }

    /// The same query, which names its page size, and that size.
    pub(super) fn with_page_size(&self, usual: u32) -> (Self, u32) {
        let limit = self.page_size_or(usual);
        (self.clone().page_size(limit), limit)
    }

    /// What keeps it from being asked for.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if is_empty(self.device_ids.as_ref()) {
            Some("device_ids: none")
        } else if is_empty(self.device_types.as_ref()) {
            Some("device_types: none")
        } else if is_empty(self.connected_account_ids.as_ref()) {
            Some("connected_account_ids: none")
        } else {
            None
        }
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
        let list = List::new(&self.0, LIST, query, Some(query.page_size_or(PAGE_SIZE)));
        Rows::of::<DevicePage>(list.unless(query.fault()))
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

use std::collections::BTreeMap;

use elevate_transport::Operation;

use super::{
    Client, DevicesQuery,
    pages::{Item, List, page},
    rows::Rows,
};
use crate::UnmanagedDevice;

const LIST: Operation = Operation::new("seam.devices.unmanaged.list", "/devices/unmanaged/list");

/// How many devices a page has if nothing else is asked for. Seam's own choice of 22,900 is more than fits into
/// one reply.
const PAGE_SIZE: u32 = 500;

page!(UnmanagedPage { devices: UnmanagedDevice });

impl Item for UnmanagedDevice {
    fn parts(&self) -> usize {
        self.errors.len()
            + self.warnings.len()
            + self.custom_metadata.as_ref().map_or(0, BTreeMap::len)
    }
}

impl Client {
    /// The devices that Seam does not manage, of those that the query asks for (`devices/unmanaged/list`). No
    /// other list shows them, and no call here converts them: that starts billing.
    pub fn unmanaged_devices(&self, query: &DevicesQuery) -> Rows<UnmanagedDevice> {
        let (query, limit) = query.with_page_size(PAGE_SIZE);
        let list = List::new(&self.0, LIST, &query, Some(limit));
        Rows::of::<UnmanagedPage>(list.unless(query.fault()))
    }
}

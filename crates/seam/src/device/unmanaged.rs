use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::Deserialize;

use super::{DeviceError, DeviceWarning, MetadataValue};
use crate::{ConnectedAccountId, DeviceId, DeviceType, WorkspaceId, lenient};

/// A device that Seam does not manage (`devices/unmanaged/list`): it cannot be controlled, and no other list
/// shows it. Converting it starts billing, so nothing here does.
///
/// Only its id is required. Names and messages are the vendor's text and may hold anything: escape them before
/// showing. `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UnmanagedDevice {
    /// Its id.
    pub device_id: DeviceId,
    /// What it is.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub device_type: Option<DeviceType>,
    /// Its name, where Seam gives one: see [`name`](Self::name).
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub display_name: Option<String>,
    /// The account that it came with.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub connected_account_id: Option<ConnectedAccountId>,
    /// The workspace that it is in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// Whether it could be unlocked remotely, were it managed.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub can_remotely_unlock: Option<bool>,
    /// What is wrong with it, at most 200 of it.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 200>")]
    pub errors: Vec<DeviceError>,
    /// What is odd about it, at most 200 of it.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 200>")]
    pub warnings: Vec<DeviceWarning>,
    /// What the brand says of it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub properties: UnmanagedProperties,
    /// Pairs that the workspace's owner attached.
    /// `None` if they cannot be read: they are no object, or more than 200. Seam allows 50.
    #[serde(default = "lenient::no_metadata", deserialize_with = "lenient::metadata")]
    pub custom_metadata: Option<BTreeMap<String, MetadataValue>>,
    /// When Seam first saw it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl UnmanagedDevice {
    /// What it is called: the name to show, or the brand's.
    pub fn name(&self) -> Option<&str> {
        self.display_name.as_deref().or(self.properties.name.as_deref())
    }
}

impl fmt::Debug for UnmanagedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnmanagedDevice")
            .field("device_id", &self.device_id)
            .field("device_type", &self.device_type)
            .field("online", &self.properties.online)
            .field("errors", &self.errors)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// What the brand says of a device that is not managed (`properties`). `Debug` leaves names out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UnmanagedProperties {
    /// The brand's name for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub name: Option<String>,
    /// Whether it was online when it was last heard of, which may be minutes ago.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub online: Option<bool>,
    /// The brand.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub manufacturer: Option<String>,
}

impl fmt::Debug for UnmanagedProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnmanagedProperties").field("online", &self.online).finish_non_exhaustive()
    }
}

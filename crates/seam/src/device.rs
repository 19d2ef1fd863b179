//! Devices: what Seam knows of an intercom or lock.

mod unmanaged;

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ConnectedAccountId, DeviceErrorCode, DeviceId, DeviceType, DeviceWarningCode, SpaceId,
    WorkspaceId, lenient,
};

pub use self::unmanaged::{UnmanagedDevice, UnmanagedProperties};

/// A device (`devices/list`, `devices/get`).
///
/// Required are its id, its type, and lists that are lists if they are there; whatever else is missing,
/// null or of another type reads as `None` or empty. Names and messages are the vendor's text and may hold
/// anything: escape them before showing. `Debug` leaves them out.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Device {
    /// Its id.
    pub device_id: DeviceId,
    /// What it is.
    pub device_type: DeviceType,
    /// Its name: the nickname if there is one, else the brand's own.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub display_name: Option<String>,
    /// The name given to it at Seam.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub nickname: Option<String>,
    /// Whether it can be unlocked remotely. `None`, as much as `false`, means no.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub can_remotely_unlock: Option<bool>,
    /// Whether Seam manages it; one that it does not cannot be controlled.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub is_managed: Option<bool>,
    /// The account that it came with.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub connected_account_id: Option<ConnectedAccountId>,
    /// The workspace that it is in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The spaces that hold it; there may be many.
    #[serde(default, deserialize_with = "lenient::at_most::<_, _, 10_000>")]
    pub space_ids: Vec<SpaceId>,
    /// What is wrong with it.
    #[serde(default, deserialize_with = "lenient::at_most::<_, _, 200>")]
    pub errors: Vec<DeviceError>,
    /// What is odd about it.
    #[serde(default, deserialize_with = "lenient::at_most::<_, _, 200>")]
    pub warnings: Vec<DeviceWarning>,
    /// What the brand says of it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub properties: DeviceProperties,
    /// Pairs that the workspace's owner attached.
    /// `None` if they cannot be read: they are no object, or more than 200. Seam allows 50.
    #[serde(default = "lenient::no_metadata", deserialize_with = "lenient::metadata")]
    pub custom_metadata: Option<BTreeMap<String, MetadataValue>>,
    /// Where it is, if anybody said so.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub location: Option<DeviceLocation>,
    /// When Seam first saw it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl Device {
    /// Whether it has an error of that code.
    pub fn has_error(&self, code: &DeviceErrorCode) -> bool {
        self.errors.iter().any(|error| error.error_code.as_ref() == Some(code))
    }

    /// Whether it has a warning of that code.
    pub fn has_warning(&self, code: &DeviceWarningCode) -> bool {
        self.warnings.iter().any(|warning| warning.warning_code.as_ref() == Some(code))
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("device_id", &self.device_id)
            .field("device_type", &self.device_type)
            .field("can_remotely_unlock", &self.can_remotely_unlock)
            .field("online", &self.properties.online)
            .field("space_ids", &self.space_ids)
            .field("errors", &self.errors)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// Something wrong with a device. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DeviceError {
    /// What is wrong.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub error_code: Option<DeviceErrorCode>,
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<String>,
    /// Since when.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl fmt::Debug for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceError")
            .field("error_code", &self.error_code)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// Something odd about a device. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DeviceWarning {
    /// What is odd.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub warning_code: Option<DeviceWarningCode>,
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<String>,
    /// Since when.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
}

impl fmt::Debug for DeviceWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceWarning")
            .field("warning_code", &self.warning_code)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// What the brand says of a device (`properties`). `Debug` leaves names out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DeviceProperties {
    /// Whether it was online when it was last heard of, which may be minutes ago.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub online: Option<bool>,
    /// Whether it was locked then. It proves nothing about an order.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub locked: Option<bool>,
    /// The brand.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub manufacturer: Option<String>,
    /// How the brand shows it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub appearance: Option<Appearance>,
    /// What 2N's own portal says of it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub two_n_metadata: Option<TwoNMetadata>,
}

impl fmt::Debug for DeviceProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceProperties")
            .field("online", &self.online)
            .field("locked", &self.locked)
            .finish_non_exhaustive()
    }
}

/// How the brand shows a device. `Debug` leaves the name out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Appearance {
    /// The brand's own name for it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub name: Option<String>,
}

impl fmt::Debug for Appearance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appearance").finish_non_exhaustive()
    }
}

/// What 2N's own portal says of a device. `Debug` leaves the name out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TwoNMetadata {
    /// The portal's id of it: a number by the specification, kept as text.
    #[serde(default, deserialize_with = "lenient::text_or_number")]
    pub device_id: Option<String>,
    /// The portal's name of it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub device_name: Option<String>,
}

impl fmt::Debug for TwoNMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoNMetadata").field("device_id", &self.device_id).finish_non_exhaustive()
    }
}

/// Where a device is. `Debug` leaves the name out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DeviceLocation {
    /// The place's name.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub location_name: Option<String>,
    /// Its time zone, as IANA names it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub time_zone: Option<String>,
}

impl fmt::Debug for DeviceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceLocation").field("time_zone", &self.time_zone).finish_non_exhaustive()
    }
}

/// One value of `custom_metadata`. `Debug` leaves text out.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MetadataValue {
    /// Text, of up to 500 characters by the specification.
    Text(String),
    /// A boolean.
    Flag(bool),
}

impl From<String> for MetadataValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for MetadataValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for MetadataValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl fmt::Debug for MetadataValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Flag(flag) => write!(f, "Flag({flag})"),
        }
    }
}

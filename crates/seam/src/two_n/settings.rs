use std::fmt;
#[cfg(feature = "webhooks")]
use std::sync::Arc;

use elevate_access::BuildingId;

use super::pins::Pins;
use crate::{ConnectedAccountId, DeviceId, DeviceType, SpaceId, WorkspaceId};

/// What a connection to 2N through Seam is set up for.
///
/// ```
/// use elevate_access::BuildingId;
/// use elevate_seam::{DeviceId, TwoNSettings, Units, WorkspaceId};
///
/// // Units are Seam's spaces, by their names.
/// let settings = TwoNSettings::new(BuildingId::new("maple-court")?);
///
/// // Several properties share the workspace; this one is the customer `oak`. Its doors name their units.
/// let settings = TwoNSettings::new(BuildingId::new("oak-house")?)
///     .workspace(WorkspaceId::new("9f9ad9c6-2d2d-4e28-bd3f-2bd7a3e4d8a5")?)
///     .customer("oak")
///     .units(Units::metadata("units"));
///
/// // Units are told here, because nobody made spaces for them.
/// let lobby = DeviceId::new("f1260ebc-7d56-4b56-b714-dc919b27dbdf")?;
/// let settings = TwoNSettings::new(BuildingId::new("elm-row")?)
///     .units(Units::Table(vec![("101".to_owned(), vec![lobby])]));
/// # let _ = settings;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Pins
///
/// An API key rules its whole workspace, which several properties may share. [`workspace`](Self::workspace),
/// [`connected_accounts`](Self::connected_accounts), [`customer`](Self::customer) and
/// [`parent_space`](Self::parent_space) say what of it is this property's. Where several are set, all have to
/// hold. What is not this property's is no door and no unit, and shows in no reason, finding or count.
///
/// Seam's own filters are at most used to read less: whatever comes is checked here.
#[derive(Clone)]
pub struct TwoNSettings {
    pub(super) building: BuildingId,
    pub(super) units: Units,
    pub(super) device_types: Vec<DeviceType>,
    pub(super) pins: Pins,
    pub(super) only_doors: Option<Vec<String>>,
    #[cfg(feature = "webhooks")]
    pub(super) webhooks: Option<Arc<crate::WebhookVerifier>>,
}

impl TwoNSettings {
    /// For that building: units are the workspace's spaces, doors are its 2N intercoms.
    pub fn new(building: BuildingId) -> Self {
        Self {
            building,
            units: Units::Spaces,
            device_types: vec![DeviceType::TwoNIntercom],
            pins: Pins::default(),
            only_doors: None,
            #[cfg(feature = "webhooks")]
            webhooks: None,
        }
    }

    /// Where units come from.
    pub fn units(mut self, units: Units) -> Self {
        self.units = units;
        self
    }

    /// Which device types are doors, in place of 2N's intercom alone. Whether a device can be unlocked
    /// remotely is asked of each device, whatever its type.
    pub fn device_types(mut self, types: impl IntoIterator<Item = DeviceType>) -> Self {
        self.device_types = types.into_iter().collect();
        self
    }

    /// Pins the connection to that workspace (N11): a reading in which a device or space says that it is of
    /// another one is refused as a whole.
    ///
    /// Without this, a reading is refused in which two workspaces occur.
    pub fn workspace(mut self, id: WorkspaceId) -> Self {
        self.pins.workspace = Some(id);
        self
    }

    /// Pins the connection to those connected accounts, where several properties share one workspace: a
    /// device of another account is no door here, and a space that holds only such devices is no unit. An
    /// empty list pins it to nothing.
    ///
    /// An empty space stays, since it says of no account that it is its own: one with the name of a unit of this
    /// building makes that unit ambiguous. Others are not told of. Pin the [`customer`](Self::customer) or the
    /// [`parent_space`](Self::parent_space) as well to keep them apart.
    pub fn connected_accounts(mut self, ids: impl IntoIterator<Item = ConnectedAccountId>) -> Self {
        self.pins.accounts = Some(ids.into_iter().collect());
        self
    }

    /// Pins the connection to that customer (`customer_key`): to the connected accounts and to the spaces
    /// that have this very key. An empty key pins it to nothing.
    ///
    /// It takes one more call for each reading, `connected_accounts/list`, since a device does not say
    /// whose it is.
    pub fn customer(mut self, key: impl Into<String>) -> Self {
        self.pins.customer = Some(key.into());
        self
    }

    /// Pins the connection to what lies in that space: the spaces below it, at any depth, and the devices in
    /// these or in itself. It is no unit itself.
    ///
    /// Beside [`customer`](Self::customer), only spaces of that customer lead further down.
    pub fn parent_space(mut self, id: SpaceId) -> Self {
        self.pins.parent = Some(id);
        self
    }

    /// Only the doors named here are doors of this connection (N10); any other is not listed, and a tap on
    /// it is refused like one on a door that does not exist. An empty list leaves none.
    ///
    /// A door is named by its device id exactly, or by its name at Seam, by the rule by which units match:
    /// case is ignored and nothing else, and a name that two doors have names neither. An entry that names
    /// no door is a finding of the health check.
    pub fn only_doors<S: Into<String>>(mut self, doors: impl IntoIterator<Item = S>) -> Self {
        self.only_doors = Some(doors.into_iter().map(Into::into).collect());
        self
    }

    /// Whether there is a secret by which a notification can be believed.
    #[cfg_attr(not(feature = "webhooks"), expect(clippy::unused_self, reason = "there are none"))]
    pub(super) fn believes_notifications(&self) -> bool {
        #[cfg(feature = "webhooks")]
        return self.webhooks.is_some();
        #[cfg(not(feature = "webhooks"))]
        false
    }

    /// Feature `webhooks`: believes what that webhook delivers to
    /// [`Access::webhook`](elevate_access::Access::webhook); without this, every delivery is refused. It also pins
    /// the connection to the verifier's [`workspace`](Self::workspace): events are a whole workspace's.
    ///
    /// While a secret is changed, a verifier takes the old one and the new one; a new
    /// [revision](elevate_access::ConnectionRef::revision) of the connection brings them in.
    #[cfg(feature = "webhooks")]
    pub fn webhooks(mut self, verifier: crate::WebhookVerifier) -> Self {
        self.pins.workspace = Some(verifier.workspace().clone());
        self.webhooks = Some(Arc::new(verifier));
        self
    }
}

/// An allow-list: names of doors and a customer's key are text that people wrote.
impl fmt::Debug for TwoNSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoNSettings")
            .field("building", &self.building)
            .field("units", &self.units)
            .field("device_types", &self.device_types)
            .field("workspace", &self.pins.workspace)
            .field("accounts", &self.pins.accounts)
            .field("has_customer", &self.pins.customer.is_some())
            .field("parent_space", &self.pins.parent)
            .field("only_doors", &self.only_doors.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Where a property's 2N units come from. Nothing makes them by itself: somebody entered them.
///
/// Names match by Unicode case, or not at all; a name that is blank, or that two units have, matches nothing
/// and is a finding of the health check.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Units {
    /// Seam's spaces: a space is a unit, and its `name` the unit's. Two spaces of one name are ambiguous,
    /// also if one of them is empty.
    #[default]
    Spaces,
    /// The same by `display_name`, for a property whose spaces were named by another system.
    SpaceDisplayNames,
    /// Seam's spaces by an explicit link: a space is the unit whose id its `space_key` is, byte for byte. No
    /// name plays a part. Spaces without a key are no units. Where several buildings share a workspace, no two
    /// of them may have a unit of one id, unless the connection is pinned.
    SpaceKeys,
    /// A pair of `custom_metadata` on devices, which names one or several units. The devices that name a
    /// unit are its doors. See [`Units::metadata`].
    Metadata {
        /// The pair's key.
        key: String,
        /// What stands between two names. White space around a name is no part of it. If the separator is
        /// empty, the whole text is one name, as it is.
        separator: String,
    },
    /// This table, of unit names with their devices. Names are matched by the same rule as spaces are.
    Table(Vec<(String, Vec<DeviceId>)>),
}

impl Units {
    /// The metadata under that key, with names separated by semicolons: `101; 102`.
    pub fn metadata(key: impl Into<String>) -> Self {
        Self::Metadata { key: key.into(), separator: ";".to_owned() }
    }

    /// Whether units are spaces.
    pub(super) fn are_spaces(&self) -> bool {
        matches!(self, Self::Spaces | Self::SpaceDisplayNames | Self::SpaceKeys)
    }
}

impl fmt::Debug for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spaces => f.write_str("Spaces"),
            Self::SpaceDisplayNames => f.write_str("SpaceDisplayNames"),
            Self::SpaceKeys => f.write_str("SpaceKeys"),
            Self::Metadata { .. } => f.write_str("Metadata(..)"),
            Self::Table(units) => write!(f, "Table({} units)", units.len()),
        }
    }
}

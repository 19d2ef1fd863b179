use std::fmt;

use elevate_access::BuildingId;

use crate::{ConnectedAccountId, DeviceId, DeviceType};

/// What a connection to 2N through Seam is set up for.
///
/// ```
/// use elevate_access::BuildingId;
/// use elevate_seam::{DeviceId, TwoNSettings, Units};
///
/// // Units are Seam's spaces, by their names.
/// let settings = TwoNSettings::new(BuildingId::new("maple-court")?);
///
/// // Units are told here, because nobody made spaces for them.
/// let lobby = DeviceId::new("f1260ebc-7d56-4b56-b714-dc919b27dbdf")?;
/// let settings = TwoNSettings::new(BuildingId::new("oak-house")?)
///     .units(Units::Table(vec![("101".to_owned(), vec![lobby])]));
/// # let _ = settings;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TwoNSettings {
    pub(super) building: BuildingId,
    pub(super) units: Units,
    pub(super) device_types: Vec<DeviceType>,
    pub(super) accounts: Option<Vec<ConnectedAccountId>>,
}

impl TwoNSettings {
    /// For that building: units are the workspace's spaces, doors are its 2N intercoms.
    pub fn new(building: BuildingId) -> Self {
        Self {
            building,
            units: Units::Spaces,
            device_types: vec![DeviceType::TwoNIntercom],
            accounts: None,
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

    /// Pins the connection to those connected accounts, where several properties share one workspace: a
    /// device of another account is no door here, and a space that holds only such devices is no unit. An
    /// empty list pins it to nothing.
    ///
    /// An empty space stays, since it says of no account that it is its own.
    pub fn connected_accounts(mut self, ids: impl IntoIterator<Item = ConnectedAccountId>) -> Self {
        self.accounts = Some(ids.into_iter().collect());
        self
    }

    /// Whether a device of that account is this connection's.
    pub(super) fn holds(&self, account: Option<&ConnectedAccountId>) -> bool {
        match &self.accounts {
            None => true,
            Some(pinned) => account.is_some_and(|account| pinned.contains(account)),
        }
    }
}

/// Where a property's 2N units come from. Nothing makes them by itself: somebody entered them.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Units {
    /// Seam's spaces: a space is a unit, and its name the unit's.
    #[default]
    Spaces,
    /// This table, of unit names with their devices. Names are matched by the same rule as spaces are.
    Table(Vec<(String, Vec<DeviceId>)>),
}

impl fmt::Debug for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spaces => f.write_str("Spaces"),
            Self::Table(units) => write!(f, "Table({} units)", units.len()),
        }
    }
}

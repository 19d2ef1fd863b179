//! One unlock of a 2N door through Seam.

use std::{error::Error, fmt, sync::Arc};

use clap::Parser;
use elevate_access::{
    Access, BuildingId, ConnectionId, MemoryConnections, MemoryDirectory, MemoryStore, Residency,
    Resident, ResidentId, Unit, UnitId,
};
use elevate_seam::{
    ApiKey, Client, ConnectedAccountId, DeviceId, DeviceType, TwoNProvider, TwoNSettings, Units,
    WorkspaceId,
};
use elevate_transport::Wire;

use super::{Ended, Environment, Terminal, argument, order::Order, secret, wire};

const KEY: &str = "SEAM_API_KEY";

const AFTER_HELP: &str = "\
Secrets, read from the environment only:
  SEAM_API_KEY  the workspace's API key, or a personal access token (then with --workspace)

What is sent: reads of the workspace's devices and spaces; the unlock, once and never repeated; then
reads of its action attempt, until 2N confirms it, it fails, or twelve seconds are over.
";

/// Opens one 2N door through Seam for the resident of a unit, once.
///
/// The doors are those of the 2N unit that has the same name; upper and lower case may differ, and
/// nothing else. Units are the workspace's spaces, or a table given here. Before the door is opened,
/// what would be sent is shown and confirmed.
#[derive(Parser)]
#[command(
    name = "two_n_unlock",
    verbatim_doc_comment,
    after_long_help = format!("{AFTER_HELP}\n{}", super::EXIT_CODES)
)]
pub struct Arguments {
    /// The device to open, by its id or exact name. Without it, the unit's doors are listed.
    device: Option<String>,

    /// The name of the resident's unit.
    #[arg(long, value_name = "NAME")]
    unit: String,

    /// A unit and the ids of its devices, in place of Seam's spaces; once a unit.
    #[arg(long, value_name = "UNIT=DEVICE,…", value_parser = row)]
    table: Vec<(String, Vec<DeviceId>)>,

    /// A device type that counts as a door; may be repeated.
    #[arg(long, value_name = "TYPE", default_value = "two_n_intercom")]
    device_type: Vec<String>,

    /// A connected account whose devices count; may be repeated. Without it, all accounts' do.
    #[arg(long, value_name = "ID")]
    account: Vec<String>,

    /// The workspace, by its id: for a personal access token, which spans several.
    #[arg(long, value_name = "ID", env = "SEAM_WORKSPACE", hide_env_values = true)]
    workspace: Option<String>,

    /// Where Seam Connect is; plain http for loopback only.
    #[arg(
        long,
        value_name = "URL",
        env = "SEAM_BASE_URL",
        hide_env_values = true,
        default_value = "https://connect.getseam.com"
    )]
    base_url: String,

    /// Opens without asking. Needed where there is no terminal to ask on.
    #[arg(short, long)]
    yes: bool,
}

/// A row of the table: `101=device-1,device-2`.
fn row(text: &str) -> Result<(String, Vec<DeviceId>), String> {
    let (unit, devices) = text.rsplit_once('=').ok_or("it is not of the form UNIT=DEVICE,…")?;
    let devices = devices.split(',').filter(|id| !id.is_empty()).map(DeviceId::new);
    let devices = devices.collect::<Result<_, _>>().map_err(|fault| fault.to_string())?;
    Ok((unit.to_owned(), devices))
}

/// Does what the arguments ask for.
pub async fn run(
    arguments: &Arguments,
    environment: Environment<'_>,
    terminal: &mut Terminal<'_>,
) -> Ended {
    let wire = match wire(&arguments.base_url) {
        Ok(wire) => wire,
        Err(error) => return terminal.nothing(&error),
    };
    let (access, resident) = match access(arguments, environment, wire) {
        Ok(ready) => ready,
        Err(fault) => return terminal.usage(&fault),
    };
    let order = Order {
        access,
        resident,
        door: arguments.device.as_deref(),
        yes: arguments.yes,
        base_url: &arguments.base_url,
        way: "Seam's unlock of a door",
        whom: format!("the resident of unit {}", arguments.unit),
        listing_writes: None,
        secret: KEY,
        noun: "device",
    };
    order.carry_out(terminal).await
}

/// A service for one building, one connection and one resident.
fn access(
    arguments: &Arguments,
    environment: Environment<'_>,
    wire: Arc<dyn Wire>,
) -> Result<(Access, ResidentId), Box<dyn Error>> {
    if arguments.unit.trim().is_empty() {
        return Err("--unit: the name of a unit is empty".into());
    }
    let key = argument(KEY, ApiKey::new(secret(environment, KEY)?))?;
    let mut client = Client::builder(key).base_url(&arguments.base_url).wire(wire);
    if let Some(id) = &arguments.workspace {
        client = client.workspace(argument("--workspace", WorkspaceId::new(id))?);
    }

    let building = BuildingId::new("the-building")?;
    let mut settings = TwoNSettings::new(building.clone())
        .device_types(arguments.device_type.iter().map(|text| DeviceType::from(text.as_str())));
    if !arguments.table.is_empty() {
        settings = settings.units(Units::Table(arguments.table.clone()));
    }
    if !arguments.account.is_empty() {
        let accounts = arguments.account.iter().map(ConnectedAccountId::new);
        settings = settings
            .connected_accounts(argument("--account", accounts.collect::<Result<Vec<_>, _>>())?);
    }

    let connections = MemoryConnections::new();
    let provider = TwoNProvider::new(client.build()?, settings);
    connections.connect(&building, &ConnectionId::new("two-n")?, Arc::new(provider));

    // A service lists *all* units of the building here: a name that two of them have matches nothing.
    let resident = ResidentId::new("the-resident")?;
    let unit = Unit::new(UnitId::new("the-unit")?, &arguments.unit);
    let directory = MemoryDirectory::new();
    directory.set_units(&building, vec![unit.clone()]);
    directory
        .put(Resident::new(resident.clone()).with_residency(Residency::current(building, unit)));

    let access = Access::builder()
        .directory(directory)
        .connections(connections)
        .store(MemoryStore::new())
        .build()?;
    Ok((access, resident))
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("device", &self.device)
            .field("unit", &self.unit)
            .field("yes", &self.yes)
            .finish_non_exhaustive()
    }
}

//! One unlock at Openpath (Avigilon Alta).

use std::{error::Error, fmt, sync::Arc};

use clap::Parser;
use elevate_access::{
    Access, BuildingId, ConnectionId, MemoryConnections, MemoryDirectory, MemoryStore, Residency,
    Resident, ResidentId, Unit, UnitId, VerifiedEmail,
};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use elevate_transport::Wire;

use super::{Ended, Environment, Terminal, argument, order::Order, secret, secret_if_set, wire};

const PASSWORD: &str = "OPENPATH_PASSWORD";
const CODE: &str = "OPENPATH_TOTP";

const AFTER_HELP: &str = "\
Secrets, read from the environment only:
  OPENPATH_PASSWORD  the service account's password
  OPENPATH_TOTP      the six digits of its second factor, if it has one

What is sent: a sign-in, and reads of the resident's user, credentials and entries. If the resident
has no cloud key yet, one named ElevateOS is made, as their first use of the app would: for a list of
the entries as well. The unlock itself is sent once and never repeated; Openpath accepts it without
saying whether the door opened.
";

/// Opens one entry at Openpath (Avigilon Alta) for a resident, once.
///
/// The resident has to be a user of the organisation with that very e-mail, and their entries are those
/// that Openpath names. Before entries are listed, and before one is opened, what would be sent is shown
/// and confirmed.
#[derive(Parser)]
#[command(
    name = "openpath_unlock",
    verbatim_doc_comment,
    after_long_help = format!("{AFTER_HELP}\n{}", super::EXIT_CODES)
)]
pub struct Arguments {
    /// The entry to open, by its id or exact name. Without it, the resident's entries are listed.
    ///
    /// Listing too makes a cloud key for the resident if they have none, and is asked about first.
    entry: Option<String>,

    /// The Openpath organisation, by its id.
    #[arg(long, value_name = "ID", env = "OPENPATH_ORG", hide_env_values = true)]
    org: String,

    /// The service account's e-mail: a local user whose role has the scope user:w.
    #[arg(long, value_name = "E-MAIL", env = "OPENPATH_EMAIL", hide_env_values = true)]
    account: String,

    /// The resident's e-mail, which you vouch for: whoever has it at Openpath is taken for them.
    #[arg(long, value_name = "E-MAIL", env = "OPENPATH_RESIDENT", hide_env_values = true)]
    resident: String,

    /// Where the API is; plain http for loopback only.
    #[arg(
        long,
        value_name = "URL",
        env = "OPENPATH_BASE_URL",
        hide_env_values = true,
        default_value = "https://api.openpath.com"
    )]
    base_url: String,

    /// Makes a cloud key and opens without asking. Needed where there is no terminal to ask on.
    #[arg(short, long)]
    yes: bool,
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
        door: arguments.entry.as_deref(),
        yes: arguments.yes,
        base_url: &arguments.base_url,
        way: "Openpath's cloud-key unlock",
        whom: "the resident whose e-mail was given".to_owned(),
        listing_writes: Some(
            "The entries are read first. If the resident has no cloud key yet, that makes one, named \
             ElevateOS, which stays at Openpath.",
        ),
        secret: PASSWORD,
        noun: "entry",
    };
    order.carry_out(terminal).await
}

/// A service for one building, one connection and one resident.
fn access(
    arguments: &Arguments,
    environment: Environment<'_>,
    wire: Arc<dyn Wire>,
) -> Result<(Access, ResidentId), Box<dyn Error>> {
    // The account's e-mail has to have the form of one; nobody is taken for somebody by it.
    argument("--account", VerifiedEmail::from_pms(&arguments.account))?;
    let mut credentials = Credentials::password(&arguments.account, secret(environment, PASSWORD)?);
    if let Some(code) = secret_if_set(environment, CODE)? {
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("the environment variable {CODE} does not hold six digits").into());
        }
        credentials = credentials.with_totp_code(code);
    }
    let org = argument("--org", OrgId::new(&arguments.org))?;
    let client = Client::builder(&arguments.base_url, org, credentials).wire(wire).build()?;

    let building = BuildingId::new("the-building")?;
    let connections = MemoryConnections::new();
    let connection = ConnectionId::new("openpath")?;
    connections.connect(&building, &connection, Arc::new(OpenpathProvider::new(client)));

    // Whoever calls this vouches for the e-mail, and for the resident's standing.
    let email = argument("--resident", VerifiedEmail::from_pms(&arguments.resident))?;
    let resident = ResidentId::new("the-resident")?;
    let unit = Unit::new(UnitId::new("the-unit")?, "Unit");
    let directory = MemoryDirectory::new();
    directory.set_units(&building, vec![unit.clone()]);
    directory.put(
        Resident::new(resident.clone())
            .with_email(email)
            .with_residency(Residency::current(building, unit)),
    );

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
            .field("entry", &self.entry)
            .field("org", &self.org)
            .field("yes", &self.yes)
            .finish_non_exhaustive()
    }
}

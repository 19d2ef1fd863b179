//! Connecting a 2N building: a link, the sign-in, the first sync, and what is still open.

mod stand_in;

use std::{error::Error, fmt, fs, path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use elevate_access::{BuildingId, Clock, SystemClock, Unit, UnitId};
use elevate_seam::{
    ApiKey, Client, ConnectWebviewId, ConnectedAccountId, Connecting, Instant, NewConnectWebview,
    Stage, TwoNProvider, TwoNSettings, WorkspaceId,
};
use elevate_transport::Wire;
use jiff::SignedDuration;

use self::stand_in::StandIn;
use super::{Ended, Environment, Terminal, argument, secret, wire};

const KEY: &str = "SEAM_API_KEY";

/// What one call or the report may take.
const WITHIN: Duration = Duration::from_secs(10);

const AFTER_HELP: &str = "\
Secrets, read from the environment only, and only with --base-url:
  SEAM_API_KEY  the workspace's API key, or a personal access token (then with --workspace)

What is sent: one connect link is made, which is confirmed first. Then reads, every few seconds, until
the sign-in and the first sync are over; then reads for the report. No device is converted to a
managed one: that starts its billing, and is for a person to do at Seam.

The link is a secret: whoever has it can connect an account of their own. It is shown once, here, because
you asked for it.

How to read the report: a line for each thing that was looked at, in the order in which to mend it.
  ok       it holds
  FAILED   it does not; below stands what to mend, and where
  warns    Seam warns of something that keeps nobody out; worth a look all the same
  unknown  it cannot be told from here, and why
  seen     something that was seen, which proves nothing
\"Not ready\" counts what is FAILED.

Exit codes:
  0  connected, and nothing is open that would keep residents out
  1  not connected, or something is open; the report says what
  2  the program was called in a way that it cannot use; nothing was sent";

/// Connects a building whose doors are 2N's, through Seam, and reports what is still open before
/// residents are let in, in the order in which to mend it.
///
/// Without --base-url it does so against a stand-in in this process, where everything is made up and a
/// made-up manager signs in after a few seconds. It is noon of 5 January 2026 there.
#[derive(Parser)]
#[command(name = "connect_two_n", verbatim_doc_comment, after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// The names of the building's units, one a line: all of them, lived in or not.
    #[arg(long, value_name = "FILE", requires = "base_url")]
    units: Option<PathBuf>,

    /// Only the report, for a building that is connected already.
    #[arg(long, conflicts_with = "resume")]
    report: bool,

    /// Goes on with a link that was made before, by its connect webview's id, in place of a new one.
    #[arg(long, value_name = "ID", requires = "base_url")]
    resume: Option<String>,

    /// How many minutes to wait for the sign-in and the sync.
    #[arg(long, value_name = "MINUTES", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=1440))]
    wait: u64,

    /// The workspace that the connection is pinned to, by its id.
    #[arg(long, value_name = "ID", env = "SEAM_WORKSPACE", hide_env_values = true)]
    workspace: Option<String>,

    /// A connected account that the connection is pinned to; may be repeated.
    #[arg(long, value_name = "ID")]
    account: Vec<String>,

    /// The customer that the connection is pinned to, and that the new account will belong to.
    #[arg(long, value_name = "KEY")]
    customer: Option<String>,

    /// Where Seam Connect is, as a URL; the real one is at connect.getseam.com, by https. Plain http is for
    /// loopback only.
    #[arg(long, value_name = "URL", env = "SEAM_BASE_URL", hide_env_values = true)]
    base_url: Option<String>,

    /// Makes the link without asking. Needed where there is no terminal to ask on.
    #[arg(short, long)]
    yes: bool,
}

/// A run, set up.
struct Run {
    client: Client,
    settings: TwoNSettings,
    units: Vec<Unit>,
    /// Where it is sent to, in words.
    at: String,
    clock: Arc<dyn Clock>,
    /// Whether all of it is made up.
    is_made_up: bool,
}

/// Does what the arguments ask for.
pub async fn run(
    arguments: &Arguments,
    environment: Environment<'_>,
    terminal: &mut Terminal<'_>,
) -> Ended {
    let wire = match arguments.base_url.as_deref().map(wire).transpose() {
        Ok(wire) => wire,
        Err(error) => return terminal.nothing(&error),
    };
    let run = match set_up(arguments, environment, wire) {
        Ok(run) => run,
        Err(fault) => return terminal.usage(&fault),
    };
    let settings = if arguments.report {
        run.settings.clone()
    } else {
        match run.connect(arguments, terminal).await {
            Ok(account) => run.settings_for(arguments, account),
            Err(ended) => return ended,
        }
    };
    run.report(settings, terminal).await
}

fn set_up(
    arguments: &Arguments,
    environment: Environment<'_>,
    wire: Option<Arc<dyn Wire>>,
) -> Result<Run, Box<dyn Error>> {
    let mut settings = TwoNSettings::new(BuildingId::new("the-building")?);
    let workspace = arguments.workspace.as_deref();
    let workspace =
        workspace.map(|id| argument("--workspace", WorkspaceId::new(id))).transpose()?;
    if let Some(id) = &workspace {
        settings = settings.workspace(id.clone());
    }
    if let Some(key) = &arguments.customer {
        settings = settings.customer(key);
    }
    if !arguments.account.is_empty() {
        let accounts = arguments.account.iter().map(ConnectedAccountId::new);
        settings = settings
            .connected_accounts(argument("--account", accounts.collect::<Result<Vec<_>, _>>())?);
    }
    let (Some(wire), Some(base_url)) = (wire, &arguments.base_url) else {
        let stand_in = StandIn::new();
        return Ok(Run {
            client: stand_in.client()?,
            settings,
            units: units(stand_in::UNITS.iter().map(|name| (*name).to_owned()))?,
            at:
                "a stand-in in this process; all of it is made up, and it is noon of 5 January 2026"
                    .to_owned(),
            clock: stand_in.clock(),
            is_made_up: true,
        });
    };
    let file = arguments.units.as_ref().ok_or("--units: the building's units are not given")?;
    let text = fs::read_to_string(file).map_err(|error| format!("--units: {error}"))?;
    let names = text.lines().map(|line| line.trim_end_matches('\r').to_owned());
    let units = units(names.filter(|name| !name.is_empty()))?;
    if units.is_empty() {
        return Err("--units: the file names no unit".into());
    }
    let key = argument(KEY, ApiKey::new(secret(environment, KEY)?))?;
    let mut client = Client::builder(key).base_url(base_url).wire(wire);
    if let Some(id) = workspace {
        client = client.workspace(id);
    }
    Ok(Run {
        client: client.build()?,
        settings,
        units,
        at: base_url.clone(),
        clock: Arc::new(SystemClock),
        is_made_up: false,
    })
}

/// Units of those names. Two lines of one name are two units, as they would be in a building.
fn units(names: impl Iterator<Item = String>) -> Result<Vec<Unit>, Box<dyn Error>> {
    let unit = |(n, name)| Ok(Unit::new(UnitId::new(format!("unit-{}", n + 1))?, name));
    names.enumerate().map(unit).collect()
}

impl Run {
    /// From a link to the end of the first sync.
    async fn connect(
        &self,
        arguments: &Arguments,
        terminal: &mut Terminal<'_>,
    ) -> Result<ConnectedAccountId, Ended> {
        let connecting = match &arguments.resume {
            Some(id) => self.resume(id, terminal).await?,
            None => self.begin(arguments, terminal).await?,
        };
        let _ = writeln!(terminal.out, "Link:     {}", connecting.link().expose());
        if self.is_made_up {
            let _ = writeln!(terminal.out, "          (made up; a real one is a secret)");
        }
        let _ = writeln!(terminal.out, "Webview:  {}", connecting.id());
        let begun = Instant::now();
        let until = begun + Duration::from_mins(arguments.wait);
        let ended = connecting.wait(until, |stage| {
            let _ = writeln!(terminal.out, "{:>6} s  {stage}", begun.elapsed().as_secs());
        });
        match ended.await {
            Ok(Stage::Synced { account, .. }) => Ok(account),
            Ok(Stage::Failed) => Err(terminal.not_opened(
                &"Not connected. Seam does not say why; run this again for a new link.",
            )),
            Ok(Stage::Syncing { account, .. }) => {
                let _ = writeln!(
                    terminal.err,
                    "Signed in, and the first sync is not over. This is what there is so far."
                );
                Ok(account)
            }
            Ok(_) => Err(terminal.not_opened(&format_args!(
                "Nobody has signed in yet. To go on waiting: --resume {}",
                connecting.id()
            ))),
            Err(error) => Err(terminal.not_opened(&error)),
        }
    }

    async fn begin(
        &self,
        arguments: &Arguments,
        terminal: &mut Terminal<'_>,
    ) -> Result<Connecting, Ended> {
        let _ = writeln!(
            terminal.err,
            "A connect link is made, by which whoever has it can connect a 2N account:\n\n  at       {}\n",
            self.at
        );
        let needs_nobody = arguments.yes || self.is_made_up;
        if !needs_nobody {
            if terminal.answers.is_none() {
                return Err(
                    terminal.usage(&"there is no terminal on which to confirm this; see --yes")
                );
            }
            match terminal.confirms("Make a link?") {
                Ok(true) => {}
                Ok(false) => return Err(terminal.nothing(&"It was not confirmed.")),
                Err(error) => return Err(terminal.nothing(&error)),
            }
        }
        let mut new = NewConnectWebview::two_n();
        if let Some(key) = &arguments.customer {
            new = new.customer_key(key);
        }
        let begun =
            Connecting::begin(&self.client, &new, self.clock.now(), Instant::now() + WITHIN);
        begun.await.map_err(|error| terminal.not_opened(&error))
    }

    async fn resume(&self, id: &str, terminal: &mut Terminal<'_>) -> Result<Connecting, Ended> {
        let id = match argument("--resume", ConnectWebviewId::new(id)) {
            Ok(id) => id,
            Err(fault) => return Err(terminal.usage(&fault)),
        };
        // When it was made is not known here; a link that is worth waiting for is of these days.
        let now = self.clock.now();
        let made = now.checked_sub(SignedDuration::from_hours(7 * 24)).unwrap_or(now);
        let resumed = Connecting::resume(&self.client, &id, made, Instant::now() + WITHIN);
        resumed.await.map_err(|error| terminal.not_opened(&error))
    }

    /// The connection as a service would set it up: pinned to the account that has just come, unless it is
    /// pinned otherwise.
    fn settings_for(&self, arguments: &Arguments, account: ConnectedAccountId) -> TwoNSettings {
        let settings = self.settings.clone();
        if arguments.account.is_empty() && arguments.customer.is_none() {
            settings.connected_accounts([account])
        } else {
            settings
        }
    }

    async fn report(&self, settings: TwoNSettings, terminal: &mut Terminal<'_>) -> Ended {
        let provider = TwoNProvider::new(self.client.clone(), settings);
        match provider.go_live(&self.units, self.clock.now(), Instant::now() + WITHIN).await {
            Ok(report) => {
                let _ = writeln!(terminal.out, "\n{report}");
                if report.is_ready() { Ended::Well } else { Ended::NotOpened }
            }
            Err(error) => terminal.not_opened(&error.for_manager()),
        }
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("report", &self.report)
            .field("wait", &self.wait)
            .field("yes", &self.yes)
            .finish_non_exhaustive()
    }
}

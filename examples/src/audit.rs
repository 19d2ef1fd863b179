//! Auditing a building from a roster and its connections, or a seeded one.

mod configuration;
pub mod roster;
mod seed;

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use elevate_access::{
    Access, AccessProvider, Audit, AuditEvent, AuditOptions, BuildingId, ConnectionId,
    MemoryConnections, MemoryDirectory, MemoryStore, Snapshot, Standing, SystemClock,
};
use elevate_access_report::{Format, Report, visible};
use elevate_access_testkit::{MemoryWire, TestClock, Vendor};
use elevate_openpath::{Client, Credentials, OpenpathProvider, OrgId};
use elevate_seam::{ApiKey, TwoNProvider, TwoNSettings};

use self::{configuration::Configuration, roster::Roster};
use crate::quickstart::Failure;

/// The audit found nothing to mend at once; it did; it could not be made to its end.
const GOOD: u8 = 0;
const MUST_FIX: u8 = 1;
const UNABLE: u8 = 2;

const AFTER_HELP: &str = "\
The roster is CSV with a header, or a JSON list, with the fields
  unit       the unit's name, as the building uses it (required)
  unit_id    its id, which stays when the name changes; the name if it is left out
  resident   the resident's id; none for a unit that stands empty
  name       the resident's name
  email      the e-mail that the PMS holds
  standing   Current, Future, Former, or whatever the PMS says
List every unit, lived in or not: a name that stands twice can be seen no other way. A row that cannot be read is
named with line and column, and left out; the report says so, too. Only `Current`, spelled so, is Current.

The connections are JSON:
  { \"building\": \"maple\", \"connections\": [
      { \"id\": \"front\", \"openpath\": { \"base_url\": \"https://api.openpath.com\", \"org\": \"5120\",
        \"email_from\": \"OPENPATH_EMAIL\", \"password_from\": \"OPENPATH_PASSWORD\", \"sites\": [] } },
      { \"id\": \"flats\", \"two_n\": { \"key_from\": \"SEAM_API_KEY\", \"units\": \"spaces\" } } ] }
The …_from fields name environment variables: no secret is in the file. `sites` holds ids of Openpath's sites, as
text; none means the whole organisation. For 2N there are besides, all optional: `base_url`; `workspace` and a list
`connected_accounts`, to pin the connection to them; and `units`: \"spaces\" (by name, the default),
\"space_display_names\" or \"space_keys\".

Exit codes:
  0  nothing has to be fixed now, and the whole roster could be read
  1  something has to be fixed now; the report says what
  2  the audit could not be made, or not to its end, or nothing has to be fixed in what could be read of the roster";

/// Audits a building: who would be locked out, and who has access who should not.
///
/// Without --roster it audits a made-up building against stand-ins in this process, where
/// everything that goes wrong has gone wrong once: so it ends with 1. It reads only.
#[derive(Debug, Default, Parser)]
#[command(name = "audit", verbatim_doc_comment, after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// The roster, as CSV or JSON. Without --connections it is only read, and what is wrong with it is told.
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,

    /// The building's connections, as JSON.
    #[arg(long, value_name = "FILE", requires = "roster")]
    pub connections: Option<PathBuf>,

    /// In which form to report: table, html, csv or json.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: String,

    /// Where to write the report; standard output if it is left out.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// The snapshot that an earlier audit kept: what has changed since is told, and what is new is marked.
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,

    /// Takes what has changed for meant. A unit that is matched to what was another's, or that lost doors, is else told
    /// of at each audit until that is undone.
    #[arg(long, requires = "since")]
    pub accept_changes: bool,

    /// Where to keep the snapshot for the next audit.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,

    /// Also asks Openpath for each matched resident's entries: a call for each.
    #[arg(long)]
    pub doors_of_each: bool,

    /// Seeds the made-up building with hostile names.
    #[arg(long, conflicts_with = "roster")]
    pub hostile: bool,
}

/// What the environment holds under a name.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + Send + Sync + 'a;

/// Runs it, and says how it ended.
pub async fn run(
    arguments: &Arguments,
    environment: &Environment<'_>,
    out: &mut (dyn Write + Send),
    progress: &mut (dyn Write + Send),
    is_terminal: bool,
) -> u8 {
    match audit(arguments, environment, out, progress, is_terminal).await {
        Ok(code) => code,
        Err(why) => {
            // Where nothing can be written, nothing can be said about it.
            let _ = writeln!(progress, "audit: {why}");
            UNABLE
        }
    }
}

/// A connection, and who answers for it.
type Opened = (ConnectionId, Arc<dyn AccessProvider>);

/// A building, its roster, and who answers for its doors.
struct Stage {
    building: BuildingId,
    roster: Roster,
    connections: Vec<Opened>,
    clock: Option<TestClock>,
}

async fn audit(
    arguments: &Arguments,
    environment: &Environment<'_>,
    out: &mut (dyn Write + Send),
    progress: &mut (dyn Write + Send),
    is_terminal: bool,
) -> Result<u8, Failure> {
    let format: Format = arguments.format.parse()?;
    let (mut options, mut before) = (AuditOptions::new(), None);
    if let Some(file) = &arguments.since {
        let text = read(file, "since")?;
        let snapshot: Snapshot =
            serde_json::from_str(&text).map_err(|_| "--since: this is no snapshot of an audit")?;
        before = Some(snapshot.building().clone());
        options = options.since(snapshot);
    }
    if arguments.accept_changes {
        options = options.accepting_changes();
    }
    if arguments.doors_of_each {
        options = options.with_doors_of_each();
    }
    let stage = match (&arguments.roster, &arguments.connections) {
        (Some(roster), Some(connections)) => Stage::read(roster, connections, environment)?,
        (Some(roster), None) => return read_only(roster, out, progress),
        _ => Stage::seeded(arguments.hostile)?,
    };
    if let Some(other) = before.filter(|before| *before != stage.building) {
        return Err(
            format!("--since: this snapshot is of {other}, not of {}", stage.building).into()
        );
    }
    tell(&stage.roster, progress)?;
    if stage.roster.units.is_empty() {
        return Err("the roster names no unit that can be read: there is nothing to audit".into());
    }
    let faults: Vec<String> = stage.roster.faults.iter().map(ToString::to_string).collect();
    let (building, access) = stage.access()?;
    let run = access.audit(&building, options).await.map_err(|e| e.for_manager())?;
    let audit = run
        .collect_telling(|event| {
            if let (AuditEvent::Progress(how_far), true) = (event, is_terminal) {
                let of = how_far.of.map_or_else(String::new, |of| format!(" of {of}"));
                let (connection, what) = (&how_far.connection, how_far.what);
                let _ = write!(progress, "\r\u{1b}[K{connection}: {}{of} {what}", how_far.done);
                let _ = progress.flush();
            }
        })
        .await;
    if is_terminal {
        write!(progress, "\r\u{1b}[K")?;
    }
    let report = Report::of(&audit).with_roster_faults(faults);
    let text = report.write(format)?;
    match &arguments.out {
        Some(file) => {
            fs::write(file, text).map_err(|e| format!("--out {}: {e}", file.display()))?;
            writeln!(progress, "the report is in {}", file.display())?;
        }
        None => out.write_all(text.as_bytes())?,
    }
    if let Some(file) = &arguments.keep {
        let text = serde_json::to_string(&audit.end.snapshot)?;
        fs::write(file, text).map_err(|e| format!("--keep {}: {e}", file.display()))?;
    }
    Ok(verdict(&audit, &report))
}

fn verdict(audit: &Audit, report: &Report) -> u8 {
    match report.counts.must_fix {
        1.. if audit.is_complete() => MUST_FIX,
        0 if report.complete => GOOD,
        _ => UNABLE,
    }
}

/// Reads a roster for its own sake.
fn read_only(
    file: &Path,
    out: &mut (dyn Write + Send),
    progress: &mut (dyn Write + Send),
) -> Result<u8, Failure> {
    let roster = Roster::read(&BuildingId::new("roster")?, &read(file, "roster")?);
    tell(&roster, progress)?;
    let (rows, units, residents) = (roster.rows, roster.units.len(), roster.residents.len());
    writeln!(out, "{rows} rows: {units} units, {residents} residents")?;
    let is_good = roster.faults.is_empty() && units > 0;
    Ok(if is_good { GOOD } else { UNABLE })
}

/// What is wrong with a roster, and what is worth knowing of it.
fn tell(roster: &Roster, progress: &mut (dyn Write + Send)) -> Result<(), Failure> {
    for fault in &roster.faults {
        writeln!(progress, "roster: {fault}")?;
    }
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let residencies = roster.residents.iter().flat_map(|resident| &resident.residencies);
    for residency in residencies {
        if let Standing::Other(other) = &residency.standing {
            *others.entry(other).or_default() += 1;
        }
    }
    for (other, count) in others {
        let other = visible(other);
        writeln!(
            progress,
            "roster: {count} stand as “{other}”, which is not Current: they are taken to have left"
        )?;
    }
    Ok(())
}

fn read(file: &Path, what: &str) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| format!("--{what} {}: {error}", file.display()).into())
}

impl Stage {
    fn read(
        roster: &Path,
        connections: &Path,
        environment: &Environment<'_>,
    ) -> Result<Self, Failure> {
        let configuration = Configuration::read(&read(connections, "connections")?)?;
        let building = configuration.building()?;
        let roster = Roster::read(&building, &read(roster, "roster")?);
        let connections = configuration.open(&building, environment)?;
        Ok(Self { building, roster, connections, clock: None })
    }

    fn seeded(is_hostile: bool) -> Result<Self, Failure> {
        let clock = TestClock::new();
        let building = BuildingId::new("larkspur")?;
        let openpath = MemoryWire::new(Vendor::new(seed::openpath(is_hostile)), clock);
        let credentials = Credentials::password(seed::ACCOUNT, seed::PASSWORD);
        let openpath =
            Client::builder("https://openpath.example", OrgId::from(seed::ORG), credentials)
                .wire(Arc::new(openpath))
                .build()?;
        let seam = MemoryWire::new(Vendor::new(seed::seam(is_hostile)), clock);
        let seam =
            elevate_seam::Client::builder(ApiKey::new(seed::KEY)?).wire(Arc::new(seam)).build()?;
        let two_n = TwoNProvider::new(seam, TwoNSettings::new(building.clone()));
        Ok(Self {
            roster: seed::roster(&building, is_hostile),
            building,
            connections: vec![
                (ConnectionId::new("front")?, Arc::new(OpenpathProvider::new(openpath))),
                (ConnectionId::new("flats")?, Arc::new(two_n)),
            ],
            clock: Some(clock),
        })
    }

    fn access(self) -> Result<(BuildingId, Access), Failure> {
        let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
        directory.set_units(&self.building, self.roster.units);
        for resident in self.roster.residents {
            directory.put(resident);
        }
        for (id, provider) in self.connections {
            connections.connect(&self.building, &id, provider);
        }
        let access = Access::builder()
            .directory(directory)
            .connections(connections)
            .store(MemoryStore::new())
            .list_within(Duration::from_secs(10));
        let access = match self.clock {
            Some(clock) => access.clock(clock),
            None => access.clock(SystemClock),
        };
        Ok((self.building, access.build()?))
    }
}

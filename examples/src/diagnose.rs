//! What a support agent runs when a resident says that the door does not open: `Access::diagnose` and
//! `Access::check`, over buildings that are seeded with everything that they can find.
//!
//! - `cast.rs`: what a building and a resident are here; the others are the buildings, each a list of
//!   residents with what is wrong and the cause that a diagnosis has to name.
//! - `house.rs`: a building over the stand-ins. **Each question gets a building of its own**, so that an
//!   answer does not depend on what was asked before.
//!
//! Time is simulated: it is noon of 2 March 2026, and an answer reads the same each time.

mod cast;
mod harbour;
mod house;
mod larkspur;
mod maple;
mod orchard;
mod setups;
mod weather;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use clap::Parser;
use elevate_access::{Cause, Check, CheckResult, DoorId, Reason};

pub use cast::{BUILDINGS, Building, Role};
use house::House;

use crate::quickstart::Failure;

const AFTER_HELP: &str = "\
Everything is made up: the buildings stand on the test kit's models of Openpath and Seam, in memory, at
noon of 2 March 2026. Each question gets its building as the resident finds it, so answers repeat; a
building's check is that of a quiet day.

How to read a diagnosis: a line for each precondition, in the order in which to mend them.
  ok       it holds
  FAILED   it does not; below stands what to mend, and where
  warns    the system warns of something that keeps nobody out; worth a look all the same
  unknown  it cannot be told from here, and why
  seen     something that was seen, which proves nothing

Asking opens no door, makes no key and changes nothing at a vendor.

Exit codes: 0 if nothing wrong was found, 1 if there is something to mend (with --all: anywhere),
2 if it cannot be asked: no such building or resident, no id of a door, arguments that make no sense.";

/// Says why a resident's door stays shut, precondition by precondition, and what to mend where.
///
/// Without arguments: the buildings and their residents, with what is wrong with each.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "diagnose", after_long_help = AFTER_HELP)]
pub struct Arguments {
    /// The building, by its id. Alone: who lives there.
    #[arg(long, value_name = "ID")]
    building: Option<String>,

    /// The resident who says that the door does not open, by their id.
    #[arg(long, value_name = "ID", requires = "building")]
    resident: Option<String>,

    /// The door that they mean, by its id. Without it: all of theirs.
    #[arg(long, value_name = "ID", requires = "resident")]
    door: Option<String>,

    /// How the building's connections are, in place of one resident's doors.
    #[arg(long, requires = "building", conflicts_with = "resident")]
    check: bool,

    /// Every resident's diagnosis and every building's check.
    #[arg(long, conflicts_with_all = ["building", "resident", "door", "check"])]
    all: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Nothing wrong was found, or nothing was asked.
    Well,
    /// There is something to mend.
    Wrong,
    /// It cannot be asked.
    Unasked,
}

impl Ended {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Wrong => 1,
            Self::Unasked => 2,
        }
    }

    fn of(asked: &Asked) -> Self {
        if asked.causes.is_empty() { Self::Well } else { Self::Wrong }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What a person reads.
    pub text: String,
    /// What is wrong, in the order in which to mend it.
    pub causes: Vec<Cause>,
    /// What the vendors were made to do besides reading: nothing, if all is as it should be.
    pub written: Vec<String>,
}

/// Does what the arguments ask for.
///
/// # Errors
/// If the text cannot be written, a building cannot be set up, or something was written at a vendor.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Ended, Failure> {
    let mut ended = Ended::Well;
    let mut tell = |asked: Asked, out: &mut dyn Write| -> Result<(), Failure> {
        writeln!(out, "{}", asked.text)?;
        if let Some(first) = asked.written.first() {
            return Err(format!("a vendor was written to: {first}").into());
        }
        ended = ended.max(Ended::of(&asked));
        Ok(())
    };
    if arguments.all {
        for building in BUILDINGS {
            writeln!(out, "{}: {}\n", building.id, building.word)?;
            for role in building.residents {
                tell(diagnose(building, role, role.door)?, out)?;
            }
            tell(check(building)?, out)?;
        }
        return Ok(ended);
    }
    let Some(id) = &arguments.building else {
        list(BUILDINGS, out)?;
        return Ok(ended);
    };
    let Some(building) = BUILDINGS.iter().find(|building| building.id == id) else {
        writeln!(out, "There is no such building. Without arguments they are listed.")?;
        return Ok(Ended::Unasked);
    };
    if arguments.check {
        tell(check(building)?, out)?;
        return Ok(ended);
    }
    let Some(id) = &arguments.resident else {
        list(&[building], out)?;
        return Ok(ended);
    };
    let Some(role) = building.residents.iter().find(|role| role.id == id) else {
        writeln!(
            out,
            "{} has no such resident. With --building alone they are listed.",
            building.id
        )?;
        return Ok(Ended::Unasked);
    };
    let door = arguments.door.as_deref();
    if door.is_some_and(|door| door.parse::<DoorId>().is_err()) {
        writeln!(out, "That is no id of a door. With --building alone the building's are listed.")?;
        return Ok(Ended::Unasked);
    }
    tell(diagnose(building, role, door)?, out)?;
    Ok(ended)
}

/// Who lives there, and what is wrong with each.
fn list(buildings: &[&Building], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Ask with --building and --resident, and with --door where one is named:")?;
    writeln!(out, "  cargo run --example diagnose -- --building larkspur-court --resident sven")?;
    writeln!(out, "or with --building and --check. --help says more.")?;
    for building in buildings {
        writeln!(out, "\n{}: {}", building.id, building.word)?;
        for role in building.residents {
            writeln!(out, "  {:<6} {}", role.id, role.word)?;
            if let Some(door) = role.door {
                writeln!(out, "         --door {door}")?;
            }
        }
        for (place, (id, name)) in building.doors.iter().enumerate() {
            let title = if place == 0 { "doors" } else { "" };
            writeln!(out, "  {title:<6} {id}: {name}")?;
        }
    }
    Ok(())
}

/// Asks why the resident's doors, or that one, stay shut.
///
/// # Errors
/// If the building cannot be set up, or the door's id is none.
pub fn diagnose(building: &Building, role: &Role, door: Option<&str>) -> Result<Asked, Failure> {
    in_simulated_time(async {
        let door: Option<DoorId> = door.map(str::parse).transpose()?;
        let house = House::build(building, Some(role)).await?;
        let diagnosis = house.diagnose(role.id, door.as_ref()).await?;

        let mut text = format!("{}, {}: {}\n", building.id, role.id, role.word);
        if let Some(door) = &door {
            let _ = writeln!(text, "The door {door}");
        }
        let _ = write!(text, "{diagnosis}");
        let checks = diagnosis.connections.iter().flat_map(|each| &each.checks);
        let checks: Vec<_> = diagnosis.resident.iter().chain(checks).collect();
        let is_open = |check: &&Check| check.result != CheckResult::Passed;
        let _ = match diagnosis.first_failure() {
            Some(first) => {
                let (code, told) = (first.code(), first.for_resident());
                if first.cause().keeps_shut() {
                    writeln!(text, "To mend first: {code}. The app says: {told}")
                } else {
                    writeln!(text, "Worth mending, though it keeps no door shut: {code}.")
                }
            }
            None if checks.iter().any(is_open) => writeln!(
                text,
                "Nothing wrong was found. What is unknown or was seen may still keep a door shut."
            ),
            None => writeln!(text, "Nothing wrong was found."),
        };
        let causes = checks.into_iter().filter_map(Check::failure);
        Ok(Asked { text, causes: causes.map(Reason::cause).collect(), written: house.written() })
    })
}

/// Asks how the building's connections are.
///
/// # Errors
/// If the building cannot be set up.
pub fn check(building: &Building) -> Result<Asked, Failure> {
    in_simulated_time(async {
        let house = House::build(building, None).await?;
        let (mut text, mut causes) = (format!("{}, its connections\n", building.id), Vec::new());
        let healths = house.check().await?;
        if healths.is_empty() {
            text += "There is none.\n";
        }
        for one in healths {
            let system = one.system.map_or("unknown system".into(), |system| system.name);
            let _ = write!(text, "{system} ({}): {}", one.connection, one.health);
            causes.extend(one.health.reasons.iter().map(Reason::cause));
        }
        Ok(Asked { text, causes, written: house.written() })
    })
}

/// Runs that in a runtime of its own, whose clock jumps over every wait.
fn in_simulated_time<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?
        .block_on(work)
}

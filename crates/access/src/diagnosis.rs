//! Why a door stays shut, and whether a connection is well: answers for people who mend things.

use std::fmt;

use jiff::Timestamp;

use crate::{Cause, ConnectionId, DoorId, Error, Reason, System, words};

/// One precondition of opening a door, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// What has to hold, as a sentence: `The resident's e-mail belongs to one Openpath user.`
    pub what: String,
    /// How it stands.
    pub result: CheckResult,
}

/// How a precondition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckResult {
    /// It holds.
    Passed,
    /// It does not; this is why, and what to mend.
    Failed(Reason),
    /// It cannot be told from here, and this is why, or where to look.
    Unknowable(String),
    /// Something that was seen, which neither proves nor disproves it.
    Seen(String),
}

impl Check {
    /// A precondition that holds.
    pub fn passed(what: impl Into<String>) -> Self {
        Self { what: what.into(), result: CheckResult::Passed }
    }

    /// A precondition that does not hold.
    pub fn failed(what: impl Into<String>, reason: Reason) -> Self {
        Self { what: what.into(), result: CheckResult::Failed(reason) }
    }

    /// A precondition that cannot be looked up.
    pub fn unknowable(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), result: CheckResult::Unknowable(why.into()) }
    }

    /// Something that was seen, and proves nothing.
    pub fn seen(what: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { what: what.into(), result: CheckResult::Seen(seen.into()) }
    }

    /// Why it does not hold, if it does not.
    pub fn failure(&self) -> Option<&Reason> {
        match &self.result {
            CheckResult::Failed(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Why a resident may or may not open their doors, or one door: for managers.
///
/// `Display` is the report as text, a line a precondition: `ok`, it holds; `FAILED`, it does not; `warns`, the system
/// warns of something that keeps nobody out; `unknown`, it cannot be told from here; `seen`, something that was seen
/// and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What has to hold in ElevateOS and the PMS, in the order in which to mend it.
    pub resident: Vec<Check>,
    /// What has to hold at each connection that was asked.
    pub connections: Vec<ConnectionDiagnosis>,
}

/// What has to hold at one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionDiagnosis {
    /// The connection.
    pub connection: ConnectionId,
    /// Its system, unless the connection could not even be opened.
    pub system: Option<System>,
    /// The door that was asked about, if it is one of this connection.
    pub door: Option<DoorId>,
    /// The preconditions, in the order in which to mend them.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// The first thing to mend; `None` if nothing is known to be wrong. Something that
    /// [keeps doors shut](crate::Cause::keeps_shut) comes before everything that does not.
    pub fn first_failure(&self) -> Option<&Reason> {
        let failures = || {
            let connections = self.connections.iter().flat_map(|c| &c.checks);
            self.resident.iter().chain(connections).filter_map(Check::failure)
        };
        failures().find(|reason| reason.cause().keeps_shut()).or_else(|| failures().next())
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Resident")?;
        fmt_all(&self.resident, f)?;
        for connection in &self.connections {
            let system = connection.system.as_ref().map_or("unknown system", |s| s.name.as_ref());
            writeln!(f, "{system} ({})", connection.connection)?;
            fmt_all(&connection.checks, f)?;
        }
        Ok(())
    }
}

/// So many at the end that cannot be told for one and the same reason are told together.
const MANY: usize = 5;

fn fmt_all(checks: &[Check], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let last = checks.last().map(|check| &check.result);
    let alike = checks.iter().rev().take_while(|check| Some(&check.result) == last).count();
    let (told, alike) = checks.split_at(checks.len() - alike);
    told.iter().try_for_each(|check| write!(f, "{check}"))?;
    match last {
        Some(CheckResult::Unknowable(why)) if alike.len() >= MANY => {
            writeln!(f, "  unknown  {} more preconditions ({why})", alike.len())
        }
        _ => alike.iter().try_for_each(|check| write!(f, "{check}")),
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            CheckResult::Passed => writeln!(f, "  ok       {}", self.what),
            CheckResult::Unknowable(why) => {
                writeln!(f, "  unknown  {} ({why})", self.what)
            }
            CheckResult::Seen(seen) => writeln!(f, "  seen     {} ({seen})", self.what),
            CheckResult::Failed(reason) => {
                writeln!(f, "  {:<8} {}", mark(reason), self.what)?;
                writeln!(f, "           {}", reason.for_manager())?;
                writeln!(f, "           Mend it in: {}", words::place(reason.place(), reason))
            }
        }
    }
}

/// A system's own warning about a door keeps nobody out and lets nobody in, and does not count among what failed.
fn mark(reason: &Reason) -> &'static str {
    if reason.cause() == Cause::DoorWarned { "warns" } else { "FAILED" }
}

/// How a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HealthState {
    /// It works, and nothing is known to be wrong.
    Ok,
    /// It works, and something has to be mended.
    Degraded,
    /// It does not work.
    Down,
}

/// How a connection is, and what to mend.
///
/// `Display` is the report as text, a line for each thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// How it is.
    pub state: HealthState,
    /// What is wrong, worst first.
    pub reasons: Vec<Reason>,
    /// What was looked at, in the order in which to mend it.
    pub checks: Vec<Check>,
    /// Until when the sign-in lasts, where the system says so; it is renewed before.
    pub signed_in_until: Option<Timestamp>,
    /// When the system last answered as it should, in this process.
    pub last_success: Option<Timestamp>,
}

impl Health {
    /// A connection with nothing known against it.
    pub fn ok() -> Self {
        Self::degraded(Vec::new())
    }

    /// A connection that works, with something to mend; [`ok`](Self::ok) if there is no reason.
    pub fn degraded(reasons: Vec<Reason>) -> Self {
        let state = if reasons.is_empty() { HealthState::Ok } else { HealthState::Degraded };
        Self { state, reasons, checks: Vec::new(), signed_in_until: None, last_success: None }
    }

    /// A connection that does not work.
    pub fn down(reason: Reason) -> Self {
        Self { state: HealthState::Down, ..Self::degraded(vec![reason]) }
    }

    /// Tells what was looked at.
    pub fn with_checks(mut self, checks: Vec<Check>) -> Self {
        self.checks = checks;
        self
    }

    /// Tells until when the sign-in lasts, as far as is known.
    pub fn signed_in_until(mut self, until: Option<Timestamp>) -> Self {
        self.signed_in_until = until;
        self
    }

    /// Tells when the system last answered as it should, if it has.
    pub fn last_success(mut self, at: Option<Timestamp>) -> Self {
        self.last_success = at;
        self
    }

    /// Adds something to mend, after what is known already.
    pub(crate) fn and(mut self, what: &str, reason: Reason) -> Self {
        self.state = self.state.max(HealthState::Degraded);
        self.checks.push(Check::failed(what, reason.clone()));
        self.reasons.push(reason);
        self
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            HealthState::Ok => "Ok",
            HealthState::Degraded => "Degraded",
            HealthState::Down => "Down",
        })?;
        let seconds = |at: Timestamp| at.round(jiff::Unit::Second).unwrap_or(at);
        if let Some(until) = self.signed_in_until {
            write!(f, ", signed in until {}", seconds(until))?;
        }
        if let Some(at) = self.last_success {
            write!(f, ", last answered at {}", seconds(at))?;
        }
        writeln!(f)?;
        fmt_all(&self.checks, f)?;
        let is_told = |reason: &&Reason| self.checks.iter().any(|c| c.failure() == Some(reason));
        for reason in self.reasons.iter().filter(|reason| !is_told(reason)) {
            writeln!(f, "  {:<8} {}", mark(reason), reason.for_manager())?;
            writeln!(f, "           Mend it in: {}", words::place(reason.place(), reason))?;
        }
        Ok(())
    }
}

/// How one connection of a building is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionHealth {
    /// The connection.
    pub connection: ConnectionId,
    /// Its system, unless the connection could not even be opened.
    pub system: Option<System>,
    /// How it is.
    pub health: Health,
    /// Why it could not be opened, if it could not: its [`source`](std::error::Error::source) is the host's
    /// own failure.
    pub error: Option<Error>,
}

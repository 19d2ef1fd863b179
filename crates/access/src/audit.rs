//! Audits: what would keep residents out, or lets somebody in who should not be, found before a tap does.

mod auditor;
mod finding;
mod roster;
mod snapshot;

use std::{fmt, time::Duration};

use jiff::Timestamp;

pub use auditor::{Audited, Auditor, Tally};
pub use finding::{Difference, Finding, Likely, Subject, SubjectKind, Urgency};
pub use roster::{Roster, RosterEntry, RosterStream};
pub(crate) use snapshot::Left;
pub use snapshot::Snapshot;

use crate::{BuildingId, ConnectionId, Reason, System};

/// The longest that an audit may take, and how long it may take unless set otherwise.
pub(crate) const AUDIT_WITHIN: Duration = Duration::from_mins(30);

/// How an audit is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AuditOptions {
    /// What the audit before left, for what has changed since and for since when findings stand.
    pub since: Option<Snapshot>,
    /// Also asks a system that knows people by e-mail for each matched resident's doors, to find who has
    /// none. That is **a call for each of them**, where an audit without it makes a handful.
    pub doors_of_each: bool,
    /// Takes what changed for meant: it is told of in this audit, and no longer in the next.
    pub accept_changes: bool,
    /// How long it may take: at most 30 minutes, which is the default.
    pub within: Option<Duration>,
}

impl AuditOptions {
    /// Everything that takes few calls, and nothing to compare with.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares with what an earlier audit of the building left.
    pub fn since(mut self, snapshot: Snapshot) -> Self {
        self.since = Some(snapshot);
        self
    }

    /// Also asks for each matched resident's doors.
    pub fn with_doors_of_each(mut self) -> Self {
        self.doors_of_each = true;
        self
    }

    /// Takes what changed since the [snapshot](Self::since) for meant. A change that may let somebody in elsewhere, such
    /// as a unit that is matched to what was another's, is else told of at every audit until it is undone.
    pub fn accepting_changes(mut self) -> Self {
        self.accept_changes = true;
        self
    }

    /// Sets how long it may take.
    pub fn within(mut self, at_most: Duration) -> Self {
        self.within = Some(at_most);
        self
    }
}

/// What an audit tells while it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuditEvent {
    /// How far a connection is.
    Progress(Progress),
    /// Something was found. Findings come as they are found, not in the order in which to mend them.
    Finding(Box<Finding>),
    /// The end; nothing comes after it.
    Ended(Box<AuditEnd>),
}

/// How far the audit of one connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The connection.
    pub connection: ConnectionId,
    /// What is being read, such as `users`.
    pub what: &'static str,
    /// How many were read.
    pub done: u64,
    /// Of how many, where the system says so.
    pub of: Option<u64>,
}

/// How an audit ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEnd {
    /// The building.
    pub building: BuildingId,
    /// When it began.
    pub begun: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Each connection of the building, in their order.
    pub connections: Vec<ConnectionAudit>,
    /// What to keep and hand to the next one ([`AuditOptions::since`]).
    pub snapshot: Snapshot,
}

/// How the audit of one connection ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionAudit {
    /// The connection.
    pub connection: ConnectionId,
    /// Its system, unless the connection could not even be opened.
    pub system: Option<System>,
    /// What was counted, the match rate first. Empty if it failed.
    pub tallies: Vec<Tally>,
    /// How many calls were made to the system.
    pub calls: u64,
    /// How many findings of the audit before, that were to be mended, no longer stand: mended, or accepted.
    pub mended: usize,
    /// Why it could not be audited to its end: then what was found is true and **not all that there is**.
    pub failed: Option<Reason>,
}

/// A whole audit: its end, and its findings in the order in which to mend them.
///
/// The report crate turns it into JSON, CSV, a table or a page. Findings are for managers: they name e-mails.
#[derive(Clone)]
#[non_exhaustive]
pub struct Audit {
    /// How it ended.
    pub end: AuditEnd,
    /// The findings: what must be fixed now first, then what will bite, then what is for information.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// An audit of these findings, which it puts in order.
    pub fn new(end: AuditEnd, mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        Self { end, findings }
    }

    /// How many findings are that urgent.
    pub fn count(&self, urgency: Urgency) -> usize {
        self.findings.iter().filter(|finding| finding.urgency == urgency).count()
    }

    /// Whether every connection was audited to its end.
    pub fn is_complete(&self) -> bool {
        self.end.connections.iter().all(|connection| connection.failed.is_none())
    }
}

/// Counts only: findings name people.
impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("end", &self.end)
            .field("findings", &self.findings.len())
            .finish_non_exhaustive()
    }
}

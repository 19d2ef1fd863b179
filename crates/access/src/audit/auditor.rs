//! What a provider is given for an audit, and what it gives back.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    AuditEvent, Finding, Progress, Roster,
    snapshot::{Left, key},
};
use crate::{ConnectionId, System};

/// Where a provider reports what it finds, and what it may compare with.
///
/// Made by [`Access`](crate::Access) for one connection. Reporting waits while the host does not take what was
/// reported, so that an audit of any size takes bounded memory.
pub struct Auditor {
    pub(crate) connection: ConnectionId,
    pub(crate) system: System,
    pub(crate) roster: Arc<Roster>,
    pub(crate) doors_of_each: bool,
    pub(crate) accepts_changes: bool,
    /// What the audit before left of this connection; nothing if there was none.
    pub(crate) before: Option<Left>,
    /// When this audit began.
    pub(crate) begun: Timestamp,
    pub(crate) events: mpsc::Sender<AuditEvent>,
    pub(crate) open: Mutex<BTreeMap<String, Timestamp>>,
    pub(crate) calls: AtomicU64,
}

/// What the audit of one connection comes to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Audited {
    /// What was counted, the match rate first.
    pub tallies: Vec<Tally>,
    /// What the next audit is to be [given](Auditor::kept): small, with a version of its own, and without
    /// e-mails and secrets.
    pub keep: Option<String>,
}

/// So many of so many.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// What was counted, such as `Current residents matched to an Openpath user`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Of how many, where it is a part of something.
    pub of: Option<u64>,
}

impl Tally {
    /// So many.
    pub fn new(what: impl Into<String>, count: usize) -> Self {
        Self { what: what.into(), count: count as u64, of: None }
    }

    /// So many of so many.
    pub fn part(what: impl Into<String>, count: usize, of: usize) -> Self {
        Self { of: Some(of as u64), ..Self::new(what, count) }
    }
}

impl Audited {
    /// An audit with these counts.
    pub fn new(tallies: Vec<Tally>) -> Self {
        Self { tallies, keep: None }
    }

    /// Leaves something for the next audit.
    pub fn keeping(mut self, text: String) -> Self {
        self.keep = Some(text);
        self
    }
}

impl Auditor {
    /// Everybody who lives, lived or will live in the building.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Whether each matched resident's doors are to be read, a call for each.
    pub fn wants_doors_of_each(&self) -> bool {
        self.doors_of_each
    }

    /// What the audit before left for this provider ([`Audited::keep`]).
    pub fn kept(&self) -> Option<&str> {
        self.before.as_ref()?.kept.as_deref()
    }

    /// Whether what changed is meant ([`AuditOptions::accepting_changes`](super::AuditOptions::accepting_changes)). If
    /// not, a change that somebody has to look into and that leaves nothing else to be found is to be found again at the
    /// next audit: leave for it what was before the change.
    pub fn accepts_changes(&self) -> bool {
        self.accepts_changes
    }

    /// Counts so many calls to the system.
    pub fn called(&self, calls: u64) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
    }

    /// Tells how far it is.
    pub async fn progress(&self, what: &'static str, done: u64, of: Option<u64>) {
        let progress = Progress { connection: self.connection.clone(), what, done, of };
        self.send(AuditEvent::Progress(progress)).await;
    }

    /// Reports a finding. What stood at the audit before is said to stand since then, and what did not to be new.
    pub async fn found(&self, mut finding: Finding) {
        finding.connection = Some(self.connection.clone());
        let names = finding.subject.residents.iter().map(|id| self.roster.name_of(id));
        finding.subject.resident_names = names.collect();
        finding.reason = finding.reason.or_in_system(&self.system);
        if let Some(key) = key(&finding) {
            let before = self.before.as_ref().map(|before| before.open.get(&key).copied());
            finding.is_new = before == Some(None);
            let before = before.flatten();
            // The system's own word goes before the audit's.
            finding.since = finding.since.or(before);
            let first = before.unwrap_or(self.begun);
            // No section under the lock can panic half-way.
            self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, first);
        }
        self.send(AuditEvent::Finding(Box::new(finding))).await;
    }

    async fn send(&self, event: AuditEvent) {
        // A host that has gone away is told nothing more; its dropping ends this audit, too.
        let _ = self.events.send(event).await;
    }

    /// What stands now, to be left for the next audit.
    pub(crate) fn open(&self) -> BTreeMap<String, Timestamp> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auditor").field("connection", &self.connection).finish_non_exhaustive()
    }
}

//! Auditing a building: its roster, once, against each of its connections at the same time.

use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context as TaskContext, Poll},
};

use futures_util::{
    FutureExt as _, Stream, StreamExt as _,
    future::{BoxFuture, join_all},
};
use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use super::{Core, ask::guarded};
use crate::{
    Audit, AuditEnd, AuditEvent, AuditOptions, Auditor, BuildingId, Cause, ConnectionAudit,
    ConnectionRef, Error, Finding, Reason, Roster, Snapshot,
    audit::{AUDIT_WITHIN, Left},
};

/// How many events may wait for a host that does not take them.
const WAITING: usize = 64;

/// What an audit tells, as a [`Stream`] that ends with [`AuditEvent::Ended`], or collected into an [`Audit`].
///
/// Nothing is asked before it is polled, and nothing once it is dropped.
#[must_use = "nothing is read before it is polled"]
pub struct AuditStream {
    events: mpsc::Receiver<AuditEvent>,
    work: Work,
}

enum Work {
    Running(BoxFuture<'static, AuditEnd>),
    Over { end: AuditEnd, is_told: bool },
}

impl AuditStream {
    /// Runs the audit to its end and puts the findings in order. It holds all of them in memory.
    pub async fn collect_all(self) -> Audit {
        self.collect_telling(|_| ()).await
    }

    /// The same, and tells each event as it comes: for showing progress.
    pub async fn collect_telling(mut self, mut told: impl FnMut(&AuditEvent)) -> Audit {
        let mut findings: Vec<Finding> = Vec::new();
        loop {
            if let Some(event) = self.next().await {
                told(&event);
                match event {
                    AuditEvent::Finding(finding) => findings.push(*finding),
                    AuditEvent::Progress(_) | AuditEvent::Ended(_) => {}
                }
            } else if let Work::Over { end, .. } = self.work {
                return Audit::new(end, findings);
            }
        }
    }
}

impl Stream for AuditStream {
    type Item = AuditEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<AuditEvent>> {
        let this = &mut *self;
        loop {
            // What was reported is told before more is done, so that whoever reports is held back.
            if let Ok(event) = this.events.try_recv() {
                return Poll::Ready(Some(event));
            }
            match &mut this.work {
                Work::Running(work) => match work.poll_unpin(cx) {
                    Poll::Ready(end) => this.work = Work::Over { end, is_told: false },
                    Poll::Pending => return this.events.poll_recv(cx),
                },
                Work::Over { is_told: true, .. } => return Poll::Ready(None),
                Work::Over { end, is_told } => {
                    *is_told = true;
                    return Poll::Ready(Some(AuditEvent::Ended(Box::new(end.clone()))));
                }
            }
        }
    }
}

impl fmt::Debug for AuditStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditStream")
            .field("is_over", &matches!(self.work, Work::Over { .. }))
            .finish_non_exhaustive()
    }
}

/// One audit of one building.
struct Task {
    core: Arc<Core>,
    building: BuildingId,
    roster: Arc<Roster>,
    before: Option<Snapshot>,
    doors_of_each: bool,
    accept_changes: bool,
    begun: Timestamp,
    until: Instant,
    events: mpsc::Sender<AuditEvent>,
}

pub(super) async fn begin(
    core: &Arc<Core>,
    building: &BuildingId,
    options: AuditOptions,
) -> Result<AuditStream, Error> {
    let started = Instant::now();
    let within = options.within.unwrap_or(AUDIT_WITHIN);
    let invalid = |why| Err(Error::new(Cause::InvalidInput).with_detail(why));
    if within.is_zero() || within > AUDIT_WITHIN {
        return invalid("an audit may take above zero and at most 30 minutes");
    }
    if options.since.as_ref().is_some_and(|before| before.building != *building) {
        return invalid("the snapshot is another building's");
    }
    let until = started + within;
    let begun = core.clock.now();
    let connections = core.hub.of(building).await?;
    if connections.is_empty() {
        // Nothing found at nothing would look like a building in good order.
        return Err(Error::new(Cause::NoConnection));
    }
    let reading = Roster::read(building, core.directory.roster(building));
    let roster = timeout_at(until, reading)
        .await
        .unwrap_or_else(
            |_| Err(Error::new(Cause::DirectoryFailed).with_detail("no answer in time")),
        )
        .map_err(|e| e.in_call("directory.roster"))?;
    let (sender, events) = mpsc::channel(WAITING);
    let task = Task {
        core: Arc::clone(core),
        building: building.clone(),
        roster: Arc::new(roster),
        before: options.since,
        doors_of_each: options.doors_of_each,
        accept_changes: options.accept_changes,
        begun,
        until,
        events: sender,
    };
    let work = async move {
        let audits = join_all(connections.iter().map(|one| task.connection(one))).await;
        let left = audits
            .iter()
            .filter_map(|(audit, left)| left.clone().map(|left| (audit.connection.clone(), left)));
        let left: BTreeMap<_, _> = left.collect();
        let connections = audits.into_iter().map(|(audit, _)| audit).collect();
        let snapshot = Snapshot::new(task.building.clone(), task.begun, left);
        AuditEnd {
            building: task.building,
            begun: task.begun,
            took: started.elapsed(),
            connections,
            snapshot,
        }
    };
    Ok(AuditStream { events, work: Work::Running(work.in_current_span().boxed()) })
}

impl Task {
    async fn connection(&self, connection: &ConnectionRef) -> (ConnectionAudit, Option<Left>) {
        let before = self.before.as_ref().and_then(|b| b.connections.get(&connection.id)).cloned();
        let mut audit = ConnectionAudit {
            connection: connection.id.clone(),
            system: None,
            tallies: Vec::new(),
            calls: 0,
            mended: 0,
            failed: None,
        };
        let desk = match self.core.desk(&self.building, connection, self.until, false).await {
            Ok(desk) => desk,
            Err(error) => {
                audit.failed = Some(error.reason().clone());
                return (audit, before);
            }
        };
        let system = desk.provider.info().system;
        audit.system = Some(system.clone());
        let auditor = Auditor {
            connection: connection.id.clone(),
            system: system.clone(),
            roster: Arc::clone(&self.roster),
            doors_of_each: self.doors_of_each,
            accepts_changes: self.accept_changes,
            before,
            begun: self.begun,
            events: self.events.clone(),
            open: Mutex::default(),
            calls: AtomicU64::new(0),
        };
        let work = desk.provider.audit(&desk.context, &auditor);
        let audited = guarded(self.until, work).await.and_then(|audited| audited);
        audit.calls = auditor.calls.load(Ordering::Relaxed);
        match audited {
            Ok(audited) => {
                audit.tallies = audited.tallies;
                let open = auditor.open();
                let stood = auditor.before.iter().flat_map(|before| before.open.keys());
                audit.mended = stood.filter(|key| !open.contains_key(*key)).count();
                (audit, Some(Left { open, kept: audited.keep }))
            }
            Err(error) => {
                let reason: &Reason = error.reason();
                audit.failed = Some(reason.clone().or_in_system(&system));
                // What was not looked at stands as it stood, and what was found stands from now on.
                let mut left = auditor.before.clone().unwrap_or_default();
                for (key, first) in auditor.open() {
                    left.open.entry(key).or_insert(first);
                }
                (audit, Some(left))
            }
        }
    }
}

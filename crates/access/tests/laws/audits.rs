//! What an audit is made of, whatever the system: its time, and what stood since when.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, Audit, AuditOptions, Audited, Auditor, BuildingId, Cause, Check,
    ConnectionId, ConnectionRef, Connections, Context, Error, Finding, Freshness, Grants, Health,
    HostError, Identity, MemoryStore, Notification, Notified, Occupant, ProviderInfo, Reason,
    Residency, Resident, ResidentId, Roster, Snapshot, Subject, SubjectKind, System, UnlockPermit,
    Urgency, VendorDoorId, Verdict,
};
use tokio::time::{Instant, sleep};

use crate::{
    house::{House, seconds, unit},
    rosters::with_roster,
};

const SYSTEM: System = System::new("Listed", "the listed console");

/// What a system is to find.
#[derive(Clone, Debug, Default)]
struct Script {
    findings: Vec<Finding>,
    calls: u64,
    takes: Duration,
    keep: Option<&'static str>,
    fails: bool,
}

/// What an auditor was given: the roster, and what was kept for it.
pub(crate) type Given = (Roster, Option<String>);

/// Finds what it is told to find, and remembers what it was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed(Arc<Mutex<Script>>, Arc<Mutex<Vec<Given>>>);

impl Listed {
    fn finds(&self, findings: impl IntoIterator<Item = Finding>) {
        self.0.lock().unwrap().findings = findings.into_iter().collect();
    }

    fn set(&self, set: impl FnOnce(&mut Script)) {
        set(&mut self.0.lock().unwrap());
    }

    pub(crate) fn last_given(&self) -> Given {
        self.1.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl AccessProvider for Listed {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(SYSTEM, Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        Err(Error::new(Cause::VendorUnreachable))
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        _: UnlockPermit,
    ) -> Verdict {
        Verdict::NotSent(Error::new(Cause::Internal))
    }
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        let script = self.0.lock().unwrap().clone();
        let given = (auditor.roster().clone(), auditor.kept().map(str::to_owned));
        self.1.lock().unwrap().push(given);
        auditor.called(script.calls);
        for finding in script.findings {
            auditor.found(finding).await;
        }
        sleep(script.takes).await;
        if script.fails {
            return Err(Error::new(Cause::VendorUnreachable));
        }
        let audited = Audited::new(Vec::new());
        Ok(match script.keep {
            Some(text) => audited.keeping(text.to_owned()),
            None => audited,
        })
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

pub(crate) fn north() -> BuildingId {
    BuildingId::new("north").unwrap()
}

/// A building that is served by such a system.
pub(crate) fn served() -> (House, Listed) {
    let (house, listed) = (House::new(), Listed::default());
    connect(&house, "one", &listed);
    (house, listed)
}

fn connect(house: &House, id: &str, listed: &Listed) {
    let id = ConnectionId::new(id).unwrap();
    house.connections.connect(&north(), &id, Arc::new(listed.clone()));
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectKind::Resident, id)
}

fn finding(id: &str, cause: Cause) -> Finding {
    Finding::new(Urgency::MustFix, subject(id), cause)
}

pub(crate) async fn audited(access: &Access, options: AuditOptions) -> Audit {
    access.audit(&north(), options).await.unwrap().collect_all().await
}

/// The audit after what another one left, as the host keeps it: text.
async fn audited_after(access: &Access, before: &Audit) -> Audit {
    let kept = serde_json::to_string(&before.end.snapshot).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&kept).unwrap();
    audited(access, AuditOptions::new().since(snapshot)).await
}

#[tokio::test(start_paused = true)]
async fn an_audit_may_take_some_time_and_at_most_half_an_hour() {
    let (house, _) = served();
    let begun = async |at_most| {
        let options = AuditOptions::new().within(at_most);
        house.access.audit(&north(), options).await.map(drop).map_err(|e| e.cause())
    };
    let half_an_hour = Duration::from_mins(30);
    assert_eq!(begun(half_an_hour).await, Ok(()));
    assert_eq!(begun(half_an_hour + seconds(1)).await, Err(Cause::InvalidInput));
    assert_eq!(begun(Duration::ZERO).await, Err(Cause::InvalidInput));
}

#[tokio::test(start_paused = true)]
async fn a_system_that_does_not_end_is_left_when_the_hosts_time_is_over() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| script.takes = Duration::from_hours(9));
    let begun = Instant::now();
    let audit = audited(&house.access, AuditOptions::new().within(seconds(20))).await;
    assert!(begun.elapsed() <= seconds(20), "{:?}", begun.elapsed());
    assert!(!audit.is_complete());
    assert_eq!(audit.findings.len(), 1, "what was found before is true");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_another_building_is_refused() {
    let (house, listed) = served();
    let before = audited(&house.access, AuditOptions::new()).await;
    let south = BuildingId::new("south").unwrap();
    house.connections.connect(&south, &ConnectionId::new("two").unwrap(), Arc::new(listed));
    let options = AuditOptions::new().since(before.end.snapshot);
    let error = house.access.audit(&south, options).await.unwrap_err();
    assert_eq!(error.cause(), Cause::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_another_version_is_refused() {
    let (house, _) = served();
    let before = audited(&house.access, AuditOptions::new()).await;
    let mut kept = serde_json::to_value(&before.end.snapshot).unwrap();
    assert!(serde_json::from_value::<Snapshot>(kept.clone()).is_ok());
    kept["version"] = 2.into();
    assert!(serde_json::from_value::<Snapshot>(kept).is_err());
}

#[tokio::test(start_paused = true)]
async fn what_is_found_stands_since_its_audit_began_however_long_that_took() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| script.takes = seconds(300));
    let access = with_roster(&house, seconds(300), false);
    let now = house.now();
    let first = audited(&access, AuditOptions::new()).await;
    assert_eq!((first.end.begun, first.end.snapshot.taken()), (now, now));
    let second = audited_after(&access, &first).await;
    assert_eq!(second.findings[0].since, Some(now));
}

#[tokio::test(start_paused = true)]
async fn another_cause_of_the_same_resident_is_another_finding() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    let first = audited(&house.access, AuditOptions::new()).await;
    listed.finds([finding("jane", Cause::UserSuspended)]);
    let second = audited_after(&house.access, &first).await;
    assert_eq!(second.findings[0].since, None, "it was not so before");
    assert_eq!(second.end.connections[0].mended, 1);

    // And so is the same cause of something else that has the same id.
    let other = Subject::new(SubjectKind::Door, "jane");
    listed.finds([Finding::new(Urgency::MustFix, other, Cause::UserSuspended)]);
    let third = audited_after(&house.access, &second).await;
    assert_eq!(third.findings[0].since, None);
    assert_eq!(third.end.connections[0].mended, 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_harm_is_told_of_by_itself_is_not_mended_by_not_being_told_again() {
    let (house, listed) = served();
    let changes = [
        Cause::UnitRenamed,
        Cause::UnitAppeared,
        Cause::UnitVanished,
        Cause::UnitSplit,
        Cause::UnitMerged,
    ];
    listed.finds(changes.map(|cause| finding("u1", cause)));
    let first = audited(&house.access, AuditOptions::new()).await;
    assert_eq!(first.findings.len(), changes.len());
    listed.finds([]);
    let second = audited_after(&house.access, &first).await;
    assert_eq!(second.end.connections[0].mended, 0);
}

#[tokio::test(start_paused = true)]
async fn what_did_not_stand_at_the_audit_before_is_new_and_without_one_nothing_is() {
    let (house, listed) = served();
    let jane = || finding("jane", Cause::UserNotFound);
    listed.finds([jane()]);
    let first = audited(&house.access, AuditOptions::new()).await;
    assert!(!first.findings[0].is_new, "there is nothing to compare with");
    let note = Finding::new(Urgency::Information, subject("note"), Cause::UserUnclaimed);
    listed.finds([jane(), finding("tom", Cause::UserNotFound), note]);
    let second = audited_after(&house.access, &first).await;
    let new: Vec<_> = second.findings.iter().filter(|f| f.is_new).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].subject.id, "tom");
}

#[tokio::test(start_paused = true)]
async fn a_finding_names_those_whom_it_concerns_as_the_host_does() {
    let (house, listed) = served();
    for (id, name) in [("ann", Some("Ann Poe")), ("bob", None)] {
        let mut resident = Resident::new(ResidentId::new(id).unwrap())
            .with_residency(Residency::current(north(), unit("u1", "101")));
        resident.name = name.map(str::to_owned);
        house.directory.people.put(resident);
    }
    let ids = ["bob", "ann", "gone"].map(|id| ResidentId::new(id).unwrap());
    let door = Subject::new(SubjectKind::Door, "gate").lived_in_by(ids.to_vec());
    listed.finds([Finding::new(Urgency::MustFix, door, Cause::DoorOffline)]);
    let audit = audited(&house.access, AuditOptions::new()).await;
    assert_eq!(audit.findings[0].subject.resident_names, ["bob", "Ann Poe", "gone"]);
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_fails_half_way_tells_its_calls_its_system_and_what_it_found() {
    let (house, listed) = served();
    listed.set(|script| script.keep = Some("names of before"));
    let first = audited(&house.access, AuditOptions::new()).await;
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| (script.fails, script.calls) = (true, 3));
    let failed = audited_after(&house.access, &first).await;
    let [connection] = failed.end.connections.as_slice() else { panic!() };
    assert_eq!(connection.calls, 3);
    assert_eq!(connection.failed.as_ref().and_then(Reason::system), Some(&SYSTEM));

    // What was kept for the system is still there, and what was found stands since then.
    tokio::time::advance(seconds(3600)).await;
    listed.set(|script| script.fails = false);
    let third = audited_after(&house.access, &failed).await;
    assert_eq!(listed.last_given().1.as_deref(), Some("names of before"));
    assert_eq!(third.findings[0].since, Some(failed.end.begun));
}

#[tokio::test(start_paused = true)]
async fn an_audit_is_complete_only_if_every_connection_was_audited() {
    let (house, _) = served();
    let second = Listed::default();
    connect(&house, "two", &second);
    assert!(audited(&house.access, AuditOptions::new()).await.is_complete());
    second.set(|script| script.fails = true);
    assert!(!audited(&house.access, AuditOptions::new()).await.is_complete());
}

/// Opens a connection once, and never again.
#[derive(Clone)]
struct Shut(elevate_access::MemoryConnections);

#[async_trait]
impl Connections for Shut {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        self.0.of(building).await
    }
    async fn open(&self, _: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        Err(HostError::msg("its credentials are not to be had"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_opened_forgets_nothing() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    let first = audited(&house.access, AuditOptions::new()).await;
    let shut = Access::builder()
        .directory(house.directory.clone())
        .connections(Shut(house.connections.clone()))
        .store(MemoryStore::new())
        .clock(house.clock)
        .build()
        .unwrap();
    let failed = audited_after(&shut, &first).await;
    let [connection] = failed.end.connections.as_slice() else { panic!() };
    assert_eq!(connection.failed.as_ref().map(Reason::cause), Some(Cause::ConnectionFailed));
    assert_eq!((&connection.system, connection.mended), (&None, 0));
    tokio::time::advance(seconds(3600)).await;
    let third = audited_after(&house.access, &failed).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun));
}

#[tokio::test(start_paused = true)]
async fn a_finding_names_the_system_that_found_it_unless_it_names_one() {
    let (house, listed) = served();
    let other = System::new("Other", "the other console");
    let named = Reason::new(Cause::UserSuspended).in_system(&other);
    listed.finds([
        finding("jane", Cause::UserNotFound),
        Finding::new(Urgency::MustFix, subject("tom"), named),
    ]);
    let audit = audited(&house.access, AuditOptions::new()).await;
    let systems: Vec<_> = audit.findings.iter().map(|f| f.reason.system()).collect();
    assert_eq!(systems, [Some(&SYSTEM), Some(&other)]);
}
